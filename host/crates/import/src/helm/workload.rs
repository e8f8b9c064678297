//! What the chart does with pods and what people wanted of it: the `ServiceAccount`, the budget, metrics, and the values
//! that are absent on purpose.

use render_text::node::{Member, Node, Tree};
use render_text::source::Place;

use super::super::draft::Draft;
use super::super::identity::Identity;
use super::super::image;
use super::super::table::{member, place};
use super::{at, is_on, text};

/// The server that the chart runs when the values name no other one.
const TAG: &str = "v1.9.0";

/// Carries over what needs more than another name.
pub(super) fn carry(values: &Node, identity: &Identity, draft: &mut Draft) {
    image::pin(draft);
    if !draft.has("livekit.image.tag") {
        draft.set("livekit.image.tag", TAG, Some(Place::new(draft.defaults, 0..0)));
    }
    service_account(values, identity, draft);
    budget(values, draft);
    metrics(values, draft);
    what_is_absent(values, draft);
}

/// Without one of its own the chart's pods run as the namespace's `default`.
fn service_account(values: &Node, identity: &Identity, draft: &mut Draft) {
    let (create, name) = (is_on(values, "serviceAccount.create"), text(values, "serviceAccount.name"));
    let name = name.filter(|name| !name.is_empty());
    draft.set("livekit.serviceAccount.create", create, at(values, "serviceAccount.create"));
    match name {
        Some(name) if name != identity.name => {
            draft.set("livekit.serviceAccount.name", name, at(values, "serviceAccount.name"));
        }
        None if !create => draft.set("livekit.serviceAccount.name", "default", at(values, "serviceAccount.create")),
        _ => {}
    }
}

/// The chart has no PodDisruptionBudget, whatever its values say.
fn budget(values: &Node, draft: &mut Draft) {
    const TARGET: &str = "scaling.podDisruptionBudget";
    for key in ["podDisruptionBudget", "pdb"] {
        let Some(found) = member(values, key) else { continue };
        let Tree::Map(map) = &found.node.tree else {
            draft.tell(
                format!("`{key}` must be a map, and is not carried over"),
                place(found),
                "see `scaling.podDisruptionBudget`",
            );
            continue;
        };
        let off = map.get("enabled").or_else(|| map.get("create")).is_some_and(|on| on.node.tree == Tree::Bool(false));
        if off || map.is_empty() || draft.has(TARGET) {
            draft.tell(
                format!("the chart ignores `{key}`, so it is not carried over"),
                place(found),
                "`scaling.podDisruptionBudget` does it",
            );
            continue;
        }
        draft.set("scaling.podDisruptionBudget.enabled", true, place(found));
        for (name, member) in map.iter().filter(|(name, _)| !matches!(name.as_str(), "enabled" | "create")) {
            draft.put(&["scaling", "podDisruptionBudget", name], member.clone());
        }
        let message = format!(
            "the chart ignores `{key}`: no PodDisruptionBudget was ever rendered, and the environment file has one now"
        );
        draft.tell(message, place(found), "it is `scaling.podDisruptionBudget`: look whether that is still wanted");
    }
}

/// The chart opens a port of metrics for `livekit.prometheus_port` alone.
fn metrics(values: &Node, draft: &mut Draft) {
    const TARGET: &str = "livekit.config.prometheus.port";
    if let Some(port) = member(values, "livekit.prometheus.port") {
        let message = "the chart opens no port for `livekit.prometheus.port`, and the environment file does";
        draft.tell(
            message,
            place(port),
            "with it Prometheus finds the metrics by the Service; `monitoring.serviceMonitor` asks for them",
        );
    }
    let Some(found) = member(values, "prometheus") else { return };
    let port = member(&found.node, "port").filter(|_| !draft.has(TARGET));
    let off = member(&found.node, "enabled").is_some_and(|on| on.node.tree == Tree::Bool(false));
    if let Some(port) = port.filter(|_| !off) {
        draft.put(&["livekit", "config", "prometheus", "port"], port.clone());
        let message =
            "the chart ignores `prometheus`: no metrics were ever served, and the environment file has them now";
        let hint = "the port is `livekit.config.prometheus.port`; `monitoring.serviceMonitor` asks for them";
        draft.tell(message, place(found), hint);
    } else {
        let hint = "`livekit.config.prometheus.port` serves metrics, and `monitoring.serviceMonitor` asks for them";
        draft.tell("the chart ignores `prometheus`, so it is not carried over", place(found), hint);
    }
}

/// Values that render has and the values do without: what is null takes them back.
fn what_is_absent(values: &Node, draft: &mut Draft) {
    if member(values, "podHostNetwork").is_none() {
        draft.set("livekit.hostNetwork", false, None);
    }
    let rtc = member(values, "livekit.rtc").map(|member| &member.node);
    if rtc.is_some_and(|rtc| !matches!(rtc.tree, Tree::Map(_))) {
        return;
    }
    let is_there = |key: &str| rtc.is_some_and(|rtc| rtc.get(key).is_some());
    for key in ["port_range_start", "port_range_end"] {
        if !is_there(key) {
            draft.put(&["livekit", "config", "rtc", key], Member { key: None, node: null() });
        }
    }
    if !is_there("use_external_ip") {
        draft.set("livekit.config.rtc.use_external_ip", false, None);
    }
}

fn null() -> Node {
    Node { tree: Tree::Null, origins: Vec::new() }
}
