//! What follows for the number of pods.

use render_text::diagnostic::Diagnostic;
use render_text::node::{Node, Spot};

use super::{Derived, Given};

pub(super) fn derive(given: &Given, findings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let Given { platform, tree, .. } = given;
    let autoscaler = &platform.scaling.horizontal_pod_autoscaler;
    if !autoscaler.enabled {
        return Vec::new();
    }
    let mut all = Vec::new();
    if autoscaler.min_replicas.is_none() {
        let reason = "never fewer pods than the replicas asked for";
        let path = "scaling.horizontalPodAutoscaler.minReplicas";
        all.push(Derived::new(path, platform.livekit.replicas, reason).from(tree.at(&["livekit", "replicas"])));
    }
    let nodes = platform.cluster.node_pool.total_max_node_count.filter(|_| platform.livekit.host_network);
    let Some(nodes) = nodes else { return all };
    let written = tree.at(&["scaling", "horizontalPodAutoscaler", "maxReplicas"]);
    let pool = tree.at(&["cluster", "nodePool", "totalMaxNodeCount"]);
    let path = "scaling.horizontalPodAutoscaler.maxReplicas";
    let reason = "with host networking each pod needs a node of its own";
    match autoscaler.max_replicas {
        Some(wanted) if wanted <= nodes => {}
        Some(wanted) => {
            findings.push(capped(wanted, nodes, written, pool));
            all.push(Derived::new(path, nodes, reason).from(pool));
        }
        None => all.push(Derived::new(path, nodes, reason).from(pool)),
    }
    all
}

fn capped(wanted: u32, nodes: u32, written: Option<&Node>, pool: Option<&Node>) -> Diagnostic {
    Diagnostic {
        code: Some("LK002"),
        ..Diagnostic::warning(format!(
            "`scaling.horizontalPodAutoscaler.maxReplicas` is capped from {wanted} to {nodes}, the most nodes there are"
        ))
    }
    .at(written.map(Spot::from))
    .with(pool.and_then(Node::place), format!("each pod needs a node of its own, and there are {nodes} at most"))
    .hint(format!("set maxReplicas to {nodes} or less, or raise cluster.nodePool.totalMaxNodeCount"))
}
