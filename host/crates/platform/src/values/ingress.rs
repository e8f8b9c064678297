//! How clients reach LiveKit's signalling: an Ingress, or a route of a Gateway, for HTTPS and WebSocket.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::issuers::IssuerRef;
use super::workload::Object;

/// How clients reach LiveKit's signalling (HTTPS and WebSocket).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ingress {
    /// Whether it is rendered.
    pub enabled: bool,
    /// `Ingress`, or `HTTPRoute` of a Gateway.
    #[serde(rename = "type")]
    pub kind: IngressType,
    /// With `HTTPRoute`: the Gateways that serve it, in Gateway API's own shape; that of `gateway` when left out.
    pub parent_refs: Option<Vec<Object>>,
    /// With `HTTPRoute`: filters of every request, in Gateway API's own shape.
    #[serde(default)]
    pub filters: Vec<Object>,
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

/// What serves signalling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum IngressType {
    /// An Ingress, for a controller of its class.
    Ingress,
    /// A route of a Gateway, which has the certificate.
    #[serde(rename = "HTTPRoute")]
    HttpRoute,
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
