//! What finished manifests show of the rules about autoscalers and budgets.

use render_objects::manifest::Manifest;
use render_text::diagnostic::Diagnostic;

use super::super::servers::{Servers, amount, count, list, text};

/// LK003: budgets that block every drain.
pub(crate) fn budgets(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let pods = servers.pods(server).least;
        servers.budgets(server).into_iter().filter_map(move |budget| blocked(budget, pods))
    })
}

fn blocked(budget: &Manifest, pods: u32) -> Option<Diagnostic> {
    let stay = amount(&budget.value, "/spec/minAvailable");
    let go = amount(&budget.value, "/spec/maxUnavailable");
    let (field, stays) = match (&stay, &go) {
        (Some(stay), None) => ("/spec/minAvailable", stay.rounded_up(pods)),
        (None, Some(go)) => ("/spec/maxUnavailable", pods.saturating_sub(go.rounded_up(pods))),
        (both, _) => {
            let what = if both.is_some() { "both" } else { "neither" };
            let wrong = Diagnostic::error(format!("{} has {what} of minAvailable and maxUnavailable", budget.id));
            return Some(
                wrong.about(&budget.id, "/spec").hint("set one of them; maxUnavailable: 1 lets one pod go at a time"),
            );
        }
    };
    let wrong =
        Diagnostic::error(format!("{} keeps {stays} of {pods} pods, so that no node can ever be drained", budget.id));
    let hint = "set maxUnavailable: 1, or have no budget where a single pod runs";
    (stays >= pods).then(|| wrong.about(&budget.id, field).hint(hint))
}

/// LK021: an autoscaler that measures against a request which is not there. A limit is a request, too.
pub(crate) fn requests(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let autoscaler = servers.autoscaler(server);
        let metrics = autoscaler.map(|autoscaler| list(autoscaler.value.pointer("/spec/metrics"))).unwrap_or_default();
        metrics.iter().enumerate().filter_map(move |(index, metric)| {
            let (autoscaler, resource) = (autoscaler?, text(metric, "/resource/name")?);
            let is_said =
                |field| server.container.value.pointer(field).is_some_and(|said| said.get(resource).is_some());
            let is_share = text(metric, "/resource/target/type") == Some("Utilization");
            if !is_share || is_said("/resources/requests") || is_said("/resources/limits") {
                return None;
            }
            let wrong = Diagnostic::error(format!(
                "{} measures {resource} against a request, and the pods of {} request none",
                autoscaler.id,
                server.id()
            ));
            let hint = format!("set resources.requests.{resource} of the container, or take the autoscaler away");
            Some(wrong.about(&autoscaler.id, format!("/spec/metrics/{index}")).hint(hint))
        })
    })
}

/// LK027: an autoscaler whose range is the wrong way round.
pub(crate) fn range(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let autoscaler = servers.autoscaler(server)?;
        let least = count(&autoscaler.value, "/spec/minReplicas").unwrap_or(1);
        let most = count(&autoscaler.value, "/spec/maxReplicas")?;
        let wrong = Diagnostic::error(format!("{} keeps {least} pods at least, and {most} at most", autoscaler.id));
        let hint = "raise maxReplicas, or lower minReplicas";
        (least > most).then(|| wrong.about(&autoscaler.id, "/spec/minReplicas").hint(hint))
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects};

    fn beside(kind: &str, replicas: u32, resources: &str, spec: &str) -> String {
        let beside = format!("---\n{{apiVersion: {kind}, metadata: {{name: o, namespace: media}}, spec: {{{spec}}}}}");
        let container = format!("resources: {{{resources}}}");
        LiveKit { spec: &format!("replicas: {replicas}"), container: &container, beside: &beside, ..LiveKit::default() }
            .yaml()
    }

    #[test]
    fn a_budget_lets_a_pod_go() {
        let budget = |replicas: u32, amount: &str| {
            let spec = format!("selector: {{matchLabels: {{app: lk}}}}, {amount}");
            beside("policy/v1, kind: PodDisruptionBudget", replicas, "", &spec)
        };
        let blocked: &[&str] = &["so that no node can ever be drained"];
        in_objects(
            "LK003",
            &[
                (&budget(2, "maxUnavailable: 1"), &[]),
                (&budget(2, "maxUnavailable: 0"), blocked),
                (&budget(2, "maxUnavailable: 1%"), &[]),
                (&budget(2, "maxUnavailable: 0%"), blocked),
                (&budget(2, "minAvailable: 1"), &[]),
                (&budget(2, "minAvailable: 2"), blocked),
                (&budget(1, "minAvailable: 1"), blocked),
                // Half of three pods is two.
                (&budget(3, "minAvailable: 50%"), &[]),
                (&budget(3, "minAvailable: 67%"), blocked),
                (&budget(2, "minAvailable: 1, maxUnavailable: 1"), &["has both of minAvailable and maxUnavailable"]),
                (&budget(2, ""), &["has neither of minAvailable and maxUnavailable"]),
            ],
        );
    }

    #[test]
    fn a_share_is_measured_against_a_request_or_a_limit() {
        let metric = |resources: &str, target: &str| {
            let metric = format!("{{type: Resource, resource: {{name: cpu, target: {{type: {target}}}}}}}");
            let spec = format!("scaleTargetRef: {{kind: Deployment, name: lk}}, maxReplicas: 3, metrics: [{metric}]");
            beside("autoscaling/v2, kind: HorizontalPodAutoscaler", 1, resources, &spec)
        };
        in_objects(
            "LK021",
            &[
                (&metric("requests: {cpu: 1}", "Utilization"), &[]),
                (&metric("limits: {cpu: 1}", "Utilization"), &[]),
                (&metric("requests: {memory: 1Gi}", "Utilization"), &["measures cpu against a request"]),
                (&metric("", "AverageValue"), &[]),
            ],
        );
    }

    #[test]
    fn a_range_of_pods_has_its_ends_in_order() {
        let range = |range: &str| {
            let spec = format!("scaleTargetRef: {{kind: Deployment, name: lk}}, {range}");
            beside("autoscaling/v2, kind: HorizontalPodAutoscaler", 1, "", &spec)
        };
        in_objects(
            "LK027",
            &[
                (&range("minReplicas: 2, maxReplicas: 2"), &[]),
                (&range("minReplicas: 3, maxReplicas: 2"), &["keeps 3 pods at least, and 2 at most"]),
                (&range("maxReplicas: 1"), &[]),
            ],
        );
    }
}
