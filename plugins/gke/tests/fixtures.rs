//! What the plugin answers, as files: tests/fixtures/<case>/request.json gives response.json. `RENDER_BLESS=1` writes
//! the responses anew. Each is held against the contract, and the permissions against what the plugin really does.

#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test reads its fixtures, and fails by a panic")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use render_plugin_sdk::{Plugin, wire};
use serde_json::Value;

#[test]
fn every_request_has_its_response() {
    let bless = env::var_os("RENDER_BLESS").is_some();
    for case in cases() {
        let answer = format!("{}\n", serde_json::to_string_pretty(&response(&case)).unwrap());
        let file = case.join("response.json");
        if bless {
            fs::write(&file, &answer).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(answer, expected, "{}: RENDER_BLESS=1 cargo test writes it anew", file.display());
    }
}

#[test]
fn requests_and_responses_keep_the_contract() {
    for case in cases() {
        assert_eq!(errors("plugin-request.json", &request(&case)), Vec::<String>::new(), "{}", case.display());
        assert_eq!(errors("plugin-response.json", &response(&case)), Vec::<String>::new(), "{}", case.display());
    }
}

#[test]
fn the_sections_keep_the_schema() {
    let schema = jsonschema::validator_for(&description()["schema"]).unwrap();
    for case in cases() {
        assert!(schema.is_valid(&request(&case)["values"]["gke"]), "{}", case.display());
    }
}

/// A permission too few and the host refuses the plugin; one too many and it may do what it never needs.
#[test]
fn the_permissions_are_what_it_does() {
    let done: BTreeSet<String> = cases().iter().flat_map(|case| deeds(&response(case))).collect();
    let granted = grants(&description()["permissions"]);
    assert_eq!(done, granted);
}

#[test]
fn the_same_request_gives_the_same_bytes() {
    for case in cases() {
        let text = fs::read_to_string(case.join("request.json")).unwrap();
        assert_eq!(wire::answer(&text, gke::Gke::transform), wire::answer(&text, gke::Gke::transform));
    }
}

/// What a response does, each as one line: `add v1 ServiceAccount`, `patch v1 Service /metadata/annotations/a`.
fn deeds(response: &Value) -> Vec<String> {
    let changes = response["changes"].as_array().into_iter().flatten();
    changes
        .flat_map(|change| match change["op"].as_str().unwrap() {
            "add" => vec![format!("add {}", kind(&change["manifest"]))],
            "patch" => paths(change),
            other => vec![format!("{other} {}", kind(&change["target"]))],
        })
        .collect()
}

/// An item of a list is granted with the list.
fn paths(change: &Value) -> Vec<String> {
    let operations = change["patch"].as_array().unwrap().iter();
    let paths = operations.map(|operation| operation["path"].as_str().unwrap().trim_end_matches("/-"));
    paths.map(|path| format!("patch {} {path}", kind(&change["target"]))).collect()
}

fn grants(permissions: &Value) -> BTreeSet<String> {
    let list = |name: &str| permissions[name].as_array().cloned().unwrap_or_default();
    let adds = list("add").into_iter().map(|grant| format!("add {}", kind(&grant)));
    let removes = list("remove").into_iter().map(|grant| format!("remove {}", kind(&grant)));
    let patches = list("patch").into_iter().flat_map(|grant| {
        let paths = grant["paths"].as_array().unwrap().clone();
        paths.into_iter().map(move |path| format!("patch {} {}", kind(&grant), path.as_str().unwrap()))
    });
    adds.chain(removes).chain(patches).collect()
}

fn kind(object: &Value) -> String {
    format!("{} {}", object["apiVersion"].as_str().unwrap(), object["kind"].as_str().unwrap())
}

fn errors(schema: &str, instance: &Value) -> Vec<String> {
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let validator = jsonschema::validator_for(&json(&contracts.join(schema))).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there is no case in {}", folder.display());
    cases
}

fn description() -> Value {
    json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("description.json"))
}

fn request(case: &Path) -> Value {
    json(&case.join("request.json"))
}

fn response(case: &Path) -> Value {
    let text = fs::read_to_string(case.join("request.json")).unwrap();
    serde_json::from_str(&wire::answer(&text, gke::Gke::transform)).unwrap()
}

fn json(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}
