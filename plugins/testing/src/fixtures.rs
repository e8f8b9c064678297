//! What a plugin answers, as files: tests/fixtures/CASE/request.json gives response.json. `RENDER_BLESS=1` writes
//! the responses anew. Each is held against the contract, and the permissions against what the plugin really does.
//! `plugin` is everywhere the folder of the plugin's crate.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use render_plugin_sdk::{Request, Response, wire};
use serde_json::Value;

use crate::description::description;
use crate::{blessing, errors, json};

/// What a plugin does.
pub type Transform = fn(&Request) -> Response;

/// Every request has the response that is written beside it.
pub fn every_request_has_its_response(plugin: &str, transform: Transform) {
    for case in cases(plugin) {
        let answer = format!("{}\n", serde_json::to_string_pretty(&response(&case, transform)).unwrap());
        let file = case.join("response.json");
        if blessing() {
            fs::write(&file, &answer).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(answer, expected, "{}: RENDER_BLESS=1 cargo test writes it anew", file.display());
    }
}

/// Requests and responses keep the contract.
pub fn requests_and_responses_keep_the_contract(plugin: &str, transform: Transform) {
    for case in cases(plugin) {
        let name = case.display();
        assert_eq!(errors("plugin-request.json", &request(&case)), Vec::<String>::new(), "{name}");
        assert_eq!(errors("plugin-response.json", &response(&case, transform)), Vec::<String>::new(), "{name}");
    }
}

/// The sections of the requests keep the schema.
pub fn the_sections_keep_the_schema(plugin: &str) {
    let description = description(plugin);
    let schema = jsonschema::validator_for(&description["schema"]).unwrap();
    for case in cases(plugin) {
        let section = &request(&case)["values"][description["name"].as_str().unwrap()];
        assert!(schema.is_valid(section), "{}", case.display());
    }
}

/// A permission too few and the host refuses the plugin; one too many and it may do what it never needs.
pub fn the_permissions_are_what_it_does(plugin: &str, transform: Transform) {
    let done: BTreeSet<String> = cases(plugin).iter().flat_map(|case| deeds(&response(case, transform))).collect();
    let granted = grants(&description(plugin)["permissions"]);
    assert_eq!(done, granted);
}

/// What it reads, it needs: without the objects of a kind that it may read, some answer is another.
pub fn every_kind_that_it_reads_matters(plugin: &str, transform: Transform) {
    let read = description(plugin)["permissions"]["read"].as_array().cloned().unwrap_or_default();
    for granted in read {
        let without = |mut request: Value| {
            let manifests = request["manifests"].as_array_mut().unwrap();
            manifests.retain(|manifest| kind(manifest) != kind(&granted));
            wire::answer(&request.to_string(), transform)
        };
        let matters = |case: &PathBuf| wire::answer(&request(case).to_string(), transform) != without(request(case));
        assert!(cases(plugin).iter().any(matters), "no fixture needs to read {}", kind(&granted));
    }
}

/// The same request gives the same bytes.
pub fn the_same_request_gives_the_same_bytes(plugin: &str, transform: Transform) {
    for case in cases(plugin) {
        let text = fs::read_to_string(case.join("request.json")).unwrap();
        assert_eq!(wire::answer(&text, transform), wire::answer(&text, transform));
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

fn cases(plugin: &str) -> Vec<PathBuf> {
    let folder = Path::new(plugin).join("tests/fixtures");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "there is no case in {}", folder.display());
    cases
}

fn request(case: &Path) -> Value {
    json(&case.join("request.json"))
}

fn response(case: &Path, transform: Transform) -> Value {
    let text = fs::read_to_string(case.join("request.json")).unwrap();
    serde_json::from_str(&wire::answer(&text, transform)).unwrap()
}
