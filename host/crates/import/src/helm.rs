//! Values that were written for LiveKit's published chart, livekit-server 1.9.0.

mod exposure;
mod keys;
mod redis;
mod secrets;
mod workload;

use indexmap::IndexMap;

use render_text::diagnostic::Failure;
use render_text::node::{Node, Tree};
use render_text::source::{Place, SourceId};

use super::draft::Draft;
use super::identity::{Identity, Named};
use super::running::Running;
use super::table::{self, at, member};

/// What the chart takes when the values do not say it.
pub(super) const DEFAULTS: &str = include_str!("helm/defaults.yaml");

/// The name of the chart.
const CHART: &str = "livekit-server";
/// The release that is meant when none is named.
const RELEASE: &str = "livekit";
/// The most letters that the chart's names have.
const LONGEST_NAME: usize = 63;

/// What a release of these values is known by.
pub(super) fn identity(values: &Node, named: &Named) -> Identity {
    let release = named.release.unwrap_or(RELEASE);
    let chart = text(values, "nameOverride").filter(|name| !name.is_empty()).unwrap_or(CHART);
    let full = match text(values, "fullnameOverride").filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned(),
        None if release.contains(chart) => release.to_owned(),
        None => format!("{release}-{chart}"),
    };
    let selector = IndexMap::from([
        ("app.kubernetes.io/name".to_owned(), cut(chart)),
        ("app.kubernetes.io/instance".to_owned(), release.to_owned()),
    ]);
    Identity { name: cut(&full), selector, namespace: named.namespace.map(str::to_owned) }
}

/// An environment file of these values.
pub(super) fn draft(
    values: &Node,
    defaults: SourceId,
    identity: &Identity,
    running: Option<&Running>,
) -> Result<Draft, Failure> {
    let mut draft = Draft::new(defaults);
    let values = &in_use(values, defaults);
    identity
        .put(&mut draft, running.and_then(|running| running.place("/metadata/name")).or_else(|| named_at(values)))?;
    table::carry(values, &keys::CHART, &mut draft);
    workload::carry(values, identity, &mut draft);
    exposure::carry(values, &mut draft);
    redis::carry(values, identity, &mut draft);
    secrets::carry(values, identity, &mut draft);
    Ok(draft)
}

/// A text that is set to something.
fn text<'v>(values: &'v Node, path: &str) -> Option<&'v str> {
    match &member(values, path)?.node.tree {
        Tree::String(text) => Some(text),
        _ => None,
    }
}

fn is_on(values: &Node, path: &str) -> bool {
    member(values, path).is_some_and(|member| member.node.tree == Tree::Bool(true))
}

fn named_at(values: &Node) -> Option<Place> {
    let given = ["fullnameOverride", "nameOverride"]
        .into_iter()
        .find(|path| text(values, path).is_some_and(|name| !name.is_empty()))?;
    at(values, given)
}

/// A name as the chart cuts it.
fn cut(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect::<String>().trim_end_matches('-').to_owned()
}

/// The values without those defaults of the chart that belong to what is switched off.
fn in_use(values: &Node, defaults: SourceId) -> Node {
    let mut values = values.clone();
    for (switch, section) in [("autoscaling.enabled", "autoscaling"), ("serviceMonitor.create", "serviceMonitor")] {
        if !is_on(&values, switch) {
            without_defaults(&mut values, section, defaults);
        }
    }
    if exposure::google(&values).is_none() {
        without_defaults(&mut values, "gcp", defaults);
    }
    values
}

fn without_defaults(values: &mut Node, section: &str, defaults: SourceId) {
    let Tree::Map(map) = &mut values.tree else { return };
    if let Some(member) = map.get_mut(section) {
        strip(&mut member.node, defaults);
        if matches!(&member.node.tree, Tree::Map(map) if map.is_empty()) {
            map.shift_remove(section);
        }
    }
}

fn strip(node: &mut Node, defaults: SourceId) {
    let Tree::Map(map) = &mut node.tree else { return };
    map.retain(|_, member| {
        strip(&mut member.node, defaults);
        !matches!(&member.node.tree, Tree::Map(map) if map.is_empty())
            && member.node.place().is_none_or(|place| place.source != defaults)
    });
}
