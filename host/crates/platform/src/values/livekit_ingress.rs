//! LiveKit Ingress: workers that take RTMP and WHIP and publish it into rooms. Not the Ingress of
//! Kubernetes, which is `ingress`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::livekit::{ServiceAccount, Strategy};
use super::livekit_config::observe::LoggingConfig;
use super::livekit_config::scalars::UdpPorts;
use super::workload::Workload;

/// LiveKit Ingress: workers that take RTMP and WHIP and publish it into rooms. They use LiveKit's own Redis, and the
/// key of `livekit.apiCredentials`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LiveKitIngress {
    /// Whether it is rendered.
    pub enabled: bool,
    /// The name of its objects; `livekit.name` and `-ingress` when left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, a letter first, at most 52"))]
    pub name: String,
    /// How many pods. Media of WHIP finds its pod only when there is one, or with `hostNetwork`.
    pub replicas: u32,
    /// Whether pods use the node's network, so that media of WHIP reaches them without a load balancer.
    pub host_network: bool,
    /// How a new version replaces the old one.
    pub strategy: Strategy,
    /// The `ServiceAccount` of the pods.
    pub service_account: ServiceAccount,
    /// The address of LiveKit, as in `ws://livekit-server:80`; the Service of the server when left out.
    #[schemars(regex(pattern = r"^wss?://.+"), extend("patternHint" = "an address that begins with ws:// or wss://"))]
    #[serde(rename = "wsURL")]
    pub ws_url: Option<String>,
    /// RTMP.
    pub rtmp: Rtmp,
    /// WHIP.
    pub whip: Whip,
    /// The Service of RTMP and WHIP.
    pub service: WorkerService,
    /// The Service of WHIP's media, for pods without the node's network.
    pub media_service: MediaService,
    /// The workers' own configuration, with its own key names.
    pub config: IngressWorkerConfig,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub workload: Workload,
}

/// How publishers reach RTMP.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Rtmp {
    /// Whether it is offered.
    pub enabled: bool,
    /// The name in the addresses that LiveKit hands out, as in rtmp.example.com.
    #[schemars(regex(pattern = r"^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$"), extend("patternHint" = "an address or a DNS name, as in rtmp.example.com"))]
    pub host: Option<String>,
    /// The port of the Service.
    #[schemars(range(min = 1))]
    pub port: u16,
}

/// How publishers reach WHIP.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Whip {
    /// Whether it is offered.
    pub enabled: bool,
    /// The name in the addresses that LiveKit hands out, as in whip.example.com. With `ingress.type` `HTTPRoute` a route
    /// leads there over HTTPS.
    #[schemars(regex(pattern = r"^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$"), extend("patternHint" = "an address or a DNS name, as in whip.example.com"))]
    pub host: Option<String>,
    /// The port of the Service.
    #[schemars(range(min = 1))]
    pub port: u16,
}

/// The Service of RTMP and WHIP.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerService {
    /// `ClusterIP`, `NodePort` or `LoadBalancer`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["ClusterIP", "NodePort", "LoadBalancer"]))]
    pub kind: String,
    /// Local keeps the client's address and only asks nodes that have a pod.
    #[schemars(extend("enum" = ["Local", "Cluster"]))]
    pub external_traffic_policy: String,
    /// Its annotations, as for a reserved address.
    pub annotations: BTreeMap<String, String>,
}

/// The Service of WHIP's media.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaService {
    /// `NodePort` or `LoadBalancer`.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["NodePort", "LoadBalancer"]))]
    pub kind: String,
    /// Its address, which clients are told. When left out, it is what the facts say (`--facts`).
    #[schemars(regex(pattern = r"^[0-9A-Fa-f:.]+$"), extend("patternHint" = "an IP address"))]
    pub address: Option<String>,
    /// Its annotations, as for a reserved address.
    pub annotations: BTreeMap<String, String>,
}

/// The workers' configuration file, key for key; `redis`, `ws_url` and the API key come from elsewhere.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressWorkerConfig {
    /// TCP port of RTMP.
    #[schemars(range(min = 1))]
    pub rtmp_port: u16,
    /// TCP port of WHIP.
    #[schemars(range(min = 1))]
    pub whip_port: u16,
    /// TCP port between a worker and the processes of its streams.
    #[schemars(range(min = 1))]
    pub http_relay_port: u16,
    /// TCP port of health checks.
    #[schemars(range(min = 1))]
    pub health_port: u16,
    /// TCP port of metrics; left out, there are none.
    #[schemars(range(min = 1))]
    pub prometheus_port: Option<u16>,
    /// TCP port of Go's profiler; left out, there is none.
    #[schemars(range(min = 1))]
    pub debug_handler_port: Option<u16>,
    /// Logging.
    pub logging: Option<LoggingConfig>,
    /// WebRTC, for WHIP.
    pub rtc_config: IngressRtcConfig,
    /// What a stream costs of the worker's CPU, by kind.
    pub cpu_cost: Option<BTreeMap<String, f64>>,
}

/// WebRTC of the workers.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IngressRtcConfig {
    /// UDP port or ports of media.
    pub udp_port: UdpPorts,
    /// Address announced to publishers; that of the media Service when left out.
    pub node_ip: Option<String>,
    /// Whether the external address is found by asking a STUN server; `livekitIngress.hostNetwork` when left out.
    pub use_external_ip: Option<bool>,
    /// STUN servers as `host:port`.
    #[serde(default)]
    pub stun_servers: Vec<String>,
}
