//! What no excerpt may show of objects of Kubernetes that somebody else wrote.

use std::collections::BTreeSet;
use std::ops::Range;

use render_text::mask::vocabulary::Vocabulary;
use render_text::mask::{extent, names, parts, unread};
use render_text::node::{Map, Node, Tree};
use render_text::source::{Place, Sources};

/// Keys are judged by their names alone where no schema knows them.
static NO_WORDS: Vocabulary = Vocabulary::new("");

/// What of a Secret is no secret.
const PUBLIC: [&str; 3] = ["apiVersion", "kind", "type"];
const PUBLIC_METADATA: [&str; 2] = ["name", "namespace"];

/// The places of all that may be secret in an object: of a Secret everything but what tells it from others; of other
/// objects what stands under the name of a secret, also in a text such as a file of a `ConfigMap`.
#[must_use]
pub fn places(object: &Node, sources: &Sources) -> Vec<Place> {
    let mut places = Vec::new();
    walk(object, sources, &mut places);
    places
}

/// The texts of the Secrets in an object, and their parts: they are as secret wherever else they stand.
#[must_use]
pub fn texts(object: &Node) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    match &object.tree {
        Tree::Map(map) if is_secret(map) => {
            let data = ["data", "stringData"].into_iter().filter_map(|field| map.get(field));
            data.for_each(|member| values(&member.node, &mut texts));
            map.get("items").into_iter().for_each(|items| values(&items.node, &mut texts));
        }
        Tree::Map(map) => map.values().for_each(|member| texts.extend(self::texts(&member.node))),
        Tree::List(items) => items.iter().for_each(|item| texts.extend(self::texts(item))),
        _ => {}
    }
    texts
}

fn values(node: &Node, texts: &mut BTreeSet<String>) {
    match &node.tree {
        Tree::Map(map) => map.values().for_each(|member| values(&member.node, texts)),
        Tree::List(items) => items.iter().for_each(|item| values(item, texts)),
        Tree::String(text) => texts.extend(parts::of(text)),
        _ => {}
    }
}

fn walk(node: &Node, sources: &Sources, places: &mut Vec<Place>) {
    match &node.tree {
        Tree::Map(map) if is_secret(map) => below(node, &PUBLIC, places),
        Tree::Map(map) => {
            let is_secret_variable = text(map, "name").is_some_and(names::is_secret_variable);
            for (key, member) in map {
                if names::is_secret(key) || is_secret_variable && key == "value" {
                    scalars(&member.node, places);
                }
                walk(&member.node, sources, places);
            }
        }
        Tree::List(items) => items.iter().for_each(|item| walk(item, sources, places)),
        Tree::String(text) => places.extend(node.place().into_iter().flat_map(|place| in_text(text, place, sources))),
        _ => {}
    }
}

/// Whether it is a Secret, or several of them.
fn is_secret(map: &Map) -> bool {
    text(map, "kind").is_some_and(|kind| ["secret", "secretlist"].contains(&kind.to_lowercase().as_str()))
}

fn text<'m>(map: &'m Map, key: &str) -> Option<&'m str> {
    match &map.get(key)?.node.tree {
        Tree::String(text) => Some(text),
        _ => None,
    }
}

/// A value, or the values of a list. A map has keys of its own, which say what they hold.
fn scalars(node: &Node, places: &mut Vec<Place>) {
    match &node.tree {
        Tree::String(_) | Tree::Number(_) => places.extend(node.place()),
        Tree::List(items) => items.iter().for_each(|item| scalars(item, places)),
        _ => {}
    }
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

/// What is secret in a text that is a file of keys and values itself: where it stands line by line, behind its secret keys,
/// otherwise all of it.
fn in_text(value: &str, place: Place, sources: &Sources) -> Vec<Place> {
    let words = sources.vocabulary().unwrap_or(&NO_WORDS);
    if !value.contains('\n') || unread::in_text(value, words).is_empty() {
        return Vec::new();
    }
    let source = &sources.get(place.source).text;
    let line_start = sources.line_of(place).start;
    let whole = extent(source, line_start, place.range());
    let is_block = source[line_start..whole.start].trim().is_empty();
    if !is_block {
        return vec![Place::new(place.source, whole)];
    }
    // Its first line, too, is read with its indentation.
    let text = &source[line_start..whole.end];
    let ranges = unread::in_text(text, words).into_iter();
    ranges.map(|Range { start, end }| Place::new(place.source, line_start + start..line_start + end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use render_text::yaml;

    static WORDS: Vocabulary = Vocabulary::new(r#"{"properties": {"keys": {"writeOnly": true}, "port": {}}}"#);

    /// The text with a mask in the place of what is not shown.
    fn shown(text: &str) -> String {
        let mut sources = Sources::new(&WORDS);
        let source = sources.add("a.yaml", text);
        for document in yaml::read(source, text).unwrap() {
            let places = places(&document, &sources);
            sources.mask(places);
        }
        render_text::mask::replaced(text, sources.masked(source))
    }

    #[test]
    fn secrets_are_masked_and_what_is_beside_them_is_not() {
        for (text, expected) in [
            (
                "kind: Secret\nmetadata: {name: a, labels: {b: c}}\ndata: {d: e}\n",
                "kind: Secret\nmetadata: {name: a, labels: {b: ***}}\ndata: {d: ***}\n",
            ),
            ("kind: SecretList\nitems: [{data: {a: b}}]\n", "kind: SecretList\nitems: [{data: {a: ***}}]\n"),
            ("kind: Secret\nstringData:\n  a: |\n    one\n    two\n", "kind: Secret\nstringData:\n  a: |\n    ***\n"),
            (
                "env: [{name: LEVEL, value: debug}, {name: TOKEN, value: t}]\n",
                "env: [{name: LEVEL, value: debug}, {name: TOKEN, value: ***}]\n",
            ),
            (
                "spec: {secretName: a, password: b, tokens: [c], other: d}\n",
                "spec: {secretName: a, password: ***, tokens: [***], other: d}\n",
            ),
            (
                "data:\n  c.yaml: |\n    port: 1\n    keys: {a: b}\n    port: 2\n",
                "data:\n  c.yaml: |\n    port: 1\n    keys: ***\n    port: 2\n",
            ),
            ("data: {c.yaml: \"port: 1\\nkeys: {a: b}\"}\n", "data: {c.yaml: ***}\n"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
