//! How nodes share the work: the choice of a node, and signalling and calls between nodes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::GoDuration;

/// How the node for a new room is chosen.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NodeSelectorConfig {
    /// Which nodes come into question.
    pub kind: Option<NodeSelectorKind>,
    /// What the nodes in question are compared by.
    pub sort_by: Option<NodeSortKey>,
    /// How the comparison decides.
    pub algorithm: Option<NodeAlgorithm>,
    /// Share of the processor in use, from 0 to 1, from which `cpuload` passes a node over.
    pub cpu_load_limit: Option<f32>,
    /// System load per processor from which `sysload` and `regionaware` pass a node over.
    pub sysload_limit: Option<f32>,
    /// Where the regions are, for `regionaware`.
    pub regions: Vec<RegionConfig>,
}

/// Which nodes come into question for a new room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeSelectorKind {
    /// Every node.
    Any,
    /// Nodes whose processor is not too busy.
    Cpuload,
    /// Nodes whose system load is not too high.
    Sysload,
    /// Nodes of the nearest region whose system load is not too high; needs `region`.
    Regionaware,
    /// Old name of `any`.
    Random,
}

/// What nodes are compared by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeSortKey {
    /// Nothing: chance decides.
    Random,
    /// System load.
    Sysload,
    /// Use of the processor.
    Cpuload,
    /// Number of rooms.
    Rooms,
    /// Number of participants.
    Clients,
    /// Number of tracks.
    Tracks,
    /// Traffic.
    Bytespersec,
}

/// How the comparison of nodes decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeAlgorithm {
    /// The lowest of all.
    Lowest,
    /// The lower of two that chance picks.
    Twochoice,
}

/// Where a region is.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RegionConfig {
    /// Name, as in `region`.
    pub name: Option<String>,
    /// Latitude, in degrees.
    #[schemars(range(min = -90, max = 90))]
    pub lat: Option<f64>,
    /// Longitude, in degrees.
    #[schemars(range(min = -180, max = 180))]
    pub lon: Option<f64>,
}

/// Signalling between nodes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SignalRelayConfig {
    /// How long a message is sent again before the session fails.
    pub retry_timeout: Option<GoDuration>,
    /// Shortest wait before a message is sent again.
    pub min_retry_interval: Option<GoDuration>,
    /// Longest wait before a message is sent again.
    pub max_retry_interval: Option<GoDuration>,
    /// Messages that a stream holds.
    pub stream_buffer_size: Option<i64>,
    /// Attempts to open a stream.
    pub connect_attempts: Option<i64>,
}

/// Remote calls between nodes.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PsrpcConfig {
    /// Attempts of a call.
    pub max_attempts: Option<i64>,
    /// Longest wait for the answer to an attempt.
    pub timeout: Option<GoDuration>,
    /// Time added to the wait of each further attempt.
    pub backoff: Option<GoDuration>,
    /// Messages that a subscription holds.
    pub buffer_size: Option<i64>,
}
