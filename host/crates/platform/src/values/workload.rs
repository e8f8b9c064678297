//! The ordinary knobs of a workload: one shape for every Deployment and `StatefulSet`, with
//! Kubernetes' own names. Parts that Kubernetes alone judges are maps in its own shape.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A part in Kubernetes' own shape.
pub(crate) type Object = Map<String, Value>;

/// The ordinary knobs of a workload.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// The container image.
    pub image: Image,
    /// Secrets for pulling images, as [{name: registry}].
    #[serde(default)]
    pub image_pull_secrets: Vec<LocalReference>,
    /// How long a pod may take to stop, in seconds.
    pub termination_grace_period_seconds: u32,
    /// CPU and memory that the container asks for, and its limits.
    pub resources: Option<Resources>,
    /// Labels that a node must have.
    #[serde(default)]
    pub node_selector: BTreeMap<String, String>,
    /// Taints that the pods tolerate, beside those of `cluster.nodePool.taints`.
    #[serde(default)]
    pub tolerations: Vec<Toleration>,
    /// Further scheduling constraints.
    pub affinity: Option<Affinity>,
    /// How pods spread over zones, in Kubernetes' own shape.
    #[serde(default)]
    pub topology_spread_constraints: Vec<Object>,
    /// The pods' priority class.
    pub priority_class_name: Option<String>,
    /// The pods' runtime class.
    pub runtime_class_name: Option<String>,
    /// Annotations of the workload itself.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
    /// Labels of the workload itself, beside the standard ones.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Annotations of the pods.
    #[serde(default)]
    pub pod_annotations: BTreeMap<String, String>,
    /// Labels of the pods, beside the standard ones.
    #[serde(default)]
    pub pod_labels: BTreeMap<String, String>,
    /// The pods' security context, in Kubernetes' own shape.
    #[serde(default)]
    pub pod_security_context: Object,
    /// The container's security context, in Kubernetes' own shape.
    #[serde(default)]
    pub security_context: Object,
    /// Further environment variables of the container.
    #[serde(default)]
    pub env: Vec<EnvVar>,
    /// Sources of further environment variables, in Kubernetes' own shape.
    #[serde(default)]
    pub env_from: Vec<Object>,
    /// Further volumes of the pods, in Kubernetes' own shape.
    #[serde(default)]
    pub volumes: Vec<Object>,
    /// Where the container mounts them, in Kubernetes' own shape.
    #[serde(default)]
    pub volume_mounts: Vec<Object>,
    /// Containers beside the main one, in Kubernetes' own shape.
    #[serde(default)]
    pub extra_containers: Vec<Object>,
    /// Containers that run first, in Kubernetes' own shape.
    #[serde(default)]
    pub init_containers: Vec<Object>,
    /// When the container is restarted.
    pub liveness_probe: Probe,
    /// When the pod gets traffic.
    pub readiness_probe: Probe,
}

/// A container image. With a digest, the digest is what is pulled.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Image {
    /// Registry and path, without a tag.
    #[schemars(regex(pattern = r"^[a-z0-9]+([._:/-]+[a-z0-9]+)*$"), extend("patternHint" = "an image without its tag, as in docker.io/livekit/livekit-server"))]
    pub repository: String,
    /// The tag.
    #[schemars(regex(pattern = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"), extend("patternHint" = "an image's tag, as in v1.13.5"))]
    pub tag: String,
    /// The digest, which fixes the image whatever the tag says later.
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"), extend("patternHint" = "sha256: and 64 hexadecimal digits"))]
    pub digest: Option<String>,
    /// When the kubelet pulls.
    pub pull_policy: PullPolicy,
}

/// When the kubelet pulls an image.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
pub enum PullPolicy {
    /// At each start.
    Always,
    /// When the node does not have it.
    IfNotPresent,
    /// The node must have it.
    Never,
}

/// An object of the same namespace, by name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct LocalReference {
    /// The object's name.
    pub name: String,
}

/// CPU and memory of a container.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct Resources {
    /// What the scheduler sets aside.
    #[serde(default)]
    pub requests: BTreeMap<String, Quantity>,
    /// What the container may not exceed.
    #[serde(default)]
    pub limits: BTreeMap<String, Quantity>,
}

/// A Kubernetes quantity, as in 4000m, 2048Mi or 2.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Quantity {
    /// A number with a suffix.
    Text(
        #[schemars(regex(
            pattern = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+|m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$"
        ), extend("patternHint" = "a quantity, as in 500m, 2 or 512Mi"))]
        String,
    ),
    /// A bare number.
    Number(f64),
}

/// A toleration of a taint.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    /// The taint's key; every key when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Exists or Equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("enum" = ["Exists", "Equal"]))]
    pub operator: Option<String>,
    /// The taint's value, with Equal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The taint's effect; every effect when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<TolerationEffect>,
    /// How long the pod stays after a `NoExecute` taint came, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub toleration_seconds: Option<u64>,
}

/// What a taint does to pods that do not tolerate it.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
pub enum TolerationEffect {
    /// They are not scheduled there.
    NoSchedule,
    /// They are scheduled elsewhere if possible.
    PreferNoSchedule,
    /// They are evicted.
    NoExecute,
}

/// Scheduling constraints, each in Kubernetes' own shape.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Affinity {
    /// On which nodes.
    pub node_affinity: Option<Object>,
    /// Near which pods.
    pub pod_affinity: Option<Object>,
    /// Away from which pods; replaces the project's own rule of one LiveKit pod a node.
    pub pod_anti_affinity: Option<Object>,
}

/// An environment variable.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnvVar {
    /// Its name.
    #[schemars(regex(pattern = r"^[-._a-zA-Z][-._a-zA-Z0-9]*$"), extend("patternHint" = "letters, digits and underscores, as in LOG_LEVEL"))]
    pub name: String,
    /// Its value.
    pub value: Option<String>,
    /// Where its value comes from, in Kubernetes' own shape.
    pub value_from: Option<Object>,
}

/// The timing of a probe; what it asks is the project's knowledge.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    /// How long to wait before the first one, in seconds.
    pub initial_delay_seconds: Option<u32>,
    /// How often, in seconds.
    #[schemars(range(min = 1))]
    pub period_seconds: Option<u32>,
    /// How long an answer may take, in seconds.
    #[schemars(range(min = 1))]
    pub timeout_seconds: Option<u32>,
    /// How many failures in a row count.
    #[schemars(range(min = 1))]
    pub failure_threshold: Option<u32>,
}
