//! The examples at the end of each command's help: every line is one that the command line takes, and those that need
//! nothing that is not there are run, one after the other, in an empty folder.

use std::process::Command;

use clap::{CommandFactory, Parser};
use render::cli::Cli;

use crate::support::{path, root};

/// What an example names that a new folder does not have.
const NEEDS: [&str; 12] = [
    "helm template",
    "helm get",
    "production.yaml",
    "kubectl",
    "man -l",
    "oci://",
    ".wasm",
    "resources.yaml",
    "plugin test",
    "remove acme",
    "update acme",
    "verify acme",
];

#[test]
fn every_command_has_examples() {
    let mut without = Vec::new();
    for command in commands() {
        let name = command.get_bin_name().unwrap_or("render");
        let lines = examples(&command);
        if lines.is_empty() || !lines.iter().all(|line| line.contains(name)) {
            without.push(name.to_owned());
        }
    }
    assert_eq!(without, Vec::<String>::new());
}

#[test]
fn every_example_is_a_command_line() {
    let mut parsed = 0;
    for line in commands().iter().flat_map(examples) {
        for words in programs(&line) {
            let taken = Cli::try_parse_from(&words);
            assert!(taken.is_ok(), "{line}: {}", taken.unwrap_err());
            parsed += 1;
        }
    }
    assert!(parsed > 40, "only {parsed} examples were found");
}

#[test]
fn examples_that_need_nothing_do_what_they_say() {
    let lines: Vec<String> = commands().iter().flat_map(examples).collect();
    for need in NEEDS {
        assert!(lines.iter().any(|line| line.contains(need)), "no example needs `{need}` any more");
    }
    let folder = tempfile::tempdir().unwrap();
    // Of several environments the built-in ones are none, so these examples have a folder of them.
    let several = tempfile::tempdir().unwrap();
    let copied = Command::new("cp").arg("-r").arg(root().join("environments")).arg(several.path()).status().unwrap();
    assert!(copied.success());
    let needs_several = |line: &str| ["--all", "*", "snapshot", "manifests/prd"].iter().any(|part| line.contains(part));
    let bare = lines.iter().filter(|line| !NEEDS.iter().any(|need| line.contains(need)));
    for line in bare {
        let output = Command::new("bash")
            .args(["-e", "-o", "pipefail", "-c", line])
            .current_dir(if needs_several(line) { several.path() } else { folder.path() })
            .env("PATH", path())
            .env("HELM_PLUGINS", folder.path().join("helm"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{line}: {output:?}");
    }
    assert!(several.path().join("manifests/prd/cluster/namespace-livekit.yaml").exists());
    for written in ["manifests/cluster/namespace-livekit.yaml", "terraform.tfvars.json", "environments/schema.json"] {
        assert!(folder.path().join(written).exists(), "{written}");
    }
}

/// The program, and each command that stands in its help and has no commands below it, in the order of the help.
fn commands() -> Vec<clap::Command> {
    let mut root = Cli::command();
    root.build();
    let mut found = vec![root.clone()];
    add_below(&root, &mut found);
    found
}

fn add_below(command: &clap::Command, found: &mut Vec<clap::Command>) {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help") {
        if below.has_subcommands() {
            add_below(below, found);
        } else {
            found.push(below.clone());
        }
    }
}

/// The lines below `Examples:` in a command's help.
fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1);
    lines.take_while(|line| line.starts_with("  ")).map(|line| line.trim().to_owned()).collect()
}

/// The words of each call of `render` in a line of a shell, without variables before it and redirections.
fn programs(line: &str) -> Vec<Vec<String>> {
    let mut calls = Vec::new();
    for call in words(line).split(|word| word == "|") {
        let from = call.iter().position(|word| word == "render");
        let call = from.map_or(&[][..], |from| &call[from..]);
        let until = call.iter().position(|word| [">", "<"].contains(&word.as_str())).unwrap_or(call.len());
        if !call[..until].is_empty() {
            calls.push(call[..until].to_vec());
        }
    }
    calls
}

/// Words as a shell splits them, which is asked.
fn words(line: &str) -> Vec<String> {
    let quoted = line.replace('|', "'|'").replace('>', "'>'").replace('<', "'<'");
    let output = Command::new("sh").args(["-c", &format!("printf '%s\\n' {quoted}")]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}
