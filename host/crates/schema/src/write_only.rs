//! Which values are secret. A schema says so with `writeOnly: true`; here that is found through every `$ref`
//! and branch, so that a message, an excerpt and a plugin's request all mask the same values.

use std::collections::BTreeSet;
use std::ptr::from_ref;

use serde_json::Value;

use render_text::mask::{names, parts};
use render_text::node::{Node, Origin, Tree};
use render_text::source::{Place, SourceId, Sources};

use super::Schema;

/// Puts `instead` in place of every secret value. `null` stays, since it says only that there is none.
pub fn mask(tree: &mut Value, schema: Schema<'_>, instead: &str) {
    mask_under(tree, &expand(vec![schema]), instead);
}

/// Every place where a value was written that the schema calls secret, the overridden ones too.
#[must_use]
pub fn places(tree: &Node, schema: Schema<'_>) -> Vec<Place> {
    nodes(tree, schema, is_declared).into_iter().flat_map(written).collect()
}

/// Masks the secret values of a tree in all output: the places where they were written, and their texts wherever they
/// turn up. The texts that the tree was written in hold no other secrets.
pub fn mask_in(sources: &mut Sources, tree: &Node, schema: Schema<'_>) {
    let nodes = nodes(tree, schema, is_likely);
    sources.mask(nodes.iter().flat_map(|node| written(node)));
    sources.mask_texts(nodes.into_iter().flat_map(texts));
    let mut read = BTreeSet::new();
    sources_of(tree, &mut read);
    for source in read {
        sources.classified(source);
    }
}

fn sources_of(node: &Node, found: &mut BTreeSet<SourceId>) {
    found.extend(written(node).map(|place| place.source));
    match &node.tree {
        Tree::List(items) => items.iter().for_each(|item| sources_of(item, found)),
        Tree::Map(map) => map.values().for_each(|member| sources_of(&member.node, found)),
        _ => {}
    }
}

fn written(node: &Node) -> impl Iterator<Item = Place> {
    node.origins.iter().filter_map(Origin::written)
}

fn texts(node: &Node) -> BTreeSet<String> {
    match &node.tree {
        Tree::String(text) => parts::of(text),
        Tree::Number(number) => parts::of(&number.to_string()),
        _ => BTreeSet::new(),
    }
}

/// The addresses of the secret values of a tree, for asking about one value after another.
pub(super) fn addresses(tree: &Node, schema: Schema<'_>) -> BTreeSet<*const Node> {
    nodes(tree, schema, is_likely).into_iter().map(from_ref).collect()
}

/// The secret values of a tree and all that they hold.
fn nodes<'t>(tree: &'t Node, schema: Schema<'_>, is_secret: IsSecret) -> Vec<&'t Node> {
    let mut found = Vec::new();
    collect(tree, &expand(vec![schema]), is_secret, &mut found);
    found
}

/// Tells by the schemas of a map, a key, and the schemas of its value, whether that is secret.
type IsSecret = fn(&[Schema<'_>], &str, &[Schema<'_>]) -> bool;

fn collect<'t>(node: &'t Node, views: &[Schema<'_>], is_secret: IsSecret, found: &mut Vec<&'t Node>) {
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
                collect(item, &below, is_secret, found);
            }
        }
        Tree::Map(map) => {
            for (key, entry) in map {
                let below = member(views, key);
                if is_secret(views, key, &below) {
                    collect_all(&entry.node, found);
                } else {
                    collect(&entry.node, &below, is_secret, found);
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

fn mask_under(tree: &mut Value, views: &[Schema<'_>], instead: &str) {
    if says_secret(views) {
        return put(tree, instead);
    }
    match tree {
        Value::Array(list) => {
            let below = items(views);
            for item in list {
                mask_under(item, &below, instead);
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let below = member(views, key);
                if is_likely(views, key, &below) {
                    put(value, instead);
                } else {
                    mask_under(value, &below, instead);
                }
            }
        }
        other if expects_secret(views) => put(other, instead),
        _ => {}
    }
}

fn put(value: &mut Value, instead: &str) {
    if !value.is_null() {
        *value = Value::from(instead);
    }
}

fn says_secret(views: &[Schema<'_>]) -> bool {
    views.iter().any(|view| view.get("writeOnly") == Some(&Value::Bool(true)))
}

/// Whether a member with the schemas `below` is secret itself, or no schema knows its key where a secret is expected, so
/// that it may well be the secret under a misspelt name.
fn is_declared(views: &[Schema<'_>], _: &str, below: &[Schema<'_>]) -> bool {
    says_secret(below) || below.is_empty() && expects_secret(views)
}

/// The same, and whether a key that no schema knows is the name of a secret, which may well be one at a wrong place.
fn is_likely(views: &[Schema<'_>], key: &str, below: &[Schema<'_>]) -> bool {
    let is_named = names::is_secret(key) || views.is_empty() && key == names::DOCKER_LOGIN;
    is_declared(views, key, below) || below.is_empty() && is_named
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
    fn masking_follows_references_branches_and_lists_and_leaves_the_rest() {
        let mut tree = json!({
            "name": "livekit",
            "keys": {"value": "hunter2", "secretKeyRef": {"name": "keys"}},
            "extra": [{"value": "hunter2"}, {"value": null}, {"valeu": "hunter2"}],
            "circle": {"a": 1},
        });
        mask(&mut tree, Schema::of(&schema()), "[masked]");
        assert_eq!(
            tree,
            json!({
                "name": "livekit",
                "keys": {"value": "[masked]", "secretKeyRef": {"name": "keys"}},
                "extra": [{"value": "[masked]"}, {"value": null}, {"valeu": "[masked]"}],
                "circle": {"a": 1},
            })
        );
    }

    #[test]
    fn what_is_in_a_secret_of_the_host_or_a_section_is_masked() {
        let host = schema();
        let token = json!({"properties": {"token": {"writeOnly": true}, "a/b": {"type": "string"}}});
        let sections = IndexMap::from([("gke".to_owned(), token.clone()), ("keys".to_owned(), json!({}))]);
        let mut tree = json!({
            "name": "a",
            "keys": {"value": {"deeper": "a"}, "secretKeyRef": {"name": "a"}, "vlaue": "a"},
            "extra": [{}, {"value": "a"}],
            "gke": {"token": "a", "a/b": "a"},
        });
        mask(&mut tree, Schema::composed(&host, &sections), "[masked]");
        let expected = json!({
            "name": "a",
            "keys": {"value": "[masked]", "secretKeyRef": {"name": "a"}, "vlaue": "[masked]"},
            "extra": [{}, {"value": "[masked]"}],
            "gke": {"token": "[masked]", "a/b": "a"},
        });
        assert_eq!(tree, expected);
    }
}
