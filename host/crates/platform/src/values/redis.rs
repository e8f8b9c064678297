//! The Redis that LiveKit's nodes share: someone else's, or one in the cluster.

use schemars::JsonSchema;
use serde::Deserialize;

use super::secret::{SecretKeyRef, SecretSource};
use super::workload::{Quantity, Workload};

/// The Redis that LiveKit's nodes share.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Redis {
    /// Which Redis.
    pub mode: RedisMode,
    /// Its password.
    pub auth: RedisAuth,
    /// A Redis that runs elsewhere, with mode external.
    pub external: ExternalRedis,
    /// A Redis in the cluster, with mode embedded.
    pub embedded: EmbeddedRedis,
}

/// Which Redis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RedisMode {
    /// None: LiveKit runs as a single node.
    None,
    /// One that runs elsewhere.
    External,
    /// One in the cluster.
    Embedded,
}

/// The password of Redis.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedisAuth {
    /// Whether Redis asks for a password.
    pub enabled: bool,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub source: SecretSource,
}

/// A Redis that runs elsewhere.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct ExternalRedis {
    /// Its address or DNS name.
    #[schemars(regex(pattern = r"^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$"), extend("patternHint" = "an address or a DNS name without a port, as in redis.example.com"))]
    pub host: Option<String>,
    /// Its port; 6379, or 6378 with TLS as on Memorystore, when left out.
    #[schemars(range(min = 1))]
    pub port: Option<u16>,
    /// Encryption on the way to it.
    pub tls: RedisTls,
}

/// Encryption on the way to Redis.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedisTls {
    /// Whether Redis is reached over TLS.
    pub enabled: bool,
    /// The authority's certificates, when no public authority signed Redis' own.
    pub ca_secret_key_ref: Option<SecretKeyRef>,
}

/// A Redis in the cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct EmbeddedRedis {
    /// The name of its objects; `livekit.name` and `-redis` when left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, a letter first, at most 52"))]
    pub name: String,
    /// Its port.
    #[schemars(range(min = 1))]
    pub port: u16,
    /// What redis.conf says.
    pub config: RedisConfig,
    /// Whether its data outlives its pod.
    pub persistence: Persistence,
    #[serde(flatten)]
    #[expect(missing_docs, reason = "a flattened field has no description of its own")]
    pub workload: Workload,
}

/// What redis.conf says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RedisConfig {
    /// How much memory the data may take, in Redis' own units, as in 256mb.
    #[schemars(regex(pattern = r"^[0-9]+(b|k|kb|m|mb|g|gb)?$"), extend("patternHint" = "an amount in Redis' units, as in 256mb"))]
    pub maxmemory: String,
    /// What is dropped when it is full.
    #[schemars(extend("enum" = ["noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl"]))]
    pub maxmemory_policy: String,
}

/// Whether data outlives a pod.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Persistence {
    /// Whether there is a `PersistentVolumeClaim`; an `emptyDir` otherwise.
    pub enabled: bool,
    /// How large it is.
    pub size: Quantity,
    /// Its storage class; the cluster's default when left out.
    pub storage_class_name: Option<String>,
    /// How it may be mounted.
    pub access_modes: Vec<String>,
}
