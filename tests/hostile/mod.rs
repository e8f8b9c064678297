//! Each fixture is one plugin that does what none may, and beside it stands the whole message, `<name>.err`:
//! - `<name>.answer` is what the plugin answers, byte for byte;
//! - `<name>.wat` is the core code of its `transform`, or a whole component or module.
//!
//! All are given `manifests.json` and granted what `description.json` asks for.
//! `RENDER_BLESS=1 cargo test hostile` writes the messages anew.

use std::fs;
use std::path::{Path, PathBuf};

use render::diagnostic::{Diagnostic, Failure};
use render::manifest::ManifestSet;
use render::node::{Node, Tree};
use render::plugins::limits::Limits;
use render::plugins::open::{Sandbox, open};
use render::plugins::transform::{Input, transform};
use serde_json::{Value, json};

use crate::component;

const TWO_ADDITIONS: &str = r#"{"changes": [
    {"op": "add", "reason": "one", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "one"}}},
    {"op": "add", "reason": "two", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "two"}}}]}"#;

#[test]
fn every_plugin_that_misbehaves_is_refused() {
    let fixtures = fixtures();
    assert!(!fixtures.is_empty(), "no fixture was found");
    let wrong: Vec<String> = fixtures.iter().filter_map(|fixture| check(fixture)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn limits_that_no_fixture_is_large_enough_for() {
    let plugin = component::answering(&read("description.json"), TWO_ADDITIONS);
    let tight = [
        (Limits { component_bytes: 64, ..Limits::default() }, "plugin ./evil.wasm: the component is "),
        (Limits { description_bytes: 64, ..Limits::default() }, "plugin ./evil.wasm: its description is "),
        (Limits { changes: 1, ..Limits::default() }, "plugin evil: it makes 2 changes, and may make 1"),
        (Limits { added: 1, ..Limits::default() }, "plugin evil: it adds 2 manifests, and may add 1"),
    ];
    for (limits, message) in tight {
        let refused = refusal(&plugin, limits);
        assert!(refused.starts_with(&format!("error: {message}")), "{refused}");
    }
}

#[test]
fn text_is_not_a_component() {
    let refused = refusal(b"apiVersion: v1", Limits::default());
    assert!(refused.starts_with("error: plugin ./evil.wasm: not a WebAssembly component: "), "{refused}");
}

fn check(fixture: &Path) -> Option<String> {
    let said = refusal(&plugin(fixture), Limits::default());
    let expected = fixture.with_extension("err");
    if std::env::var_os("RENDER_BLESS").is_some() {
        fs::write(&expected, &said).unwrap();
    }
    let expected = fs::read_to_string(expected).unwrap_or_default();
    (said != expected).then(|| format!("{}:\n{said}--- instead of:\n{expected}", fixture.display()))
}

fn plugin(fixture: &Path) -> Vec<u8> {
    let text = fs::read_to_string(fixture).unwrap();
    let code = text.lines().find(|line| !line.starts_with(";;")).unwrap_or_default();
    if fixture.extension().is_some_and(|extension| extension == "answer") {
        return component::answering(&read("description.json"), text.trim_end());
    }
    if code.starts_with("(component") || code.starts_with("(module") {
        return wat::parse_str(text).expect("the fixture is valid WebAssembly text");
    }
    component::running(&read("description.json"), &text)
}

/// What is said of a plugin that must not get through.
fn refusal(plugin: &[u8], limits: Limits) -> String {
    let plugin = match open("./evil.wasm", plugin.to_vec(), &limits) {
        Ok(plugin) => plugin,
        Err(error) => return said(&[error]),
    };
    let origins = Node { tree: Tree::Map(render::node::Map::new()), origins: Vec::new() };
    let input = Input { environment: "prd", values: &json!({}), origins: &origins };
    match transform(&Sandbox::new(limits, None), &[&plugin], input, manifests()) {
        Ok(done) => format!("it was let through, with {} changes\n", done.applied.len()),
        Err(Failure::Input(errors)) => said(&errors),
        Err(Failure::Internal(error)) => error,
    }
}

fn said(errors: &[Diagnostic]) -> String {
    let line = |error: &Diagnostic| {
        let hint = error.hint.as_ref().map(|hint| format!("  hint: {hint}\n"));
        format!("error: {}\n{}", error.message, hint.unwrap_or_default())
    };
    errors.iter().map(line).collect()
}

fn manifests() -> ManifestSet {
    let values: Vec<Value> = serde_json::from_str(&read("manifests.json")).unwrap();
    let mut set = ManifestSet::default();
    for value in values {
        set.push(value, "test").unwrap();
    }
    set
}

fn fixtures() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wat" || extension == "answer"));
    files.sort();
    files
}

fn read(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/hostile")
}
