//! A Gateway for signalling, in place of an Ingress controller: Envoy Gateway, unless another
//! controller is named.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::issuers::IssuerRef;

/// A Gateway for signalling. Rendered when it is enabled; with `ingress.type` `HTTPRoute` LiveKit's route
/// leads to the Gateway of this name in either case, so that several pools share one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gateway {
    /// Whether the `GatewayClass`, the Gateway and its certificate are rendered.
    pub enabled: bool,
    /// The Gateway's name.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, at most 63"))]
    pub name: String,
    /// Its namespace, which is also that of its certificate.
    #[schemars(length(min = 1))]
    pub namespace: String,
    /// The name of its class.
    #[schemars(length(min = 1))]
    pub class_name: String,
    /// The controller of the class. Only Envoy Gateway's reads an `EnvoyProxy`, so none is rendered for another one.
    #[schemars(length(min = 1))]
    pub controller_name: String,
    /// The names that it answers for, most often a wildcard, as in *.example.com. Needed when it is enabled.
    #[schemars(regex(pattern = r"^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "a DNS name in lower case, as in *.example.com"))]
    pub hostname: Option<String>,
    /// Annotations of the Service of the proxy, as for a reserved address.
    pub annotations: BTreeMap<String, String>,
    /// The certificate of `hostname`.
    pub certificate: GatewayCertificate,
}

/// The certificate of a Gateway.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GatewayCertificate {
    /// The Secret with tls.crt and tls.key, in the Gateway's namespace.
    #[schemars(length(min = 1))]
    pub secret_name: String,
    /// The issuer that writes the Secret; without one it must be there already. A wildcard needs one with `dns01`.
    pub issuer_ref: Option<IssuerRef>,
}
