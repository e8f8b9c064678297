//! Which address clients are told, and what keeps it current.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::media_service::ADDRESS;
use super::workload::{Image, LocalReference, Object, Resources, Toleration};

/// Which address clients are told.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalAddress {
    /// Where it comes from. Left out, it follows from `livekit.mediaService`: its `loadBalancerIP`, or else the address that its load balancer gets, or else STUN.
    pub source: Option<AddressSource>,
    /// The address, with `source: ip`; `livekit.mediaService.loadBalancerIP` when left out.
    #[schemars(regex(pattern = ADDRESS), extend("patternHint" = "an IP address, as in 198.51.100.7"))]
    pub ip: Option<String>,
    /// The Service whose load balancer has the address, with `source: service`; the media Service when left out.
    #[schemars(length(min = 1))]
    pub service: Option<String>,
    /// The Job and the `CronJob` that keep the address current, with `source: service`.
    pub job: AddressJob,
}

/// Where the address that clients are told comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AddressSource {
    /// LiveKit asks a STUN server, or does what `livekit.config.rtc` says.
    Stun,
    /// It is written in the values: `rtc.node_ip`, with STUN off.
    Ip,
    /// A Job reads it from a Service and tells LiveKit, with STUN off.
    Service,
}

/// The Job that tells LiveKit the address of its load balancer, and the `CronJob` that does so again and again.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AddressJob {
    /// An image with `kubectl` and a shell, and with `getent` where load balancers have names instead of addresses.
    pub image: Image,
    /// Secrets for pulling images, as [{name: registry}].
    #[serde(default)]
    pub image_pull_secrets: Vec<LocalReference>,
    /// When the address is read again, as a cron line.
    #[schemars(regex(pattern = r"^(@[a-z]+|[^ ]+( [^ ]+){4})$"), extend("patternHint" = "a cron line, as in \"*/10 * * * *\""))]
    pub schedule: String,
    /// How long the first Job waits for the load balancer to get an address, in seconds.
    pub wait_seconds: u32,
    /// CPU and memory that the container asks for, and its limits.
    pub resources: Option<Resources>,
    /// Labels that a node must have.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the pods tolerate.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// The pods' security context, in Kubernetes' own shape.
    #[serde(default)]
    pub pod_security_context: Object,
    /// The container's security context, in Kubernetes' own shape.
    #[serde(default)]
    pub security_context: Object,
}
