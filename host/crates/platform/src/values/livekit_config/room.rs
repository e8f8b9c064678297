//! `room`: how rooms are created, kept and closed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::scalars::GoDuration;

/// How rooms are created, kept and closed.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoomConfig {
    /// Whether a room is created when the first participant joins it.
    pub auto_create: Option<bool>,
    /// Codecs that participants may publish with.
    pub enabled_codecs: Vec<CodecSpec>,
    /// Participants that a room takes; 0 means no limit.
    pub max_participants: Option<u32>,
    /// How long a room that nobody joins stays open, in seconds.
    pub empty_timeout: Option<u32>,
    /// How long a room that everybody left stays open, in seconds.
    pub departure_timeout: Option<u32>,
    /// Whether a participant's track may be unmuted through the API.
    pub enable_remote_unmute: Option<bool>,
    /// Delay of playback that is asked of receivers.
    pub playout_delay: Option<PlayoutDelayConfig>,
    /// Whether receivers keep the audio and the video of a participant together.
    pub sync_streams: Option<bool>,
    /// Longest time that the creation of a room may take.
    pub create_room_timeout: Option<GoDuration>,
    /// Attempts to create a room.
    pub create_room_attempts: Option<i64>,
    /// Size up to which updates about participants are sent together, in bytes.
    pub update_batch_target_size: Option<i64>,
    /// Old form of `limit.max_metadata_size`, over which it wins, in bytes.
    #[schemars(extend("deprecated" = true))]
    pub max_metadata_size: Option<u32>,
    /// Old form of `limit.max_room_name_length`, over which it wins, in bytes.
    #[schemars(extend("deprecated" = true))]
    pub max_room_name_length: Option<i64>,
    /// Old form of `limit.max_participant_identity_length`, over which it wins, in bytes.
    #[schemars(extend("deprecated" = true))]
    pub max_participant_identity_length: Option<i64>,
    /// Presets by name, each a `RoomConfiguration` of LiveKit's API, which checks it.
    pub room_configurations: BTreeMap<String, Map<String, Value>>,
}

/// A codec that participants may publish with.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CodecSpec {
    /// Media type, such as `video/VP8`.
    pub mime: Option<String>,
    /// Parameters of the codec, as in a line `a=fmtp` of SDP.
    pub fmtp_line: Option<String>,
}

/// Delay of playback that is asked of receivers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlayoutDelayConfig {
    /// Whether a delay is asked for.
    pub enabled: Option<bool>,
    /// Shortest delay, in milliseconds.
    pub min: Option<i64>,
    /// Longest delay, in milliseconds.
    pub max: Option<i64>,
}
