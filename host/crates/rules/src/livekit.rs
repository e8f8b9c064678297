//! Rules about LiveKit's own configuration.

use std::collections::BTreeSet;

use render_platform::values::Values;
use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, finished, place, place_of};
use crate::livekit_keys::{SINCE, version};

pub(super) static RULES: &[&Rule] = &[&ONE_UDP_MODE, &ONE_ADDRESS, &SERVICE_NAME, &OWN_LABELS, &KEYS_OF_THE_IMAGE];

static ONE_UDP_MODE: Rule = Rule {
    code: "LK009",
    severity: Severity::Error,
    title: "media uses one UDP port or a range, not both",
    why: "LiveKit uses udp_port only when no range is set, and says nothing about the one that it ignores.",
    find: Find::Both(
        |values| {
            let Some(rtc) = &values.platform.livekit.config.rtc else { return Vec::new() };
            if rtc.udp_port.is_none() || (rtc.port_range_start.is_none() && rtc.port_range_end.is_none()) {
                return Vec::new();
            }
            let wrong = Diagnostic::error("`livekit.config.rtc.udp_port` has no effect beside a port range");
            let range = place(values, "livekit.config.rtc.port_range_start");
            let hint = "take udp_port away, or set port_range_start and port_range_end to null";
            vec![wrong.at(place(values, "livekit.config.rtc.udp_port")).with(range, "the range wins").hint(hint)]
        },
        finished::livekit::one_udp_mode,
    ),
};

static ONE_ADDRESS: Rule = Rule {
    code: "LK010",
    severity: Severity::Error,
    title: "the server's address is discovered or given, not both",
    why: "With use_external_ip the discovered address replaces node_ip, and says nothing about it.",
    find: Find::Both(
        |values| {
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
        finished::livekit::one_address,
    ),
};

static SERVICE_NAME: Rule = Rule {
    code: "LK014",
    severity: Severity::Error,
    title: "no Service is named livekit",
    why: "Kubernetes gives every pod of the namespace variables of its Services. A Service `livekit` makes LIVEKIT_PORT, which the \
          server reads as its own port and exits on. The rendered pods ask for no such variables; other pods of the namespace may not.",
    find: Find::Both(
        |values| {
            if values.platform.livekit.name != "livekit" {
                return Vec::new();
            }
            let wrong =
                Diagnostic::error("a Service named `livekit` would set LIVEKIT_PORT in the pods of the namespace");
            vec![wrong.at(place(values, "livekit.name")).hint("choose another name, as in livekit-server")]
        },
        finished::livekit::service_name,
    ),
};

static OWN_LABELS: Rule = Rule {
    code: "LK026",
    severity: Severity::Error,
    title: "the labels that find pods stay as they are",
    why: "A Deployment whose pods do not carry the labels that it selects is refused, and a ServiceMonitor that selects others \
          than its Service carries scrapes nothing.",
    find: Find::Values(|values| {
        let platform = &values.platform;
        let written = [
            (&["livekit", "podLabels"][..], &platform.livekit.workload.pod_labels),
            (&["livekit", "service", "labels"], &platform.livekit.service.labels),
            (&["redis", "embedded", "podLabels"], &platform.redis.embedded.workload.pod_labels),
        ];
        let of_the_user = platform.livekit.selector_labels.iter().flatten().map(|(label, _)| label.as_str());
        let finding: BTreeSet<&str> = SELECTORS.into_iter().chain(of_the_user).collect();
        let found = written.into_iter().flat_map(|(path, labels)| {
            let taken = finding.iter().filter(|label| labels.contains_key(**label));
            taken.map(move |label| own_label(values, path, label))
        });
        found.collect()
    }),
};

/// The labels by which Services, workloads and monitors find pods.
const SELECTORS: [&str; 3] = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"];

fn own_label(values: &Values, path: &[&str], label: &str) -> Diagnostic {
    let wrong = Diagnostic::error(format!("`{}` sets the label `{label}`, by which pods are found", path.join(".")));
    wrong.at(place_of(values, &[path, &[label]].concat())).hint("take it away, or choose a label of your own")
}

static KEYS_OF_THE_IMAGE: Rule = Rule {
    code: "LK028",
    severity: Severity::Warning,
    title: "the image knows every key of its configuration",
    why: "LiveKit exits at a key that it does not know. A key of a later release than the image's makes every pod restart for ever.",
    find: Find::Both(
        |values| {
            let tag = &values.platform.livekit.workload.image.tag;
            let Some(version) = version(tag) else { return Vec::new() };
            let too_new = SINCE.iter().filter(|(path, since)| version < *since && is_written(values, path));
            let finding = |(path, (major, minor, patch)): &(&str, (u32, u32, u32))| {
                let wrong = Diagnostic::warning(format!(
                    "`{path}` came with LiveKit v{major}.{minor}.{patch}, and the image is {tag}"
                ));
                wrong
                    .at(place(values, path))
                    .with(place(values, "livekit.image.tag"), "the image")
                    .hint(format!("set livekit.image.tag to v{major}.{minor}.{patch} or later, or take the key away"))
            };
            too_new.map(finding).collect()
        },
        finished::livekit::keys_of_the_image,
    ),
};

fn is_written(values: &Values, path: &str) -> bool {
    values.tree.at(&path.split('.').collect::<Vec<_>>()).is_some()
}

#[cfg(test)]
mod tests {
    use super::version;
    use crate::testing::in_values;

    #[test]
    fn a_version_has_three_numbers() {
        for (tag, numbers) in [
            ("v1.13.5", Some((1, 13, 5))),
            ("1.13.5", Some((1, 13, 5))),
            ("v1.13", None),
            ("v1.13.5.1", None),
            ("v1.13.5-rc1", None),
            ("latest", None),
            ("", None),
        ] {
            assert_eq!(version(tag), numbers, "{tag}");
        }
    }

    #[test]
    fn media_has_a_port_or_a_range() {
        let none = "port_range_start: null, port_range_end: null";
        in_values(
            "LK009",
            &[
                ("{}", &[]),
                ("livekit: {config: {rtc: {udp_port: 7882}}}", &["has no effect beside a port range"]),
                (&format!("livekit: {{config: {{rtc: {{udp_port: 7882, {none}}}}}}}"), &[]),
            ],
        );
    }

    #[test]
    fn an_address_is_given_or_discovered() {
        in_values(
            "LK010",
            &[
                ("livekit: {config: {rtc: {node_ip: 192.0.2.1}}}", &["has no effect while `use_external_ip` is true"]),
                ("livekit: {config: {rtc: {node_ip: 192.0.2.1, use_external_ip: false}}}", &[]),
                ("livekit: {externalAddress: {source: ip, ip: 192.0.2.1}}", &[]),
            ],
        );
    }

    #[test]
    fn the_server_is_not_named_livekit() {
        in_values(
            "LK014",
            &[("livekit: {name: livekit}", &["a Service named `livekit`"]), ("livekit: {name: livekit-a}", &[])],
        );
    }

    #[test]
    fn labels_that_find_pods_stay() {
        in_values(
            "LK026",
            &[
                ("livekit: {podLabels: {team: a}, service: {labels: {team: a}}}", &[]),
                ("livekit: {podLabels: {app.kubernetes.io/name: a}}", &["`livekit.podLabels` sets the label"]),
                ("livekit: {service: {labels: {app.kubernetes.io/instance: a}}}", &["`livekit.service.labels` sets"]),
                (
                    "redis: {embedded: {podLabels: {app.kubernetes.io/component: a}}}",
                    &["`redis.embedded.podLabels` sets"],
                ),
                ("livekit: {podLabels: {app.kubernetes.io/version: a}}", &[]),
                ("livekit: {selectorLabels: {team: a}, podLabels: {team: a}}", &["sets the label `team`"]),
            ],
        );
    }

    #[test]
    fn a_key_is_no_younger_than_the_image() {
        let with = |tag: &str| {
            format!("livekit: {{image: {{tag: {tag}}}, config: {{limit: {{signal_message_size_limit: 1}}}}}}")
        };
        in_values(
            "LK028",
            &[
                (&with("v1.13.5"), &["came with LiveKit v1.13.6, and the image is v1.13.5"]),
                (&with("v1.13.6"), &[]),
                (&with("latest"), &[]),
                ("livekit: {config: {limit: {num_tracks: 1}}}", &[]),
            ],
        );
    }
}
