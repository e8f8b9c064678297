//! `inspect` shows everything without running anything; `pack` writes nothing that the host would refuse.

use std::fs;

use serde_json::Value;

use super::{DESCRIPTION, render_in, said};
use crate::component;

#[test]
fn a_plugin_is_shown_whole() {
    let folder = tempfile::tempdir().unwrap();
    // It traps when it is called, so nobody called it.
    let trap =
        component::running(DESCRIPTION, r#"(func (export "transform") (param i32 i32) (result i32) unreachable)"#);
    fs::write(folder.path().join("acme.wasm"), &trap).unwrap();
    let shown = said(&render_in(folder.path(), &["plugin", "inspect", "acme.wasm"]));
    let json = render_in(folder.path(), &["plugin", "inspect", "acme.wasm", "-o", "json"]);
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    let (size, sha256) = (json["size"].as_u64().unwrap(), json["sha256"].as_str().unwrap());
    assert_eq!(size, trap.len() as u64);
    let expected = format!(
        "acme 1.2.3\nfor tests\n\n\
         interface   render:plugin/provider@1.0.0\n\
         imports     nothing\n\
         exports     render:plugin/provider@1.0.0\n\
         size        {size} bytes\n\
         sha256      {sha256}\n\n\
         It asks for:\n  read    v1 Service\n  add     v1 ConfigMap\n\n\
         The schema of its section:\n  type: object\n  additionalProperties: false\n  required:\n  - rack\n  \
         properties:\n    rack:\n      type: string\n      writeOnly: true\n\n\
         Its defaults:\n  {{}}\nstatus 0\n"
    );
    assert_eq!(shown, expected);
    for (key, value) in [("name", "acme"), ("version", "1.2.3"), ("interface", "render:plugin/provider@1.0.0")] {
        assert_eq!(json[key], value);
    }
    assert_eq!(json["permissions"]["add"][0]["kind"], "ConfigMap");
    assert_eq!(json["imports"], Value::Array(Vec::new()));
}

#[test]
fn what_is_no_plugin_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let good = component::answering(DESCRIPTION, "{}");
    let with_schema = |schema: &str| {
        let description: Value = serde_json::from_str(DESCRIPTION).unwrap();
        let description = Value::Object(
            description
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| match key.as_str() {
                    "schema" => (key.clone(), serde_json::from_str(schema).unwrap()),
                    _ => (key.clone(), value.clone()),
                })
                .collect(),
        );
        component::answering(&description.to_string(), "{}")
    };
    let mut flipped = good.clone();
    // The type of the section that comes after the eight bytes of the preamble.
    flipped[8] = 0x7f;
    let bad = [
        (b"apiVersion: v1".to_vec(), "p.wasm: not a WebAssembly component: "),
        (good[..good.len() / 2].to_vec(), "p.wasm: not a WebAssembly component: "),
        (flipped, "p.wasm: not a valid WebAssembly component: "),
        (wat::parse_str("(module)").unwrap(), "p.wasm: a WebAssembly core module, not a component"),
        (wat::parse_str("(component)").unwrap(), "p.wasm: it exports nothing, not the interface "),
        (
            wat::parse_str(r#"(component (import "wasi:clocks/wall-clock@0.2.0" (instance)))"#).unwrap(),
            "p.wasm: it imports `wasi:clocks/wall-clock@0.2.0`, and a plugin may import nothing",
        ),
        (with_schema(r#"{"not": {}}"#), "p.wasm: the schema of its section: "),
    ];
    for (component, message) in bad {
        fs::write(folder.path().join("p.wasm"), component).unwrap();
        let shown = said(&render_in(folder.path(), &["plugin", "inspect", "p.wasm"]));
        assert!(shown.starts_with(&format!("error: {message}")) && shown.ends_with("status 1\n"), "{shown}");
    }
}

#[test]
fn a_packed_plugin_can_be_inspected_and_packing_it_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let module = r#"(module
        (memory (export "memory") 1)
        (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
        (func (export "render:plugin/provider@1.0.0#transform") (param i32 i32) (result i32) i32.const 0))"#;
    fs::write(file("module.wasm"), wat::parse_str(module).unwrap()).unwrap();
    fs::write(file("description.json"), DESCRIPTION).unwrap();
    let pack = |from: &str, to: &str| {
        let arguments = ["plugin", "pack", from, "--description", "description.json", "-o", to];
        said(&render_in(folder.path(), &arguments))
    };
    let first = pack("module.wasm", "one.wasm");
    assert!(first.starts_with("acme 1.2.3: one.wasm, sha256 ") && first.ends_with("status 0\n"), "{first}");
    pack("one.wasm", "two.wasm");
    assert_eq!(fs::read(file("one.wasm")).unwrap(), fs::read(file("two.wasm")).unwrap());
    let shown = said(&render_in(folder.path(), &["plugin", "inspect", "two.wasm"]));
    assert!(shown.starts_with("acme 1.2.3\n"), "{shown}");

    fs::write(file("description.json"), "{").unwrap();
    let refused = pack("one.wasm", "three.wasm");
    assert!(refused.starts_with("error: one.wasm: its description is not what the contract allows: "), "{refused}");
    assert!(!file("three.wasm").exists());
}

/// A plugin's texts are those of somebody else: they give no orders to a terminal or a CI, and put no line among the commands
/// that a person copies.
#[test]
fn texts_of_a_plugin_stay_texts_where_they_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let description = DESCRIPTION.replace("for tests", "for\\n::error::tests \\u202e##[group]");
    let answer = serde_json::json!({"notes": {
        "steps": [{"title": "::error::title\n::error::title", "why": "why\nsudo why", "command": "one\n::add-mask::two"}],
        "files": [
            {"path": "/etc/plain", "content": "END\nsudo content\n::error::content", "why": "why\n$ sudo why"},
            {"path": "/etc/odd", "content": "##[add-mask]\u{202e}x\n", "why": "why"},
        ],
        "dns": [{"name": "pay\u{202e}\u{200b}x", "type": "A", "target": "1.2.3.4", "why": "why"}],
    }});
    fs::write(folder.path().join("acme.wasm"), component::answering(&description, &answer.to_string())).unwrap();
    fs::create_dir(folder.path().join("environments")).unwrap();
    let values = "livekit: {config: {rtc: {use_external_ip: false}}}\nplugins: [acme]\nacme: {rack: a}\n";
    fs::write(folder.path().join("environments/a.yaml"), values).unwrap();
    let said_of = |arguments: &[&str]| said(&render_in(folder.path(), arguments));
    let texts = [
        said_of(&["plugin", "inspect", "acme.wasm"]),
        said_of(&["plugin", "inspect", "acme.wasm", "-o", "json"]),
        said_of(&["plugin", "add", "acme.wasm", "--accept"]),
        said_of(&["plugin", "list"]),
        said_of(&["plugin", "update"]),
        said_of(&["notes", "--env", "a"]),
        said_of(&["notes", "--env", "a", "-o", "json"]),
    ];
    for text in &texts {
        assert!(text.ends_with("status 0\n"), "{text}");
        assert!(!text.contains(['\u{202e}', '\u{200b}']) && !text.contains("##["), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("sudo why")), "{text}");
    }
    let notes = &texts[5];
    for part in [
        "\n- ::error::title\n    | ::error::title\n    why\n    | sudo why\n    $ one\n    | ::add-mask::two\n",
        "\n- /etc/plain\n  why\n  | $ sudo why\n\nsed 's/^| //' <<'END' | sudo install -D -m 600 /dev/stdin /etc/plain\n\
         | END\n| sudo content\n| ::error::content\nEND\n",
        "\nIt has characters that are not printed: write it with `--output-dir DIR`\n| #\\u{23}[add-mask]\\u{202e}x\n",
        "\n- pay\\u{202e}\\u{200b}x A -> 1.2.3.4\n",
    ] {
        assert!(notes.contains(part), "{part}\n{notes}");
    }
}

/// A name and a version stand in locks and lists, in a line of theirs.
#[test]
fn a_version_is_one_of_semver() {
    let folder = tempfile::tempdir().unwrap();
    for version in ["1", "1.2.3\\n::error::x", "latest", "01.2.3"] {
        let description = DESCRIPTION.replace("1.2.3", version);
        fs::write(folder.path().join("acme.wasm"), component::answering(&description, "{}")).unwrap();
        let shown = said(&render_in(folder.path(), &["plugin", "inspect", "acme.wasm"]));
        let expected = "error: acme.wasm: its version is none as in 1.2.3 or 1.2.3-rc.1\n |\n \
                        = help: the plugin's author has to give it one by the rules of semver.org\nstatus 1\n";
        assert_eq!(shown, expected, "{version}");
    }
}
