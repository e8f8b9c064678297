//! LiveKit server's own configuration file, as v1.13.5 reads it.
//!
//! The server refuses a key that it does not know, and a pod that refuses its file restarts for
//! ever. So every key that release accepts stands here, and those of v1.13.6 that people ask for,
//! which a rule compares with the image's tag; any other is refused before anything is deployed. No default stands here: LiveKit has its own, and this
//! project's are in its layer of values.

pub mod cluster;
pub mod congestion;
pub mod media;
pub mod observe;
pub mod redis;
pub mod room;
pub mod rtc;
pub mod scalars;
pub mod service;
pub mod turn;
pub mod webhook;

use std::collections::BTreeMap;

use cluster::{NodeSelectorConfig, PsrpcConfig, SignalRelayConfig};
use media::{AudioConfig, VideoConfig};
use observe::{
    DebugHandlerConfig, LogLevel, LoggingConfig, MetricConfig, NodeStatsConfig, PrometheusConfig, TraceConfig,
};
use redis::RedisConfig;
use room::RoomConfig;
use rtc::RtcConfig;
use scalars::SecretText;
use schemars::JsonSchema;
use serde::Deserialize;
use service::{AgentsConfig, ApiConfig, IngressConfig, LimitConfig, SipConfig};
use turn::TurnConfig;
use webhook::WebhookConfig;

/// LiveKit server's configuration file, key for key.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LiveKitConfig {
    /// TCP port of the HTTP API and of the signalling WebSocket, both without TLS.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Addresses that the HTTP listener binds; none means every interface.
    pub bind_addresses: Vec<String>,
    /// Old form of `prometheus.port`.
    #[schemars(range(min = 1, max = 65535), extend("deprecated" = true))]
    pub prometheus_port: Option<u16>,
    /// The metrics listener.
    pub prometheus: Option<PrometheusConfig>,
    /// The listener of Go's profiler.
    pub debug_handler: Option<DebugHandlerConfig>,
    /// WebRTC: ports, addresses and the transport of media.
    pub rtc: Option<RtcConfig>,
    /// The Redis through which nodes find each other; without it the server runs as a single node.
    pub redis: Option<RedisConfig>,
    /// Detection of active speakers, and audio encoding.
    pub audio: Option<AudioConfig>,
    /// Tracking of video layers.
    pub video: Option<VideoConfig>,
    /// How rooms are created, kept and closed.
    pub room: Option<RoomConfig>,
    /// The TURN server inside LiveKit.
    pub turn: Option<TurnConfig>,
    /// Addresses handed to those who publish through the ingress service.
    pub ingress: Option<IngressConfig>,
    /// Telephony, which has no settings in the server.
    pub sip: Option<SipConfig>,
    /// Notifications about rooms and participants, sent over HTTP.
    pub webhook: Option<WebhookConfig>,
    /// How the node for a new room is chosen.
    pub node_selector: Option<NodeSelectorConfig>,
    /// Path of a file of API keys, which wins over `keys`; others may not be allowed to read it.
    pub key_file: Option<String>,
    /// API secrets by API key; a secret has 32 characters or more.
    pub keys: BTreeMap<String, SecretText>,
    /// Region that this node is in, for the node selector `regionaware`.
    pub region: Option<String>,
    /// Signalling between nodes.
    pub signal_relay: Option<SignalRelayConfig>,
    /// Remote calls between nodes.
    pub psrpc: Option<PsrpcConfig>,
    /// Old form of `logging.level`, over which it wins.
    #[schemars(extend("deprecated" = true))]
    pub log_level: Option<LogLevel>,
    /// Logging.
    pub logging: Option<LoggingConfig>,
    /// Limits on a node, on a participant and on the size of what they send.
    pub limit: Option<LimitConfig>,
    /// Agent workers.
    pub agents: Option<AgentsConfig>,
    /// Development mode: narrow port ranges and debug logging.
    pub development: Option<bool>,
    /// Metrics that clients report.
    pub metric: Option<MetricConfig>,
    /// Distributed tracing.
    pub trace: Option<TraceConfig>,
    /// Measurement of this node's own load.
    pub node_stats: Option<NodeStatsConfig>,
    /// Whether participants may publish data tracks.
    pub enable_data_tracks: Option<bool>,
    /// Whether participants may store data blobs, such as the schemas of data tracks.
    pub enable_participant_data_blob: Option<bool>,
    /// Waiting times of the HTTP API.
    pub api: Option<ApiConfig>,
}

#[cfg(test)]
mod tests;
