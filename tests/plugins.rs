//! A plugin that keeps to the rules: what it is shown, what its changes do, and how its code is kept.

/// What was built for earlier versions of the interface.
mod versions;

use std::path::Path;

use render_objects::manifest::ManifestSet;
use render_platform::values::schema::VOCABULARY;
use render_plugins::limits::Limits;
use render_plugins::open::{Runtime, compiled, open};
use render_plugins::transform::{Input, Transformed, request, transform};
use render_plugins::{Plugin, sandbox};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Map, Member, Node, Tree};
use render_text::source::{Place, Sources};
use serde_json::{Value, json};

use crate::component;

const PERMISSIONS: &str = r#"{
    "read": [{"apiVersion": "apps/v1", "kind": "Deployment"}, {"apiVersion": "v1", "kind": "Secret"}],
    "add": [{"apiVersion": "v1", "kind": "ConfigMap"}],
    "patch": [{"apiVersion": "apps/v1", "kind": "Deployment", "paths": ["/spec/replicas"]},
              {"apiVersion": "apps/v1", "kind": "Deployment", "paths": ["/metadata/annotations", "/spec/containers"]}],
    "remove": [{"apiVersion": "v1", "kind": "Service"}]}"#;

#[test]
fn changes_are_made_in_order_and_noted() {
    let answer = json!({"changes": [
        {"op": "add", "reason": "the provider wants it", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}}},
        {"op": "patch", "reason": "the image of the region", "target": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "server"}, "patch": [
            {"op": "test", "path": "/spec/replicas", "value": 3},
            {"op": "replace", "path": "/spec/containers[name=livekit]/image", "value": "eu/livekit"},
            {"op": "add", "path": "/metadata/annotations/why", "value": "because"}]},
        {"op": "remove", "reason": "not needed", "target": {"apiVersion": "v1", "kind": "Service", "name": "server"}}],
        "notes": {"steps": [{"title": "ask for quota", "why": "the nodes"}], "tfvars": {"region": "eu"}}});
    let done = run(&[&plugin("good", &answer)]).unwrap();

    let names: Vec<String> = done.manifests.iter().map(|manifest| manifest.id.to_string()).collect();
    assert_eq!(names, ["Deployment livekit/server", "Secret livekit/keys", "ConfigMap new"]);
    let deployment = &done.manifests.iter().next().unwrap().value;
    assert_eq!(deployment["spec"]["containers"][1]["image"], "eu/livekit");
    assert_eq!(deployment["metadata"]["annotations"]["why"], "because");

    let applied: Vec<String> =
        done.applied.iter().map(|made| format!("{} {}", made.operation, made.path.join("/"))).collect();
    assert_eq!(
        applied,
        ["add ", "replace spec/containers/[name=livekit]/image", "add metadata/annotations/why", "remove "]
    );
    assert_eq!(done.notes[0].1.tfvars["region"], "eu");
}

#[test]
fn only_what_may_be_read_is_shown_and_no_secret() {
    let plugin = plugin("good", &json!({}));
    let text = request(&plugin.description, input(&json!({"a": 1}), &values()), &manifests());
    let shown: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&shown["environment"], &shown["values"]), (&json!("prd"), &json!({"a": 1})));
    let kinds: Vec<&Value> = shown["manifests"].as_array().unwrap().iter().map(|manifest| &manifest["kind"]).collect();
    assert_eq!(kinds, ["Deployment", "Secret"]);
    assert_eq!(shown["manifests"][1]["stringData"], json!({"key": "[redacted by render]"}));
    assert!(!text.contains("hunter2"), "{text}");
}

/// What a Secret holds is hidden wherever it stands, encoded or not; the names of objects are not.
#[test]
fn the_text_of_a_secret_is_hidden_in_other_objects_too() {
    let mut set = manifests();
    let more = [
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "more"},
            "data": {"password": "b3Blbi1zZXNhbWU=", "host": "bGl2ZWtpdC1zZXJ2ZXI="},
            "stringData": {"keys.yaml": "APIabc: 0123456789abcdef\n"}}),
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "livekit-server",
            "annotations": {"url": "redis://:open-sesame@redis", "encoded": "b3Blbi1zZXNhbWU="}},
            "spec": {"args": ["--keys", "0123456789abcdef"], "serviceName": "livekit-server", "replicas": 2}}),
    ];
    for value in more {
        set.push(value, "test").unwrap();
    }
    let text = request(&plugin("good", &json!({})).description, input(&json!({}), &values()), &set);
    let shown: Value = serde_json::from_str(&text).unwrap();
    let deployment =
        shown["manifests"].as_array().unwrap().iter().find(|one| one["metadata"]["name"] == "livekit-server");
    let hidden = "[redacted by render]";
    assert_eq!(deployment.unwrap()["metadata"]["annotations"], json!({"url": hidden, "encoded": hidden}));
    assert_eq!(
        deployment.unwrap()["spec"],
        json!({"args": ["--keys", hidden], "serviceName": "livekit-server", "replicas": 2})
    );
    for secret in ["open-sesame", "b3Blbi1zZXNhbWU=", "0123456789abcdef", "hunter2"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn mistakes_are_shown_at_the_value_or_at_what_is_around_it() {
    let answer = json!({
        "warnings": [{"path": "/good/region", "message": "eu is slow from here"}],
        "mistakes": [{"path": "/good/region/zone", "message": "there is no such zone", "hint": "use a"},
                     {"path": "/good/absent/deep", "message": "a project is needed"}]});
    let said = errors(run(&[&plugin("good", &answer)]));
    let places: Vec<_> = said.iter().map(|error| (error.message.as_str(), error.place.map(Place::range))).collect();
    assert_eq!(
        places,
        [
            ("plugin good: there is no such zone", Some(14..16)),
            ("plugin good: a project is needed", Some(6..16)),
            ("plugin good: eu is slow from here", Some(14..16)),
        ]
    );
    assert_eq!(said[0].hint.as_deref(), Some("use a"));
}

#[test]
fn a_plugin_does_not_undo_what_another_did() {
    let replicas = |count: u32| {
        json!({"changes": [{"op": "patch", "reason": format!("{count} nodes"),
            "target": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "server"},
            "patch": [{"op": "replace", "path": "/spec/replicas", "value": count}]}]})
    };
    let (first, same, other) =
        (plugin("first", &replicas(5)), plugin("same", &replicas(5)), plugin("other", &replicas(4)));
    assert!(run(&[&first, &same]).is_ok(), "two plugins may agree");
    let said = errors(run(&[&first, &other]));
    assert_eq!(
        said[0].message,
        "plugin other: it would replace `/spec/replicas` of Deployment livekit/server, which plugin first set: 5 nodes"
    );
}

#[test]
fn an_item_that_moved_is_still_another_plugins() {
    let patch = |operation: Value| {
        json!({"changes": [{"op": "patch", "reason": "test",
            "target": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "server"}, "patch": [operation]}]})
    };
    let image = "/spec/containers[name=livekit]/image";
    let first = plugin("first", &patch(json!({"op": "replace", "path": image, "value": "a"})));
    let second = plugin("second", &patch(json!({"op": "add", "path": "/spec/containers/0", "value": {"name": "new"}})));
    let third = plugin("third", &patch(json!({"op": "replace", "path": image, "value": "b"})));
    let said = errors(run(&[&first, &second, &third]));
    assert!(said[0].message.starts_with("plugin third: it would replace `/spec/containers[name=livekit]/image`"));
}

#[test]
fn the_same_call_uses_the_same_fuel() {
    let runtime = Runtime::default();
    let call = || {
        let plugin = plugin("good", &json!({"warnings": []}));
        let component = compiled(&plugin, &runtime).unwrap();
        sandbox::call(&component, "render:plugin/provider@1.0.0", &runtime.limits, "{}".to_owned()).unwrap()
    };
    let (first, second) = (call(), call());
    assert_eq!(first, second);
    assert!(first.fuel > 0);
}

#[test]
fn compiled_code_is_kept_in_the_folder_that_was_given() {
    let folder = tempfile::tempdir().unwrap();
    let cached = Runtime::new(Limits::default(), Some(folder.path().join("plugins")));
    compiled(&plugin("good", &json!({})), &cached).unwrap();
    assert!(files(folder.path()) > 0);
}

#[test]
fn a_folder_that_cannot_be_used_is_no_mistake() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sandbox = Runtime::new(Limits::default(), Some(file.path().join("plugins")));
    assert!(compiled(&plugin("good", &json!({})), &sandbox).is_ok());
}

fn files(folder: &Path) -> usize {
    let count = |entry: std::io::Result<std::fs::DirEntry>| {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path) } else { 1 }
    };
    std::fs::read_dir(folder).unwrap().map(count).sum()
}

fn plugin(name: &str, answer: &Value) -> Plugin {
    let component = component::answering(&component::description(name, PERMISSIONS), &answer.to_string());
    open(name, component, &Limits::default()).unwrap()
}

fn run(plugins: &[&Plugin]) -> Result<Transformed, Failure> {
    transform(&Runtime::default(), plugins, input(&json!({}), &values()), manifests())
}

fn errors(result: Result<Transformed, Failure>) -> Vec<Diagnostic> {
    match result {
        Err(Failure::Input(errors)) => errors,
        other => panic!("it should have been refused: {other:?}"),
    }
}

fn input<'a>(values: &'a Value, origins: &'a Node) -> Input<'a> {
    Input { environment: "prd", values, origins, vocabulary: &VOCABULARY }
}

/// `good: {region: eu}`, as the loader would read it.
fn values() -> Node {
    let file = Sources::default().add("prd.yaml", "good: {region: eu}");
    let at = |range| Place::new(file, range);
    let map = |key: &str, node: Node| Tree::Map(Map::from_iter([(key.to_owned(), Member { key: None, node })]));
    let region = Node::written(Tree::String("eu".to_owned()), at(14..16));
    let section = Node::written(map("region", region), at(6..16));
    Node::written(map("good", section), at(0..16))
}

fn manifests() -> ManifestSet {
    let mut set = ManifestSet::default();
    let all = [
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "server", "namespace": "livekit"},
            "spec": {"replicas": 3, "containers": [{"name": "exporter"}, {"name": "livekit", "image": "livekit"}]}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "server", "namespace": "livekit"}}),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "keys", "namespace": "livekit",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{\"stringData\":{\"key\":\"hunter2\"}}"}},
            "stringData": {"key": "hunter2"}}),
    ];
    for value in all {
        set.push(value, "test").unwrap();
    }
    set
}
