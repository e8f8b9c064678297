//! The section `gke` of the values. Its JSON Schema, in description.json, is generated from these types, and its
//! defaults stand there too: no type holds one. What goes into a manifest as it is written is read from the values, not
//! from here.

use serde::Deserialize;

/// What the values say about Google Kubernetes Engine.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Gke {
    /// The Google Cloud project of the cluster.
    #[serde(rename = "projectID")]
    #[cfg_attr(test, schemars(regex(pattern = r"^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$")))]
    pub project_id: Option<String>,
    /// The cluster's region or zone, as in asia-northeast1 or asia-northeast1-a.
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z]+-[a-z]+[0-9]+(-[a-z])?$")))]
    pub location: Option<String>,
    /// The cluster's name.
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$")))]
    pub cluster_name: Option<String>,
    /// How the load balancer treats LiveKit, in the shape of a `BackendConfig`.
    pub backend_config: BackendConfig,
    /// How the load balancer treats clients, in the shape of a `FrontendConfig`.
    pub frontend_config: FrontendConfig,
    /// The Ingress of signalling.
    pub ingress: Ingress,
    /// The load balancer of TURN over TLS.
    pub turn: Turn,
    /// The Memorystore instance, with `redis.mode: external`. It is not part of the manifests: the notes and the
    /// variables for Terraform say what to create.
    pub memorystore: Option<Memorystore>,
    /// Secret Manager as the source of Secrets.
    pub secret_manager: SecretManager,
    /// cert-manager's access to Cloud DNS.
    pub cert_manager: CertManager,
    /// When Google may replace nodes.
    pub maintenance: Maintenance,
}

/// How the load balancer treats LiveKit, in the shape of a `BackendConfig`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BackendConfig {
    /// After how many seconds a connection is cut: for a WebSocket, however busy it is, so it must be longer than a
    /// session.
    #[cfg_attr(test, schemars(range(min = 1, max = 2_147_483_647_u32)))]
    pub timeout_sec: u32,
    /// What happens to connections of a pod that goes.
    pub connection_draining: ConnectionDraining,
    /// How the load balancer asks whether a pod is well. The type, the port and the path follow from LiveKit.
    pub health_check: HealthCheck,
    /// Which requests are logged.
    pub logging: Option<Logging>,
    /// The Cloud Armor policy.
    pub security_policy: Option<SecurityPolicy>,
    /// Whether a client stays with its pod.
    pub session_affinity: Option<SessionAffinity>,
}

/// What happens to connections of a pod that goes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConnectionDraining {
    /// For how many seconds they may go on. Google allows an hour.
    #[cfg_attr(test, schemars(range(max = 3600)))]
    pub draining_timeout_sec: u32,
}

/// How the load balancer asks whether a pod is well.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HealthCheck {
    /// How many seconds from one question to the next.
    #[cfg_attr(test, schemars(range(min = 1, max = 300)))]
    pub check_interval_sec: u32,
    /// How many seconds an answer may take; no more than `checkIntervalSec`.
    #[cfg_attr(test, schemars(range(min = 1, max = 300)))]
    pub timeout_sec: u32,
    /// How many good answers make a pod well.
    #[cfg_attr(test, schemars(range(min = 1, max = 10)))]
    pub healthy_threshold: u32,
    /// How many bad answers make it unwell.
    #[cfg_attr(test, schemars(range(min = 1, max = 10)))]
    pub unhealthy_threshold: u32,
}

/// Which requests are logged.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Logging {
    /// Whether any is.
    pub enable: bool,
    /// The share of them, from 0 to 1.
    #[cfg_attr(test, schemars(range(min = 0, max = 1)))]
    pub sample_rate: Option<f64>,
}

/// A Cloud Armor policy.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SecurityPolicy {
    /// Its name.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub name: String,
}

/// Whether a client stays with its pod.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SessionAffinity {
    /// By what it is known.
    pub affinity_type: AffinityType,
    /// For how many seconds a generated cookie holds.
    #[cfg_attr(test, schemars(range(max = 86_400)))]
    pub affinity_cookie_ttl_sec: Option<u32>,
}

/// By what a client is known.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AffinityType {
    /// Not at all.
    None,
    /// By its address.
    ClientIp,
    /// By a cookie of the load balancer.
    GeneratedCookie,
}

/// How the load balancer treats clients, in the shape of a `FrontendConfig`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FrontendConfig {
    /// Whether HTTP is answered with HTTPS' address.
    pub redirect_to_https: RedirectToHttps,
    /// The SSL policy, which says which versions of TLS are spoken.
    #[cfg_attr(test, schemars(length(min = 1)))]
    pub ssl_policy: Option<String>,
}

/// Whether HTTP is answered with HTTPS' address.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RedirectToHttps {
    /// Whether it is.
    pub enabled: bool,
    /// With which status.
    pub response_code_name: Option<ResponseCodeName>,
}

/// The status of a redirect.
#[derive(Debug, Clone, Copy, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResponseCodeName {
    /// 301.
    MovedPermanentlyDefault,
    /// 302.
    Found,
    /// 307.
    TemporaryRedirect,
    /// 308.
    PermanentRedirect,
}

/// The Ingress of signalling.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ingress {
    /// Which load balancer serves it, unless `ingress.className` names one.
    pub class_name: IngressClass,
    /// The reserved address: a global one with `gce`, otherwise one of the region.
    #[serde(rename = "staticIPName")]
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")))]
    pub static_ip_name: Option<String>,
    /// A certificate that Google issues and renews.
    pub managed_certificate: ManagedCertificate,
}

/// Which load balancer serves an Ingress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum IngressClass {
    /// The external one, which is global.
    Gce,
    /// The internal one, inside the VPC.
    GceInternal,
    /// The external one of the cluster's region.
    GceRegionalExternal,
}

/// A certificate that Google issues and renews.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManagedCertificate {
    /// Whether there is one.
    pub enabled: bool,
    /// Its name; `livekit.name` when left out.
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")))]
    pub name: Option<String>,
    /// The domains; `ingress.host` when left out.
    #[cfg_attr(test, schemars(length(min = 1, max = 100)))]
    pub domains: Option<Vec<String>>,
}

/// The load balancer of TURN over TLS.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Turn {
    /// The reserved address of the region. TURN is always advertised on port 443, so it cannot share the Ingress' one.
    #[serde(rename = "staticIPName")]
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")))]
    pub static_ip_name: Option<String>,
}

/// A Memorystore instance.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Memorystore {
    /// Whether there is a replica.
    pub tier: MemorystoreTier,
    /// How many gigabytes of memory it has.
    #[cfg_attr(test, schemars(range(min = 1, max = 300)))]
    pub memory_size_gb: u32,
}

/// Whether a Memorystore instance has a replica.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MemorystoreTier {
    /// None: its failure is one of every room.
    Basic,
    /// One in another zone, which takes over.
    StandardHa,
}

/// Secret Manager as the source of Secrets. Used where an `externalSecret` is named.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SecretManager {
    /// The store of External Secrets.
    pub secret_store: SecretStore,
    /// The Google service account that reads the secrets; `external-secrets` of the project when left out.
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$")))]
    pub service_account: Option<String>,
}

/// The store of External Secrets.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SecretStore {
    /// Whether it is rendered, with its `ServiceAccount`. A `ClusterSecretStore` never is: it belongs to the cluster.
    pub create: bool,
}

/// cert-manager's access to Cloud DNS. Used where an issuer has `dns01.cloudDNS`.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CertManager {
    /// The Google service account that writes the records; `cert-manager` of the project when left out.
    #[cfg_attr(test, schemars(regex(pattern = r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$")))]
    pub service_account: Option<String>,
}

/// When Google may replace nodes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Maintenance {
    /// A time without upgrades of nodes, for the command in the notes.
    pub exclusion: Option<Exclusion>,
}

/// A time without upgrades of nodes.
#[derive(Debug, Clone, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Exclusion {
    /// Its start, as in 2027-01-01T00:00:00Z.
    #[cfg_attr(test, schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")))]
    pub start_time: String,
    /// Its end.
    #[cfg_attr(test, schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")))]
    pub end_time: String,
}
