//! What each environment renders to, and what its notes say, as files in snapshots/: the surface on
//! which a change is reviewed.

use std::fs;

use insta::Settings;

use crate::support::{printed, render, root};

#[test]
fn every_environment_renders_as_reviewed() {
    for environment in environments() {
        assert_snapshot(&format!("{environment}.yaml"), printed(&["--env", &environment]));
    }
}

#[test]
fn the_notes_of_every_environment_are_as_reviewed() {
    for environment in environments() {
        assert_snapshot(&format!("{environment}-notes.txt"), printed(&["notes", "--env", &environment]));
        assert_snapshot(
            &format!("{environment}-tfvars.json"),
            printed(&["notes", "--env", &environment, "-o", "tfvars"]),
        );
    }
}

#[test]
fn every_run_gives_the_same_bytes() {
    for environment in environments() {
        assert_eq!(printed(&["--env", &environment]), printed(&["--env", &environment]));
    }
}

/// A phase without manifests is refused, so it adds nothing.
#[test]
fn the_phases_of_every_environment_add_up_to_the_whole() {
    for environment in environments() {
        let whole = documents(&printed(&["--env", &environment]));
        let mut parts = Vec::new();
        for phase in ["bootstrap", "platform", "app"] {
            let output = render(&["--env", &environment, "--phase", phase]);
            let refused = String::from_utf8_lossy(&output.stderr).contains("has no manifests of the phase");
            assert!(output.status.success() || refused, "{environment} {phase}");
            parts.extend(documents(&String::from_utf8(output.stdout).unwrap()));
        }
        let sorted = |mut all: Vec<String>| {
            all.sort();
            all
        };
        assert_eq!(sorted(parts), sorted(whole), "{environment}");
    }
}

fn documents(stream: &str) -> Vec<String> {
    stream.split("---\n").filter(|document| !document.is_empty()).map(str::to_owned).collect()
}

/// The environment files that no other one extends.
pub(crate) fn environments() -> Vec<String> {
    let folder = root().join("environments");
    let files: Vec<(String, String)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    let extended = |file: &str| {
        files.iter().any(|(_, text)| text.lines().any(|line| line.starts_with("extends:") && line.contains(file)))
    };
    let mut names: Vec<String> = files
        .iter()
        .filter(|(file, _)| !extended(file))
        .map(|(file, _)| file.trim_end_matches(".yaml").to_owned())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there is no environment");
    names
}

/// insta keeps the content in a file of its own, with the name's ending.
fn assert_snapshot(name: &str, content: String) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_binary_snapshot!(name, content.into_bytes()));
}
