//! The project's knowledge of the field: what a cluster would accept to its users' harm. One rule,
//! one function, one documented code. Most rules read the resolved values, before anything is made of
//! them: they say what is missing and why, where a template could only say that it found nothing. The
//! others read the finished manifests, so that neither a plugin nor a patch can undo what they ask for.

mod companions;
mod finished;
mod livekit;
mod nodes;
pub mod ports;
mod redis;
mod secrets;
mod turn;

use crate::diagnostic::{Diagnostic, Severity};
use crate::manifest::ManifestSet;
use crate::node::{Node, Tree};
use crate::source::Place;
use crate::values::Values;

/// One rule of the field.
#[derive(Debug)]
pub struct Rule {
    /// Its code, which never changes its meaning.
    pub code: &'static str,
    /// How much a finding matters.
    pub severity: Severity,
    /// What it says, in a few words.
    pub title: &'static str,
    /// Why: what happens in a cluster otherwise.
    pub why: &'static str,
    find: Find,
}

/// What a rule reads.
#[derive(Debug)]
enum Find {
    /// The resolved values.
    InValues(fn(&Values) -> Vec<Diagnostic>),
    /// The finished manifests, beside the values that they were made with.
    InManifests(fn(&Values, &ManifestSet) -> Vec<Diagnostic>),
}

/// Every rule, by code.
pub const RULES: [&Rule; 30] = [
    &nodes::REPLICAS_FIT,
    &nodes::AUTOSCALER_CAPPED,
    &nodes::BUDGET_LETS_DRAIN,
    &nodes::SPARE_NODE,
    &nodes::ROLLOUT_FITS,
    &redis::SHARED_BY_PODS,
    &ports::DISTINCT,
    &turn::COMPLETE,
    &livekit::ONE_UDP_MODE,
    &livekit::ONE_ADDRESS,
    &secrets::NOT_IN_CONFIG_MAP,
    &nodes::PUBLIC_NODES,
    &nodes::PRIVILEGED_NAMESPACE,
    &livekit::SERVICE_NAME,
    &nodes::SPOT_GRACE,
    &secrets::KEYS_WELL_FORMED,
    &secrets::ONE_SOURCE,
    &redis::HAS_HOST,
    &redis::ENCRYPTED,
    &companions::COMPLETE,
    &nodes::AUTOSCALER_HAS_REQUESTS,
    &redis::ONE_OWNER,
    &turn::ADVERTISED_PORT,
    &companions::PROVIDER_SECTIONS,
    &ports::RANGES,
    &livekit::OWN_LABELS,
    &nodes::AUTOSCALER_HAS_RANGE,
    &livekit::KEYS_OF_THE_IMAGE,
    &finished::FITS_THE_NODES,
    &turn::PROVED_BY_DNS,
];

/// Runs the rules on values, and adds what earlier stages found; silenced findings are left out.
#[must_use]
pub fn check_values(values: &Values, earlier: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let found = RULES.iter().filter_map(|rule| match rule.find {
        Find::InValues(find) => Some(stamped(rule, find(values))),
        Find::InManifests(_) => None,
    });
    let found = earlier.into_iter().chain(found.flatten()).collect();
    let mut found = audible(values, found);
    found.extend(unknown_codes(values));
    found
}

/// Runs the rules on the finished manifests; silenced findings are left out.
#[must_use]
pub fn check_manifests(values: &Values, manifests: &ManifestSet) -> Vec<Diagnostic> {
    let found = RULES.iter().filter_map(|rule| match rule.find {
        Find::InManifests(find) => Some(stamped(rule, find(values, manifests))),
        Find::InValues(_) => None,
    });
    audible(values, found.flatten().collect())
}

fn stamped(rule: &Rule, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let stamp = |one| Diagnostic { code: Some(rule.code), severity: rule.severity, ..one };
    found.into_iter().map(stamp).collect()
}

/// What is left when those findings are taken away that the environment silences.
fn audible(values: &Values, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let silenced = |code: &str| values.platform.rules.silence.iter().any(|silence| silence.code == code);
    found.retain(|one| !one.code.is_some_and(silenced));
    found
}

fn unknown_codes(values: &Values) -> Vec<Diagnostic> {
    let Some(Tree::List(items)) = values.tree.at(&["rules", "silence"]).map(|node| &node.tree) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (item, silence) in items.iter().zip(&values.platform.rules.silence) {
        if !RULES.iter().any(|rule| rule.code == silence.code) {
            let wrong = Diagnostic::error(format!("there is no rule `{}` to silence", silence.code));
            found.push(wrong.at(item.get("code").and_then(Node::place)).hint("`render rules` lists them"));
        }
    }
    found
}

/// Where a value was written, or the nearest thing above it that was. A map is shown by its key.
fn place(values: &Values, path: &str) -> Option<Place> {
    place_of(values, &path.split('.').collect::<Vec<_>>())
}

/// The same for a path whose keys may have dots.
fn place_of(values: &Values, path: &[&str]) -> Option<Place> {
    (1..=path.len()).rev().find_map(|length| {
        let (last, above) = path[..length].split_last()?;
        let Tree::Map(map) = &values.tree.at(above)?.tree else { return None };
        let member = map.get(*last)?;
        let key = member.key.filter(|_| matches!(member.node.tree, Tree::Map(_)));
        key.or_else(|| member.node.place())
    })
}

/// The places of two values, the one that was said later first: it is the one that is most likely wrong.
fn later_first(values: &Values, one: &str, other: &str) -> (Option<Place>, Option<Place>) {
    let (one, other) = (place(values, one), place(values, other));
    if other > one { (other, one) } else { (one, other) }
}
