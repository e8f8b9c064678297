//! The example in four languages: whatever builds a component that imports nothing is a plugin, and behaves as the one in
//! Rust does. What builds them is not Rust alone, so outside CI an example whose tools are not installed is passed over,
//! with a message; `plugins/examples/tools.sh` installs them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::{render_in, said};
use crate::support::{program, root};

#[test]
fn rust() {
    example("rust", &wasm_target());
}

#[test]
fn zig() {
    example("zig", &examples().join("target/tools/bin/python-zig"));
}

#[test]
fn typescript() {
    example("typescript", &examples().join("typescript/node_modules/.bin/tsc"));
}

#[test]
fn python() {
    example("python", &examples().join("target/tools/bin/componentize-py"));
}

/// A new plugin builds, passes its tests, and is what the program takes. No registry is asked: its crates are those that
/// the project's own plugins were built with.
#[test]
fn a_new_plugin_builds_and_passes_its_tests_as_it_is() {
    if !is_there("rust", &wasm_target()) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let new = |name: &str| said(&render_in(folder.path(), &["plugin", "new", name, "--lang", "rust"]));
    assert!(new("my-cloud").ends_with("status 0\n"));
    assert!(new("my-cloud").starts_with("error: `my-cloud` is there already, and nothing is overwritten\n"));
    let plugin = folder.path().join("my-cloud");
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).arg("--offline").current_dir(&plugin).env_remove("CARGO_TARGET_DIR");
        // What the project's own plugins were compiled with need not be compiled again.
        let output = cargo.env("CARGO_BUILD_BUILD_DIR", root().join("plugins/target")).output().unwrap();
        assert!(output.status.success(), "cargo {arguments:?}: {}", said(&output));
    };
    cargo(&["test", "--quiet"]);
    cargo(&["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown"]);
    let tested = said(&render_in(&plugin, &["plugin", "test", "--strict"]));
    assert!(tested.starts_with("my-cloud 0.1.0: target/wasm32-unknown-unknown/release/my_cloud.wasm\n"), "{tested}");
    assert!(tested.contains("3 of 3 fixtures as expected") && tested.ends_with("status 0\n"), "{tested}");
    renders(folder.path());
}

/// A render with the new plugin, once it is granted what it asks for.
fn renders(folder: &Path) {
    let environments = folder.join("environments");
    fs::create_dir(&environments).unwrap();
    for file in ["gke.yaml", "dev.yaml"] {
        fs::copy(root().join("environments").join(file), environments.join(file)).unwrap();
    }
    fs::write(environments.join("lab.yaml"), "extends: [dev.yaml]\nplugins: [my-cloud]\n").unwrap();
    let component = "my-cloud/target/wasm32-unknown-unknown/release/my_cloud.wasm";
    let added = render_in(folder, &["plugin", "add", component, "--accept"]);
    assert!(added.status.success(), "{}", said(&added));
    let rendered = said(&render_in(folder, &["--env", "lab"]));
    assert!(rendered.contains("    my-cloud.example/rack: r1\n") && rendered.ends_with("status 0\n"), "{rendered}");
    assert!(rendered.contains("  name: my-cloud-rack\n"), "{rendered}");
}

#[test]
fn a_name_that_cannot_be_a_plugins_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = [
        ("../up", "\"../up\" cannot be the name of a plugin"),
        ("Acme", "\"Acme\" cannot be the name of a plugin"),
        ("a--b", "\"a--b\" cannot be the name of a plugin"),
        ("fn", "a plugin cannot be named `fn`, which is a word of Rust's"),
        ("gke", "a plugin cannot be named `gke`, which is a plugin that render has"),
        ("redis", "a plugin cannot be named `redis`, which is a key of the values"),
    ];
    for (name, message) in refused {
        let said = said(&render_in(folder.path(), &["plugin", "new", name]));
        assert!(said.starts_with(&format!("error: {message}\n")) && said.ends_with("status 1\n"), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Builds the example in a language, looks that it imports nothing, and runs it on the fixtures of all.
fn example(language: &str, tool: &Path) {
    if !is_there(language, tool) {
        return;
    }
    let built = build(language);
    assert!(built.status.success(), "{language}: {}", said(&built));
    let component = examples().join(language).join("target/acme.wasm");
    let shown = said(&render_in(&examples(), &["plugin", "inspect", component.to_str().unwrap()]));
    assert!(shown.contains("\nimports     nothing\n"), "{shown}");
    let tested = said(&render_in(
        &examples(),
        &["plugin", "test", "fixtures", "--strict", "--component", component.to_str().unwrap()],
    ));
    assert!(tested.contains("3 of 3 fixtures as expected") && tested.ends_with("status 0\n"), "{language}: {tested}");
}

fn build(language: &str) -> Output {
    let mut build = Command::new(examples().join("build.sh"));
    build.arg(language).env("RENDER", program()).env_remove("CARGO_TARGET_DIR").output().unwrap()
}

/// Whether what an example is built with is installed. In CI it must be.
fn is_there(language: &str, tool: &Path) -> bool {
    let there = tool.exists();
    assert!(there || env::var_os("CI").is_none(), "{language}: there is no {}", tool.display());
    if !there {
        eprintln!("{language} is passed over: there is no {}; plugins/examples/tools.sh installs it", tool.display());
    }
    there
}

fn examples() -> PathBuf {
    root().join("plugins/examples")
}

fn wasm_target() -> PathBuf {
    let rustc = Command::new("rustc").args(["--print", "target-libdir", "--target", "wasm32-unknown-unknown"]).output();
    PathBuf::from(String::from_utf8(rustc.unwrap().stdout).unwrap().trim())
}
