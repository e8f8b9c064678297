//! `render import`: each folder under tests/import/ holds the values of another system and `arguments`, and what comes
//! of them: `expected.yaml`, what is said in `expected.txt`, and in `check.txt` what `render check` says of that
//! file. A folder without `expected.yaml` expects that the import fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use libtest_mimic::Trial;

use crate::support::{folders, program, root};
use crate::{comparison, counts, difference, test_name, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> =
        cases().into_iter().map(|folder| comparison(test_name(&folder), move || differences(&folder))).collect();
    trials.push(trial("import::no_import_shows_a_secret", no_import_shows_a_secret));
    trials.push(trial("import::a_file_holds_what_stdout_would", a_file_holds_what_stdout_would));
    trials
}

/// Every secret of the fixtures has this word in it.
const CANARY: &str = "canary";

fn no_import_shows_a_secret() {
    let holds = |path: PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains(CANARY));
    let is_holding = |folder: &PathBuf| fs::read_dir(folder).unwrap().any(|entry| holds(entry.unwrap().path()));
    let holding: Vec<PathBuf> = cases().into_iter().filter(is_holding).collect();
    for folder in &holding {
        for format in ["human", "json", "sarif", "github"] {
            let output = import(folder, &["--message-format", format]);
            for text in [text(&output.stdout), text(&output.stderr)] {
                assert!(!text.contains(CANARY), "{} shows a secret: {text}", folder.display());
            }
        }
    }
    assert!(holding.len() > 8, "only {} folders have a secret", holding.len());
}

fn a_file_holds_what_stdout_would() {
    let (folder, scratch) = (root().join("tests/import/helm-defaults"), tempfile::tempdir().unwrap());
    let file = scratch.path().join("calls.yaml");
    let output = import(&folder, &["--output", file.to_str().unwrap()]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), String::new()));
    let written = fs::read_to_string(&file).unwrap().replace(file.to_str().unwrap(), "environment.yaml");
    assert_eq!(written, fs::read_to_string(folder.join("expected.yaml")).unwrap());
}

fn cases() -> Vec<PathBuf> {
    folders(&root().join("tests/import"), "arguments")
}

/// Runs an import in its folder.
fn import(folder: &Path, further: &[&str]) -> Output {
    let arguments = fs::read_to_string(folder.join("arguments")).unwrap();
    let arguments = arguments.split_whitespace().chain(further.iter().copied());
    run(folder, &["import"].into_iter().chain(arguments).collect::<Vec<_>>())
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    std::process::Command::new(program()).args(arguments).current_dir(folder).output().unwrap()
}

fn differences(folder: &Path) -> Vec<String> {
    let output = import(folder, &[]);
    let expected = folder.join("expected.yaml");
    let wrong =
        [difference(&expected, &text(&output.stdout)), difference(&folder.join("expected.txt"), &text(&output.stderr))];
    let mut wrong: Vec<String> = wrong.into_iter().flatten().collect();
    let status = i32::from(!expected.exists());
    if output.status.code() != Some(status) {
        wrong.push(format!("the status is {:?}, not {status}", output.status.code()));
    }
    if expected.exists() {
        // What the schemas refuse has no code, and the import must leave none of it.
        let checked = run(folder, &["check", "-f", "expected.yaml"]);
        let report = text(&checked.stdout);
        let refused = report.lines().find(|line| line.starts_with("error: ") && !line.starts_with("error: plugin "));
        wrong.extend(refused.map(|line| format!("the environment file does not fit the schema: {line}")));
        wrong.extend(difference(&folder.join("check.txt"), &counts::hidden(&report)));
    }
    wrong
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
