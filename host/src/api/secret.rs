//! What no message may show of manifests that somebody else wrote.

use crate::node::{Node, Tree};
use crate::source::Place;

/// What of a Secret is no secret.
const PUBLIC: [&str; 3] = ["apiVersion", "kind", "type"];
const PUBLIC_METADATA: [&str; 2] = ["name", "namespace"];

/// The places of all that may be secret in an object: of a Secret everything but what tells it from others.
#[must_use]
pub fn places(object: &Node) -> Vec<Place> {
    let mut places = Vec::new();
    if object.get("kind").is_some_and(|kind| kind.tree == Tree::String("Secret".to_owned())) {
        below(object, &PUBLIC, &mut places);
    }
    places
}

fn below(node: &Node, public: &[&str], places: &mut Vec<Place>) {
    match &node.tree {
        Tree::Map(map) => {
            for (key, member) in map.iter().filter(|(key, _)| !public.contains(&key.as_str())) {
                let public: &[&str] = if key == "metadata" && !public.is_empty() { &PUBLIC_METADATA } else { &[] };
                below(&member.node, public, places);
            }
        }
        Tree::List(items) => items.iter().for_each(|item| below(item, &[], places)),
        _ => places.extend(node.place()),
    }
}
