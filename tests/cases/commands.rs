//! Commands as a user types them: each folder `tests/commands/KIND/GROUP/NAME` holds a `command`, the files that
//! it reads, and what it prints. A folder without `stdout` or `stderr` expects that nothing is
//! printed there; one without `status` expects success.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Trial;
use render_rules as rules;

use crate::support::{folders, path, root};
use crate::{comparison, counts, difference, test_name, trial};

/// The folders of tests/commands/: commands that fail, commands that succeed, and what rules find.
pub(crate) const KINDS: [&str; 3] = ["errors", "outputs", "rules"];

/// A larger group has more than one subject.
const MOST_FOLDERS: usize = 100;

pub(crate) fn trials() -> Vec<Trial> {
    let cases = folders(&root().join("tests/commands"), "command");
    let mut trials: Vec<Trial> =
        cases.into_iter().map(|folder| comparison(test_name(&folder), move || differences(&folder))).collect();
    trials.push(trial("commands::a_failed_command_leaves_stdout_empty", a_failed_command_leaves_stdout_empty));
    trials.push(trial("commands::every_rule_is_broken_by_a_folder", every_rule_is_broken_by_a_folder));
    trials.push(trial("commands::every_folder_is_in_a_group", every_folder_is_in_a_group));
    trials.push(trial("commands::no_group_has_more_than_100_folders", no_group_has_more_than_100_folders));
    trials
}

/// A folder without a group is found by nobody who looks for its subject.
fn every_folder_is_in_a_group() {
    let base = root().join("tests/commands");
    let is_in_a_group = |folder: &Path| {
        let parts: Vec<&str> = folder.iter().map(|part| part.to_str().unwrap()).collect();
        matches!(parts[..], [kind, _, _] if KINDS.contains(&kind))
    };
    let cases = folders(&base, "command").into_iter().map(|folder| folder.strip_prefix(&base).unwrap().to_owned());
    let lost: Vec<PathBuf> = cases.filter(|folder| !is_in_a_group(folder)).collect();
    assert!(
        lost.is_empty(),
        "these folders of tests/commands/ are not KIND/GROUP/NAME, with a kind of {KINDS:?}: {lost:#?}"
    );
}

fn no_group_has_more_than_100_folders() {
    let mut sizes: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for folder in folders(&root().join("tests/commands"), "command") {
        *sizes.entry(folder.parent().unwrap().to_owned()).or_default() += 1;
    }
    sizes.retain(|_, size| *size > MOST_FOLDERS);
    assert!(sizes.is_empty(), "a group has at most {MOST_FOLDERS} folders; divide it by subject: {sizes:#?}");
}

/// Of all commands only `check`, `fn` and `snapshot` may fail and print: a report is what was asked for.
fn a_failed_command_leaves_stdout_empty() {
    let failed = folders(&root().join("tests/commands"), "status");
    let reports = |folder: &PathBuf| {
        let command = fs::read_to_string(folder.join("command")).unwrap();
        ["render check ", "render fn ", "render snapshot"].iter().any(|report| command.contains(report))
    };
    for folder in failed.into_iter().filter(|folder| !reports(folder)) {
        assert!(!folder.join("stdout").exists(), "{} fails and prints on stdout", folder.display());
    }
}

/// A rule that no input breaks could say anything.
fn every_rule_is_broken_by_a_folder() {
    let folders = folders(&root().join("tests/commands"), "command");
    let files = folders.iter().flat_map(|folder| [folder.join("stdout"), folder.join("stderr")]);
    let printed: String = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    let broken = |code: &str| ["error", "warning"].iter().any(|level| printed.contains(&format!("{level}[{code}]: ")));
    let unbroken: Vec<&str> = rules::all().iter().map(|rule| rule.code).filter(|code| !broken(code)).collect();
    assert_eq!(unbroken, Vec::<&str>::new());
}

fn differences(folder: &Path) -> Vec<String> {
    let output = run(folder);
    let status = output.status.code().map_or("killed".to_owned(), |code| code.to_string());
    let actual = [
        ("stdout", counts::hidden(&text(&output.stdout))),
        ("stderr", counts::hidden(&text(&output.stderr))),
        ("status", if status == "0" { String::new() } else { status + "\n" }),
    ];
    actual.iter().filter_map(|(file, actual)| difference(&folder.join(file), actual)).collect()
}

/// Runs the command in its folder with a shell, `render` being the program under test.
fn run(folder: &Path) -> Output {
    let command = fs::read_to_string(folder.join("command")).unwrap();
    Command::new("sh")
        .args(["-c", &command])
        .current_dir(folder)
        .env("PATH", path())
        .env_remove("NO_COLOR")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
