//! LiveKit Egress: workers that record rooms and stream them elsewhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::livekit::{ServiceAccount, Strategy};
use super::livekit_config::observe::LoggingConfig;
use super::scaling::HorizontalPodAutoscaler;
use super::workload::{Object, Workload};

/// LiveKit Egress: workers that record rooms and stream them elsewhere. They use LiveKit's own Redis, and the key of
/// `livekit.apiCredentials`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveKitEgress {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The name of its objects; `livekit.name` and `-egress` when left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, a letter first, at most 52"))]
    pub name: String,
    /// How many pods; with the autoscaler, how many at least unless it says so itself.
    pub replicas: u32,
    /// How a new version replaces the old one.
    pub strategy: Strategy,
    /// The `ServiceAccount` of the pods, as for writing to a bucket without a key.
    pub service_account: ServiceAccount,
    /// The address of LiveKit, as in `ws://livekit-server:80`; the Service of the server when left out.
    #[schemars(regex(pattern = r"^wss?://.+"), extend("patternHint" = "an address that begins with ws:// or wss://"))]
    #[serde(rename = "wsURL")]
    pub ws_url: Option<String>,
    /// More pods under load. `maxReplicas` is needed when it is enabled.
    pub horizontal_pod_autoscaler: HorizontalPodAutoscaler,
    /// The workers' own configuration, with its own key names.
    pub config: EgressConfig,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub workload: Workload,
}

/// The workers' configuration file, key for key; `redis`, `ws_url` and the API key come from elsewhere. Keys of
/// buckets are environment variables from a Secret, as in `AWS_ACCESS_KEY_ID`, under `livekitEgress.env`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EgressConfig {
    /// TCP port of health checks.
    #[schemars(range(min = 1))]
    pub health_port: u16,
    /// TCP port of metrics.
    #[schemars(range(min = 1))]
    pub prometheus_port: u16,
    /// TCP port of the default templates.
    #[schemars(range(min = 1))]
    pub template_port: Option<u16>,
    /// TCP port of Go's profiler; left out, there is none.
    #[schemars(range(min = 1))]
    pub debug_handler_port: Option<u16>,
    /// Logging.
    pub logging: Option<LoggingConfig>,
    /// Address of templates of your own.
    pub template_base: Option<String>,
    /// Folder for files whose upload failed.
    pub backup_storage: Option<String>,
    /// Whether Chrome runs in its sandbox, which needs a seccomp profile of its own.
    pub enable_chrome_sandbox: Option<bool>,
    /// Whether Chrome may connect over ws://; follows from `livekitEgress.wsURL` when left out.
    pub insecure: Option<bool>,
    /// What a recording costs of the worker's CPU, by kind.
    pub cpu_cost: Option<BTreeMap<String, f64>>,
    /// How long a session may last, by kind, as in 1h.
    pub session_limits: Option<BTreeMap<String, String>>,
    /// Where files go: `s3`, `azure`, `gcp` or `alioss`, in its own shape and without keys.
    pub storage: Option<Object>,
}
