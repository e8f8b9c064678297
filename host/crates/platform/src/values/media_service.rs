//! How media reaches pods that do not use the node's network: a Service with every media port in it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// The Service that brings media to pods that do not use the node's network. Kubernetes has no ranges of ports in a
/// Service, so it lists each UDP port of `livekit.config.rtc`, then `rtc.tcp_port` and the UDP port of TURN. All of them
/// lead to one address, and so to one pod.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MediaService {
    /// Whether it is rendered.
    pub enabled: bool,
    /// `LoadBalancer`, or `NodePort` where something outside of the cluster passes the ports on to the nodes.
    #[serde(rename = "type")]
    #[schemars(extend("enum" = ["LoadBalancer", "NodePort"]))]
    pub kind: String,
    /// Whether each port has the same number on the nodes, so that the ports must lie in 30000-32767. Kubernetes hands out
    /// 30086-32767 first, so ports from 30000 to 30085 are the least likely to be taken.
    pub node_ports: bool,
    /// Local keeps the client's address and only asks nodes that have a pod.
    #[schemars(extend("enum" = ["Local", "Cluster"]))]
    pub external_traffic_policy: String,
    /// The address that it asks its load balancer for; clients are then told this one, unless `livekit.externalAddress` says otherwise.
    #[serde(rename = "loadBalancerIP")]
    #[schemars(regex(pattern = ADDRESS), extend("patternHint" = "an IP address, as in 198.51.100.7"))]
    pub load_balancer_ip: Option<String>,
    /// The load balancer's class, where the cluster has several.
    #[schemars(length(min = 1))]
    pub load_balancer_class: Option<String>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What an IP address looks like.
pub(super) const ADDRESS: &str = r"^([0-9]{1,3}(\.[0-9]{1,3}){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]+)$";

impl MediaService {
    /// Whether it has an address of its own that a load balancer gives it.
    #[must_use]
    pub fn is_load_balancer(&self) -> bool {
        self.enabled && self.kind == "LoadBalancer"
    }
}
