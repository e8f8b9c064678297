//! What the house asks of every source file, beyond what clippy knows.

use std::fs;
use std::path::PathBuf;

use crate::support::root;

/// Longer files have more than one purpose.
const MOST_LINES: usize = 400;

#[test]
fn every_source_file_says_what_it_is_for() {
    let silent: Vec<PathBuf> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "these files do not open with `//!`: {silent:#?}");
}

#[test]
fn no_source_file_outgrows_its_purpose() {
    let lines = |text: &str| text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
    let long: Vec<PathBuf> =
        sources().into_iter().filter(|(_, text)| lines(text) > MOST_LINES).map(|(path, _)| path).collect();
    assert!(long.is_empty(), "these files have more than {MOST_LINES} lines: {long:#?}");
}

#[test]
fn nothing_names_the_machine_it_was_made_on() {
    let home = ["/ro", "ot/"].concat();
    let naming: Vec<PathBuf> =
        sources().into_iter().filter(|(_, text)| text.contains(&home)).map(|(path, _)| path).collect();
    assert!(naming.is_empty(), "these files name a path of one machine: {naming:#?}");
}

/// A file that no `mod` names is compiled by nobody, and a test in it never runs.
#[test]
fn every_file_of_tests_is_part_of_the_suite() {
    let main = fs::read_to_string(root().join("tests/main.rs")).unwrap();
    let files = fs::read_dir(root().join("tests")).unwrap().map(|entry| entry.unwrap().path());
    let modules = files.filter(|path| path.extension().is_some_and(|ending| ending == "rs"));
    let names = modules.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let lost: Vec<String> = names.filter(|name| name != "main" && !main.contains(&format!("mod {name};"))).collect();
    assert!(lost.is_empty(), "tests/main.rs does not name: {lost:?}");
}

/// The crates whose output follows from their input alone. Clippy reads the file of the package that it looks at, so each of
/// them forbids the rest of the world by a file of its own, and all of these say the same.
#[test]
fn pure_crates_forbid_files_variables_processes_the_network_and_the_clock() {
    let list = |name: &str| fs::read_to_string(root().join("host/crates").join(name).join("clippy.toml")).unwrap();
    let first = list(PURE[0]);
    for forbidden in
        ["std::fs::File", "std::env::var", "std::process::Command", "std::net::TcpStream", "std::time::Instant"]
    {
        assert!(first.contains(&format!("\"{forbidden}")), "{forbidden}");
    }
    let other: Vec<&str> = PURE.into_iter().filter(|name| list(name) != first).collect();
    assert!(other.is_empty(), "clippy.toml of {other:?} is not that of {}", PURE[0]);
}

const PURE: [&str; 8] = ["text", "report", "objects", "schema", "template", "platform", "rules", "import"];

/// Every Rust source of the project.
fn sources() -> Vec<(PathBuf, String)> {
    let mut open: Vec<PathBuf> =
        ["host", "plugins", "tests", "xtask"].iter().map(|folder| root().join(folder)).collect();
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(found.len() > 50, "only {} source files were found", found.len());
    found
}
