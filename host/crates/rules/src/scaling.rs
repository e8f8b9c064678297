//! Rules about how many pods there are, and how many may go at once.

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::nodes::fewest_pods;
use super::servers::{Server, Servers, amount, list, text};
use super::{Find, Rule, place};

pub(super) static RULES: &[&Rule] = &[&HAS_BUDGET, &ONE_AT_A_TIME, &BUDGET_LETS_FEW_GO];

const BUDGET: &str = "scaling.podDisruptionBudget";

static HAS_BUDGET: Rule = Rule {
    code: "LK060",
    severity: Severity::Error,
    title: "several pods have a PodDisruptionBudget",
    why: "Without one an upgrade of the cluster may drain all nodes at once: every pod gets its signal to end at the same time, \
          and nowhere is a new room let in.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let (path, pods) = fewest_pods(platform);
            if !platform.livekit.enabled || pods < 2 || platform.scaling.pod_disruption_budget.enabled {
                return Vec::new();
            }
            let wrong = Diagnostic::error(format!("{pods} pods or more run, and a drain may take all of them at once"));
            let enabled = place(values, &format!("{BUDGET}.enabled"));
            vec![
                wrong
                    .at(place(values, path))
                    .with(enabled, "no budget")
                    .hint(format!("set {BUDGET}.enabled to true and maxUnavailable to 1")),
            ]
        },
        |servers| {
            servers.each(|server| {
                let pods = servers.pods(server).least;
                let wrong = Diagnostic::error(format!(
                    "{pods} pods or more of {} run, and no PodDisruptionBudget keeps a drain from taking all at once",
                    server.id()
                ));
                let hint = "add a PodDisruptionBudget with maxUnavailable: 1 that selects its pods";
                (pods > 1 && servers.budgets(server).is_empty()).then(|| wrong.about(server.id(), "/spec").hint(hint))
            })
        },
    ),
};

static ONE_AT_A_TIME: Rule = Rule {
    code: "LK078",
    severity: Severity::Warning,
    title: "an autoscaler takes pods away one at a time",
    why: "By default a HorizontalPodAutoscaler ends all pods above what it wants at once. Each drains for hours and takes no new \
          room, so that a short lull leaves few pods for the load that comes back.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let autoscaler = servers.autoscaler(server)?;
            let wrong = Diagnostic::warning(format!("{} may end all surplus pods at once", autoscaler.id));
            let hint = "set behavior.scaleDown.policies to one policy of type Pods with value 1";
            (!is_slow(autoscaler)).then(|| wrong.about(&autoscaler.id, "/spec/behavior/scaleDown").hint(hint))
        })
    }),
};

fn is_slow(autoscaler: &Manifest) -> bool {
    let policies = list(autoscaler.value.pointer("/spec/behavior/scaleDown/policies"));
    let is_one = |policy: &serde_json::Value| {
        text(policy, "/type") == Some("Pods") && policy.get("value").and_then(serde_json::Value::as_u64) == Some(1)
    };
    let select = text(&autoscaler.value, "/spec/behavior/scaleDown/selectPolicy");
    match select {
        Some("Disabled") => true,
        Some("Min") => policies.iter().any(is_one),
        _ => !policies.is_empty() && policies.iter().all(is_one),
    }
}

static BUDGET_LETS_FEW_GO: Rule = Rule {
    code: "LK091",
    severity: Severity::Warning,
    title: "a budget lets few pods go at once, however many run",
    why: "minAvailable counts from below: 2 of ten pods let eight go at once, although 2 of three let only one. maxUnavailable: 1 \
          says what is meant at every number of pods.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let (budget, most) = (&platform.scaling.pod_disruption_budget, platform.most_pods());
            let stay = budget.min_available.as_ref().filter(|_| budget.enabled && platform.livekit.enabled);
            let go = stay.map_or(0, |stay| most.saturating_sub(stay.rounded_up(most)));
            if !are_many(go, most) {
                return Vec::new();
            }
            let path = format!("{BUDGET}.minAvailable");
            let wrong = Diagnostic::warning(format!("`{path}` lets {go} of {most} pods go at once"));
            let hint = "set maxUnavailable to 1 instead; or silence LK091 with the reason";
            vec![wrong.at(place(values, &path)).hint(hint)]
        },
        |servers| servers.each(|server| lax_budgets(servers, server)),
    ),
};

fn lax_budgets<'a>(servers: &Servers<'a>, server: &Server<'a>) -> Vec<Diagnostic> {
    let most = servers.pods(server).most;
    let lax = |budget: &'a Manifest| {
        let go = most.saturating_sub(amount(&budget.value, "/spec/minAvailable")?.rounded_up(most));
        let wrong = Diagnostic::warning(format!("{} lets {go} of {most} pods go at once", budget.id));
        are_many(go, most)
            .then(|| wrong.about(&budget.id, "/spec/minAvailable").hint("set maxUnavailable to 1 instead"))
    };
    servers.budgets(server).into_iter().filter_map(lax).collect()
}

/// More than half of the pods, where that is more than one.
fn are_many(go: u32, most: u32) -> bool {
    go > 1 && go * 2 > most
}

#[cfg(test)]
mod tests {
    use super::are_many;
    use crate::testing::{LiveKit, in_objects, in_values};

    fn beside(replicas: u32, object: &str) -> String {
        LiveKit { spec: &format!("replicas: {replicas}"), beside: &format!("---\n{object}"), ..LiveKit::default() }
            .yaml()
    }

    fn budget(namespace: &str, label: &str, amount: &str) -> String {
        format!(
            "{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{name: b, namespace: {namespace}}}, \
             spec: {{selector: {{matchLabels: {{{label}}}}}, {amount}}}}}"
        )
    }

    #[test]
    fn more_than_half_and_more_than_one_are_many() {
        for (go, most, many) in
            [(1, 1, false), (1, 2, false), (2, 2, true), (2, 3, true), (2, 4, false), (3, 4, true), (0, 0, false)]
        {
            assert_eq!(are_many(go, most), many, "{go} of {most}");
        }
    }

    #[test]
    fn several_pods_have_a_budget() {
        in_values(
            "LK060",
            &[
                ("livekit: {replicas: 1}", &[]),
                ("livekit: {replicas: 2}", &["2 pods or more run"]),
                ("livekit: {replicas: 2}\nscaling: {podDisruptionBudget: {enabled: true}}", &[]),
                ("scaling: {horizontalPodAutoscaler: {enabled: true, minReplicas: 1, maxReplicas: 3}}", &[]),
            ],
        );
        let missing: &[&str] = &["no PodDisruptionBudget keeps a drain from taking all at once"];
        in_objects(
            "LK060",
            &[
                (&beside(1, ""), &[]),
                (&beside(2, ""), missing),
                (&beside(2, &budget("media", "app: lk", "maxUnavailable: 1")), &[]),
                (&beside(2, &budget("media", "app: other", "maxUnavailable: 1")), missing),
                (&beside(2, &budget("other", "app: lk", "maxUnavailable: 1")), missing),
            ],
        );
    }

    #[test]
    fn an_autoscaler_takes_one_pod_at_a_time() {
        let scaler = |down: &str| {
            let spec = format!("scaleTargetRef: {{kind: Deployment, name: lk}}, behavior: {{scaleDown: {{{down}}}}}");
            beside(
                1,
                &format!(
                    "{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a, namespace: media}}, spec: {{{spec}}}}}"
                ),
            )
        };
        let (one, two) = ("{type: Pods, value: 1}", "{type: Pods, value: 2}");
        let fast: &[&str] = &["may end all surplus pods at once"];
        in_objects(
            "LK078",
            &[
                (&scaler(&format!("policies: [{one}]")), &[]),
                (&scaler(&format!("policies: [{two}]")), fast),
                (&scaler("policies: [{type: Percent, value: 1}]"), fast),
                (&scaler(&format!("policies: [{one}, {two}]")), fast),
                (&scaler(&format!("selectPolicy: Min, policies: [{one}, {two}]")), &[]),
                (&scaler("selectPolicy: Disabled"), &[]),
                (&scaler(""), fast),
            ],
        );
    }

    #[test]
    fn a_budget_lets_few_pods_go() {
        let values = |replicas: u32, amount: &str| {
            format!("livekit: {{replicas: {replicas}}}\nscaling: {{podDisruptionBudget: {{enabled: true, {amount}}}}}")
        };
        in_values(
            "LK091",
            &[
                (&values(4, "minAvailable: 2"), &[]),
                (&values(4, "minAvailable: 1"), &["lets 3 of 4 pods go at once"]),
                (&values(2, "minAvailable: 1"), &[]),
                (&values(4, "maxUnavailable: 4"), &[]),
            ],
        );
        in_objects(
            "LK091",
            &[
                (&beside(4, &budget("media", "app: lk", "minAvailable: 2")), &[]),
                (&beside(4, &budget("media", "app: lk", "minAvailable: 1")), &["lets 3 of 4 pods go at once"]),
                (&beside(4, &budget("media", "app: lk", "minAvailable: 50%")), &[]),
                (&beside(4, &budget("media", "app: other", "minAvailable: 1")), &[]),
            ],
        );
    }
}
