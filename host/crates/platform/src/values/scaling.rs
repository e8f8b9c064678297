//! How many LiveKit pods there are, and how many may be away.

use schemars::JsonSchema;
use serde::Deserialize;

use super::livekit::IntOrPercent;
use super::workload::Object;

/// How many LiveKit pods there are, and how many may be away.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Scaling {
    /// More pods under load.
    pub horizontal_pod_autoscaler: HorizontalPodAutoscaler,
    /// How many pods a drain of nodes may take at once.
    pub pod_disruption_budget: PodDisruptionBudget,
}

/// More pods under load.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HorizontalPodAutoscaler {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The fewest pods; `livekit.replicas` when left out.
    #[schemars(range(min = 1))]
    pub min_replicas: Option<u32>,
    /// The most pods; the most nodes of the pool when left out, and never more than these with host networking.
    #[schemars(range(min = 1))]
    pub max_replicas: Option<u32>,
    /// The share of the requested CPU that pods should use on average.
    #[serde(rename = "targetCPUUtilizationPercentage")]
    #[schemars(range(min = 1))]
    pub target_cpu_utilization_percentage: Option<u32>,
    /// The share of the requested memory that pods should use on average.
    #[schemars(range(min = 1))]
    pub target_memory_utilization_percentage: Option<u32>,
    /// How fast it scales, in Kubernetes' own shape.
    pub behavior: Object,
}

/// How many pods a drain of nodes may take at once. One of `minAvailable` and `maxUnavailable`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PodDisruptionBudget {
    /// Whether it is rendered.
    pub enabled: bool,
    /// How many must stay.
    pub min_available: Option<IntOrPercent>,
    /// How many may go.
    pub max_unavailable: Option<IntOrPercent>,
    /// Whether pods that are not ready may always go.
    #[schemars(extend("enum" = ["AlwaysAllow", "IfHealthyBudget"]))]
    pub unhealthy_pod_eviction_policy: String,
}
