//! Lint rules: what a cluster accepts and its users suffer from. One rule, one function, one documented code. Most rules read the resolved values, before anything is made of
//! them: they say what is missing and why, where a template could only say that it found nothing. The
//! others read the finished manifests, so that neither a plugin nor a patch can undo what they ask for.

mod broadcaster;
mod cilium;
mod companions;
mod config;
mod exposure;
mod finished;
mod gateways;
mod gke;
mod ingress;
mod kubernetes;
mod livekit;
mod livekit_keys;
mod media_service;
mod mounts;
mod nodes;
mod platform;
mod pods;
pub mod port_range;
pub mod ports;
mod redis;
mod scaling;
mod secrets;
mod selector;
mod servers;
mod terminator;
mod turn;
mod view;

use render_objects::manifest::ManifestSet;
use render_platform::values::Values;
use render_report as report;
use render_schema::api::Api;
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::node::{Node, Spot, Tree};

use self::servers::Servers;

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
    Values(fn(&Values) -> Vec<Diagnostic>),
    /// The finished manifests.
    Manifests(fn(&Finished) -> Vec<Diagnostic>),
    /// The LiveKit in the finished manifests.
    Servers(fn(&Servers) -> Vec<Diagnostic>),
    /// Both: the values, where a mistake is told best, and the manifests, which come from elsewhere or
    /// were changed since. What the values already show is not said again.
    Both(fn(&Values) -> Vec<Diagnostic>, fn(&Servers) -> Vec<Diagnostic>),
}

/// Finished manifests, and what is known of where they go.
#[derive(Debug, Clone, Copy)]
pub struct Finished<'a> {
    /// The manifests.
    pub manifests: &'a ManifestSet,
    /// The values that they were made with; none for manifests of another renderer.
    pub values: Option<&'a Values>,
    /// The API that they are for.
    pub api: &'a Api,
    /// The most nodes that there can be for LiveKit, if it is known.
    pub nodes: Option<u32>,
}

/// The rules of each module: adding one is adding it to its module's list.
static GROUPS: &[&[&Rule]] = &[
    cilium::RULES,
    companions::RULES,
    config::RULES,
    exposure::RULES,
    finished::RULES,
    gke::RULES,
    ingress::RULES,
    kubernetes::RULES,
    livekit::RULES,
    media_service::RULES,
    mounts::RULES,
    nodes::RULES,
    platform::RULES,
    pods::RULES,
    ports::RULES,
    redis::RULES,
    scaling::RULES,
    kubernetes::api_server::RULES,
    secrets::RULES,
    terminator::RULES,
    turn::RULES,
];

/// Every rule, by code.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let mut rules: Vec<&Rule> = every().collect();
    rules.sort_by_key(|rule| rule.code);
    rules
}

fn every() -> impl Iterator<Item = &'static Rule> {
    GROUPS.iter().flat_map(|group| group.iter().copied())
}

/// The rules as a report describes them, by code.
#[must_use]
pub fn described() -> Vec<report::Rule> {
    let described = |rule: &Rule| {
        let &Rule { code, severity, title, why, .. } = rule;
        report::Rule { code, severity, title, why }
    };
    all().into_iter().map(described).collect()
}

/// How many rules read what; a rule may read both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// All rules.
    pub all: usize,
    /// Those that read values.
    pub values: usize,
    /// Those that read finished manifests.
    pub manifests: usize,
}

/// How many rules there are.
#[must_use]
pub fn counts() -> Counts {
    let reads = |wanted: fn(&Find) -> bool| every().filter(|rule| wanted(&rule.find)).count();
    Counts {
        all: every().count(),
        values: reads(|find| !matches!(find, Find::Manifests(_))),
        manifests: reads(|find| !matches!(find, Find::Values(_))),
    }
}

/// Runs the rules on values, and adds what earlier stages found.
#[must_use]
pub fn check_values(values: &Values, earlier: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let found = every().filter_map(|rule| match rule.find {
        Find::Values(find) | Find::Both(find, _) => Some(stamped(rule, find(values))),
        Find::Manifests(_) | Find::Servers(_) => None,
    });
    let mut found: Vec<Diagnostic> = earlier.into_iter().chain(found.flatten()).collect();
    silence(&mut found, values);
    found.extend(unknown_codes(values));
    found
}

/// Runs the rules on the finished manifests; those of `earlier` have been heard.
#[must_use]
pub fn check_manifests(finished: &Finished, earlier: &[Diagnostic]) -> Vec<Diagnostic> {
    let heard = |rule: &Rule| earlier.iter().any(|finding| finding.code == Some(rule.code));
    let servers = Servers::of(finished);
    let found = every().filter_map(|rule| match rule.find {
        Find::Manifests(find) => Some(stamped(rule, find(finished))),
        Find::Servers(find) => Some(stamped(rule, find(&servers))),
        Find::Both(_, find) if !heard(rule) => Some(stamped(rule, find(&servers))),
        Find::Values(_) | Find::Both(..) => None,
    });
    let mut found: Vec<Diagnostic> = found.flatten().collect();
    if let Some(values) = finished.values {
        silence(&mut found, values);
    }
    found
}

fn stamped(rule: &Rule, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let stamp = |one| Diagnostic { code: Some(rule.code), severity: rule.severity, ..one };
    found.into_iter().map(stamp).collect()
}

/// Notes the reason at those findings that the environment silences, so that they count no more.
pub fn silence(found: &mut [Diagnostic], values: &Values) {
    for finding in found {
        let silenced = values.platform.rules.silence.iter().find(|silence| finding.code == Some(silence.code.as_str()));
        finding.silenced = silenced.map(|silence| silence.reason.clone());
    }
}

fn unknown_codes(values: &Values) -> Vec<Diagnostic> {
    let Some(Tree::List(items)) = values.tree.at(&["rules", "silence"]).map(|node| &node.tree) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (item, silence) in items.iter().zip(&values.platform.rules.silence) {
        if !every().any(|rule| rule.code == silence.code) {
            let wrong = Diagnostic::error(format!("there is no rule `{}` to silence", silence.code));
            found.push(wrong.at(item.get("code").and_then(Node::place)).hint("`render rules` lists them"));
        }
    }
    found
}

/// Where a value was written, or the nearest thing above it that was. A map is shown by its key.
fn place<'v>(values: &'v Values, path: &str) -> Option<Spot<'v>> {
    place_of(values, &path.split('.').collect::<Vec<_>>())
}

/// The same for a path whose keys may have dots.
fn place_of<'v>(values: &'v Values, path: &[&str]) -> Option<Spot<'v>> {
    Some(values.tree.spot(path)).filter(|spot| spot.place.is_some())
}

/// The places of two values, the one that was said later first: it is the one that is most likely wrong.
fn later_first<'v>(values: &'v Values, one: &str, other: &str) -> (Option<Spot<'v>>, Option<Spot<'v>>) {
    let (one, other) = (place(values, one), place(values, other));
    if other > one { (other, one) } else { (one, other) }
}

#[cfg(test)]
mod testing;
