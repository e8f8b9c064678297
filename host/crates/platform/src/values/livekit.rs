//! The LiveKit server: its workload, its Service, its keys, and its own configuration.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::external_address::ExternalAddress;
use super::livekit_config::LiveKitConfig;
use super::media_service::MediaService;
use super::secret::SecretSource;
use super::workload::{Probe, Workload};

/// The LiveKit server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveKit {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The name of its objects. Not `livekit`: a Service of that name would set `LIVEKIT_PORT` in every pod, which the server reads.
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, a letter first, at most 52"))]
    pub name: String,
    /// The labels by which the Deployment, its Services and whatever else looks for pods find them, in place of the
    /// standard ones. A Deployment's selector cannot change, so `render import` keeps that of a running one.
    #[schemars(extend("minProperties" = 1))]
    pub selector_labels: Option<BTreeMap<String, String>>,
    /// How many pods; with a `HorizontalPodAutoscaler`, how many at least unless it says so itself.
    pub replicas: u32,
    /// Whether pods use the node's network, so that media reaches them without a load balancer. One pod a node.
    pub host_network: bool,
    /// How a new version replaces the old one.
    pub strategy: Strategy,
    /// After how many seconds without progress a rollout counts as failed; follows from the grace period when left out.
    pub progress_deadline_seconds: Option<u32>,
    /// How many old `ReplicaSets` are kept.
    pub revision_history_limit: u32,
    /// The API keys, as lines of `key: secret`.
    pub keys: SecretSource,
    /// One API key whose two parts are two entries of a Secret, in place of `keys`; LiveKit Ingress and Egress need it.
    pub api_credentials: Option<ApiCredentials>,
    /// The `ServiceAccount` of the pods.
    pub service_account: ServiceAccount,
    /// The Service of signalling and metrics.
    pub service: Service,
    /// The Service that brings media to pods that do not use the node's network.
    pub media_service: MediaService,
    /// Which address clients are told.
    pub external_address: ExternalAddress,
    /// How long a start may take.
    pub startup_probe: Probe,
    /// LiveKit's own configuration, with its own key names.
    pub config: LiveKitConfig,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub workload: Workload,
}

/// One API key in a Secret. The Secret must be there already; `render notes` prints the command that creates it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiCredentials {
    /// The Secret.
    #[schemars(regex(pattern = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"), extend("patternHint" = "the name of a Secret: lower-case letters, digits, hyphens and dots"))]
    pub secret_name: String,
    /// The entry with the API key; `api-key` when left out.
    #[schemars(regex(pattern = r"^[-._a-zA-Z0-9]{1,253}$"), extend("patternHint" = "a key of a Secret: letters, digits, hyphens, underscores and dots"))]
    pub api_key_key: Option<String>,
    /// The entry with its secret; `api-secret` when left out.
    #[schemars(regex(pattern = r"^[-._a-zA-Z0-9]{1,253}$"), extend("patternHint" = "a key of a Secret: letters, digits, hyphens, underscores and dots"))]
    pub api_secret_key: Option<String>,
    /// Whether pods restart when the Secret changes, by Stakater Reloader's annotation; they do when left out.
    pub restart_on_change: Option<bool>,
}

/// How a new version replaces the old one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// `RollingUpdate` or `Recreate`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["RollingUpdate", "Recreate"]))]
    pub kind: String,
    /// With `RollingUpdate`: how many pods more or fewer than wanted there may be.
    pub rolling_update: Option<RollingUpdate>,
}

impl Strategy {
    /// The counts of a rolling update; none with `Recreate`, which stops all pods first.
    #[must_use]
    pub fn rolling(&self) -> Option<&RollingUpdate> {
        self.rolling_update.as_ref().filter(|_| self.kind == "RollingUpdate")
    }
}

/// How many pods more or fewer than wanted there may be during a rollout.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RollingUpdate {
    /// How many more.
    pub max_surge: IntOrPercent,
    /// How many fewer.
    pub max_unavailable: IntOrPercent,
}

impl RollingUpdate {
    /// Whether no pod may go before a new one runs. Where shares of few pods come to no surge and no pod
    /// less, Kubernetes lets one go; where they are zero as written, it refuses the Deployment.
    #[must_use]
    pub fn keeps_every_pod(&self, pods: u32) -> bool {
        let surges = self.max_surge.rounded_up(pods) > 0;
        let is_zero = self.max_unavailable.rounded_up(pods) == 0;
        self.max_unavailable.rounded_down(pods) == 0 && (surges || is_zero)
    }
}

/// A count, or a share as in 25%.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum IntOrPercent {
    /// A count.
    Int(u32),
    /// A share.
    Percent(
        #[schemars(regex(pattern = r"^[0-9]{1,3}%$"), extend("patternHint" = "a count, or a share, as in 25%"))] String,
    ),
}

impl IntOrPercent {
    /// The count out of `total`, rounded up as Kubernetes rounds the shares of a `PodDisruptionBudget`.
    #[must_use]
    pub fn rounded_up(&self, total: u32) -> u32 {
        whole(self.hundredths(total).div_ceil(100))
    }

    /// The count out of `total`, rounded down as Kubernetes rounds a rollout's `maxUnavailable`.
    #[must_use]
    pub fn rounded_down(&self, total: u32) -> u32 {
        whole(self.hundredths(total) / 100)
    }

    fn hundredths(&self, total: u32) -> u64 {
        match self {
            Self::Int(count) => u64::from(*count) * 100,
            Self::Percent(share) => u64::from(total) * share.trim_end_matches('%').parse().unwrap_or(0),
        }
    }
}

fn whole(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The `ServiceAccount` of the pods.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ServiceAccount {
    /// Whether it is rendered.
    pub create: bool,
    /// Its name; that of the workload when left out.
    pub name: Option<String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// The Service of signalling and metrics.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["ClusterIP", "NodePort", "LoadBalancer"]))]
    pub kind: String,
    /// The port of signalling; it leads to `livekit.config.port`.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// Its labels, beside the standard ones.
    pub labels: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_as_kubernetes_rounds_them() {
        let half = IntOrPercent::Percent("50%".to_owned());
        assert_eq!((half.rounded_up(3), half.rounded_down(3)), (2, 1));
        assert_eq!((half.rounded_up(4), half.rounded_down(4)), (2, 2));
        let two = IntOrPercent::Int(2);
        assert_eq!((two.rounded_up(3), two.rounded_down(3)), (2, 2));
    }

    #[test]
    fn no_number_of_pods_is_too_large_for_a_share() {
        assert_eq!(IntOrPercent::Percent("999%".to_owned()).rounded_up(u32::MAX), u32::MAX);
    }
}
