//! Rules about nodes: with host networking each pod needs a node of its own.

use render_platform::values::cluster::PodSecurity;
use render_platform::values::scaling::PodDisruptionBudget;
use render_platform::values::{Platform, Values};
use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, finished, later_first, place};

const POOL: &str = "cluster.nodePool.totalMaxNodeCount";

pub(super) static RULES: &[&Rule] = &[
    &REPLICAS_FIT,
    &AUTOSCALER_CAPPED,
    &BUDGET_LETS_DRAIN,
    &SPARE_NODE,
    &ROLLOUT_FITS,
    &PUBLIC_NODES,
    &PRIVILEGED_NAMESPACE,
    &SPOT_GRACE,
    &AUTOSCALER_HAS_REQUESTS,
    &AUTOSCALER_HAS_RANGE,
];

static REPLICAS_FIT: Rule = Rule {
    code: "LK001",
    severity: Severity::Error,
    title: "no more pods than nodes",
    why: "With host networking two LiveKit pods cannot share a node, because they would share its ports. Pods beyond the \
          number of nodes stay Pending for ever, and a rollout never ends.",
    find: Find::Values(|values| {
        let Some(nodes) = nodes(&values.platform) else { return Vec::new() };
        let replicas = ("livekit.replicas", values.platform.livekit.replicas);
        // With an autoscaler its own minimum counts; replicas that say something else are wrong all the same.
        let least = Some(fewest_pods(&values.platform)).filter(|(_, least)| *least != replicas.1);
        let asking = [Some(replicas), least].into_iter().flatten().filter(|(_, pods)| *pods > nodes);
        asking.map(|(path, pods)| too_many(values, path, pods, nodes)).collect()
    }),
};

static AUTOSCALER_CAPPED: Rule = Rule {
    code: "LK002",
    severity: Severity::Warning,
    title: "maxReplicas is capped at the number of nodes",
    why: "A HorizontalPodAutoscaler that may outgrow the node pool asks for pods that never start. The rendered one is \
          capped; the warning is there because the file says otherwise. It is found where the cap is computed.",
    find: Find::Values(|_| Vec::new()),
};

static BUDGET_LETS_DRAIN: Rule = Rule {
    code: "LK003",
    severity: Severity::Error,
    title: "a PodDisruptionBudget leaves room for a drain",
    why: "A budget that allows no eviction blocks every drain of a node: upgrades of the cluster hang until someone deletes \
          the budget by hand.",
    find: Find::Both(
        |values| {
            let budget = &values.platform.scaling.pod_disruption_budget;
            if budget.enabled { budget_mistakes(values, budget) } else { Vec::new() }
        },
        finished::scaling::budgets,
    ),
};

static SPARE_NODE: Rule = Rule {
    code: "LK004",
    severity: Severity::Warning,
    title: "a node stays free for pods that drain",
    why: "A terminating pod keeps its ports and its node until its rooms are empty, up to the grace period. With as many pods \
          as nodes, each replacement is Pending until then, one after another.",
    find: Find::Both(
        |values| {
            let autoscaler = &values.platform.scaling.horizontal_pod_autoscaler;
            let (Some(nodes), true, Some(most)) =
                (nodes(&values.platform), autoscaler.enabled, autoscaler.max_replicas)
            else {
                return Vec::new();
            };
            let path = "scaling.horizontalPodAutoscaler.maxReplicas";
            if most < nodes {
                return Vec::new();
            }
            let full = Diagnostic::warning(format!(
                "at {most} pods no node is free, so a rollout waits for each pod to drain"
            ));
            let hint = format!(
                "set maxReplicas to {} or raise {POOL}; or silence LK004 with the reason why waiting is right",
                nodes.saturating_sub(1)
            );
            vec![full.at(place(values, path)).with(place(values, POOL), "the most nodes").hint(hint)]
        },
        finished::nodes::spare_node,
    ),
};

static ROLLOUT_FITS: Rule = Rule {
    code: "LK005",
    severity: Severity::Error,
    title: "a rollout does not need a node that is not there",
    why: "A surge pod needs a free node. With maxUnavailable 0 on a full pool the rollout neither starts a new pod nor stops \
          an old one, and hangs.",
    find: Find::Both(
        |values| {
            let livekit = &values.platform.livekit;
            let Some(update) = livekit.strategy.rolling().filter(|_| livekit.enabled && livekit.host_network) else {
                return Vec::new();
            };
            let (_, pods) = fewest_pods(&values.platform);
            let stuck = update.keeps_every_pod(pods);
            let full = nodes(&values.platform).is_none_or(|nodes| nodes <= values.platform.most_pods());
            if !stuck || !full {
                return Vec::new();
            }
            let path = "livekit.strategy.rollingUpdate";
            let wrong = Diagnostic::error(format!(
                "`{path}` lets no pod go before a new one runs, and no node is free for a new one"
            ));
            vec![
                wrong
                    .at(place(values, &format!("{path}.maxUnavailable")))
                    .hint("set maxUnavailable to 1 and maxSurge to 0"),
            ]
        },
        finished::nodes::rollout,
    ),
};

static PUBLIC_NODES: Rule = Rule {
    code: "LK012",
    severity: Severity::Error,
    title: "host networking needs nodes with public addresses",
    why: "LiveKit tells clients the node's address. A private one cannot be reached, so calls connect and stay silent.",
    find: Find::Values(|values| {
        let platform = &values.platform;
        if !(platform.livekit.enabled && platform.livekit.host_network && platform.cluster.private_nodes) {
            return Vec::new();
        }
        let wrong = Diagnostic::error(
            "media goes straight to the nodes, and `cluster.privateNodes` says that they have no public address",
        );
        vec![
            wrong
                .at(place(values, "cluster.privateNodes"))
                .with(place(values, "livekit.hostNetwork"), "pods use the node's network")
                .hint("use nodes with public addresses, or set livekit.hostNetwork to false behind a TURN gateway"),
        ]
    }),
};

static PRIVILEGED_NAMESPACE: Rule = Rule {
    code: "LK013",
    severity: Severity::Error,
    title: "the namespace admits pods on the host's network",
    why: "Pod Security refuses pods on the host's network at the levels baseline and restricted: the Deployment is accepted, \
          and no pod of it ever appears.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let label = platform.namespace.labels.get("pod-security.kubernetes.io/enforce").map(String::as_str);
            let refused = match label {
                Some(level) => level != "privileged",
                None => platform.namespace.pod_security.is_some_and(|level| level != PodSecurity::Privileged),
            };
            if !(platform.livekit.enabled && platform.livekit.host_network && refused) {
                return Vec::new();
            }
            let path = if label.is_some() { "namespace.labels" } else { "namespace.podSecurity" };
            let wrong = Diagnostic::error("the namespace would refuse LiveKit's pods, which use the host's network");
            vec![wrong.at(place(values, path)).hint("set namespace.podSecurity to privileged, or leave it out")]
        },
        finished::nodes::namespace,
    ),
};

static SPOT_GRACE: Rule = Rule {
    code: "LK015",
    severity: Severity::Warning,
    title: "spot nodes cut the drain short",
    why: "A provider takes a spot node away within 30 seconds, whatever the grace period says: every room on it ends.",
    find: Find::Both(
        |values| {
            let grace = values.platform.livekit.workload.termination_grace_period_seconds;
            if !(values.platform.livekit.enabled && values.platform.cluster.node_pool.spot && grace > 30) {
                return Vec::new();
            }
            let wrong =
                Diagnostic::warning(format!("pods may drain for {grace} s, and a spot node is gone after 30 s"));
            vec![
                wrong
                    .at(place(values, "cluster.nodePool.spot"))
                    .with(place(values, "livekit.terminationGracePeriodSeconds"), "the grace period")
                    .hint("use nodes that stay, or silence LK015 where rooms may end at any time"),
            ]
        },
        finished::nodes::spot,
    ),
};

static AUTOSCALER_HAS_REQUESTS: Rule = Rule {
    code: "LK021",
    severity: Severity::Error,
    title: "an autoscaler has something to measure against",
    why: "Utilization is a share of what a pod requests. Without a request the HorizontalPodAutoscaler reports an error and \
          never scales.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let autoscaler = &platform.scaling.horizontal_pod_autoscaler;
            let requests = platform.livekit.workload.resources.as_ref().map(|resources| &resources.requests);
            let targets = [
                ("cpu", "CPU", autoscaler.target_cpu_utilization_percentage),
                ("memory", "Memory", autoscaler.target_memory_utilization_percentage),
            ];
            let missing = targets.into_iter().filter(|(resource, _, target)| {
                target.is_some() && !requests.is_some_and(|requests| requests.contains_key(*resource))
            });
            let finding = |(resource, word, _): (&str, &str, _)| {
                let path = format!("scaling.horizontalPodAutoscaler.target{word}UtilizationPercentage");
                let wrong = Diagnostic::error(format!(
                    "the autoscaler measures {resource} against a request, and pods request none"
                ));
                let (said, _) = later_first(values, &path, "scaling.horizontalPodAutoscaler.enabled");
                wrong.at(said).hint(format!("set livekit.resources.requests.{resource}, or switch the autoscaler off"))
            };
            if autoscaler.enabled && platform.livekit.enabled { missing.map(finding).collect() } else { Vec::new() }
        },
        finished::scaling::requests,
    ),
};

static AUTOSCALER_HAS_RANGE: Rule = Rule {
    code: "LK027",
    severity: Severity::Error,
    title: "an autoscaler has a range of pods",
    why: "Kubernetes refuses a HorizontalPodAutoscaler without a most number of pods, with fewer than one at least, or with \
          more at least than at most.",
    find: Find::Both(
        |values| {
            let autoscaler = &values.platform.scaling.horizontal_pod_autoscaler;
            if !autoscaler.enabled || !values.platform.livekit.enabled {
                return Vec::new();
            }
            range_mistake(values, fewest_pods(&values.platform), autoscaler.max_replicas).into_iter().collect()
        },
        finished::scaling::range,
    ),
};

fn range_mistake(values: &Values, (path, least): (&str, u32), most: Option<u32>) -> Option<Diagnostic> {
    let most_path = "scaling.horizontalPodAutoscaler.maxReplicas";
    let Some(most) = most else {
        let wrong =
            Diagnostic::error(format!("the autoscaler is enabled, and neither `{most_path}` nor `{POOL}` is set"));
        let enabled = place(values, "scaling.horizontalPodAutoscaler.enabled");
        return Some(wrong.at(enabled).hint("set maxReplicas, or the most nodes of the pool"));
    };
    let (at_least, at_most) = (place(values, path), place(values, most_path));
    if least == 0 {
        let wrong = Diagnostic::error("the autoscaler would keep 0 pods at least, and it needs 1");
        return Some(wrong.at(at_least).hint("set livekit.replicas or minReplicas to 1 or more"));
    }
    // Where the nodes are the cap, LK001 says so.
    let capped = nodes(&values.platform).is_some_and(|nodes| least > nodes);
    let wrong = Diagnostic::error(format!("the autoscaler keeps {least} pods at least, and {most} at most"));
    let hint = "raise maxReplicas, or lower minReplicas";
    (least > most && !capped).then(|| wrong.at(at_least).with(at_most, "the most").hint(hint))
}

/// The most nodes there are, where the number of nodes limits the number of pods.
fn nodes(platform: &Platform) -> Option<u32> {
    let limited = platform.livekit.enabled && platform.livekit.host_network;
    platform.cluster.node_pool.total_max_node_count.filter(|_| limited)
}

fn too_many(values: &Values, path: &str, pods: u32, nodes: u32) -> Diagnostic {
    Diagnostic::error(format!("`{path}` asks for {pods} pods, and there are at most {nodes} nodes"))
        .at(place(values, path))
        .with(place(values, POOL), format!("each pod needs a node of its own, and there are {nodes} at most"))
        .hint(format!("lower it to {nodes} or less, or raise {POOL}"))
}

/// The fewest pods that should run, and the value that says so.
pub(super) fn fewest_pods(platform: &Platform) -> (&'static str, u32) {
    let autoscaler = &platform.scaling.horizontal_pod_autoscaler;
    match autoscaler.min_replicas.filter(|_| autoscaler.enabled) {
        Some(least) => ("scaling.horizontalPodAutoscaler.minReplicas", least),
        None => ("livekit.replicas", platform.livekit.replicas),
    }
}

fn budget_mistakes(values: &Values, budget: &PodDisruptionBudget) -> Vec<Diagnostic> {
    let path = "scaling.podDisruptionBudget";
    let (replicas_path, pods) = fewest_pods(&values.platform);
    let stays = match (&budget.min_available, &budget.max_unavailable) {
        (Some(stay), None) => stay.rounded_up(pods),
        (None, Some(go)) => pods.saturating_sub(go.rounded_up(pods)),
        (both, _) => {
            let what = if both.is_some() { "both" } else { "neither" };
            let wrong = Diagnostic::error(format!("`{path}` has {what} of minAvailable and maxUnavailable"));
            return vec![
                wrong.at(place(values, path)).hint("set one of them; maxUnavailable: 1 lets one pod go at a time"),
            ];
        }
    };
    if stays < pods {
        return Vec::new();
    }
    let (key, what, instead) = match budget.min_available {
        Some(_) => ("minAvailable", format!("keeps {stays} of {pods} pods"), "keep fewer pods than run"),
        None => ("maxUnavailable", format!("lets 0 of {pods} pods go"), "let 1 go at a time"),
    };
    let wrong = Diagnostic::error(format!("`{path}.{key}` {what}, so that no node can ever be drained"));
    vec![
        wrong
            .at(place(values, &format!("{path}.{key}")))
            .with(place(values, replicas_path), format!("as few as {pods} pods run"))
            .hint(format!("{instead}, or disable the budget where a single pod runs")),
    ]
}

#[cfg(test)]
mod tests {
    use render_platform::values::livekit::RollingUpdate;

    use crate::testing::in_values;

    fn pool(nodes: u32, rest: &str) -> String {
        format!("cluster: {{nodePool: {{totalMaxNodeCount: {nodes}}}}}\n{rest}")
    }

    fn autoscaled(least: u32, most: u32) -> String {
        format!("scaling: {{horizontalPodAutoscaler: {{enabled: true, minReplicas: {least}, maxReplicas: {most}}}}}")
    }

    #[test]
    fn a_rollout_moves_when_shares_come_to_nothing() {
        let update = |surge: &str, unavailable: &str| {
            let amount = |text: &str| serde_json::from_str(text).unwrap();
            RollingUpdate { max_surge: amount(surge), max_unavailable: amount(unavailable) }
        };
        for (surge, unavailable, keeps) in [
            ("0", "1", false),
            ("1", "0", true),
            ("0", "0", true),
            ("0", r#""25%""#, false),
            (r#""25%""#, r#""25%""#, true),
            ("1", r#""50%""#, false),
        ] {
            assert_eq!(update(surge, unavailable).keeps_every_pod(3), keeps, "{surge} {unavailable}");
        }
    }

    #[test]
    fn as_many_pods_as_nodes_fit() {
        in_values(
            "LK001",
            &[
                (&pool(2, "livekit: {replicas: 2}"), &[]),
                (&pool(2, "livekit: {replicas: 3}"), &["`livekit.replicas` asks for 3 pods"]),
                (&pool(2, "livekit: {replicas: 3, hostNetwork: false}"), &[]),
                ("livekit: {replicas: 3}", &[]),
                (&pool(2, &autoscaled(2, 2)), &[]),
                (&pool(2, &autoscaled(3, 4)), &["minReplicas` asks for 3 pods"]),
            ],
        );
    }

    #[test]
    fn the_most_pods_are_capped_at_the_nodes() {
        in_values(
            "LK002",
            &[(&pool(2, &autoscaled(1, 3)), &["is capped from 3 to 2"]), (&pool(2, &autoscaled(1, 2)), &[])],
        );
    }

    #[test]
    fn a_node_stays_free() {
        let full: &[&str] = &["at 3 pods no node is free"];
        in_values(
            "LK004",
            &[
                (&pool(3, &autoscaled(1, 2)), &[]),
                (&pool(3, &autoscaled(1, 3)), full),
                (&pool(3, &(autoscaled(1, 3) + "\nlivekit: {hostNetwork: false}")), &[]),
                (&pool(3, "livekit: {replicas: 3}"), &[]),
                (&autoscaled(1, 3), &[]),
            ],
        );
    }

    #[test]
    fn a_budget_lets_a_pod_go() {
        let budget = |replicas: u32, amount: &str| {
            format!("livekit: {{replicas: {replicas}}}\nscaling: {{podDisruptionBudget: {{enabled: true, {amount}}}}}")
        };
        in_values(
            "LK003",
            &[
                (&budget(2, "maxUnavailable: 1"), &[]),
                (&budget(2, "maxUnavailable: 0"), &["lets 0 of 2 pods go"]),
                (&budget(2, "minAvailable: 1"), &[]),
                (&budget(2, "minAvailable: 2"), &["keeps 2 of 2 pods"]),
                (&budget(1, "minAvailable: 1"), &["keeps 1 of 1 pods"]),
                (&budget(2, "minAvailable: 50%"), &[]),
                (&budget(2, "minAvailable: 51%"), &["keeps 2 of 2 pods"]),
                (&budget(2, ""), &["has neither of minAvailable and maxUnavailable"]),
                (&budget(2, "minAvailable: 1, maxUnavailable: 1"), &["has both of minAvailable and maxUnavailable"]),
                (&budget(2, "").replace("enabled: true", "enabled: false"), &[]),
            ],
        );
    }

    #[test]
    fn a_rollout_takes_a_pod_away_first_on_a_full_pool() {
        let rollout = |unavailable: u32| {
            format!(
                "livekit: {{replicas: 2, strategy: {{rollingUpdate: {{maxSurge: 1, maxUnavailable: {unavailable}}}}}}}"
            )
        };
        let stuck: &[&str] = &["lets no pod go before a new one runs"];
        in_values(
            "LK005",
            &[
                (&pool(2, &rollout(0)), stuck),
                (&rollout(0), stuck),
                (&pool(3, &rollout(0)), &[]),
                (&pool(2, &rollout(1)), &[]),
                (&pool(2, &rollout(0).replace("replicas", "hostNetwork: false, replicas")), &[]),
            ],
        );
    }

    #[test]
    fn the_hosts_network_needs_public_nodes_and_a_namespace_that_admits_it() {
        in_values(
            "LK012",
            &[
                ("cluster: {privateNodes: true}", &["have no public address"]),
                ("cluster: {privateNodes: true}\nlivekit: {hostNetwork: false}", &[]),
                ("cluster: {privateNodes: false}", &[]),
            ],
        );
        let refused: &[&str] = &["the namespace would refuse LiveKit's pods"];
        in_values(
            "LK013",
            &[
                ("namespace: {podSecurity: baseline}", refused),
                ("namespace: {podSecurity: privileged}", &[]),
                ("{}", &[]),
                ("namespace: {labels: {pod-security.kubernetes.io/enforce: restricted}}", refused),
                ("namespace: {podSecurity: baseline, labels: {pod-security.kubernetes.io/enforce: privileged}}", &[]),
                ("namespace: {podSecurity: baseline}\nlivekit: {hostNetwork: false}", &[]),
            ],
        );
    }

    #[test]
    fn pods_of_spot_nodes_drain_for_30_seconds() {
        let spot = |grace: u32| {
            format!("cluster: {{nodePool: {{spot: true}}}}\nlivekit: {{terminationGracePeriodSeconds: {grace}}}")
        };
        in_values("LK015", &[(&spot(30), &[]), (&spot(31), &["may drain for 31 s"]), ("{}", &[])]);
    }

    #[test]
    fn an_autoscaler_measures_against_a_request() {
        let set =
            |requests: &str| format!("{}\nlivekit: {{resources: {{requests: {{{requests}}}}}}}", autoscaled(1, 2));
        in_values(
            "LK021",
            &[
                (&set("cpu: 1"), &[]),
                (&set("memory: 1Gi"), &["measures cpu against a request"]),
                (&autoscaled(1, 2), &["measures cpu against a request"]),
                ("livekit: {resources: {requests: {memory: 1Gi}}}", &[]),
            ],
        );
    }

    #[test]
    fn an_autoscaler_has_a_range() {
        in_values(
            "LK027",
            &[
                (&autoscaled(2, 2), &[]),
                (&autoscaled(3, 2), &["keeps 3 pods at least, and 2 at most"]),
                (&autoscaled(0, 2), &["would keep 0 pods at least"]),
                ("scaling: {horizontalPodAutoscaler: {enabled: true}}", &["neither"]),
                (&pool(2, "scaling: {horizontalPodAutoscaler: {enabled: true}}"), &[]),
                // LK001 tells of a minimum above the nodes.
                (&pool(2, &autoscaled(3, 4)), &[]),
            ],
        );
    }
}
