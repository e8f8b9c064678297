//! Selectors: a workload's selects its own pods, and the others select something.

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::{Diagnostic, Severity};

use super::operators::{has_unseen_pods, is_label_of_operator};
use crate::selector::Selector;
use crate::view::Labels;
use crate::view::{Field, Pod, is_copy, may_be_same, of_kind, pods};
use crate::{Find, Rule};

pub(super) static OWN_PODS: Rule = Rule {
    code: "LK044",
    severity: Severity::Error,
    title: "workloads select their own pods, and one budget covers each pod",
    why: "The API server refuses a Deployment, StatefulSet, DaemonSet or ReplicaSet whose template does not carry the labels \
          that it selects, and one that selects by nothing. It refuses every eviction of a pod that two \
          PodDisruptionBudgets cover, so that no node drains.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests);
        let workloads = pods.iter().filter_map(workload_mistake);
        workloads.chain(shared_pods(finished.manifests, &pods)).collect()
    }),
};

pub(super) static SELECTS_SOMETHING: Rule = Rule {
    code: "LK051",
    severity: Severity::Warning,
    title: "a selector selects something",
    why: "A Service that selects no pod has no endpoints, a PodDisruptionBudget or a NetworkPolicy without pods protects \
          nothing, a ServiceMonitor without Services measures nothing, and a constraint on the spread of other pods than \
          its own spreads nothing. Nothing reports any of it.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests);
        let scene = Scene { manifests: finished.manifests, pods: &pods };
        let users = finished.manifests.iter().filter_map(|one| Some((one, selector(one)?)));
        let found = users.filter_map(|(one, selector)| scene.idle(one, &selector));
        found.chain(pods.iter().flat_map(|pod| scene.spread(pod))).collect()
    }),
};

/// The pods that a Service selects, as far as the set shows them.
pub(super) fn selected<'p, 'a>(service: &Field<'a>, pods: &'p [Pod<'a>]) -> Vec<&'p Pod<'a>> {
    let Some(selector) = service_selector(service) else { return Vec::new() };
    let near = pods.iter().filter(|pod| may_be_same(pod.template.namespace(), service.namespace()));
    near.filter(|pod| selector.selects(pod.labels())).collect()
}

/// The Services of its own namespace that a `ServiceMonitor` selects.
pub(super) fn monitored<'a>(monitor: &Field<'a>, manifests: &'a ManifestSet) -> Vec<Field<'a>> {
    let Some(selector) = monitor.at(&["spec", "selector"]).map(Selector::Full).filter(|_| stays_home(monitor)) else {
        return Vec::new();
    };
    let near = of_kind(manifests, "", "Service").filter(|one| may_be_same(one.namespace(), monitor.namespace()));
    near.filter(|one| selector.selects(Labels::of(one.value))).collect()
}

/// Whether a monitor looks at its own namespace and at no other.
pub(super) fn stays_home(monitor: &Field) -> bool {
    let Some(namespaces) = monitor.at(&["spec", "namespaceSelector"]) else { return true };
    let names = namespaces.list("matchNames");
    !namespaces.is("any") && names.iter().all(|name| name.value.as_str() == monitor.namespace())
}

fn service_selector<'a>(service: &Field<'a>) -> Option<Selector<'a>> {
    let spec = service.get("spec").filter(|spec| spec.text("type") != Some("ExternalName"))?;
    spec.get("selector").map(Selector::Map).filter(|selector| !selector.is_empty())
}

/// What an object selects pods or Services by; one that asks for nothing selects them all.
fn selector(manifest: &Manifest) -> Option<Selector<'_>> {
    let root = Field::root(manifest);
    let selector = match (manifest.id.group.as_str(), manifest.id.kind.as_str()) {
        ("", "Service") => return service_selector(&root),
        ("policy", "PodDisruptionBudget") => root.at(&["spec", "selector"]),
        ("networking.k8s.io", "NetworkPolicy") => root.at(&["spec", "podSelector"]),
        ("monitoring.coreos.com", "ServiceMonitor" | "PodMonitor") if stays_home(&root) => {
            root.at(&["spec", "selector"])
        }
        _ => None,
    };
    selector.map(Selector::Full).filter(|selector| !selector.is_empty())
}

fn workload_mistake(pod: &Pod) -> Option<Diagnostic> {
    let owner = pod.owner();
    let selector = Field::root(owner).at(&["spec", "selector"])?;
    let selector = match (owner.id.group.as_str(), owner.id.kind.as_str()) {
        ("apps", _) => Selector::Full(selector),
        ("", "ReplicationController") => Selector::Map(selector),
        _ => return None,
    };
    if selector.is_empty() {
        let wrong = selector.field().wrong(format!("{} selects by nothing", owner.id));
        return Some(wrong.hint("write the labels of its own pods under matchLabels"));
    }
    let (key, condition) = selector.refusals(pod.labels()).into_iter().next()?;
    let wrong = condition.wrong(format!("{} does not select its own pods", owner.id));
    Some(wrong.hint(format!("of the template's labels {}", difference(key, pod.labels()))))
}

/// The pairs of budgets that cover the same pods.
fn shared_pods(manifests: &ManifestSet, pods: &[Pod]) -> Vec<Diagnostic> {
    let budgets: Vec<Field> = of_kind(manifests, "policy", "PodDisruptionBudget").collect();
    let covers = |budget: &Field, pod: &Pod| {
        let selector = budget.at(&["spec", "selector"]).map(Selector::Full);
        selector.is_some_and(|selector| selector.selects(pod.labels()))
            && may_be_same(budget.namespace(), pod.template.namespace())
    };
    let mut found = Vec::new();
    for (index, budget) in budgets.iter().enumerate() {
        let others = budgets[..index]
            .iter()
            .filter(|one| may_be_same(one.namespace(), budget.namespace()) && !is_copy(one.manifest, budget.manifest));
        for other in others {
            let shared = pods.iter().find(|pod| covers(budget, pod) && covers(other, pod));
            found.extend(shared.map(|pod| two_budgets(budget, other, pod)));
        }
    }
    found
}

fn two_budgets(budget: &Field, other: &Field, pod: &Pod) -> Diagnostic {
    let message =
        format!("{} covers pods of {} that {} covers too", budget.manifest.id, pod.owner().id, other.manifest.id);
    let about = budget.at(&["spec", "selector"]).unwrap_or_else(|| budget.clone());
    about.wrong(message).hint("leave one of them out, or let each select pods of its own")
}

/// What can be selected, and by whom.
struct Scene<'s, 'a> {
    manifests: &'a ManifestSet,
    pods: &'s [Pod<'a>],
}

impl<'a> Scene<'_, 'a> {
    /// What to say of a selector that selects nothing.
    fn idle(&self, user: &Manifest, selector: &Selector) -> Option<Diagnostic> {
        let namespace = user.id.namespace.as_deref();
        let (what, all) =
            if user.id.kind == "ServiceMonitor" { ("Service", self.services()) } else { ("pod", self.templates()) };
        let near: Vec<_> =
            all.into_iter().filter(|(one, _)| may_be_same(one.id.namespace.as_deref(), namespace)).collect();
        let at_home = near.iter().any(|(one, _)| one.id.namespace == user.id.namespace && !is_temporary(one));
        let unseen =
            has_unseen_pods(self.manifests, namespace) || selector.keys().iter().any(|key| is_label_of_operator(key));
        if !at_home || unseen || near.iter().any(|(_, labels)| could_select(selector, *labels)) {
            return None;
        }
        let (nearest, labels) = near.iter().min_by_key(|(_, labels)| selector.refusals(*labels).len())?;
        let (key, condition) = selector.refusals(*labels).into_iter().next()?;
        let wrong = condition.wrong(format!("{} selects no {what} of those beside it", user.id));
        let whose = if what == "pod" { "'s pods" } else { "" };
        Some(wrong.hint(format!("{}{whose} would do, if not for this: {}", nearest.id, difference(key, *labels))))
    }

    /// What to say of constraints on where a pod goes that do not look at what they are for.
    fn spread(&self, pod: &Pod) -> Vec<Diagnostic> {
        let labels = pod.labels();
        let constraints = pod.spec.list("topologySpreadConstraints").into_iter();
        let constraints = constraints.filter_map(|one| {
            let (key, condition) = Selector::Full(one.get("labelSelector")?).refusals(labels).into_iter().next()?;
            let wrong = condition.wrong("the constraint does not count the pods that it spreads");
            Some(wrong.hint(format!("of the pods' own labels {}", difference(key, labels))))
        });
        constraints.chain(terms(pod).iter().filter_map(|term| self.apart(pod, term))).collect()
    }

    /// Pods may keep away from others; those that are nearly like themselves, and nowhere, are a mistake.
    fn apart(&self, pod: &Pod, term: &Field) -> Option<Diagnostic> {
        if term.get("namespaces").or_else(|| term.get("namespaceSelector")).is_some() {
            return None;
        }
        let selector = Selector::Full(term.get("labelSelector")?);
        let refusals = selector.refusals(pod.labels());
        let is_like = refusals.len() < selector.keys().len();
        if !is_like || self.pods.iter().any(|other| selector.selects(other.labels())) {
            return None;
        }
        let (key, condition) = refusals.into_iter().next()?;
        let wrong = condition.wrong("the pods keep away from pods that are not in the set, and not from each other");
        Some(wrong.hint(format!("of the pods' own labels {}", difference(key, pod.labels()))))
    }

    fn templates(&self) -> Vec<(&'a Manifest, Labels<'a>)> {
        self.pods.iter().map(|pod| (pod.owner(), pod.labels())).collect()
    }

    fn services(&self) -> Vec<(&'a Manifest, Labels<'a>)> {
        of_kind(self.manifests, "", "Service").map(|one| (one.manifest, Labels::of(one.value))).collect()
    }
}

/// The terms of a pod's anti-affinity.
fn terms<'a>(pod: &Pod<'a>) -> Vec<Field<'a>> {
    let Some(affinity) = pod.spec.at(&["affinity", "podAntiAffinity"]) else { return Vec::new() };
    let preferred = affinity.list("preferredDuringSchedulingIgnoredDuringExecution");
    let preferred = preferred.iter().filter_map(|one| one.get("podAffinityTerm"));
    affinity.list("requiredDuringSchedulingIgnoredDuringExecution").into_iter().chain(preferred).collect()
}

fn is_temporary(manifest: &Manifest) -> bool {
    Pod::of(manifest).is_some_and(|pod| pod.is_temporary())
}

/// Whether a selector selects what has these labels, or may once more labels were added to them: the
/// leader of several pods is often marked so.
fn could_select(selector: &Selector, labels: Labels) -> bool {
    let refusals = selector.refusals(labels);
    let only_more = refusals.iter().all(|(key, _)| labels.get(key).is_none());
    refusals.is_empty() || only_more && refusals.len() < selector.keys().len()
}

/// What the labels say instead of what is asked for.
fn difference(key: &str, labels: Labels) -> String {
    labels.get(key).map_or_else(|| format!("none is `{key}`"), |value| format!("`{key}` is `{value}`"))
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn workload(kind: &str, selector: &str, labels: &str) -> String {
        format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: w, namespace: ns}}, \
             spec: {{selector: {selector}, template: {{metadata: {{labels: {labels}}}, spec: {{containers: []}}}}}}}}"
        )
    }

    fn pod(labels: &str, spec: &str) -> String {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: ns, labels: {labels}}}, spec: {{containers: [], {spec}}}}}\n---\n"
        )
    }

    fn beside(object: &str, namespace: &str, spec: &str) -> String {
        let (api_version, kind) = object.rsplit_once(' ').unwrap();
        pod("{app: a, tier: web}", "")
            + &format!(
                "{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: o, namespace: {namespace}}}, spec: {{{spec}}}}}"
            )
    }

    #[test]
    fn a_workload_selects_its_own_pods() {
        let expression = |operator: &str, values: &str| {
            workload(
                "Deployment",
                &format!("{{matchExpressions: [{{key: app, operator: {operator}, values: {values}}}]}}"),
                "{app: a}",
            )
        };
        let refused: &[&str] = &["does not select its own pods"];
        in_objects(
            "LK044",
            &[
                (&workload("Deployment", "{matchLabels: {app: a}}", "{app: a, b: c}"), &[]),
                (&workload("DaemonSet", "{matchLabels: {app: a}}", "{app: b}"), refused),
                (&workload("StatefulSet", "{matchLabels: {app: a, b: c}}", "{app: a}"), refused),
                (&workload("ReplicaSet", "{}", "{app: a}"), &["selects by nothing"]),
                (&expression("In", "[a, b]"), &[]),
                (&expression("In", "[b]"), refused),
                (&expression("NotIn", "[b]"), &[]),
                (&expression("NotIn", "[a]"), refused),
                (&expression("Exists", "[]"), &[]),
                (&expression("DoesNotExist", "[]"), refused),
            ],
        );
    }

    #[test]
    fn the_selector_of_another_kind_is_its_controllers_affair() {
        let job = "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, \
                   spec: {selector: {matchLabels: {a: b}}, template: {spec: {containers: []}}}}";
        in_objects("LK044", &[(job, &[])]);
    }

    #[test]
    fn one_budget_covers_a_pod() {
        let budget = |name: &str, namespace: &str, label: &str| {
            format!(
                "{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: {name}, namespace: {namespace}}}, \
                 spec: {{selector: {{matchLabels: {{{label}}}}}}}}}\n---\n"
            )
        };
        let pods = pod("{app: a, tier: web}", "");
        in_objects(
            "LK044",
            &[
                (&(budget("a", "ns", "app: a") + &budget("b", "ns", "app: b") + &pods), &[]),
                (&(budget("a", "ns", "app: a") + &budget("b", "ns", "tier: web") + &pods), &["covers pods of"]),
                (&(budget("a", "ns", "app: a") + &budget("b", "m", "tier: web") + &pods), &[]),
                (&(budget("a", "ns", "app: a") + &budget("b", "ns", "app: a")), &[]),
            ],
        );
    }

    #[test]
    fn what_selects_pods_selects_one_of_its_namespace() {
        let none: &[&str] = &["selects no pod of those beside it"];
        in_objects(
            "LK051",
            &[
                (&beside("v1 Service", "ns", "selector: {app: a}"), &[]),
                (&beside("v1 Service", "ns", "selector: {app: b}"), none),
                (&beside("v1 Service", "ns", "selector: {}"), &[]),
                (&beside("v1 Service", "ns", "selector: {app: b}, type: ExternalName"), &[]),
                (&beside("policy/v1 PodDisruptionBudget", "ns", "selector: {matchLabels: {app: b}}"), none),
                (&beside("networking.k8s.io/v1 NetworkPolicy", "ns", "podSelector: {matchLabels: {app: b}}"), none),
                (&beside("networking.k8s.io/v1 NetworkPolicy", "ns", "podSelector: {}"), &[]),
                // The set has no pods in that namespace, so others bring them.
                (&beside("v1 Service", "m", "selector: {app: b}"), &[]),
                // The leader of several pods gets such a label while it runs.
                (&beside("v1 Service", "ns", "selector: {app: a, role: leader}"), &[]),
                (&beside("v1 Service", "ns", "selector: {role: leader}"), none),
                (&beside("v1 Service", "ns", "selector: {gateway.networking.k8s.io/gateway-name: a}"), &[]),
            ],
        );
    }

    #[test]
    fn a_monitor_selects_services_or_pods_where_it_looks() {
        let service = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: ns, labels: {app: s}}}\n---\n";
        let monitor = |kind: &str, spec: &str| {
            service.to_owned() + &beside(&format!("monitoring.coreos.com/v1 {kind}"), "ns", spec)
        };
        in_objects(
            "LK051",
            &[
                (&monitor("ServiceMonitor", "selector: {matchLabels: {app: s}}"), &[]),
                (&monitor("ServiceMonitor", "selector: {matchLabels: {app: a}}"), &["selects no Service of those"]),
                (&monitor("PodMonitor", "selector: {matchLabels: {app: a}}"), &[]),
                (&monitor("PodMonitor", "selector: {matchLabels: {app: s}}"), &["selects no pod of those"]),
                (&monitor("ServiceMonitor", "namespaceSelector: {any: true}, selector: {matchLabels: {app: a}}"), &[]),
                (
                    &monitor(
                        "ServiceMonitor",
                        "namespaceSelector: {matchNames: [m]}, selector: {matchLabels: {app: a}}",
                    ),
                    &[],
                ),
                (
                    &monitor(
                        "ServiceMonitor",
                        "namespaceSelector: {matchNames: [ns]}, selector: {matchLabels: {app: a}}",
                    ),
                    &["selects no Service"],
                ),
            ],
        );
    }

    #[test]
    fn pods_are_spread_among_their_like() {
        let constraint = |label: &str| {
            pod(
                "{app: a, tier: web}",
                &format!("topologySpreadConstraints: [{{labelSelector: {{matchLabels: {{{label}}}}}}}]"),
            )
        };
        let apart = |label: &str, more: &str| {
            let term = format!("{{labelSelector: {{matchLabels: {{{label}}}}}, {more}}}");
            pod(
                "{app: a, tier: web}",
                &format!("affinity: {{podAntiAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: [{term}]}}}}"),
            )
        };
        in_objects(
            "LK051",
            &[
                (&constraint("app: a"), &[]),
                (&constraint("app: b"), &["the constraint does not count the pods that it spreads"]),
                (&apart("app: a", ""), &[]),
                (&apart("app: a, tier: wed", ""), &["the pods keep away from pods that are not in the set"]),
                // Keeping away from other pods is right.
                (&apart("app: b", ""), &[]),
                (&apart("app: a, tier: wed", "namespaces: [m]"), &[]),
            ],
        );
    }
}
