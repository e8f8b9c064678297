//! Rules about the pods themselves: how they drain, how they are probed, how they find others.

use render_text::diagnostic::{Diagnostic, Severity};

use super::finished::nodes::rolling;
use super::servers::{count, text};
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&DEADLINE, &NOT_EVICTED, &CLUSTER_NAMES, &PATIENT_PROBE];

/// Kubernetes' own, in seconds.
const DEFAULT_DEADLINE: u32 = 600;
/// How long the cluster autoscaler waits for a pod of a node that it takes away, in seconds.
const AUTOSCALER_WAITS: u64 = 600;
/// Redis may be away for this long without a restart of the whole servers, in seconds.
const LEAST_PATIENCE: u32 = 60;

static DEADLINE: Rule = Rule {
    code: "LK077",
    severity: Severity::Warning,
    title: "a rollout may take as long as its drains",
    why: "On the host's network a new pod waits until an old one has drained. When that takes longer than the Deployment's \
          progressDeadlineSeconds, the rollout counts as failed, and what waits for it gives up or rolls back.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            rolling(server).filter(|_| server.on_host_network())?;
            let deadline = count(&server.workload().value, "/spec/progressDeadlineSeconds").unwrap_or(DEFAULT_DEADLINE);
            let grace = server.grace();
            let wrong = Diagnostic::warning(format!(
                "a pod of {} may drain for {grace} s, and its rollout counts as failed after {deadline} s",
                server.id()
            ));
            let hint = format!("set progressDeadlineSeconds above {grace}");
            (u64::from(deadline) <= grace).then(|| wrong.about(server.id(), "/spec/progressDeadlineSeconds").hint(hint))
        })
    }),
};

static NOT_EVICTED: Rule = Rule {
    code: "LK079",
    severity: Severity::Warning,
    title: "the cluster autoscaler leaves draining pods alone",
    why: "The cluster autoscaler takes a node away after ten minutes, whatever the grace period of the pods on it. \
          The annotation cluster-autoscaler.kubernetes.io/safe-to-evict keeps it from nodes with calls on them.",
    find: Find::Servers(|servers| {
        const SAFE: &str = "cluster-autoscaler.kubernetes.io/safe-to-evict";
        servers.each(|server| {
            let wrong = Diagnostic::warning(format!(
                "pods of {} may drain for {} s, and the cluster autoscaler waits for {AUTOSCALER_WAITS} s",
                server.id(),
                server.grace()
            ));
            let is_short = server.grace() > AUTOSCALER_WAITS && server.pod_annotation(SAFE) != Some("false");
            let at = format!("{}/metadata/annotations", server.pod.template.pointer);
            is_short.then(|| wrong.about(server.id(), at).hint(format!("annotate the pods with {SAFE}: \"false\"")))
        })
    }),
};

static CLUSTER_NAMES: Rule = Rule {
    code: "LK092",
    severity: Severity::Warning,
    title: "pods on the host's network resolve names of the cluster",
    why: "With hostNetwork the policy ClusterFirst quietly becomes the node's own resolver, which knows no Service: LiveKit does \
          not find a Redis in the cluster, and exits.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let policy = server.pod.spec.text("dnsPolicy");
            let wrong = Diagnostic::warning(format!("pods of {} cannot resolve names of the cluster", server.id()));
            let is_wrong = server.on_host_network() && matches!(policy, None | Some("ClusterFirst"));
            is_wrong.then(|| {
                wrong.about(server.id(), server.in_pod("dnsPolicy")).hint("set dnsPolicy: ClusterFirstWithHostNet")
            })
        })
    }),
};

static PATIENT_PROBE: Rule = Rule {
    code: "LK093",
    severity: Severity::Warning,
    title: "Redis may be away for a moment",
    why: "LiveKit answers GET / with an error as soon as Redis is away for seconds. A liveness probe that asks for it restarts \
          every pod at once, and ends every call that would have gone on.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let probe = server.container.get("livenessProbe")?;
            let number = |field: &str, default| count(probe.value, field).unwrap_or(default);
            let patience = number("/periodSeconds", 10).saturating_mul(number("/failureThreshold", 3));
            let is_health =
                matches!(text(probe.value, "/httpGet/path"), None | Some("/")) && probe.get("httpGet").is_some();
            let wrong = probe.wrong(format!(
                "the liveness probe of {} restarts every pod when Redis is away for {patience} s",
                server.id()
            ));
            let hint = "let livenessProbe ask tcpSocket, and keep httpGet for readinessProbe";
            (is_health && patience < LEAST_PATIENCE).then(|| wrong.hint(hint))
        })
    }),
};

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects};

    fn draining(grace: u32, pod: &str, metadata: &str, spec: &str) -> String {
        let pod = format!("terminationGracePeriodSeconds: {grace}, {pod}");
        LiveKit { pod: &pod, metadata, spec, ..LiveKit::default() }.yaml()
    }

    #[test]
    fn a_rollout_on_the_hosts_network_waits_for_a_drain() {
        let host = "hostNetwork: true";
        in_objects(
            "LK077",
            &[
                (&draining(599, host, "", ""), &[]),
                (&draining(600, host, "", ""), &["counts as failed after 600 s"]),
                (&draining(600, host, "", "progressDeadlineSeconds: 601"), &[]),
                (&draining(600, "", "", ""), &[]),
                (&draining(600, host, "", "strategy: {type: Recreate}"), &[]),
            ],
        );
    }

    #[test]
    fn the_cluster_autoscaler_waits_ten_minutes() {
        let safe = |value: &str| format!("annotations: {{cluster-autoscaler.kubernetes.io/safe-to-evict: '{value}'}}");
        in_objects(
            "LK079",
            &[
                (&draining(600, "", "", ""), &[]),
                (&draining(601, "", "", ""), &["may drain for 601 s"]),
                (&draining(601, "", &safe("false"), ""), &[]),
                (&draining(601, "", &safe("true"), ""), &["may drain for 601 s"]),
            ],
        );
    }

    #[test]
    fn pods_on_the_hosts_network_resolve_names_of_the_cluster() {
        let set = |pod: &str| LiveKit { pod, ..LiveKit::default() }.yaml();
        let lost: &[&str] = &["cannot resolve names of the cluster"];
        in_objects(
            "LK092",
            &[
                (&set("hostNetwork: true"), lost),
                (&set("hostNetwork: true, dnsPolicy: ClusterFirst"), lost),
                (&set("hostNetwork: true, dnsPolicy: ClusterFirstWithHostNet"), &[]),
                (&set("hostNetwork: true, dnsPolicy: None"), &[]),
                (&set(""), &[]),
            ],
        );
    }

    #[test]
    fn a_liveness_probe_gives_redis_a_minute() {
        let probe =
            |probe: &str| LiveKit { container: &format!("livenessProbe: {{{probe}}}"), ..LiveKit::default() }.yaml();
        in_objects(
            "LK093",
            &[
                (&probe("httpGet: {port: 7880, path: /}"), &["when Redis is away for 30 s"]),
                (&probe("httpGet: {port: 7880}"), &["when Redis is away for 30 s"]),
                (&probe("httpGet: {port: 7880}, periodSeconds: 10, failureThreshold: 6"), &[]),
                (&probe("httpGet: {port: 7880}, periodSeconds: 10, failureThreshold: 5"), &["away for 50 s"]),
                (&probe("httpGet: {port: 6789, path: /metrics}"), &[]),
                (&probe("tcpSocket: {port: 7880}"), &[]),
            ],
        );
    }
}
