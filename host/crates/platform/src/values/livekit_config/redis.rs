//! `redis`: where LiveKit finds Redis. Sentinels win over cluster nodes, these over one address.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::{GoDuration, SecretText};

/// The Redis through which nodes find each other.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RedisConfig {
    /// One Redis, as `host:port`.
    pub address: Option<String>,
    /// User name.
    pub username: Option<String>,
    /// Password.
    pub password: Option<SecretText>,
    /// Number of the database; a cluster has only 0.
    #[schemars(range(min = 0))]
    pub db: Option<i64>,
    /// Old form of `tls.enabled`.
    #[schemars(extend("deprecated" = true))]
    pub use_tls: Option<bool>,
    /// TLS towards Redis.
    pub tls: Option<RedisTlsConfig>,
    /// Name of the primary that the sentinels watch.
    pub sentinel_master_name: Option<String>,
    /// User name for the sentinels.
    pub sentinel_username: Option<String>,
    /// Password for the sentinels.
    pub sentinel_password: Option<SecretText>,
    /// Sentinels, as `host:port`.
    pub sentinel_addresses: Vec<String>,
    /// Nodes of a Redis cluster, as `host:port`.
    pub cluster_addresses: Vec<String>,
    /// Longest time to connect, in milliseconds; used with sentinels only.
    pub dial_timeout: Option<i64>,
    /// Longest time to read an answer, in milliseconds; used with sentinels only.
    pub read_timeout: Option<i64>,
    /// Longest time to write a request, in milliseconds; used with sentinels only.
    pub write_timeout: Option<i64>,
    /// Redirects that are followed in a cluster.
    pub max_redirects: Option<i64>,
    /// Longest wait for a free connection.
    pub pool_timeout: Option<GoDuration>,
    /// Connections to each Redis.
    pub pool_size: Option<i64>,
}

/// TLS towards Redis.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RedisTlsConfig {
    /// Whether TLS is used.
    pub enabled: Option<bool>,
    /// Whether the server's certificate goes unchecked.
    pub insecure: Option<bool>,
    /// Name that the server's certificate must carry.
    pub server_name: Option<String>,
    /// Path of the certificates that are trusted.
    pub ca_cert_file: Option<String>,
    /// Path of the client's certificate.
    pub client_cert_file: Option<String>,
    /// Path of the client's private key.
    pub client_key_file: Option<String>,
}
