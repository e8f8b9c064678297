//! `render plugin test` on fixtures with plugins that are right, and with plugins that are wrong in one way each.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{DESCRIPTION, render_in, said};
use crate::component;
use crate::support::{folders, program, root};

const ADDS: &str = r#"{"changes": [{"op": "add", "reason": "why", "manifest":
    {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "new"}}}]}"#;

/// A folder with one fixture and a plugin that answers this.
fn plugin(answer: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let values = [("tests/fixtures/one/values.yaml", "acme: {rack: r1}\n")];
    for (path, text) in values.iter().chain(files) {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    fs::write(folder.path().join("acme.wasm"), component::answering(DESCRIPTION, answer)).unwrap();
    folder
}

fn test(folder: &Path, options: &[&str]) -> String {
    said(&render_in(folder, &[&["plugin", "test", "--component", "acme.wasm"], options].concat()))
}

#[test]
fn what_is_blessed_is_expected_and_what_differs_is_shown() {
    let folder = plugin(ADDS, &[]);
    let blessed = test(folder.path(), &["--bless"]);
    assert!(blessed.starts_with("acme 1.2.3: acme.wasm\nnew    tests/fixtures/one  fuel "), "{blessed}");
    let response = folder.path().join("tests/fixtures/one/response.yaml");
    let written = fs::read_to_string(&response).unwrap();
    assert!(written.starts_with("changes:\n- manifest:\n    apiVersion: v1\n"), "{written}");
    let right = test(folder.path(), &[]);
    assert!(right.contains("\nok     tests/fixtures/one") && right.ends_with("status 0\n"), "{right}");
    assert!(right.contains("1 of 1 fixture as expected; the most fuel "), "{right}");

    fs::write(&response, written.replace("name: new", "name: old")).unwrap();
    let wrong = test(folder.path(), &[]);
    assert!(wrong.contains("\nWRONG  tests/fixtures/one"), "{wrong}");
    assert!(wrong.contains("\n-      name: old\n+      name: new\n"), "{wrong}");
    assert!(wrong.contains("error: the answer is not what is expected") && wrong.ends_with("status 1\n"), "{wrong}");
    let json = test(folder.path(), &["--message-format", "json"]);
    let json: Value = serde_json::from_str(json.trim_end_matches("status 1\n")).unwrap();
    let message = "fixture tests/fixtures/one: the answer is not what is expected";
    assert_eq!(json["findings"][0]["message"], message);
}

#[test]
fn a_permission_that_nothing_uses_is_a_warning_and_with_strict_an_error() {
    let folder = plugin("{}", &[("tests/fixtures/one/response.yaml", "{}\n")]);
    let lax = test(folder.path(), &[]);
    assert!(lax.contains("warning: it asks to add v1 ConfigMap, and no fixture needs that"), "{lax}");
    assert!(lax.contains("warning: it asks to read v1 Service, and no fixture needs that"), "{lax}");
    assert!(lax.ends_with("status 0\n"), "{lax}");
    assert!(test(folder.path(), &["--strict"]).ends_with("status 1\n"));
}

#[test]
fn what_a_render_would_refuse_is_wrong_even_when_it_is_expected() {
    let removes = r#"{"changes": [{"op": "remove", "reason": "why", "target": {"apiVersion": "v1", "kind": "Service", "name": "web"}}]}"#;
    let response = [("tests/fixtures/one/response.yaml", removes)];
    let refused = test(plugin(removes, &response).path(), &[]);
    assert!(refused.contains("error: plugin acme: it is not permitted to remove v1 Service"), "{refused}");
    assert!(refused.ends_with("status 1\n"), "{refused}");
    // Blessing accepts an answer, not what must not be answered.
    let folder = plugin(removes, &[]);
    assert!(test(folder.path(), &["--bless"]).ends_with("status 1\n"));
    assert!(!folder.path().join("tests/fixtures/one/response.yaml").exists());
}

#[test]
fn an_answer_that_follows_the_order_of_keys_is_wrong() {
    // It answers a note that holds the first bytes of the request: the name of its first key.
    let core = r#"(data (i32.const 65536) "{\"notes\":{\"steps\":[{\"title\":\"")
        (data (i32.const 65700) "\",\"why\":\"w\"}]}}")
        (func (export "transform") (param i32 i32) (result i32)
          (memory.copy (i32.const 65565) (i32.add (local.get 0) (i32.const 2)) (i32.const 6))
          (memory.copy (i32.const 65571) (i32.const 65700) (i32.const 15))
          (i32.store (i32.const 0) (i32.const 65536)) (i32.store (i32.const 4) (i32.const 50))
          (i32.const 0))"#;
    let folder = plugin("{}", &[]);
    fs::write(folder.path().join("acme.wasm"), component::running(DESCRIPTION, core)).unwrap();
    let wrong = test(folder.path(), &[]);
    let message = "error: the same request with its keys in another order got another answer";
    assert!(wrong.contains(message), "{wrong}");
    assert!(wrong.contains("-  - title: enviro\n+  - title: manife\n"), "{wrong}");
}

#[test]
fn a_fixture_that_cannot_be_read_is_wrong_and_the_others_run() {
    let files = [
        ("tests/fixtures/one/response.yaml", ADDS),
        ("tests/fixtures/schema/values.yaml", "acme: {rack: 7}\n"),
        ("tests/fixtures/text/values.yaml", "just text\n"),
        ("tests/fixtures/manifests/values.yaml", "acme: {rack: r1}\n"),
        ("tests/fixtures/manifests/manifests.yaml", "kind: Service\n"),
    ];
    let wrong = test(plugin(ADDS, &files).path(), &[]);
    assert!(wrong.contains("1 of 4 fixtures as expected"), "{wrong}");
    assert!(wrong.contains("tests/fixtures/schema/values.yaml:1:14"), "{wrong}");
    assert!(wrong.contains("error: this file of a fixture is a map, and not a string"), "{wrong}");
    assert!(wrong.contains("tests/fixtures/manifests/manifests.yaml:1:1"), "{wrong}");
}

#[test]
fn without_fixtures_or_a_component_nothing_was_tested() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = said(&render_in(folder.path(), &["plugin", "test"]));
    assert!(nothing.starts_with("error: there is no fixture in `.`\n") && nothing.ends_with("status 1\n"), "{nothing}");
    let nowhere = said(&render_in(folder.path(), &["plugin", "test", "typo"]));
    assert!(nowhere.starts_with("error: there is no folder `typo`\n"), "{nowhere}");
    fs::create_dir_all(folder.path().join("one")).unwrap();
    fs::write(folder.path().join("one/values.yaml"), "{}").unwrap();
    let unbuilt = said(&render_in(folder.path(), &["plugin", "test"]));
    assert!(unbuilt.starts_with("error: no component was built in `.` or above\n"), "{unbuilt}");
    let built = folder.path().join("target/wasm32-unknown-unknown/release");
    fs::create_dir_all(&built).unwrap();
    for name in ["one.wasm", "two.wasm"] {
        fs::write(built.join(name), component::answering(DESCRIPTION, "{}")).unwrap();
    }
    let several = said(&render_in(&folder.path().join("one"), &["plugin", "test"]));
    assert!(several.starts_with("error: several plugins were built: one.wasm, two.wasm\n"), "{several}");
}

/// The project's own plugins answer what was reviewed, within permissions of which every one is needed.
#[test]
fn the_built_plugins_answer_what_was_reviewed() {
    for plugin in folders(&root().join("plugins"), "description.json") {
        let name = plugin.file_name().unwrap().to_str().unwrap();
        let component = root().join(format!("plugins/built/{name}.wasm"));
        if !component.exists() {
            continue;
        }
        let component = component.to_str().unwrap();
        let bless: &[&str] = if crate::support::blessing() { &["--bless"] } else { &[] };
        let arguments = [&["plugin", "test", "--strict", "--component", component], bless].concat();
        let output = render_in(&plugin, &arguments);
        assert!(output.status.success(), "{}: {name}: {}", program(), said(&output));
    }
}

/// What was reviewed keeps the contract that other languages read.
#[test]
fn responses_keep_the_schema_of_the_contract() {
    let schema = fs::read_to_string(root().join("schemas/plugin-response.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for folder in folders(&root().join("plugins"), "response.yaml") {
        let mut sources = render_text::source::Sources::default();
        let text = fs::read_to_string(folder.join("response.yaml")).unwrap();
        let source = sources.add("response.yaml", text.clone());
        let response = render_text::yaml::read(source, &text).unwrap()[0].to_json();
        let errors: Vec<String> = schema.iter_errors(&response).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{}", folder.display());
    }
}
