//! Which values are secret. A schema says so with `writeOnly: true`; here that is found through every `$ref`
//! and branch, so that a message, an excerpt and a plugin's request all hide the same values.

use std::collections::BTreeSet;
use std::ops::Range;
use std::ptr::from_ref;

use serde_json::Value;

use super::Schema;
use crate::node::{Node, Origin, Tree};
use crate::source::{Place, Sources};

/// Puts `instead` in place of every secret value. `null` stays, since it says only that there is none.
pub fn redact(tree: &mut Value, schema: Schema<'_>, instead: &str) {
    redact_under(tree, &expand(vec![schema]), instead);
}

/// Whether the value under a JSON Pointer (RFC 6901) is secret.
#[must_use]
pub fn is_secret(schema: Schema<'_>, pointer: &str) -> bool {
    let mut views = expand(vec![schema]);
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let mut next = member(&views, &token);
        if token.parse::<usize>().is_ok() {
            next.extend(items(&views));
        }
        if hides(&views, &next) {
            return true;
        }
        views = next;
    }
    says_secret(&views)
}

/// Every place where a secret value of the tree was written, the overridden ones too: what an excerpt masks.
#[must_use]
pub fn places(tree: &Node, schema: Schema<'_>) -> Vec<Place> {
    nodes(tree, schema).into_iter().flat_map(written).collect()
}

/// Hides the secret values of a tree in all messages: the places where they were written, and their texts
/// wherever they turn up.
pub fn hide_in(sources: &mut Sources, tree: &Node, schema: Schema<'_>) {
    let nodes = nodes(tree, schema);
    sources.hide(nodes.iter().flat_map(|node| written(node)));
    sources.conceal(nodes.into_iter().flat_map(texts));
}

fn written(node: &Node) -> impl Iterator<Item = Place> {
    node.origins.iter().filter_map(Origin::written)
}

/// The text of a secret value, its lines, and what stands behind a key in them, as in a file of keys.
fn texts(node: &Node) -> Vec<String> {
    match &node.tree {
        Tree::String(text) => {
            let lines = text.lines().map(str::trim);
            let values = lines.clone().filter_map(|line| line.split_once(": ").map(|(_, value)| value.trim()));
            std::iter::once(text.as_str()).chain(lines).chain(values).map(str::to_owned).collect()
        }
        Tree::Number(number) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

/// The places of what looks like a secret in texts that are not read yet, so that a message about broken
/// YAML shows none: behind a key that is secret anywhere in `schema`, the rest of the line and the lines
/// that are indented deeper.
#[must_use]
pub fn likely(sources: &Sources, schema: &Value) -> Vec<Place> {
    let mut names = BTreeSet::new();
    secret_names(schema, &mut names);
    let places = sources.iter().flat_map(|(id, source)| likely_in(&source.text, &names).map(move |at| (id, at)));
    places.map(|(id, range)| Place::new(id, range)).collect()
}

fn secret_names<'s>(schema: &'s Value, names: &mut BTreeSet<&'s str>) {
    match schema {
        Value::Object(map) => {
            let properties = map.get("properties").and_then(Value::as_object).into_iter().flatten();
            let secret = properties.filter(|(_, property)| is_write_only(property));
            names.extend(secret.map(|(name, _)| name.as_str()));
            map.values().for_each(|below| secret_names(below, names));
        }
        Value::Array(list) => list.iter().for_each(|below| secret_names(below, names)),
        _ => {}
    }
}

/// Whether a value is secret, or all that it holds under whatever keys.
fn is_write_only(schema: &Value) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true)) || schema.get("additionalProperties").is_some_and(is_write_only)
}

fn likely_in<'t>(text: &'t str, names: &'t BTreeSet<&'t str>) -> impl Iterator<Item = Range<usize>> + 't {
    let mut start = 0;
    let mut secret_indentation = None;
    text.split_inclusive('\n').filter_map(move |line| {
        let line_start = start;
        start += line.len();
        let indentation = line.len() - line.trim_start().len();
        let inside = secret_indentation.is_some_and(|outside| indentation > outside || line.trim().is_empty());
        if !inside {
            secret_indentation = None;
        }
        let value = names.iter().filter_map(|name| behind(line, name)).min();
        let from = if inside { value.or_else(|| behind_key(line)).unwrap_or(indentation) } else { value? };
        secret_indentation = secret_indentation.or(Some(indentation));
        Some(line_start + from..line_start + line.trim_end().len().max(from))
    })
}

/// Where the value of a key starts in a line, whether of YAML, of JSON or of `--set`.
fn behind(line: &str, name: &str) -> Option<usize> {
    line.match_indices(name).find_map(|(at, _)| {
        let whole = !line[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let behind = &line[at + name.len()..];
        let rest = behind.trim_start_matches(['"', '\'']).trim_start();
        let value = match rest.strip_prefix([':', '=']) {
            Some(value) => value.trim_start(),
            // A path of `--set` that goes on: what is behind it, or all of an index that is none.
            None if behind.starts_with('[') => behind,
            None if behind.starts_with('.') => behind.split_once('=')?.1,
            None => return None,
        };
        whole.then_some(line.len() - value.len())
    })
}

/// Where the value starts in a line that has a key.
fn behind_key(line: &str) -> Option<usize> {
    let (_, value) = line.split_once(": ")?;
    Some(line.len() - value.trim_start().len())
}

/// The addresses of the secret values of a tree, for asking about one value after another.
pub(super) fn addresses(tree: &Node, schema: Schema<'_>) -> BTreeSet<*const Node> {
    nodes(tree, schema).into_iter().map(from_ref).collect()
}

/// The secret values of a tree and all that they hold.
fn nodes<'t>(tree: &'t Node, schema: Schema<'_>) -> Vec<&'t Node> {
    let mut found = Vec::new();
    collect(tree, &expand(vec![schema]), &mut found);
    found
}

fn collect<'t>(node: &'t Node, views: &[Schema<'_>], found: &mut Vec<&'t Node>) {
    if says_secret(views) {
        return collect_all(node, found);
    }
    match &node.tree {
        Tree::List(list) => {
            let below = items(views);
            if below.is_empty() && expects_secret(views) {
                return collect_all(node, found);
            }
            for item in list {
                collect(item, &below, found);
            }
        }
        Tree::Map(map) => {
            for (key, entry) in map {
                let below = member(views, key);
                if hides(views, &below) {
                    collect_all(&entry.node, found);
                } else {
                    collect(&entry.node, &below, found);
                }
            }
        }
        // A text where a map with a secret is due may well be that secret.
        _ if expects_secret(views) => collect_all(node, found),
        _ => {}
    }
}

fn collect_all<'t>(node: &'t Node, found: &mut Vec<&'t Node>) {
    found.push(node);
    match &node.tree {
        Tree::List(list) => list.iter().for_each(|item| collect_all(item, found)),
        Tree::Map(map) => map.values().for_each(|entry| collect_all(&entry.node, found)),
        _ => {}
    }
}

fn redact_under(tree: &mut Value, views: &[Schema<'_>], instead: &str) {
    if says_secret(views) {
        return hide(tree, instead);
    }
    match tree {
        Value::Array(list) => {
            let below = items(views);
            for item in list {
                redact_under(item, &below, instead);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let below = member(views, key);
                if hides(views, &below) {
                    hide(value, instead);
                } else {
                    redact_under(value, &below, instead);
                }
            }
        }
        other if expects_secret(views) => hide(other, instead),
        _ => {}
    }
}

fn hide(value: &mut Value, instead: &str) {
    if !value.is_null() {
        *value = Value::from(instead);
    }
}

fn says_secret(views: &[Schema<'_>]) -> bool {
    views.iter().any(|view| view.get("writeOnly") == Some(&Value::Bool(true)))
}

/// Whether a member with the schemas `below` is to be hidden: it is secret itself, or no schema knows its
/// key where a secret is expected, so that it may well be the secret under a misspelt name.
fn hides(views: &[Schema<'_>], below: &[Schema<'_>]) -> bool {
    says_secret(below) || (below.is_empty() && expects_secret(views))
}

/// Whether a secret is expected right below: in a map, or in the items of a list.
fn expects_secret(views: &[Schema<'_>]) -> bool {
    let listed = items(views);
    views.iter().chain(&listed).any(|view| {
        let named = view.properties().into_iter().flat_map(serde_json::Map::values);
        let mut below = named.chain(view.get("additionalProperties"));
        below.any(|schema| says_secret(&expand(vec![view.below(schema)])))
    })
}

/// The schemas of a member of the values that `views` describe.
fn member<'s>(views: &[Schema<'s>], key: &str) -> Vec<Schema<'s>> {
    let of = |view: &Schema<'s>| {
        let named = view.properties().and_then(|properties| properties.get(key)).map(|node| view.below(node));
        let other = || view.get("additionalProperties").filter(|node| **node != Value::Bool(false));
        named.or_else(|| view.section(key)).or_else(|| other().map(|node| view.below(node)))
    };
    expand(views.iter().filter_map(of).collect())
}

/// The schemas of an item of the lists that `views` describe.
fn items<'s>(views: &[Schema<'s>]) -> Vec<Schema<'s>> {
    expand(views.iter().filter_map(|view| Some(view.below(view.get("items")?))).collect())
}

/// The schemas and all that they lead to for the same value. Each node is taken once, so a circle ends.
fn expand(mut views: Vec<Schema<'_>>) -> Vec<Schema<'_>> {
    let mut seen = BTreeSet::new();
    views.retain(|view| seen.insert(from_ref(view.node)));
    let mut next = 0;
    while let Some(view) = views.get(next).copied() {
        let target = view.text("$ref").and_then(|reference| view.target(reference));
        let branches = ["allOf", "anyOf", "oneOf"].into_iter().flat_map(|keyword| view.branches(keyword));
        views.extend(target.into_iter().chain(branches).filter(|view| seen.insert(from_ref(view.node))));
        next += 1;
    }
    views
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "$defs": {
                "Secret": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "string", "writeOnly": true},
                        "secretKeyRef": {"type": "object"},
                    },
                    "additionalProperties": false,
                },
                "Circle": {"anyOf": [{"$ref": "#/$defs/Circle"}, {"type": "null"}]},
            },
            "type": "object",
            "properties": {
                "keys": {"anyOf": [{"$ref": "#/$defs/Secret"}, {"type": "null"}]},
                "extra": {"type": "array", "items": {"$ref": "#/$defs/Secret"}},
                "circle": {"$ref": "#/$defs/Circle"},
                "name": {"type": "string"},
            },
        })
    }

    #[test]
    fn redacting_follows_references_branches_and_lists_and_leaves_the_rest() {
        let mut tree = json!({
            "name": "livekit",
            "keys": {"value": "hunter2", "secretKeyRef": {"name": "keys"}},
            "extra": [{"value": "hunter2"}, {"value": null}, {"valeu": "hunter2"}],
            "circle": {"a": 1},
        });
        redact(&mut tree, Schema::of(&schema()), "[redacted]");
        assert_eq!(
            tree,
            json!({
                "name": "livekit",
                "keys": {"value": "[redacted]", "secretKeyRef": {"name": "keys"}},
                "extra": [{"value": "[redacted]"}, {"value": null}, {"valeu": "[redacted]"}],
                "circle": {"a": 1},
            })
        );
    }

    #[test]
    fn what_looks_like_a_secret_is_hidden_before_anything_is_read() {
        for (text, hidden) in [
            ("keys:\n  value: hunter2\n  name: x\n", vec!["hunter2"]),
            ("value: |\n  a: hunter2\n\n  b\nname: x\n", vec!["|", "hunter2", "", "b"]),
            ("{\"value\": \"hunter2\", \"name\": 1}", vec!["\"hunter2\", \"name\": 1}"]),
            ("redis.auth.value={hunter2", vec!["{hunter2"]),
            ("redis.auth.value[hunter2", vec!["[hunter2"]),
            ("redis.auth.value.x=hunter2", vec!["hunter2"]),
            ("valued: a\nmy_value: b\nname: value\n", vec![]),
        ] {
            let mut sources = Sources::default();
            sources.add("a.yaml", text);
            let places = likely(&sources, &schema());
            assert_eq!(places.iter().map(|place| &text[place.range()]).collect::<Vec<_>>(), hidden, "{text}");
        }
    }

    #[test]
    fn a_pointer_into_a_secret_or_a_section_is_secret() {
        let host = schema();
        let token = json!({"properties": {"token": {"writeOnly": true}, "a/b": {"type": "string"}}});
        let sections = IndexMap::from([("gke".to_owned(), token.clone()), ("keys".to_owned(), json!({}))]);
        let composed = Schema::composed(&host, &sections);
        for (pointer, secret) in [
            ("", false),
            ("/name", false),
            ("/keys/value", true),
            ("/keys/value/deeper", true),
            ("/keys/secretKeyRef/name", false),
            ("/keys/vlaue", true),
            ("/extra/1/value", true),
            ("/extra/x/value", true),
            ("/gke/token", true),
            ("/gke/a~1b", false),
        ] {
            assert_eq!(is_secret(composed, pointer), secret, "{pointer}");
        }
    }
}
