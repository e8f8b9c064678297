//! What stands beside a workload: the Service that names the pods of a `StatefulSet`, the autoscaler that
//! scales it, and the others that want its ports on a node.

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::suggest::closest;

use super::declared_ports::{protocol, taken};
use super::operators::has_unseen_pods;
use super::reference_list::SERVICE;
use crate::view::{Field, Pod, is_copy, may_be_same, named, of_kind, pods};
use crate::{Find, Rule};

pub(super) static GOVERNED: Rule = Rule {
    code: "LK050",
    severity: Severity::Warning,
    title: "the Service of a StatefulSet is headless and in the set",
    why: "The pods of a StatefulSet have DNS names below its Service: `POD.SERVICE`. A Service with an address of its own, or \
          one that is not there, gives them none, and members of a cluster that look for each other by name never meet. One \
          pod alone is found by any Service.",
    find: Find::Manifests(|finished| {
        of_kind(finished.manifests, "apps", "StatefulSet")
            .filter_map(|set| ungoverned(&set, finished.manifests))
            .collect()
    }),
};

pub(super) static SCALES: Rule = Rule {
    code: "LK057",
    severity: Severity::Error,
    title: "an autoscaler scales what is there, and alone",
    why: "An autoscaler whose target has another name reports an error that nobody reads, and never scales. Two for one \
          target undo each other's decisions for ever.",
    find: Find::Manifests(|finished| {
        let scalers: Vec<Field> = of_kind(finished.manifests, "autoscaling", "HorizontalPodAutoscaler").collect();
        let absent = scalers.iter().filter_map(|scaler| targetless(scaler, finished.manifests));
        let rivals = scalers.iter().enumerate().filter_map(|(index, one)| {
            let other = scalers[..index].iter().find(|other| are_rivals(one, other))?;
            let about = one.at(&["spec", "scaleTargetRef"])?;
            let wrong = about.wrong(format!("{} scales the same as {}", one.manifest.id, other.manifest.id));
            Some(wrong.hint("put the metrics of both into one"))
        });
        absent.chain(rivals).collect()
    }),
};

pub(super) static NODE_PORTS: Rule = Rule {
    code: "LK056",
    severity: Severity::Warning,
    title: "two workloads do not want one port of a node",
    why: "Pods that declare one port of the node never share a node, so that each workload takes nodes from the other: with as \
          many pods as nodes, or beside a DaemonSet, some stay Pending. On nodes of their own they do not meet.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests);
        let lasting: Vec<&Pod> = pods.iter().filter(|pod| !pod.is_temporary()).collect();
        let pairs = lasting
            .iter()
            .enumerate()
            .flat_map(|(index, pod)| lasting[..index].iter().filter_map(move |other| shared_port(pod, other)));
        pairs.collect()
    }),
};

fn ungoverned(set: &Field, manifests: &ManifestSet) -> Option<Diagnostic> {
    let name = set.at(&["spec", "serviceName"])?;
    let text = name.value.as_str().filter(|text| !text.is_empty())?;
    let services = named(manifests, SERVICE, set.namespace(), text);
    let headless = |one: &Field| one.get("spec").is_some_and(|spec| spec.text("clusterIP") == Some("None"));
    let alone = set.get("spec").is_some_and(|spec| spec.number("replicas").is_none_or(|replicas| replicas < 2));
    if services.iter().any(headless) || alone && !services.is_empty() {
        return None;
    }
    if services.is_empty() {
        let near = of_kind(manifests, "", "Service").filter(headless).map(|one| one.manifest.id.name.as_str());
        let wrong = name.wrong(format!("the StatefulSet's Service `{text}` is not in the set"));
        return Some(wrong.hint(match closest(text, near) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add a Service with `clusterIP: None` that selects the pods".to_owned(),
        }));
    }
    let wrong = name.wrong(format!("the StatefulSet's Service `{text}` is not headless, so its pods have no names"));
    Some(wrong.hint("set `clusterIP: None`, or name a second Service that has it"))
}

/// An autoscaler whose target is not among the workloads beside it.
fn targetless(scaler: &Field, manifests: &ManifestSet) -> Option<Diagnostic> {
    let target = scaler.at(&["spec", "scaleTargetRef"])?;
    let (kind, name) = (target.text("kind")?, target.text("name")?);
    let is_built_in = matches!(kind, "Deployment" | "StatefulSet" | "ReplicaSet" | "ReplicationController");
    let near = |one: &&Manifest| one.id.kind == kind && may_be_same(one.id.namespace.as_deref(), scaler.namespace());
    let others: Vec<&str> = manifests.iter().filter(near).map(|one| one.id.name.as_str()).collect();
    let beside =
        pods(manifests).iter().any(|pod| pod.template.namespace() == scaler.namespace() && !pod.is_temporary());
    if !is_built_in || !beside || others.contains(&name) || has_unseen_pods(manifests, scaler.namespace()) {
        return None;
    }
    let field = target.get("name").unwrap_or(target);
    let wrong = field.wrong(format!("there is no {kind} `{name}` to scale"));
    Some(wrong.hint(match closest(name, others.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if others.is_empty() => format!("the set has no {kind} there at all"),
        None => format!("there is: {}", others.join(", ")),
    }))
}

fn are_rivals(one: &Field, other: &Field) -> bool {
    let target = |scaler: &Field, key: &str| {
        scaler.at(&["spec", "scaleTargetRef", key]).and_then(|field| field.value.as_str().map(str::to_owned))
    };
    let same = |key: &str| target(one, key).is_some() && target(one, key) == target(other, key);
    same("kind")
        && same("name")
        && may_be_same(one.namespace(), other.namespace())
        && !is_copy(one.manifest, other.manifest)
}

fn shared_port(pod: &Pod, other: &Pod) -> Option<Diagnostic> {
    if is_copy(pod.owner(), other.owner()) || are_apart(pod, other) {
        return None;
    }
    let ports = |pod: &Pod| -> Vec<(u64, String, Option<String>)> {
        let of =
            |port: &Field| Some((taken(pod, port)?, protocol(port).to_owned(), port.text("hostIP").map(str::to_owned)));
        pod.ports().iter().filter_map(of).collect()
    };
    let taken = ports(other);
    let meets = |(port, protocol, address): &(u64, String, Option<String>)| {
        taken
            .iter()
            .any(|one| one.0 == *port && one.1 == *protocol && may_be_same(one.2.as_deref(), address.as_deref()))
    };
    let (port, protocol, _) = ports(pod).into_iter().find(|port| meets(port))?;
    let message = format!("{} and {} want {protocol} port {port} of the same nodes", pod.owner().id, other.owner().id);
    Some(pod.spec.wrong(message).hint("give them nodes of their own by nodeSelector, or one of them another port"))
}

/// Whether two pods go to different nodes: their selectors disagree, or their affinity says what nobody
/// compares here.
fn are_apart(pod: &Pod, other: &Pod) -> bool {
    let chosen = |pod: &Pod| pod.spec.at(&["affinity", "nodeAffinity"]).is_some();
    let selector = |pod: &Pod| {
        pod.spec.get("nodeSelector").map_or_else(Vec::new, |selector| {
            selector.entries().into_iter().map(|(key, value)| (key.to_owned(), value.value.clone())).collect()
        })
    };
    let others = selector(other);
    let disagree = selector(pod).iter().any(|(key, value)| others.iter().any(|one| one.0 == *key && one.1 != *value));
    chosen(pod) || chosen(other) || disagree
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn service(spec: &str) -> String {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: ns}}, spec: {{{spec}}}}}\n---\n")
    }

    fn workload(kind: &str, name: &str, spec: &str, pod: &str) -> String {
        format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: {name}, namespace: ns}}, \
             spec: {{template: {{spec: {{{pod}}}}}, {spec}}}}}\n---\n"
        )
    }

    fn scaler(name: &str, target: &str) -> String {
        format!(
            "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: {name}, namespace: ns}}, \
             spec: {{scaleTargetRef: {{{target}}}}}}}\n---\n"
        )
    }

    #[test]
    fn the_service_of_a_stateful_set_is_headless_when_several_pods_look_for_each_other() {
        let set = |replicas: u32| {
            workload("StatefulSet", "a", &format!("serviceName: s, replicas: {replicas}"), "containers: []")
        };
        in_objects(
            "LK050",
            &[
                (&(service("clusterIP: None") + &set(2)), &[]),
                (&(service("") + &set(1)), &[]),
                (&(service("") + &set(2)), &["the StatefulSet's Service `s` is not headless"]),
                (&set(1), &["the StatefulSet's Service `s` is not in the set"]),
                (&workload("StatefulSet", "a", "serviceName: ''", "containers: []"), &[]),
                (&workload("StatefulSet", "a", "", "containers: []"), &[]),
            ],
        );
    }

    #[test]
    fn an_autoscaler_scales_a_workload_of_the_set() {
        let with = |target: &str| workload("Deployment", "a", "", "containers: []") + &scaler("s", target);
        in_objects(
            "LK057",
            &[
                (&with("kind: Deployment, name: a"), &[]),
                (&with("kind: Deployment, name: b"), &["there is no Deployment `b` to scale"]),
                (&with("kind: StatefulSet, name: a"), &["there is no StatefulSet `a` to scale"]),
                // Kinds of others, and a set without workloads, show nothing.
                (&with("kind: Rollout, name: b"), &[]),
                (&scaler("s", "kind: Deployment, name: b"), &[]),
            ],
        );
    }

    #[test]
    fn a_workload_has_one_autoscaler() {
        let set = |other: &str| {
            workload("Deployment", "a", "", "containers: []")
                + &workload("Deployment", "b", "", "containers: []")
                + &scaler("s", "kind: Deployment, name: a")
                + &scaler("t", other)
        };
        in_objects(
            "LK057",
            &[(&set("kind: Deployment, name: b"), &[]), (&set("kind: Deployment, name: a"), &["scales the same as"])],
        );
    }

    #[test]
    fn two_workloads_take_ports_of_their_own_on_a_node() {
        let both = |one: &str, other: &str| {
            workload(
                "Deployment",
                "a",
                "",
                &format!("containers: [{{name: a, ports: [{{containerPort: 1, hostPort: 9}}]}}], {one}"),
            ) + &workload("DaemonSet", "b", "", other)
        };
        let of = |port: &str| format!("containers: [{{name: b, ports: [{{containerPort: 2, {port}}}]}}]");
        let same = of("hostPort: 9");
        in_objects(
            "LK056",
            &[
                (&both("", &same), &["want TCP port 9 of the same nodes"]),
                (&both("", &of("hostPort: 8")), &[]),
                (&both("", &of("hostPort: 9, protocol: UDP")), &[]),
                (&both("", &of("")), &[]),
                (
                    &both("", "hostNetwork: true, containers: [{name: b, ports: [{containerPort: 9}]}]"),
                    &["want TCP port 9"],
                ),
                (&both("nodeSelector: {pool: a}", &format!("{same}, nodeSelector: {{pool: b}}")), &[]),
                (&both("nodeSelector: {pool: a}", &format!("{same}, nodeSelector: {{pool: a}}")), &["want TCP port 9"]),
                // Nobody compares affinities here.
                (&both("affinity: {nodeAffinity: {}}", &same), &[]),
            ],
        );
    }
}
