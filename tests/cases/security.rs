//! SECURITY.md names a test for each guarantee, and each of them is there.

use std::fs;
use std::path::Path;

use libtest_mimic::Trial;

use crate::commands::KINDS;
use crate::support::root;
use crate::trial;

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial("security::every_guarantee_names_tests_that_exist", every_guarantee_names_tests_that_exist)]
}

fn every_guarantee_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| --- ")).collect();
    let guarantees: Vec<&str> = rows.into_iter().filter(|row| *row != "| Guarantee | Tests |").collect();
    assert!(guarantees.len() > 15, "only {} guarantees were found", guarantees.len());
    let sources = [sources(&root().join("tests")), sources(&root().join("host"))].concat();
    for guarantee in guarantees {
        let tests = guarantee.trim_end_matches('|').rsplit_once(" | ").unwrap().1;
        let names: Vec<&str> = tests.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "no test holds: {guarantee}");
        let lost: Vec<&&str> = names.iter().filter(|name| !is_there(name, &sources)).collect();
        assert!(lost.is_empty(), "there are no tests {lost:?}, which are to hold: {guarantee}");
    }
}

/// Whether a test has this name: a folder of fixtures, a group of them (`errors/GROUP/*`), a function, a module, a
/// command, or a file.
fn is_there(name: &str, sources: &str) -> bool {
    let commands = root().join("tests/commands");
    if let Some(group) = name.strip_suffix("/*") {
        let Ok(mut folders) = fs::read_dir(commands.join(group)) else { return false };
        return folders.any(|folder| folder.unwrap().path().join("command").exists());
    }
    if KINDS.iter().any(|kind| name.strip_prefix(kind).is_some_and(|rest| rest.starts_with('/'))) {
        return commands.join(name).join("command").exists();
    }
    if let Some((_, function)) = name.rsplit_once("::") {
        return sources.contains(&format!("fn {function}(")) || sources.contains(&format!("mod {function};"));
    }
    name.starts_with("cargo xtask ") || root().join(name).exists() || sources.contains(&format!("mod {name};"))
}

/// All sources below a folder, one after the other.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            text += &fs::read_to_string(&path).unwrap();
        }
    }
    text
}
