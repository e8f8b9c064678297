//! The section `gke` of the values. Its JSON Schema, in description.json, is generated from these types; the code reads
//! the values themselves. The defaults stand in description.json too: no type holds one.

#![expect(dead_code, reason = "only the schema of the types is used")]

use schemars::JsonSchema;

/// What the values say about Google Kubernetes Engine.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Gke {
    /// The Google Cloud project of the cluster.
    #[schemars(rename = "projectID")]
    #[schemars(regex(pattern = r"^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$"))]
    project_id: Option<String>,
    /// The cluster's region or zone, as in asia-northeast1 or asia-northeast1-a.
    #[schemars(regex(pattern = r"^[a-z]+-[a-z]+[0-9]+(-[a-z])?$"))]
    location: Option<String>,
    /// The cluster's name.
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$"))]
    cluster_name: Option<String>,
    /// How the load balancer treats LiveKit, in the shape of a `BackendConfig`.
    backend_config: BackendConfig,
    /// How the load balancer treats clients, in the shape of a `FrontendConfig`.
    frontend_config: FrontendConfig,
    /// The Ingress of signalling.
    ingress: Ingress,
    /// The load balancer of TURN over TLS.
    turn: Turn,
    /// The Memorystore instance, with `redis.mode: external`. It is not part of the manifests: the notes and the
    /// variables for Terraform say what to create.
    memorystore: Option<Memorystore>,
    /// Secret Manager as the source of Secrets.
    secret_manager: SecretManager,
    /// cert-manager's access to Cloud DNS.
    cert_manager: CertManager,
    /// When Google may replace nodes.
    maintenance: Maintenance,
}

/// How the load balancer treats LiveKit, in the shape of a `BackendConfig`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct BackendConfig {
    /// After how many seconds a connection is cut: for a WebSocket, however busy it is, so it must be longer than a
    /// session.
    #[schemars(range(min = 1, max = 2_147_483_647_u32))]
    timeout_sec: u32,
    /// What happens to connections of a pod that goes.
    connection_draining: ConnectionDraining,
    /// How the load balancer asks whether a pod is well. The type, the port and the path follow from LiveKit.
    health_check: HealthCheck,
    /// Which requests are logged.
    logging: Option<Logging>,
    /// The Cloud Armor policy.
    security_policy: Option<SecurityPolicy>,
    /// Whether a client stays with its pod.
    session_affinity: Option<SessionAffinity>,
}

/// What happens to connections of a pod that goes.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ConnectionDraining {
    /// For how many seconds they may go on. Google allows an hour.
    #[schemars(range(max = 3600))]
    draining_timeout_sec: u32,
}

/// How the load balancer asks whether a pod is well.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HealthCheck {
    /// How many seconds from one question to the next.
    #[schemars(range(min = 1, max = 300))]
    check_interval_sec: u32,
    /// How many seconds an answer may take; no more than `checkIntervalSec`.
    #[schemars(range(min = 1, max = 300))]
    timeout_sec: u32,
    /// How many good answers make a pod well.
    #[schemars(range(min = 1, max = 10))]
    healthy_threshold: u32,
    /// How many bad answers make it unwell.
    #[schemars(range(min = 1, max = 10))]
    unhealthy_threshold: u32,
}

/// Which requests are logged.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Logging {
    /// Whether any is.
    enable: bool,
    /// The share of them, from 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    sample_rate: Option<f64>,
}

/// A Cloud Armor policy.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SecurityPolicy {
    /// Its name.
    #[schemars(length(min = 1))]
    name: String,
}

/// Whether a client stays with its pod.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SessionAffinity {
    /// By what it is known.
    affinity_type: AffinityType,
    /// For how many seconds a generated cookie holds.
    #[schemars(range(max = 86_400))]
    affinity_cookie_ttl_sec: Option<u32>,
}

/// By what a client is known.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AffinityType {
    /// Not at all.
    None,
    /// By its address.
    ClientIp,
    /// By a cookie of the load balancer.
    GeneratedCookie,
}

/// How the load balancer treats clients, in the shape of a `FrontendConfig`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct FrontendConfig {
    /// Whether HTTP is answered with HTTPS' address.
    redirect_to_https: RedirectToHttps,
    /// The SSL policy, which says which versions of TLS are spoken.
    #[schemars(length(min = 1))]
    ssl_policy: Option<String>,
}

/// Whether HTTP is answered with HTTPS' address.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RedirectToHttps {
    /// Whether it is.
    enabled: bool,
    /// With which status.
    response_code_name: Option<ResponseCodeName>,
}

/// The status of a redirect.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ResponseCodeName {
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
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Ingress {
    /// Which load balancer serves it, unless `ingress.className` names one.
    class_name: IngressClass,
    /// The reserved address: a global one with `gce`, otherwise one of the region.
    #[schemars(rename = "staticIPName")]
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"))]
    static_ip_name: Option<String>,
    /// A certificate that Google issues and renews.
    managed_certificate: ManagedCertificate,
}

/// Which load balancer serves an Ingress.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
pub(crate) enum IngressClass {
    /// The external one, which is global.
    Gce,
    /// The internal one, inside the VPC.
    GceInternal,
    /// The external one of the cluster's region.
    GceRegionalExternal,
}

/// A certificate that Google issues and renews.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ManagedCertificate {
    /// Whether there is one.
    enabled: bool,
    /// Its name; `livekit.name` when left out.
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"))]
    name: Option<String>,
    /// The domains; `ingress.host` when left out.
    #[schemars(length(min = 1, max = 100))]
    domains: Option<Vec<String>>,
}

/// The load balancer of TURN over TLS.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Turn {
    /// The reserved address of the region. TURN is always advertised on port 443, so it cannot share the Ingress' one.
    #[schemars(rename = "staticIPName")]
    #[schemars(regex(pattern = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"))]
    static_ip_name: Option<String>,
}

/// A Memorystore instance.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Memorystore {
    /// Whether there is a replica.
    tier: MemorystoreTier,
    /// How many gigabytes of memory it has.
    #[schemars(range(min = 1, max = 300))]
    memory_size_gb: u32,
}

/// Whether a Memorystore instance has a replica.
#[derive(JsonSchema)]
#[schemars(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum MemorystoreTier {
    /// None: its failure is one of every room.
    Basic,
    /// One in another zone, which takes over.
    StandardHa,
}

/// Secret Manager as the source of Secrets. Used where an `externalSecret` is named.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SecretManager {
    /// The store of External Secrets.
    secret_store: SecretStore,
    /// The Google service account that reads the secrets; `external-secrets` of the project when left out.
    #[schemars(regex(pattern = r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$"))]
    service_account: Option<String>,
}

/// The store of External Secrets.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SecretStore {
    /// Whether it is rendered, with its `ServiceAccount`. A `ClusterSecretStore` never is: it belongs to the cluster.
    create: bool,
}

/// cert-manager's access to Cloud DNS. Used where an issuer has `dns01.cloudDNS`.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CertManager {
    /// The Google service account that writes the records; `cert-manager` of the project when left out.
    #[schemars(regex(pattern = r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$"))]
    service_account: Option<String>,
}

/// When Google may replace nodes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Maintenance {
    /// A time without upgrades of nodes, for the command in the notes.
    exclusion: Option<Exclusion>,
}

/// A time without upgrades of nodes.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Exclusion {
    /// Its start, as in 2027-01-01T00:00:00Z.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))]
    start_time: String,
    /// Its end.
    #[schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"))]
    end_time: String,
}
