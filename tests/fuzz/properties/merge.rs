//! Layers merge as RFC 7386 says, which the json-patch crate knows too; an empty layer changes nothing, a layer that
//! comes twice changes nothing, null deletes, and every value knows a place that its text holds.

use indexmap::IndexMap;
use render_pipeline::load::Loaded;
use render_pipeline::merge::merge;
use render_text::node::{Map, Node, Tree};
use render_text::source::{SourceId, Sources};
use render_text::yaml::read;
use serde_json::{Value, json};

/// The maps among the documents of a YAML stream are layers.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = Sources::default();
    let source = sources.add("layers", text.as_ref());
    let Ok(documents) = read(source, &text) else { return };
    let layers: Vec<Node> = documents.into_iter().filter(|layer| matches!(layer.tree, Tree::Map(_))).collect();
    // The reader has let a bomb of aliases through that fits its budget: merging one shows nothing new, slowly.
    if layers.iter().map(size).sum::<usize>() > 20_000 {
        return;
    }
    let merged = merged(&layers, source, &sources);
    assert_eq!(merged.to_json(), by_the_book(&layers), "not what RFC 7386 says");
    places(&merged, source, &text);
    for at in 0..=layers.len().min(8) {
        let mut with_empty = layers.clone();
        with_empty.insert(at, Node { tree: Tree::Map(Map::new()), origins: Vec::new() });
        // The very first layer is taken as it is, with its nulls.
        if at > 0 {
            assert_eq!(self::merged(&with_empty, source, &sources).to_json(), merged.to_json(), "empty at {at}");
        }
    }
    if let [_, .., last] = &layers[..] {
        let twice = [&layers[..], std::slice::from_ref(last)].concat();
        assert_eq!(self::merged(&twice, source, &sources).to_json(), merged.to_json(), "the last one twice");
        nulls_delete(last, &merged);
    }
}

fn size(node: &Node) -> usize {
    match &node.tree {
        Tree::Map(members) => 1 + members.values().map(|member| size(&member.node)).sum::<usize>(),
        Tree::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        _ => 1,
    }
}

fn merged(layers: &[Node], source: SourceId, sources: &Sources) -> Node {
    assert_eq!(&sources.get(source).name, "layers");
    let loaded = Loaded {
        facts: Vec::new(),
        lock: render_plugins::lock::Lock::default(),
        environment: "fuzz".to_owned(),
        layers: layers.to_vec(),
        terraform: None,
        assignments: Vec::new(),
        templates: IndexMap::new(),
        schemas: Vec::new(),
    };
    merge(&loaded, None, sources).unwrap().tree
}

fn by_the_book(layers: &[Node]) -> Value {
    let mut layers = layers.iter().map(Node::to_json);
    let mut value = layers.next().unwrap_or_else(|| json!({}));
    for layer in layers {
        json_patch::merge(&mut value, &layer);
    }
    value
}

fn nulls_delete(layer: &Node, merged: &Node) {
    let Tree::Map(members) = &layer.tree else { return };
    for (key, member) in members {
        match (&member.node.tree, merged.get(key)) {
            (Tree::Null, found) => assert_eq!(found, None, "{key} was deleted"),
            (Tree::Map(_), Some(found)) => nulls_delete(&member.node, found),
            (_, found) => assert_eq!(found.map(Node::to_json), Some(member.node.to_json()), "{key}: later wins"),
        }
    }
}

fn places(node: &Node, source: SourceId, text: &str) {
    if let Some(place) = node.place() {
        assert_eq!(place.source, source);
        assert!(text.get(place.range()).is_some(), "{place:?} is not in the text");
    }
    match &node.tree {
        Tree::Map(members) => members.values().for_each(|member| places(&member.node, source, text)),
        Tree::List(items) => items.iter().for_each(|item| places(item, source, text)),
        _ => {}
    }
}
