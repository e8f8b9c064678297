//! What finished manifests show of the rules about nodes.

use serde_json::Value;

use render_platform::values::livekit::{IntOrPercent, RollingUpdate};
use render_text::diagnostic::Diagnostic;

use super::super::servers::{Server, Servers, amount, annotation_at, list, text};

/// LK004: as many pods as nodes.
pub(crate) fn spare_node(servers: &Servers) -> Vec<Diagnostic> {
    let Some(nodes) = servers.finished.nodes else { return Vec::new() };
    servers.each(|server| {
        let autoscaler = servers.autoscaler(server).filter(|_| server.on_host_network())?;
        let wrong = Diagnostic::warning(format!(
            "at {nodes} pods, which {} allows, no node is free, so a rollout waits for each pod to drain",
            autoscaler.id
        ));
        let hint = format!("set maxReplicas to {} or less, or give the pool one node more", nodes.saturating_sub(1));
        (servers.pods(server).most == nodes).then(|| wrong.about(&autoscaler.id, "/spec/maxReplicas").hint(hint))
    })
}

/// LK005: a rollout that needs a free node.
pub(crate) fn rollout(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let update = rolling(server).filter(|_| server.on_host_network())?;
        let pods = servers.pods(server);
        let is_full = servers.finished.nodes.is_none_or(|nodes| nodes <= pods.most);
        let wrong = Diagnostic::error(format!(
            "the strategy of {} lets no pod of {} go before a new one runs, which needs a free node",
            server.id(),
            pods.least
        ));
        let hint = "set strategy.rollingUpdate to maxUnavailable: 1 and maxSurge: 0; the default of 25% comes to 0 for three \
                    pods or fewer";
        let field = "/spec/strategy/rollingUpdate/maxUnavailable";
        (is_full && update.keeps_every_pod(pods.least)).then(|| wrong.about(server.id(), field).hint(hint))
    })
}

/// The rolling update of a Deployment, with what Kubernetes takes where nothing is said.
pub(crate) fn rolling(server: &Server) -> Option<RollingUpdate> {
    let strategy = server.workload().value.pointer("/spec/strategy").unwrap_or(&Value::Null);
    let is_rolling = matches!(text(strategy, "/type"), None | Some("RollingUpdate"));
    let quarter = || IntOrPercent::Percent("25%".to_owned());
    (server.id().kind == "Deployment" && is_rolling).then(|| RollingUpdate {
        max_surge: amount(strategy, "/rollingUpdate/maxSurge").unwrap_or_else(quarter),
        max_unavailable: amount(strategy, "/rollingUpdate/maxUnavailable").unwrap_or_else(quarter),
    })
}

/// LK013: a namespace that refuses the pods.
pub(crate) fn namespace(servers: &Servers) -> Vec<Diagnostic> {
    const LEVEL: &str = "pod-security.kubernetes.io/enforce";
    servers.each(|server| {
        let of_server = |name: &String| server.id().namespace.as_ref() == Some(name);
        let namespace = servers.all("", "Namespace").find(|namespace| of_server(&namespace.id.name))?;
        let level = namespace.value.pointer("/metadata/labels")?.get(LEVEL)?.as_str()?;
        let wrong = Diagnostic::error(format!(
            "{} enforces the level {level}, which refuses the pods of {} on the host's network",
            namespace.id,
            server.id()
        ));
        let at = annotation_at(LEVEL).replace("annotations", "labels");
        (level != "privileged" && server.on_host_network())
            .then(|| wrong.about(&namespace.id, at).hint("set the label to privileged"))
    })
}

/// The labels of nodes that may go at any time, with the value that says so.
const SPOT: [(&str, &str); 5] = [
    ("cloud.google.com/gke-spot", "true"),
    ("cloud.google.com/gke-preemptible", "true"),
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("karpenter.sh/capacity-type", "spot"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
];

/// LK015: a long drain on spot nodes.
pub(crate) fn spot(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let (field, label) = spot_only(server)?;
        let grace = server.grace();
        let wrong = Diagnostic::warning(format!(
            "pods of {} may drain for {grace} s, and a node with {label} is gone after 30 s",
            server.id()
        ));
        let hint = "use nodes that stay, or accept that rooms may end at any time";
        (grace > 30).then(|| wrong.about(server.id(), server.in_pod(field)).hint(hint))
    })
}

/// The field that keeps pods to spot nodes, and the label.
fn spot_only(server: &Server) -> Option<(&'static str, &'static str)> {
    let selected = |(label, value): &&(&str, &str)| {
        server.pod.spec.value.get("nodeSelector").and_then(|selector| selector.get(*label)?.as_str()) == Some(*value)
    };
    if let Some((label, _)) = SPOT.iter().find(selected) {
        return Some(("nodeSelector", label));
    }
    let required = "affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    let terms = list(server.pod.spec.value.pointer(&format!("/{required}/nodeSelectorTerms")));
    let asks = |term: &Value, (label, value): &(&str, &str)| {
        list(term.get("matchExpressions")).iter().any(|expression| {
            text(expression, "/key") == Some(label)
                && text(expression, "/operator") == Some("In")
                && list(expression.get("values")).iter().all(|one| one.as_str() == Some(value))
        })
    };
    let label = SPOT.iter().find(|spot| !terms.is_empty() && terms.iter().all(|term| asks(term, spot)))?.0;
    Some((required, label))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, on_nodes};

    const HOST: &str = "hostNetwork: true";

    fn autoscaled(pod: &str, most: u32) -> String {
        let beside = format!(
            "---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a, namespace: media}}, \
             spec: {{scaleTargetRef: {{kind: Deployment, name: lk}}, maxReplicas: {most}}}}}"
        );
        LiveKit { pod, beside: &beside, ..LiveKit::default() }.yaml()
    }

    #[test]
    fn a_node_stays_free_beside_as_many_pods_as_there_may_be() {
        let full: &[&str] = &["at 3 pods, which"];
        on_nodes(3, "LK004", &[(&autoscaled(HOST, 2), &[]), (&autoscaled(HOST, 3), full), (&autoscaled("", 3), &[])]);
        // LK029 tells of more pods than nodes.
        on_nodes(3, "LK004", &[(&autoscaled(HOST, 4), &[])]);
        in_objects("LK004", &[(&autoscaled(HOST, 3), &[])]);
    }

    #[test]
    fn a_rollout_on_the_hosts_network_takes_a_pod_away_first() {
        let rollout = |replicas: u32, strategy: &str, pod: &str| {
            LiveKit { pod, spec: &format!("replicas: {replicas}, strategy: {{{strategy}}}"), ..LiveKit::default() }
                .yaml()
        };
        let stuck: &[&str] = &["go before a new one runs, which needs a free node"];
        let cases: [(&str, &[&str]); 8] = [
            (&rollout(1, "", HOST), stuck),
            (&rollout(3, "", HOST), stuck),
            // A quarter of four pods is one.
            (&rollout(4, "", HOST), &[]),
            (&rollout(3, "rollingUpdate: {maxUnavailable: 1}", HOST), &[]),
            (&rollout(3, "rollingUpdate: {maxUnavailable: 0, maxSurge: 1}", HOST), stuck),
            (&rollout(3, "type: Recreate", HOST), &[]),
            (&rollout(3, "", ""), &[]),
            (&LiveKit { pod: HOST, ..LiveKit::default() }.yaml().replace("kind: Deployment", "kind: StatefulSet"), &[]),
        ];
        in_objects("LK005", &cases);
        on_nodes(3, "LK005", &[(&rollout(2, "", HOST), &[]), (&rollout(3, "", HOST), stuck)]);
    }

    #[test]
    fn a_namespace_admits_pods_on_the_hosts_network() {
        let with = |name: &str, labels: &str, pod: &str| {
            let beside =
                format!("---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {{{labels}}}}}}}");
            LiveKit { pod, beside: &beside, ..LiveKit::default() }.yaml()
        };
        let baseline = "pod-security.kubernetes.io/enforce: baseline";
        in_objects(
            "LK013",
            &[
                (&with("media", baseline, HOST), &["enforces the level baseline"]),
                (&with("media", "pod-security.kubernetes.io/enforce: privileged", HOST), &[]),
                (&with("media", "pod-security.kubernetes.io/warn: baseline", HOST), &[]),
                (&with("media", baseline, ""), &[]),
                (&with("other", baseline, HOST), &[]),
            ],
        );
    }

    #[test]
    fn pods_of_spot_nodes_drain_for_30_seconds() {
        let spot = |grace: u32, field: &str| {
            LiveKit { pod: &format!("terminationGracePeriodSeconds: {grace}, {field}"), ..LiveKit::default() }.yaml()
        };
        let selector = "nodeSelector: {cloud.google.com/gke-spot: 'true'}";
        let terms = |terms: &str| {
            format!(
                "affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{terms}]}}}}}}"
            )
        };
        let term = |operator: &str| {
            format!("{{matchExpressions: [{{key: karpenter.sh/capacity-type, operator: {operator}, values: [spot]}}]}}")
        };
        let cut: &[&str] = &["is gone after 30 s"];
        in_objects(
            "LK015",
            &[
                (&spot(30, selector), &[]),
                (&spot(31, selector), cut),
                (&spot(31, "nodeSelector: {cloud.google.com/gke-spot: 'false'}"), &[]),
                (&spot(31, &terms(&term("In"))), cut),
                (&spot(31, &terms(&term("NotIn"))), &[]),
                // Another term leads to other nodes.
                (
                    &spot(31, &terms(&format!("{}, {{matchExpressions: [{{key: a, operator: Exists}}]}}", term("In")))),
                    &[],
                ),
                (&spot(31, ""), &[]),
            ],
        );
    }
}
