//! Facts of the cluster: what it serves, how many nodes there are, and the namespace.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::workload::{Toleration, TolerationEffect};

/// Facts of the cluster that the manifests must fit.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cluster {
    /// The Kubernetes minor version of the API server, as in "1.35": every object is checked against its API.
    #[schemars(regex(pattern = r"^1\.[0-9]{1,2}$"), extend("patternHint" = "a minor version, as in \"1.35\""))]
    pub kubernetes_version: String,
    /// The cluster's DNS domain.
    #[schemars(length(min = 1))]
    pub domain: String,
    /// The version that the cluster serves of each API group that is not Kubernetes' own.
    #[serde(rename = "servedAPIs")]
    pub served_apis: BTreeMap<String, String>,
    /// Whether nodes have private addresses only. Media goes straight to the nodes, so this excludes `livekit.hostNetwork`.
    pub private_nodes: bool,
    /// The nodes that LiveKit runs on.
    pub node_pool: NodePool,
}

/// The nodes that LiveKit runs on. Counts are totals over all zones.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodePool {
    /// The pool's name at the provider; pods are kept on it.
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// The provider's name of the machine, as in c2-standard-8.
    #[schemars(length(min = 1))]
    pub machine_type: Option<String>,
    /// The fewest nodes, over all zones.
    pub total_min_node_count: Option<u32>,
    /// The most nodes, over all zones: no more LiveKit pods than this can run with host networking.
    #[schemars(range(min = 1))]
    pub total_max_node_count: Option<u32>,
    /// Whether the provider may take nodes away at short notice.
    pub spot: bool,
    /// Taints of the nodes, which the pods then tolerate.
    pub taints: Vec<Taint>,
}

/// A taint of a node.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Taint {
    /// The taint's key.
    pub key: String,
    /// The taint's value.
    pub value: Option<String>,
    /// What the taint does to pods that do not tolerate it.
    pub effect: TolerationEffect,
}

impl Taint {
    /// The toleration that lets a pod onto a node with this taint.
    #[must_use]
    pub(crate) fn toleration(&self) -> Toleration {
        let operator = if self.value.is_some() { "Equal" } else { "Exists" };
        Toleration {
            key: Some(self.key.clone()),
            operator: Some(operator.to_owned()),
            value: self.value.clone(),
            effect: Some(self.effect),
            toleration_seconds: None,
        }
    }
}

/// The namespace that everything namespaced goes to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Its name.
    #[schemars(regex(pattern = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "lower-case letters, digits and hyphens, at most 63"))]
    pub name: String,
    /// Whether the Namespace itself is rendered.
    pub create: bool,
    /// The Pod Security level to enforce; follows from `livekit.hostNetwork` when left out.
    pub pod_security: Option<PodSecurity>,
    /// Further labels.
    pub labels: BTreeMap<String, String>,
    /// Further annotations.
    pub annotations: BTreeMap<String, String>,
}

/// A level of the Pod Security Standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PodSecurity {
    /// Anything goes; host networking needs it.
    Privileged,
    /// Known privilege escalations are refused.
    Baseline,
    /// Pods must be hardened.
    Restricted,
}
