//! What was built stays usable: `interface-1.0/` holds a component as it was built from the sdk when the interface had
//! that version, a request, and its answer. None of the three is ever made anew.

use std::fs;

use render_objects::manifest::ManifestSet;
use render_plugins::Plugin;
use render_plugins::limits::Limits;
use render_plugins::open::{Runtime, compiled, open};
use render_plugins::response;
use render_plugins::sandbox;
use render_plugins::transform::transform;
use serde_json::{Value, json};

use super::{input, values};
use crate::component;
use crate::support::root;

const FOLDER: &str = "tests/plugins/interface-1.0";
const INTERFACE: &str = "render:plugin/provider@1.0.0";

#[test]
fn a_component_of_the_first_version_answers_as_it_did() {
    assert_eq!(ask(&frozen(), &json("request.json")), json("response.json"));
}

/// The host's requests grow by members that an older plugin has never heard of.
#[test]
fn a_component_of_the_first_version_passes_over_what_it_does_not_know() {
    let mut request = json("request.json");
    request["later"] = json!({"since": "1.1"});
    request["values"]["later"] = json!([1, {"a": null}]);
    request["values"]["mijnbureau"]["later"] = json!(true);
    for manifest in request["manifests"].as_array_mut().unwrap() {
        manifest["later"] = json!("1.1");
    }
    assert_eq!(ask(&frozen(), &request), json("response.json"));
}

/// From the manifests that it was shown, through its answer, to the changes of today's host.
#[test]
fn the_changes_of_a_component_of_the_first_version_are_made() {
    let request = json("request.json");
    let mut manifests = ManifestSet::default();
    for manifest in request["manifests"].as_array().unwrap() {
        manifests.push(manifest.clone(), "test").unwrap();
    }
    let tree = values();
    let input = input(&request["values"], &tree);
    let done = transform(&Runtime::default(), &[&frozen()], input, manifests).unwrap();
    let changes = json("response.json")["changes"].as_array().unwrap().len();
    assert!(changes > 0 && done.applied.len() >= changes, "{:?}", done.applied);
}

#[test]
fn a_later_minor_version_and_a_component_of_two_versions_are_understood() {
    let component = component::answering(&component::description("good", "{}"), "{}");
    let other = |version: &str| {
        let text = under(&component, version);
        open("good", text, &Limits::default()).map(|plugin| ask(&plugin, &json!({})))
    };
    assert_eq!(other("1.7.0").unwrap(), json!({}));
    let said = other("2.0.0").unwrap_err();
    assert!(said.message.contains("it speaks version 2.0.0 of the plugin interface, and this render speaks 1"));
    assert_eq!(said.hint.as_deref(), Some("update render, or take an older version of the plugin"));
    let both = "(export \"render:plugin/provider@2.0.0\" (instance $provider))";
    let both = component::beside(&component::description("good", "{}"), both);
    assert!(open("good", both, &Limits::default()).is_ok(), "it has the version that is spoken here, too");
}

/// The same component under another version of the interface.
fn under(component: &[u8], version: &str) -> Vec<u8> {
    let (from, to) = (INTERFACE.as_bytes(), INTERFACE.replace("1.0.0", version).into_bytes());
    let mut bytes = component.to_vec();
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    for at in &places {
        bytes[*at..at + from.len()].copy_from_slice(&to);
    }
    assert!(!places.is_empty());
    bytes
}

fn ask(plugin: &Plugin, request: &Value) -> Value {
    let code = compiled(plugin, &Runtime::default()).unwrap();
    let answer = sandbox::call(&code, plugin.export(), &plugin.limits, request.to_string()).unwrap();
    response::parse(&answer.text).expect("today's host reads it");
    serde_json::from_str(&answer.text).unwrap()
}

fn frozen() -> Plugin {
    open("frozen", fs::read(root().join(FOLDER).join("component.wasm")).unwrap(), &Limits::default()).unwrap()
}

fn json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(root().join(FOLDER).join(name)).unwrap()).unwrap()
}
