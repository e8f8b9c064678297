//! `webhook`: notifications about rooms and participants.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::GoDuration;

/// Notifications about rooms and participants, sent over HTTP.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookConfig {
    /// Addresses to which every notification is posted.
    pub urls: Vec<String>,
    /// The API key that signs notifications; it must be one of the server's keys.
    pub api_key: Option<String>,
    /// Sending by address.
    pub url_notifier: Option<UrlNotifierConfig>,
    /// Sending by address and by the room or participant concerned.
    pub resource_url_notifier: Option<ResourceUrlNotifierConfig>,
    /// Which events are sent.
    pub filter_params: Option<WebhookFilter>,
}

/// Sending by address.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UrlNotifierConfig {
    /// Workers that post at the same time.
    pub num_workers: Option<i64>,
    /// Notifications that wait before further ones are dropped.
    pub queue_size: Option<i64>,
}

/// Sending by address and by the room or participant concerned.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ResourceUrlNotifierConfig {
    /// Age from which a waiting notification is dropped.
    pub max_age: Option<GoDuration>,
    /// Notifications that wait for one room or participant before further ones are dropped.
    pub max_depth: Option<i64>,
}

/// Which events are sent.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookFilter {
    /// Names of the only events sent; none means all.
    pub include_events: Vec<String>,
    /// Names of events that are not sent.
    pub exclude_events: Vec<String>,
}
