//! How clients reach LiveKit's signalling: an Ingress for HTTPS and WebSocket.

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

use super::issuers::IssuerRef;

/// How clients reach LiveKit's signalling (HTTPS and WebSocket).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The class; the cluster's default, or what the provider's plugin sets, when left out.
    pub class_name: Option<String>,
    /// The DNS name of signalling.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "a DNS name in lower case, as in livekit.example.com"))]
    pub host: Option<String>,
    /// The path.
    #[schemars(regex(pattern = r"^/"), extend("patternHint" = "a path that begins with /"))]
    pub path: String,
    /// How the path is matched.
    #[schemars(extend("enum" = ["Prefix", "Exact", "ImplementationSpecific"]))]
    pub path_type: String,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// TLS from a Secret; left out when the provider brings the certificate.
    pub tls: Option<IngressTls>,
}

/// TLS of an Ingress from a Secret.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct IngressTls {
    /// The Secret with tls.crt and tls.key.
    #[schemars(length(min = 1))]
    pub secret_name: String,
    /// The issuer that writes the Secret; without one it must be there already.
    pub issuer_ref: Option<IssuerRef>,
}
