//! How clients reach TURN over TLS: an address of its own on port 443, and a certificate.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::issuers::IssuerRef;

/// How clients reach TURN over TLS. Rendered when `livekit.config.turn` is enabled with a `tls_port`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Turn {
    /// The Service that brings port 443 to LiveKit's `tls_port`.
    pub service: TurnService,
    /// Who ends TLS instead of LiveKit; LiveKit does, with `turn.certificate`, when left out. Sets `livekit.config.turn.external_tls`.
    pub terminator: Option<Terminator>,
    /// The certificate of `livekit.config.turn.domain`.
    pub certificate: TurnCertificate,
}

/// The Service that brings port 443 to LiveKit's `tls_port`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TurnService {
    /// `LoadBalancer`, `NodePort` or `ClusterIP`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["ClusterIP", "NodePort", "LoadBalancer"]))]
    pub kind: String,
    /// The port that it listens on. Clients are always told 443.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Local keeps the client's address and only asks nodes that have a pod.
    #[schemars(extend("enum" = ["Local", "Cluster"]))]
    pub external_traffic_policy: String,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// Who ends TLS of TURN instead of LiveKit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Terminator {
    /// The load balancer of `turn.service`, which its annotations tell to do so and with which certificate.
    LoadBalancer,
    /// A proxy that is not part of the manifests, on port 443 of TURN's domain.
    Proxy,
}

/// The certificate of `livekit.config.turn.domain`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TurnCertificate {
    /// The Secret with tls.crt and tls.key; `livekit.name` and `-turn-tls` when left out.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub secret_name: String,
    /// The issuer that writes the Secret; without one it must be there already.
    pub issuer_ref: Option<IssuerRef>,
    /// What happens when the certificate is renewed. LiveKit reads it once, at start.
    pub on_renewal: OnRenewal,
}

/// What happens when a certificate is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnRenewal {
    /// Stakater Reloader restarts the pods, one at a time.
    Restart,
    /// Nothing: someone else restarts the pods before the old certificate ends.
    Ignore,
}
