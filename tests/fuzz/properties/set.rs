//! Any argument of `--set` is applied or refused, and any key and any text can be set when they are escaped.

use render_pipeline::set::{SetKind, Target, apply, parse};
use render_text::node::{Map, Node, Tree};
use render_text::source::Sources;
use serde_json::json;

/// The first byte says which flag it is, the rest is its argument.
pub fn check(bytes: &[u8]) {
    let Some((flag, argument)) = bytes.split_first() else { return };
    let argument = String::from_utf8_lossy(argument);
    let resolve = |name: &str| if name.is_empty() { Err("no name".to_owned()) } else { Ok(name.to_owned()) };
    let kind = match flag % 5 {
        0 => SetKind::Typed,
        1 => SetKind::String,
        2 => SetKind::Json,
        3 => SetKind::File(&resolve),
        _ => SetKind::Env(&resolve),
    };
    applied_or_refused(kind, &argument);
    let middle = argument.floor_char_boundary(argument.len() / 2);
    let (key, text) = argument.split_once('=').unwrap_or(argument.split_at(middle));
    arrives(key, text);
}

/// Each assignment lies in its argument, and applying one to what it made already changes nothing.
fn applied_or_refused(kind: SetKind<'_>, argument: &str) {
    let mut sources = Sources::default();
    let source = sources.add("--set", argument);
    let assignments = match parse(kind, source, argument) {
        Ok(assignments) => assignments,
        Err(mistake) => return super::told(&[mistake], &sources),
    };
    let mut tree = values();
    for assignment in assignments {
        assert!(!assignment.path.is_empty(), "a path of no steps");
        assert!(argument.get(assignment.place.range()).is_some(), "a place that is not in the argument");
        let before = tree.to_json();
        if let Err(mistake) = apply(&mut tree, assignment.clone()) {
            super::told(&[mistake], &sources);
            continue;
        }
        let once = tree.to_json();
        let deletes = assignment.value.tree == Tree::Null;
        let appended = assignment.path.iter().any(|step| matches!(step.to, Target::Index(_))) && before != once;
        if !(deletes && appended) {
            apply(&mut tree, assignment).unwrap();
            assert_eq!(once, tree.to_json(), "applied twice it is another value");
        }
    }
}

/// A key and a text, with a backslash in front of each character, are exactly what they were.
fn arrives(key: &str, text: &str) {
    if key.is_empty() {
        return;
    }
    let escaped = |text: &str| text.chars().flat_map(|char| ['\\', char]).collect::<String>();
    let argument = format!("custom.{}={}", escaped(key), escaped(text));
    let mut sources = Sources::default();
    let source = sources.add("--set-string", argument.as_str());
    let mut tree = values();
    for assignment in parse(SetKind::String, source, &argument).unwrap() {
        apply(&mut tree, assignment).unwrap();
    }
    assert_eq!(tree.to_json()["custom"], json!({ key: text }));
    assert_eq!(tree.to_json().as_object().map(serde_json::Map::len), Some(3), "something else was set");
}

/// What the arguments edit: a list, a map, and a text.
fn values() -> Node {
    let given = json!({"a": {"b": 1, "c": [1, {"d": null}]}, "s": "text"});
    let tree = Node::derived(&given, &render_text::node::Origin::Derived { reason: String::new(), inputs: Vec::new() });
    assert_ne!(tree.tree, Tree::Map(Map::new()));
    tree
}
