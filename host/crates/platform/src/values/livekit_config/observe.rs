//! What the server tells about itself: metrics, logs, traces, profiles.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::{GoDuration, SecretText};

/// The metrics listener; `username` and `password` go together.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PrometheusConfig {
    /// TCP port; left out, there are no metrics.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// User name that a scraper must give.
    pub username: Option<String>,
    /// Password that a scraper must give.
    pub password: Option<SecretText>,
}

/// The listener of Go's profiler.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DebugHandlerConfig {
    /// TCP port; left out, there is no listener.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
}

/// Logging.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LoggingConfig {
    /// Whether a line is a JSON object.
    pub json: Option<bool>,
    /// Least severe level that is logged.
    pub level: Option<LogLevel>,
    /// Whether repeated messages are thinned out.
    pub sample: Option<bool>,
    /// Least severe level by component, such as `transport` or `pub`.
    pub component_levels: BTreeMap<String, LogLevel>,
    /// Least severe level of the WebRTC library.
    pub pion_level: Option<LogLevel>,
    /// Messages of a kind logged in a second before thinning out begins.
    pub sample_initial: Option<i64>,
    /// Of how many further messages of a kind one is logged.
    pub sample_interval: Option<i64>,
    /// Time over which the messages of one participant or track are counted, in seconds.
    pub item_sample_seconds: Option<i64>,
    /// Messages of one participant or track logged before thinning out begins.
    pub item_sample_initial: Option<i64>,
    /// Of how many further messages of one participant or track one is logged.
    pub item_sample_interval: Option<i64>,
}

/// How severe a log message is; LiveKit takes any other word for `info`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For finding a fault.
    Debug,
    /// What happens normally.
    Info,
    /// What should be looked at.
    Warn,
    /// What failed.
    Error,
    /// What stops a development build.
    Dpanic,
    /// What stops a request.
    Panic,
    /// What stops the server.
    Fatal,
}

/// Metrics that clients report.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetricConfig {
    /// Bringing the clocks of clients together.
    pub timestamper_config: Option<MetricTimestamperConfig>,
    /// Collecting.
    pub collector: Option<MetricsCollectorConfig>,
    /// Reporting.
    pub reporter: Option<MetricsReporterConfig>,
}

/// Bringing the clocks of clients together.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetricTimestamperConfig {
    /// Shortest time between two estimates of the delay in one direction.
    pub one_way_delay_estimator_min_interval: Option<GoDuration>,
    /// Samples after which an estimate is made at the latest.
    pub one_way_delay_estimator_max_batch: Option<i64>,
}

/// Collecting metrics.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsCollectorConfig {
    /// Time between two samples, in milliseconds.
    pub sampling_interval_ms: Option<u32>,
    /// Time after which samples are handed on together, in milliseconds.
    pub batch_interval_ms: Option<u32>,
}

/// Reporting metrics.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsReporterConfig {
    /// Time between two reports, in milliseconds.
    pub reporting_interval_ms: Option<u32>,
}

/// Distributed tracing.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TraceConfig {
    /// Where Jaeger is: a host name, `host:port`, or a URL.
    pub jaeger_url: Option<String>,
}

/// Measurement of this node's own load.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NodeStatsConfig {
    /// Time between two measurements.
    pub stats_update_interval: Option<GoDuration>,
    /// Times over which rates are measured.
    pub stats_rate_measurement_intervals: Vec<GoDuration>,
    /// Age of the last measurement from which the node counts as unhealthy.
    pub stats_max_delay: Option<GoDuration>,
}
