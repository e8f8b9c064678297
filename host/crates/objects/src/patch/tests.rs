//! What a path with selectors does to a Deployment, and what is said when it cannot.

use serde_json::{Value, json};

use super::*;

#[test]
fn selects_an_item_by_a_field() {
    let patched = patch(&json!([
        {"op": "replace", "path": "/spec/containers[name=livekit]/image", "value": "livekit:2"},
        {"op": "add", "path": "/spec/containers[name=livekit]/ports[containerPort=7880]/name", "value": "http"},
        {"op": "remove", "path": "/spec/containers[name=exporter]"},
    ]));
    let expected =
        json!([{"name": "livekit", "image": "livekit:2", "ports": [{"containerPort": 7880, "name": "http"}]}]);
    assert_eq!(patched.unwrap()["spec"]["containers"], expected);
}

#[test]
fn a_selector_is_resolved_after_the_operation_before_it() {
    let patched = patch(&json!([
        {"op": "add", "path": "/spec/containers/0", "value": {"name": "first"}},
        {"op": "add", "path": "/spec/containers[name=livekit]/tty", "value": true},
    ]));
    assert_eq!(patched.unwrap()["spec"]["containers"][1]["tty"], true);
}

#[test]
fn add_makes_the_maps_and_the_list_that_are_absent() {
    let patched = patch(&json!([
        {"op": "add", "path": "/metadata/labels/app.kubernetes.io~1part-of", "value": "livekit"},
        {"op": "add", "path": "/metadata/annotations/a", "value": "b"},
        {"op": "add", "path": "/spec/tolerations/-", "value": {"operator": "Exists"}},
        {"op": "add", "path": "/spec/tolerations/-", "value": {"operator": "Equal"}},
        {"op": "add", "path": "/spec/tolerations/2", "value": {"operator": "last"}},
    ]));
    let patched = patched.unwrap();
    assert_eq!(patched["metadata"]["labels"], json!({"app.kubernetes.io/part-of": "livekit"}));
    assert_eq!(patched["metadata"]["annotations"], json!({"a": "b"}), "a null map is absent");
    let tolerations = json!([{"operator": "Exists"}, {"operator": "Equal"}, {"operator": "last"}]);
    assert_eq!(patched["spec"]["tolerations"], tolerations);
}

#[test]
fn what_stays_keeps_its_order() {
    let patched = patch(&json!([{"op": "remove", "path": "/kind"}])).unwrap();
    let keys: Vec<&String> = patched.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["apiVersion", "metadata", "spec"]);
}

#[test]
fn says_which_step_leads_nowhere_and_what_is_there_instead() {
    let cases = [
        ("replace", "/spec/continers/0", "`/spec` has no member `continers`, only containers"),
        (
            "replace",
            "/spec/containers[name=livekitt]/image",
            "`/spec/containers` has no item `name=livekitt`, only name=livekit, name=exporter",
        ),
        ("replace", "/spec/containers[image=x]/image", "`/spec/containers` has 2 items that `image=x` fits"),
        ("remove", "/spec/containers/2", "`/spec/containers` has no item `2`, only name=livekit, name=exporter"),
        ("remove", "/spec/containers/01", "`/spec/containers` has no item `01`, only name=livekit, name=exporter"),
        ("add", "/kind/a", "`/kind` is a string, not a map or a list"),
        ("add", "/spec/initContainers[name=a]/image", "`/spec/initContainers` has no item `name=a`, it is empty"),
        ("add", "/spec/volumes/0", "`/spec/volumes` has no item `0`, it is empty"),
        (
            "add",
            "/spec/containers[name=livekit]",
            "it selects an item that is there; end the path in `/-` to append one",
        ),
        (
            "add",
            "/spec/containers[livekit]/tty",
            "`containers[livekit]` selects no item; write a selector as in `containers[name=livekit]`, with `~1` for a \
             `/` in it",
        ),
        ("add", "spec", "a path begins with `/`"),
        ("remove", "", "the whole object cannot be removed by a patch"),
        ("test", "/spec/containers[name=livekit]/image", "`/spec/containers/0/image` is \"x\""),
    ];
    for (operation, path, problem) in cases {
        let mut operations = json!([{"op": operation, "path": path, "value": 1}]);
        if operation == "remove" {
            operations[0].as_object_mut().unwrap().remove("value");
        }
        assert_eq!(patch(&operations).unwrap_err(), format!("cannot {operation} `{path}`: {problem}"));
    }
}

fn patch(operations: &Value) -> Result<Value, String> {
    let operations: Vec<Operation> = serde_json::from_value(operations.clone()).unwrap();
    let mut value = pod();
    for (index, operation) in operations.iter().enumerate() {
        let failed = |problem| PatchError::new(index, operation, problem).to_string();
        let resolved = resolve(&value, operation).map_err(failed)?;
        perform(&mut value, resolved).map_err(failed)?;
    }
    Ok(value)
}

fn pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "livekit", "annotations": null},
        "spec": {"containers": [
            {"name": "livekit", "image": "x", "ports": [{"containerPort": 7880}]},
            {"name": "exporter", "image": "x"},
        ]},
    })
}
