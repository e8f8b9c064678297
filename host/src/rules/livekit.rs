//! Rules about LiveKit's own configuration.

use super::{Rule, place, place_of};
use crate::diagnostic::{Diagnostic, Severity};
use crate::values::Values;

pub(super) static ONE_UDP_MODE: Rule = Rule {
    code: "LK009",
    severity: Severity::Error,
    title: "media uses one UDP port or a range, not both",
    why: "LiveKit uses udp_port only when no range is set, and says nothing about the one that it ignores.",
    find: |values| {
        let Some(rtc) = &values.platform.livekit.config.rtc else { return Vec::new() };
        if rtc.udp_port.is_none() || (rtc.port_range_start.is_none() && rtc.port_range_end.is_none()) {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`livekit.config.rtc.udp_port` has no effect beside a port range");
        let range = place(values, "livekit.config.rtc.port_range_start");
        let hint = "take udp_port away, or set port_range_start and port_range_end to null";
        vec![wrong.at(place(values, "livekit.config.rtc.udp_port")).with(range, "the range wins").hint(hint)]
    },
};

pub(super) static ONE_ADDRESS: Rule = Rule {
    code: "LK010",
    severity: Severity::Error,
    title: "the server's address is discovered or given, not both",
    why: "With use_external_ip the discovered address replaces node_ip, and says nothing about it.",
    find: |values| {
        let Some(rtc) = &values.platform.livekit.config.rtc else { return Vec::new() };
        if rtc.use_external_ip != Some(true) || rtc.node_ip.is_none() {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`livekit.config.rtc.node_ip` has no effect while `use_external_ip` is true");
        let external = place(values, "livekit.config.rtc.use_external_ip");
        vec![
            wrong
                .at(place(values, "livekit.config.rtc.node_ip"))
                .with(external, "this one wins")
                .hint("set use_external_ip to false, or take node_ip away"),
        ]
    },
};

pub(super) static SERVICE_NAME: Rule = Rule {
    code: "LK014",
    severity: Severity::Error,
    title: "no Service is named livekit",
    why: "Kubernetes gives every pod of the namespace variables of its Services. A Service `livekit` makes LIVEKIT_PORT, which the \
          server reads as its own port and exits on. The rendered pods ask for no such variables; other pods of the namespace may not.",
    find: |values| {
        if values.platform.livekit.name != "livekit" {
            return Vec::new();
        }
        let wrong = Diagnostic::error("a Service named `livekit` would set LIVEKIT_PORT in the pods of the namespace");
        vec![wrong.at(place(values, "livekit.name")).hint("choose another name, as in livekit-server")]
    },
};

pub(super) static OWN_LABELS: Rule = Rule {
    code: "LK026",
    severity: Severity::Error,
    title: "the labels that find pods stay as they are",
    why: "A Deployment whose pods do not carry the labels that it selects is refused, and a ServiceMonitor that selects others \
          than its Service carries scrapes nothing.",
    find: |values| {
        let platform = &values.platform;
        let written = [
            (&["livekit", "podLabels"][..], &platform.livekit.workload.pod_labels),
            (&["livekit", "service", "labels"], &platform.livekit.service.labels),
            (&["redis", "embedded", "podLabels"], &platform.redis.embedded.workload.pod_labels),
        ];
        let found = written.into_iter().flat_map(|(path, labels)| {
            let taken = SELECTORS.into_iter().filter(|label| labels.contains_key(*label));
            taken.map(move |label| own_label(values, path, label))
        });
        found.collect()
    },
};

/// The labels by which Services, workloads and monitors find pods.
const SELECTORS: [&str; 3] = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"];

fn own_label(values: &Values, path: &[&str], label: &str) -> Diagnostic {
    let wrong = Diagnostic::error(format!("`{}` sets the label `{label}`, by which pods are found", path.join(".")));
    wrong.at(place_of(values, &[path, &[label]].concat())).hint("take it away, or choose a label of your own")
}
