//! The services around rooms: limits, agents, ingress, telephony, the HTTP API.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::GoDuration;

/// Limits on a node, on a participant and on the size of what they send; 0 means no limit.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LimitConfig {
    /// Tracks from which a node takes no new room.
    pub num_tracks: Option<i32>,
    /// Traffic from which a node takes no new room, in bytes per second.
    pub bytes_per_sec: Option<f32>,
    /// Video tracks to which a participant may subscribe.
    pub subscription_limit_video: Option<i32>,
    /// Audio tracks to which a participant may subscribe.
    pub subscription_limit_audio: Option<i32>,
    /// Size of the metadata of a room or a participant, in bytes.
    pub max_metadata_size: Option<u32>,
    /// Size of all attributes of a participant together, in bytes.
    pub max_attributes_size: Option<u32>,
    /// Length of a room's name, in bytes.
    pub max_room_name_length: Option<i64>,
    /// Length of a participant's identity, in bytes.
    pub max_participant_identity_length: Option<i64>,
    /// Length of a participant's name, in bytes.
    pub max_participant_name_length: Option<i64>,
    /// Length of the key of a data blob, in bytes.
    pub max_data_blob_key_length: Option<i64>,
    /// Size of all data blobs of a participant together, in bytes.
    pub max_data_blobs_size: Option<u32>,
    /// Length of the name of a data track's own encoding, in bytes.
    pub max_data_track_custom_encoding_length: Option<i64>,
    /// Size of a message that a client sends by signalling, in bytes. From v1.13.6 on.
    pub signal_message_size_limit: Option<u32>,
    /// Size of a message that an agent sends by signalling, in bytes. From v1.13.6 on.
    pub agent_signal_message_size_limit: Option<u32>,
    /// Size of the body of a request to the HTTP API, in bytes. From v1.13.6 on.
    pub max_api_request_body_size: Option<u32>,
}

/// Agent workers.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AgentsConfig {
    /// Whether agents may record what users say and write.
    pub enable_user_data_recording: Option<bool>,
    /// Whether personal data is removed from what agents record.
    pub enable_user_data_redaction: Option<bool>,
    /// Load of a worker, from 0 to 1, up to which it gets new jobs before others do.
    pub target_load: Option<f32>,
}

/// Addresses handed to those who publish through the ingress service.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IngressConfig {
    /// Address for RTMP, such as `rtmp://rtmp.example.com/x`.
    pub rtmp_base_url: Option<String>,
    /// Address for WHIP, such as `https://whip.example.com/w`.
    pub whip_base_url: Option<String>,
}

/// Telephony, which has no settings in the server.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SipConfig {}

/// Waiting times of the HTTP API.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApiConfig {
    /// Longest time that a call may take.
    pub execution_timeout: Option<GoDuration>,
    /// Shortest wait between two looks whether a call is done.
    pub check_interval: Option<GoDuration>,
    /// Longest wait between two looks whether a call is done.
    pub max_check_interval: Option<GoDuration>,
    /// Whether the node of a room is asked for its participants.
    pub enable_psrpc_for_get_list_participants: Option<bool>,
}
