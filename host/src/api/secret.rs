//! What no message may show of manifests that somebody else wrote.

use std::ops::Range;

use crate::node::{Node, Tree};
use crate::source::{Place, Sources};

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

/// The places of what may be secret in texts that cannot be read: in every document that speaks of a Secret, what
/// stands behind the keys, and lines without a key.
#[must_use]
pub fn likely_places(sources: &Sources) -> Vec<Place> {
    let mut places = Vec::new();
    for (id, source) in sources.iter() {
        let mut start = 0;
        for document in source.text.split_inclusive("\n---") {
            if speaks_of_a_secret(document) {
                places.extend(values(document).map(|range| Place::new(id, start + range.start..start + range.end)));
            }
            start += document.len();
        }
    }
    places
}

fn speaks_of_a_secret(document: &str) -> bool {
    document.match_indices("kind").any(|(at, kind)| {
        let value = document[at + kind.len()..].trim_start_matches(['"', '\'', ' ', ':']);
        value.strip_prefix("Secret").is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

fn values(document: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    document.split_inclusive('\n').filter_map(move |line| {
        let line_start = start;
        start += line.len();
        let key = line.split_once(": ").map(|(key, _)| key);
        let public = key.is_some_and(|key| PUBLIC.contains(&key.trim()));
        let from = key.map_or(line.len() - line.trim_start().len(), |key| key.len() + 2);
        let to = line.trim_end().len().max(from);
        (!public).then_some(line_start + from..line_start + to)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_and_speaks_of_a_secret_is_hidden() {
        for (text, hidden) in [
            ("kind: Secret\ndata:\n  a: canary\n  canary\n", vec!["data:", "canary", "canary"]),
            ("kind: ConfigMap\ndata: {a: b}\n---\nkind: \"Secret\"\na: x\n", vec!["", "x"]),
            ("{\"kind\":\"Secret\",\"data\":{\"a\":\"x\"}}", vec!["{\"kind\":\"Secret\",\"data\":{\"a\":\"x\"}}"]),
            ("kind: SecretStore\na: b\n", vec![]),
        ] {
            let mut sources = Sources::default();
            sources.add("a.yaml", text);
            let places = likely_places(&sources);
            assert_eq!(places.iter().map(|place| &text[place.range()]).collect::<Vec<_>>(), hidden, "{text}");
        }
    }
}
