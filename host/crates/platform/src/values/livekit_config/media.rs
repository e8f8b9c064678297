//! `audio` and `video`: active speakers and the tracking of video layers.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::GoDuration;

/// Detection of active speakers, and audio encoding.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AudioConfig {
    /// Level from which a participant counts as speaking, in decibels below the loudest, which is 0.
    #[schemars(range(max = 127))]
    pub active_level: Option<u8>,
    /// Share of the time for which the level must be reached, in percent.
    #[schemars(range(max = 100))]
    pub min_percentile: Option<u8>,
    /// Time between two updates to clients, in milliseconds.
    pub update_interval: Option<u32>,
    /// Updates over which a level is averaged; 0 turns averaging off.
    pub smooth_intervals: Option<u32>,
    /// Whether audio published without redundancy is sent to receivers with it.
    pub active_red_encoding: Option<bool>,
    /// Whether the publisher learns of the highest loss among its receivers.
    pub enable_loss_proxying: Option<bool>,
}

/// Tracking of video layers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct VideoConfig {
    /// How long a layer without a receiver is still published.
    pub dynacast_pause_delay: Option<GoDuration>,
    /// Finding out which layers arrive.
    pub stream_tracker_manager: Option<StreamTrackerManagerConfig>,
    /// Failures after which a publisher is asked for another codec.
    pub codec_regression_threshold: Option<i64>,
}

/// Finding out which layers arrive, by source.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamTrackerManagerConfig {
    /// For cameras.
    pub video: Option<StreamTrackerConfig>,
    /// For shared screens.
    pub screenshare: Option<StreamTrackerConfig>,
}

/// Finding out which layers arrive.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamTrackerConfig {
    /// What is counted.
    pub stream_tracker_type: Option<StreamTrackerType>,
    /// Time between two reports of the bit rate, by layer.
    pub bitrate_report_interval: Option<Layers<GoDuration>>,
    /// Counting packets, by layer.
    pub packet_tracker: Option<Layers<StreamTrackerPacketConfig>>,
    /// Counting frames, by layer.
    pub frame_tracker: Option<Layers<StreamTrackerFrameConfig>>,
}

/// What is counted to find out whether a layer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum StreamTrackerType {
    /// Packets.
    Packet,
    /// Frames.
    Frame,
}

/// Something for each spatial layer; LiveKit reads the keys as numbers, so they are written without quotes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LayersOf{T}")]
pub struct Layers<T> {
    /// For the smallest picture.
    #[serde(rename = "0")]
    pub low: Option<T>,
    /// For the middle picture.
    #[serde(rename = "1")]
    pub middle: Option<T>,
    /// For the largest picture.
    #[serde(rename = "2")]
    pub high: Option<T>,
}

/// Counting packets.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamTrackerPacketConfig {
    /// Packets that must arrive in a cycle.
    pub samples_required: Option<u32>,
    /// Cycles in a row after which the layer counts as arriving.
    pub cycles_required: Option<u32>,
    /// Length of a cycle.
    pub cycle_duration: Option<GoDuration>,
}

/// Counting frames.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct StreamTrackerFrameConfig {
    /// Frames per second below which the layer counts as not arriving.
    pub min_fps: Option<f64>,
}
