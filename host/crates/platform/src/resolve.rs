//! What follows from other values, and from the facts of the cluster: addresses, caps, names,
//! deadlines. A derived value's origin names its inputs and the reason. Neither templates nor types
//! hold defaults, so this and layer 0 are all.

mod broadcaster;
mod charts;
mod domain;
mod gateway;
mod issuers;
mod livekit;
mod media;
mod redis;
mod scaling;
mod stunner;
mod workers;

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;

use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Map, Member, Node, Origin, Tree};
use render_text::source::Place;

use crate::facts::{Facts, Need};
use crate::values::{Platform, Values};

/// Values with everything filled in that follows from them and from the facts, and what the user
/// should know about it. What is missing of the facts is an error
/// where they are needed.
///
/// # Errors
/// [`Failure::Internal`] when a derived value does not fit the types, which is a mistake of this program.
pub fn resolve(values: Values, facts: &Facts, need: Need) -> Result<(Values, Vec<Diagnostic>), Failure> {
    let Values { environment, mut tree, platform, .. } = values;
    let mut findings = Vec::new();
    let given = Given { platform: &platform, tree: &tree, facts, need };
    for derived in derive(&given, &mut findings) {
        set(&mut tree, &derived);
    }
    let json = tree.to_json();
    let platform = Platform::deserialize(&json)
        .map_err(|error| Failure::Internal(format!("a derived value does not fit its type: {error}")))?;
    Ok((Values { environment, tree, json, platform }, findings))
}

/// What values follow from.
struct Given<'a> {
    platform: &'a Platform,
    tree: &'a Node,
    facts: &'a Facts,
    need: Need,
}

impl Given<'_> {
    /// The value that was written under a path of keys.
    fn at(&self, path: &str) -> Option<&Node> {
        self.tree.at(&path.split('.').collect::<Vec<_>>())
    }

    /// A name that begins with the server's, unless another one is written: so several pools live in
    /// one namespace.
    fn named(&self, path: &str, written: &str, suffix: &str, reason: &'static str) -> Option<Derived> {
        let name = format!("{}{suffix}", self.platform.livekit.name);
        written.is_empty().then(|| Derived::new(path, name, reason).from(self.at("livekit.name")))
    }
}

/// A value that follows from others.
struct Derived {
    path: Vec<String>,
    value: Value,
    reason: Cow<'static, str>,
    inputs: Vec<Place>,
}

impl Derived {
    fn new(path: &str, value: impl Into<Value>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self::at(&path.split('.').collect::<Vec<_>>(), value, reason)
    }

    /// The same for a path whose keys may have dots.
    fn at(path: &[&str], value: impl Into<Value>, reason: impl Into<Cow<'static, str>>) -> Self {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        Self { path, value: value.into(), reason: reason.into(), inputs: Vec::new() }
    }

    fn from(self, node: Option<&Node>) -> Self {
        self.at_place(node.and_then(Node::place))
    }

    fn at_place(mut self, place: Option<Place>) -> Self {
        self.inputs.extend(place);
        self
    }
}

fn derive(given: &Given, findings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let mut all = Vec::new();
    all.extend(domain::derive(given));
    all.extend(livekit::derive(given));
    all.extend(media::derive(given, findings));
    all.extend(redis::derive(given));
    all.extend(issuers::derive(given));
    all.extend(charts::derive(given));
    all.extend(gateway::derive(given));
    all.extend(stunner::derive(given, findings));
    all.extend(workers::derive(given, findings));
    all.extend(scaling::derive(given, findings));
    all.extend(broadcaster::derive(given));
    all
}

/// Puts a derived value into the tree, on top of what was written there.
fn set(tree: &mut Node, derived: &Derived) {
    let origin = Origin::Derived { reason: derived.reason.clone().into_owned(), inputs: derived.inputs.clone() };
    let mut node = tree;
    for key in &derived.path {
        if !matches!(node.tree, Tree::Map(_)) {
            node.tree = Tree::Map(Map::new());
        }
        let Tree::Map(map) = &mut node.tree else { return };
        let absent = || Member { key: None, node: Node { tree: Tree::Null, origins: Vec::new() } };
        node = &mut map.entry(key.clone()).or_insert_with(absent).node;
    }
    node.tree = Node::derived(&derived.value, &origin).tree;
    node.origins.push(origin);
}
