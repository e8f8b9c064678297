//! What watches, guards and adjusts the rendered objects: monitoring, network policies, the user's
//! own patches, silenced findings, and the outputs of Terraform.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use render_objects::manifest::Target;
use render_objects::patch::Operation;

/// What scrapes LiveKit's metrics.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Monitoring {
    /// The Prometheus operator's `ServiceMonitor`. Needs `livekit.config.prometheus.port`.
    pub service_monitor: ServiceMonitor,
}

/// The Prometheus operator's `ServiceMonitor`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ServiceMonitor {
    /// Whether it is rendered.
    pub enabled: bool,
    /// How often metrics are read, as in 30s.
    #[schemars(regex(pattern = r"^([0-9]+(ms|s|m|h))+$"), extend("patternHint" = "a duration, as in 30s"))]
    pub interval: String,
    /// Labels by which a Prometheus selects it.
    pub labels: BTreeMap<String, String>,
}

/// `NetworkPolicies`, where they have an effect.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct NetworkPolicy {
    /// Whether they are rendered.
    pub enabled: bool,
    /// The nodes' addresses: pods on the host's network reach Redis from these.
    #[serde(rename = "nodeCIDRs")]
    pub node_cidrs: Vec<String>,
}

/// What Argo CD reads, where it applies the manifests.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Argocd {
    /// Whether every object says by its phase in which sync wave it goes: bootstrap 0, platform 1, app 2.
    pub sync_waves: bool,
}

/// Changes to one rendered object.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Patch {
    /// The object.
    pub target: Target,
    /// Why: shown in messages, for whoever meets the change later.
    #[schemars(length(min = 3))]
    pub reason: String,
    /// The operations, in order (RFC 6902; only add, remove, replace and test).
    #[schemars(length(min = 1))]
    pub operations: Vec<Operation>,
}

/// How findings are treated.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Rules {
    /// Findings that are known and accepted.
    pub silence: Vec<Silence>,
}

/// A finding that is known and accepted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Silence {
    /// The code of the rule.
    #[schemars(regex(pattern = r"^LK[0-9]{3}$"), extend("patternHint" = "the code of a rule, as in LK019"))]
    pub code: String,
    /// Why it is accepted.
    #[schemars(length(min = 3))]
    pub reason: String,
}

/// Where the outputs of Terraform go.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Terraform {
    /// For each output that is read, the path of the value that it sets, as in `redis.external.host`.
    pub outputs: BTreeMap<String, String>,
}
