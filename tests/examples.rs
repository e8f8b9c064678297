//! The examples at the end of each command's help: those that need nothing that is not there are run, one after the other, in
//! an empty folder.

use std::process::Command;

use crate::support::{path, program, root};

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
fn examples_that_need_nothing_do_what_they_say() {
    let lines: Vec<String> = commands(&[]).iter().flat_map(|help| examples(help)).collect();
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

/// The help of a command and of each one below it, in the order of the help.
fn commands(words: &[&str]) -> Vec<String> {
    let output = Command::new(program()).args(words).arg("--help").env("COLUMNS", "500").output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    let below: Vec<&str> = section(&help, "Commands:").filter_map(|line| line.split_whitespace().next()).collect();
    let named = below.iter().filter(|name| **name != "help");
    let further: Vec<String> = named.flat_map(|name| commands(&[words, &[name]].concat())).collect();
    [vec![help.clone()], further].concat()
}

/// The lines below `Examples:` in a command's help.
fn examples(help: &str) -> Vec<String> {
    section(help, "Examples:").map(|line| line.trim().to_owned()).collect()
}

/// The indented lines below a heading that begin a paragraph.
fn section<'a>(help: &'a str, heading: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = help.lines().skip_while(move |line| *line != heading).skip(1);
    lines.take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "))
}
