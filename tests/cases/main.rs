//! Tests that are files: each folder of tests/commands/ and tests/import/, each environment and each page of the
//! documentation is a test with its own name. `cargo test --test cases -- --list` lists the names; `cargo test NAME`
//! runs those that contain NAME, all in parallel.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test reads its fixtures, and stops at the first surprise"
)]

/// A real API server.
mod cluster;
/// Commands as they are typed, with everything that they print.
mod commands;
/// The number of rules in a summary.
mod counts;
/// The documents: their commands, run, and their links.
mod documents;
/// Values of other systems, imported.
mod imports;
/// The guarantees of SECURITY.md, and the tests that hold them.
mod security;
/// Every environment as it was reviewed.
mod snapshots;
/// What every test needs.
#[path = "../support.rs"]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::support::{blessing, root};

fn main() -> ExitCode {
    let trials = [
        commands::trials(),
        counts::trials(),
        documents::trials(),
        imports::trials(),
        security::trials(),
        snapshots::trials(),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials.into_iter().flatten().collect()).exit_code()
}

/// A test that panics when it fails.
fn trial(name: impl Into<String>, test: impl FnOnce() + Send + 'static) -> Trial {
    Trial::test(name, || {
        test();
        Ok(())
    })
}

/// A test of what is printed against files.
fn comparison(name: impl Into<String>, test: impl FnOnce() -> Vec<String> + Send + 'static) -> Trial {
    Trial::test(name, || {
        let differences = test();
        if differences.is_empty() {
            return Ok(());
        }
        Err(Failed::from(differences.join("\n") + "\n`cargo xtask bless` accepts what is printed now"))
    })
}

/// What differs between a file of expectations and what there is now; a file that is missing expects nothing.
fn difference(file: &Path, actual: &str) -> Option<String> {
    let expected = fs::read_to_string(file).unwrap_or_default();
    if expected == actual {
        return None;
    }
    if blessing() {
        if actual.is_empty() {
            fs::remove_file(file).unwrap();
        } else {
            fs::write(file, actual).unwrap();
        }
        return None;
    }
    let name = file.file_name().unwrap().to_string_lossy();
    Some(format!("--- {name} expected\n{expected}--- {name} printed\n{actual}"))
}

/// The name of the test that a folder below tests/ is, and the rules that its expectations name, so that
/// `cargo test LK068` runs everything about LK068: `import::helm-defaults LK060`.
fn test_name(folder: &Path) -> String {
    let parts: Vec<&str> =
        folder.strip_prefix(root().join("tests")).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
    let codes: Vec<String> = codes(folder).into_iter().map(|code| format!(" {code}")).collect();
    parts.join("::") + &codes.concat()
}

/// The codes of the findings that the files of a folder expect.
fn codes(folder: &Path) -> BTreeSet<String> {
    let expectations = ["stdout", "stderr", "expected.txt", "check.txt"].map(|file| folder.join(file));
    let texts = expectations.iter().filter_map(|file| fs::read_to_string(file).ok());
    let code = |part: &str| Some(part.split_once("]: ")?.0.to_owned()).filter(|code| code.starts_with("LK"));
    texts.flat_map(|text| text.split('[').filter_map(code).collect::<Vec<_>>()).collect()
}
