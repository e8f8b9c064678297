//! What each environment renders to, and what its notes say, as files in snapshots/: the surface on
//! which a change is reviewed.

use insta::Settings;
use libtest_mimic::Trial;

use crate::support::{environments, printed, render, root};
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    environments().iter().flat_map(|environment| trials_of(environment)).collect()
}

fn trials_of(environment: &str) -> Vec<Trial> {
    vec![
        trial_of(environment, "manifests", manifests_are_as_reviewed),
        trial_of(environment, "notes", notes_are_as_reviewed),
        trial_of(environment, "tfvars", variables_are_as_reviewed),
        trial_of(environment, "same_bytes", every_run_gives_the_same_bytes),
        trial_of(environment, "phases", phases_add_up_to_the_whole),
    ]
}

fn trial_of(environment: &str, name: &str, test: fn(&str)) -> Trial {
    let environment = environment.to_owned();
    trial(format!("snapshots::{environment}::{name}"), move || test(&environment))
}

fn manifests_are_as_reviewed(environment: &str) {
    assert_snapshot(&format!("{environment}.yaml"), printed(&["--env", environment]));
}

fn notes_are_as_reviewed(environment: &str) {
    assert_snapshot(&format!("{environment}-notes.txt"), printed(&["notes", "--env", environment]));
}

fn variables_are_as_reviewed(environment: &str) {
    assert_snapshot(&format!("{environment}-tfvars.json"), printed(&["notes", "--env", environment, "-o", "tfvars"]));
}

fn every_run_gives_the_same_bytes(environment: &str) {
    assert_eq!(printed(&["--env", environment]), printed(&["--env", environment]));
}

/// A phase without manifests is refused, so it adds nothing.
fn phases_add_up_to_the_whole(environment: &str) {
    let whole = documents(&printed(&["--env", environment]));
    let mut parts = Vec::new();
    for phase in ["bootstrap", "platform", "app"] {
        let output = render(&["--env", environment, "--phase", phase]);
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

fn documents(stream: &str) -> Vec<String> {
    stream.split("---\n").filter(|document| !document.is_empty()).map(str::to_owned).collect()
}

/// insta keeps the content in a file of its own, with the name's ending.
fn assert_snapshot(name: &str, content: String) {
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(root().join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_binary_snapshot!(name, content.into_bytes()));
}
