//! The transcripts in docs/integrations/: each block of `console` is run as it stands there, line by line, from
//! the project's folder, and prints what the document says. A document names the programs that it needs in a
//! comment, as in `<!-- needs: helm kubectl -->`; where one is missing there is nothing to run, which in CI is a
//! failure.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{blessing, path, program, root};

#[test]
fn every_transcript_is_what_its_commands_print() {
    let documents = documents();
    assert!(!documents.is_empty(), "no document has a transcript");
    let wrong: Vec<String> =
        documents.iter().filter(|path| can_run(path)).filter_map(|path| difference(path)).collect();
    assert!(wrong.is_empty(), "{}\n\n`cargo xtask bless` accepts what is printed now", wrong.join("\n\n"));
}

fn documents() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("docs/integrations")).unwrap().map(|entry| entry.unwrap().path());
    let mut documents: Vec<PathBuf> =
        entries.filter(|path| fs::read_to_string(path).unwrap().contains("```console\n")).collect();
    documents.sort();
    documents
}

/// Whether every program that a document needs is there.
fn can_run(document: &Path) -> bool {
    let text = fs::read_to_string(document).unwrap();
    let needs = text.lines().find_map(|line| line.strip_prefix("<!-- needs: ")?.strip_suffix(" -->"));
    let missing: Vec<&str> =
        needs.unwrap_or_default().split_whitespace().filter(|program| !is_there(program)).collect();
    assert!(missing.is_empty() || std::env::var_os("CI").is_none(), "not installed: {}", missing.join(", "));
    missing.is_empty()
}

/// Whether a program is there; `python3:MODULE` asks for a module of Python.
fn is_there(program: &str) -> bool {
    let asked = match program.split_once(':') {
        Some((python, module)) => Command::new(python).args(["-c", &format!("import {module}")]).output(),
        None => Command::new("sh").args(["-c", &format!("command -v '{program}'")]).output(),
    };
    asked.is_ok_and(|output| output.status.success())
}

/// What differs between a document and what its commands print.
fn difference(document: &Path) -> Option<String> {
    let expected = fs::read_to_string(document).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let actual = rerun(&expected, folder.path());
    if blessing() {
        fs::write(document, &actual).unwrap();
        return None;
    }
    let line = expected.lines().zip(actual.lines()).position(|(one, other)| one != other);
    let line = line.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let rest = |text: &str| text.lines().skip(line).take(20).collect::<Vec<_>>().join("\n");
    (expected != actual).then(|| {
        format!(
            "{}:{}\n--- expected\n{}\n--- printed\n{}",
            document.display(),
            line + 1,
            rest(&expected),
            rest(&actual)
        )
    })
}

/// The document with what its commands print now.
fn rerun(text: &str, scratch: &Path) -> String {
    let mut actual = String::new();
    let mut in_block = false;
    for line in text.split_inclusive('\n') {
        let ends = in_block && line.starts_with("```");
        match line.strip_prefix("$ ").filter(|_| in_block) {
            Some(command) => actual += &(line.to_owned() + &printed(command, scratch)),
            None if in_block && !ends => {}
            None => actual += line,
        }
        in_block = if ends { false } else { in_block || line == "```console\n" };
    }
    actual
}

/// What a shell prints for a command, errors too. `$SCRATCH` is an empty folder that goes afterwards.
fn printed(command: &str, scratch: &Path) -> String {
    let home = Path::new(program()).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(root())
        .env("PATH", path())
        .env("SCRATCH", scratch)
        .env("HELM_PLUGINS", scratch.join("helm-plugins"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap().replace(scratch.to_str().unwrap(), "$SCRATCH");
    let printed = printed.replace(&format!("{}/", home.display()), "");
    if printed.is_empty() || printed.ends_with('\n') { printed } else { printed + "\n" }
}
