//! `rtc`: the ports and addresses of WebRTC and how media is transported.

use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Deserialize;

use super::congestion::CongestionControlConfig;
use super::scalars::{CIDR, GoDuration, SecretText, UdpPorts, cidr_in_words};

/// Ports, addresses and the transport of media.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RtcConfig {
    /// UDP port or ports that all media shares; not used where `port_range_start` is set.
    pub udp_port: Option<UdpPorts>,
    /// TCP port of media for clients without UDP; 0 turns it off.
    pub tcp_port: Option<u16>,
    /// First UDP port of media, where each connection has a port of its own.
    #[schemars(range(min = 1, max = 65535))]
    pub port_range_start: Option<u16>,
    /// Last UDP port of media, included.
    #[schemars(range(min = 1, max = 65535))]
    pub port_range_end: Option<u16>,
    /// Whether media also uses the port of STUN, 3478.
    pub use_stun_port_as_ice: Option<bool>,
    /// Address announced to clients: an IPv4 address, an IPv6 address, or both with a comma between.
    #[schemars(regex(pattern = r"^[0-9A-Fa-f:.]+( *, *[0-9A-Fa-f:.]+)?$"), extend("patternHint" = "an IP address, or one of each kind with a comma between"))]
    pub node_ip: Option<String>,
    /// STUN servers as `host:port`, announced to clients and asked for the external address.
    pub stun_servers: Vec<String>,
    /// Whether the external address is found by asking a STUN server; it wins over `node_ip`.
    pub use_external_ip: Option<bool>,
    /// Whether an external address is taken without a test that it leads back to this node.
    pub skip_external_ip_validation: Option<bool>,
    /// Whether internal addresses are announced beside the external ones.
    pub advertise_internal_ip: Option<bool>,
    /// Whether only the external address is announced when `use_external_ip` is on.
    pub external_ip_only: Option<bool>,
    /// Whether the server is an ICE lite agent, which answers checks and starts none.
    pub use_ice_lite: Option<bool>,
    /// Network interfaces on which media is received.
    pub interfaces: Option<InterfaceFilter>,
    /// Address ranges of this node on which media is received.
    pub ips: Option<AddressFilter>,
    /// Whether the loopback address is announced.
    pub enable_loopback_candidate: Option<bool>,
    /// Whether mDNS names of clients are resolved.
    pub use_mdns: Option<bool>,
    /// Sending UDP packets in batches.
    pub batch_io: Option<BatchIoConfig>,
    /// Smallest congestion window of data channels, in bytes.
    pub sctp_min_cwnd: Option<i64>,
    /// Congestion window of data channels during a fast retransmission, in bytes.
    pub sctp_fast_rtx_wnd: Option<i64>,
    /// Growth of the congestion window of data channels while congestion is avoided, in bytes.
    pub sctp_cwnd_ca_step: Option<i64>,
    /// Shortest wait before a pair with a host candidate is accepted; 0 keeps the library's own.
    pub host_acceptance_min_wait: Option<GoDuration>,
    /// Shortest wait before a pair with a server reflexive candidate is accepted; 0 keeps the library's own.
    pub srflx_acceptance_min_wait: Option<GoDuration>,
    /// Shortest wait before a pair with a peer reflexive candidate is accepted; 0 keeps the library's own.
    pub prflx_acceptance_min_wait: Option<GoDuration>,
    /// Shortest wait before a pair with a relay candidate is accepted; 0 keeps the library's own.
    pub relay_acceptance_min_wait: Option<GoDuration>,
    /// Whether UDP is off altogether, which is meant for tests.
    pub force_tcp: Option<bool>,
    /// TURN servers outside LiveKit that are announced to clients.
    pub turn_servers: Vec<TurnServer>,
    /// Without effect.
    #[schemars(extend("deprecated" = true))]
    pub strict_acks: Option<bool>,
    /// Old form of the two sizes that follow, in packets.
    #[schemars(extend("deprecated" = true))]
    pub packet_buffer_size: Option<i64>,
    /// Packets of a video track kept for retransmission.
    pub packet_buffer_size_video: Option<i64>,
    /// Packets of an audio track kept for retransmission.
    pub packet_buffer_size_audio: Option<i64>,
    /// Shortest time between two requests for a key frame.
    pub pli_throttle: Option<PliThrottleConfig>,
    /// Fitting what is sent to the bandwidth of the receiver.
    pub congestion_control: Option<CongestionControlConfig>,
    /// Whether a client without UDP falls back to TCP and to TURN over TLS.
    pub allow_tcp_fallback: Option<bool>,
    /// Round trip time of signalling, in milliseconds, from which TCP is skipped for TURN over TLS; 0 never skips it.
    pub tcp_fallback_rtt_threshold: Option<i64>,
    /// Whether a UDP connection that keeps losing packets moves to TCP or TURN; needs `tcp_fallback_rtt_threshold`.
    pub allow_udp_unstable_fallback: Option<bool>,
    /// Whether a client reconnects when publishing fails.
    pub reconnect_on_publication_error: Option<bool>,
    /// Whether a client reconnects when subscribing fails.
    pub reconnect_on_subscription_error: Option<bool>,
    /// Whether a client reconnects when its data channel fails.
    pub reconnect_on_data_channel_error: Option<bool>,
    /// Without effect, in bytes.
    #[schemars(extend("deprecated" = true))]
    pub data_channel_max_buffered_amount: Option<u64>,
    /// Rate below which a data channel counts as slow and its packets may be dropped, in bits per second.
    pub datachannel_slow_threshold: Option<i64>,
    /// Delay above which packets of a lossy data channel are dropped.
    pub datachannel_lossy_target_latency: Option<GoDuration>,
    /// Delay above which packets of a data track are dropped; 0 never drops them.
    pub datachannel_data_track_target_latency: Option<GoDuration>,
    /// Measurement of the forwarding delay.
    pub forward_stats: Option<ForwardStatsConfig>,
    /// Whether a restart of the stream of a published track is noticed.
    pub enable_rtp_stream_restart_detection: Option<bool>,
}

impl RtcConfig {
    /// The UDP ports of media: the range where there is one, as in LiveKit, or else `udp_port`.
    #[must_use]
    pub fn media_ports(&self) -> Option<RangeInclusive<u16>> {
        let range = self.port_range_start.zip(self.port_range_end).map(|(start, end)| start..=end);
        range.or_else(|| self.udp_port.as_ref().and_then(UdpPorts::range))
    }
}

/// A TURN server outside LiveKit; it needs `secret` or `secret_file`, or else both `username` and `credential`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnServer {
    /// Host name or address.
    pub host: Option<String>,
    /// Port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// How clients reach it.
    pub protocol: Option<TurnServerProtocol>,
    /// User name that every client gets.
    pub username: Option<String>,
    /// Password that every client gets.
    pub credential: Option<SecretText>,
    /// Secret shared with the TURN server, from which a password is made for each participant.
    pub secret: Option<SecretText>,
    /// Path of a file with the shared secret; others may not be allowed to read it.
    pub secret_file: Option<String>,
    /// How long a password made from the secret is valid, in seconds, at most 86400; 0 means 14400.
    #[schemars(range(min = 0))]
    pub ttl: Option<i64>,
}

/// How clients reach a TURN server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TurnServerProtocol {
    /// TURN over TLS over TCP.
    Tls,
    /// TURN over TCP.
    Tcp,
    /// TURN over UDP.
    Udp,
}

/// Which network interfaces count; `includes` wins.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InterfaceFilter {
    /// Names of the only interfaces that count.
    pub includes: Vec<String>,
    /// Names of interfaces that do not count.
    pub excludes: Vec<String>,
}

/// Which addresses count; `includes` wins.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AddressFilter {
    /// The only ranges that count, as CIDR.
    #[schemars(inner(regex(pattern = CIDR)), transform = cidr_in_words)]
    pub includes: Vec<String>,
    /// Ranges that do not count, as CIDR.
    #[schemars(inner(regex(pattern = CIDR)), transform = cidr_in_words)]
    pub excludes: Vec<String>,
}

/// Sending UDP packets in batches.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchIoConfig {
    /// Packets in a batch.
    pub batch_size: Option<i64>,
    /// Longest time that a packet waits for its batch to fill.
    pub max_flush_interval: Option<GoDuration>,
}

/// Shortest time between two requests for a key frame, by the quality of the layer.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PliThrottleConfig {
    /// For the layer of low quality.
    pub low_quality: Option<GoDuration>,
    /// For the layer of middle quality.
    pub mid_quality: Option<GoDuration>,
    /// For the layer of high quality.
    pub high_quality: Option<GoDuration>,
}

/// Measurement of the forwarding delay.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ForwardStatsConfig {
    /// Time between two summaries in the log.
    pub summary_interval: Option<GoDuration>,
    /// Time between two reports as metrics.
    pub report_interval: Option<GoDuration>,
    /// Time that a report covers.
    pub report_window: Option<GoDuration>,
}
