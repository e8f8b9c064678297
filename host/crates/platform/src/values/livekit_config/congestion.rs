//! `rtc.congestion_control`: how LiveKit fits what it sends to the bandwidth of a receiver.
//!
//! Two of the keys are misspelt in LiveKit itself and stand here as it reads them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::GoDuration;

/// Fitting what is sent to the bandwidth of the receiver.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CongestionControlConfig {
    /// Whether the bandwidth of receivers is watched.
    pub enabled: Option<bool>,
    /// Whether tracks may pause when not all fit.
    pub allow_pause: Option<bool>,
    /// Sharing out the bandwidth.
    pub stream_allocator: Option<StreamAllocatorConfig>,
    /// Estimate made from what receivers report.
    pub remote_bwe: Option<RemoteBweConfig>,
    /// Whether the estimate is left to the WebRTC library.
    pub use_send_side_bwe_interceptor: Option<bool>,
    /// Whether the server makes the estimate itself.
    pub use_send_side_bwe: Option<bool>,
    /// How packets are paced when the server makes the estimate.
    pub send_side_bwe_pacer: Option<PacerBehavior>,
    /// Estimate made by the server.
    pub send_side_bwe: Option<SendSideBweConfig>,
}

/// How packets are paced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PacerBehavior {
    /// Sent at once.
    PassThrough,
    /// Sent without a queue.
    NoQueue,
    /// Sent at an even rate.
    LeakyBucket,
}

/// Sharing out the bandwidth.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamAllocatorConfig {
    /// Bandwidth that is assumed at least, in bits per second.
    pub min_channel_capacity: Option<i64>,
    /// Whether tracks outside the sharing are left out of the estimate.
    pub disable_etimation_unmanaged_tracks: Option<bool>,
    /// What a probe for more bandwidth consists of.
    pub probe_mode: Option<ProbeMode>,
    /// Size of a probe, in percent of what is wanted.
    pub probe_overage_pct: Option<i64>,
    /// Smallest probe, in bits per second.
    pub probe_min_bps: Option<i64>,
    /// Shortest pause of a track.
    pub paused_min_wait: Option<GoDuration>,
}

/// What a probe for more bandwidth consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ProbeMode {
    /// Padding.
    Padding,
    /// Media of a higher layer.
    Media,
}

/// Estimate made from what receivers report.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RemoteBweConfig {
    /// Weight of the share of lost packets in lowering the estimate.
    pub nack_ratio_attenuator: Option<f64>,
    /// Share of the expected use, from 0 to 1, from which an estimate counts.
    pub expected_usage_threshold: Option<f64>,
    /// Watching the channel during a probe.
    pub channel_observer_probe: Option<ChannelObserverConfig>,
    /// Watching the channel outside probes.
    pub channel_observer_non_probe: Option<ChannelObserverConfig>,
    /// Course of a probe.
    pub probe_controller: Option<ProbeControllerConfig>,
}

/// Watching the channel.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ChannelObserverConfig {
    /// Trend of the estimates.
    pub estimate: Option<TrendDetectorConfig>,
    /// Share of lost packets.
    pub nack: Option<NackTrackerConfig>,
}

/// Share of packets that receivers report lost.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NackTrackerConfig {
    /// Shortest time over which it is measured.
    pub window_min_duration: Option<GoDuration>,
    /// Longest time over which it is measured.
    pub window_max_duration: Option<GoDuration>,
    /// Share, from 0 to 1, from which the channel counts as congested.
    pub ratio_threshold: Option<f64>,
}

/// Trend of a series of measurements.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrendDetectorConfig {
    /// Measurements that a verdict needs.
    pub required_samples: Option<i64>,
    /// Measurements that an early verdict needs.
    pub required_samples_min: Option<i64>,
    /// Trend, from -1 to 1, below which it counts as downward.
    pub downward_trend_threshold: Option<f64>,
    /// Longest time for which a downward trend is watched before it counts.
    pub downward_trend_max_wait: Option<GoDuration>,
    /// Time within which equal measurements count as one.
    pub collapse_threshold: Option<GoDuration>,
    /// Age from which a measurement no longer counts.
    pub validity_window: Option<GoDuration>,
}

/// Course of a probe.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeControllerConfig {
    /// How often and how long probes are.
    pub probe_regulator: Option<ProbeRegulatorConfig>,
    /// Wait after a probe, in round trip times.
    pub settle_wait_num_rtt: Option<u32>,
    /// Shortest wait after a probe.
    pub settle_wait_min: Option<GoDuration>,
    /// Longest wait after a probe.
    pub settle_wait_max: Option<GoDuration>,
}

/// How often and how long probes are.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeRegulatorConfig {
    /// Time between two probes at first.
    pub base_interval: Option<GoDuration>,
    /// Factor by which that time grows after a probe that failed.
    pub backoff_factor: Option<f64>,
    /// Longest time between two probes.
    pub max_interval: Option<GoDuration>,
    /// Shortest probe.
    pub min_duration: Option<GoDuration>,
    /// Longest probe.
    pub max_duration: Option<GoDuration>,
    /// Factor by which a probe grows after one that succeeded.
    pub duration_increase_factor: Option<f64>,
}

/// Estimate made by the server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SendSideBweConfig {
    /// Detection of congestion.
    pub congestion_detector: Option<CongestionDetectorConfig>,
}

/// Detection of congestion by groups of packets: queues grow in JQR, and do not in DQR.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CongestionDetectorConfig {
    /// Grouping of packets.
    pub packet_group: Option<PacketGroupConfig>,
    /// Age from which a group no longer counts.
    pub packet_group_max_age: Option<GoDuration>,
    /// Grouping of the packets of a probe.
    pub probe_packet_group: Option<ProbePacketGroupConfig>,
    /// How often and how long probes are.
    pub probe_regulator: Option<ProbeRegulatorConfig>,
    /// Verdict on a probe.
    pub probe_signal: Option<ProbeSignalConfig>,
    /// Queuing delay from which a group is in JQR.
    pub jqr_min_delay: Option<GoDuration>,
    /// Trend of the delay, from -1 to 1, from which groups are in JQR.
    pub jqr_min_trend_coefficient: Option<f64>,
    /// Queuing delay up to which a group is in DQR.
    pub dqr_max_delay: Option<GoDuration>,
    /// Weighing of loss.
    pub weighted_loss: Option<WeightedLossConfig>,
    /// Weighted loss, from 0 to 1, from which a group is in JQR.
    pub jqr_min_weighted_loss: Option<f64>,
    /// Weighted loss, from 0 to 1, up to which a group is in DQR.
    pub dqr_max_weighted_loss: Option<f64>,
    /// Groups whose delay raises an early warning.
    pub queuing_delay_early_warning_jqr: Option<CongestionSignalConfig>,
    /// Groups whose delay ends an early warning.
    pub queuing_delay_early_warning_dqr: Option<CongestionSignalConfig>,
    /// Groups whose loss raises an early warning.
    pub loss_early_warning_jqr: Option<CongestionSignalConfig>,
    /// Groups whose loss ends an early warning.
    pub loss_early_warning_dqr: Option<CongestionSignalConfig>,
    /// Groups whose delay means congestion.
    pub queuing_delay_congested_jqr: Option<CongestionSignalConfig>,
    /// Groups whose delay ends congestion.
    pub queuing_delay_congested_dqr: Option<CongestionSignalConfig>,
    /// Groups whose loss means congestion.
    pub loss_congested_jqr: Option<CongestionSignalConfig>,
    /// Groups whose loss ends congestion.
    pub loss_congested_dqr: Option<CongestionSignalConfig>,
    /// Trend of the share of traffic that arrives during congestion.
    pub congested_ctr_trend: Option<TrendDetectorConfig>,
    /// Change of that share that still counts as none.
    pub congested_ctr_epsilon: Option<f64>,
    /// Grouping of packets during congestion.
    pub congested_packet_group: Option<PacketGroupConfig>,
    /// Time over which the bandwidth is estimated.
    pub estimaton_window_duration: Option<GoDuration>,
}

/// Grouping of packets.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PacketGroupConfig {
    /// Packets that a group needs.
    pub min_packets: Option<i64>,
    /// Longest time that a group covers.
    pub max_window_duration: Option<GoDuration>,
}

/// Grouping of the packets of a probe.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbePacketGroupConfig {
    /// Grouping of packets.
    pub packet_group: Option<PacketGroupConfig>,
    /// Wait after a probe, in round trip times.
    pub settle_wait_num_rtt: Option<u32>,
    /// Shortest wait after a probe.
    pub settle_wait_min: Option<GoDuration>,
    /// Longest wait after a probe.
    pub settle_wait_max: Option<GoDuration>,
}

/// Verdict on a probe.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ProbeSignalConfig {
    /// Share of the probe's bytes, from 0 to 1, that must have been sent.
    pub min_bytes_ratio: Option<f64>,
    /// Share of the probe's time, from 0 to 1, that must have passed.
    pub min_duration_ratio: Option<f64>,
    /// Queuing delay from which the probe is in JQR.
    pub jqr_min_delay: Option<GoDuration>,
    /// Queuing delay up to which the probe is in DQR.
    pub dqr_max_delay: Option<GoDuration>,
    /// Weighing of loss.
    pub weighted_loss: Option<WeightedLossConfig>,
    /// Weighted loss, from 0 to 1, from which the probe is in JQR.
    pub jqr_min_weighted_loss: Option<f64>,
    /// Weighted loss, from 0 to 1, up to which the probe is in DQR.
    pub dqr_max_weighted_loss: Option<f64>,
}

/// Weighing of loss by the traffic in which it occurred.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WeightedLossConfig {
    /// Shortest time over which loss counts.
    pub min_duration_for_loss_validity: Option<GoDuration>,
    /// Time that has full weight.
    pub base_duration: Option<GoDuration>,
    /// Rate that has full weight, in packets per second.
    pub base_pps: Option<i64>,
    /// Factor of the loss.
    pub loss_penalty_factor: Option<f64>,
}

/// How many groups, over how long, make a signal.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CongestionSignalConfig {
    /// Groups that must agree.
    pub min_number_of_groups: Option<i64>,
    /// Time that they must cover.
    pub min_duration: Option<GoDuration>,
}
