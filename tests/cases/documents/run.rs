//! Runs one block where its reader would.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::{path, program, root};
use crate::{cluster, counts};

use super::blocks::Language;

/// Where the commands of a page are run.
pub(crate) struct Folder {
    current: PathBuf,
    /// Goes afterwards.
    scratch: TempDir,
    /// Whether a block of YAML is a file of the reader's, and not an excerpt.
    pub(crate) writes_files: bool,
}

impl Folder {
    /// The root of this repository.
    pub(crate) fn project() -> Self {
        Self { current: root(), scratch: tempfile::tempdir().unwrap(), writes_files: false }
    }

    pub(crate) fn empty() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        Self { current: scratch.path().to_owned(), scratch, writes_files: true }
    }

    /// A folder in which `render init` ran.
    pub(crate) fn initialized() -> Self {
        let folder = Self::empty();
        assert!(folder.shell("render init").status.success());
        folder
    }

    /// The text of a block, with what its commands print now.
    pub(crate) fn run(&self, page: &Path, language: Language, text: &str) -> String {
        match language {
            Language::Console => self.console(text),
            Language::Shell => self.commands(page, text),
            Language::Yaml if self.writes_files => self.write(page, text),
            Language::Yaml | Language::Text | Language::Mermaid => text.to_owned(),
        }
    }

    fn console(&self, text: &str) -> String {
        let commands = text.lines().filter(|line| line.starts_with("$ "));
        commands.fold(String::new(), |printed, line| printed + line + "\n" + &self.printed(&line[2..]))
    }

    /// What a shell prints for a command, errors too.
    fn printed(&self, command: &str) -> String {
        let home = Path::new(program()).parent().unwrap();
        let output = self.shell(&format!("exec 2>&1; {command}"));
        let printed = String::from_utf8(output.stdout).unwrap();
        let printed = if self.writes_files {
            printed
        } else {
            printed.replace(self.scratch.path().to_str().unwrap(), "$SCRATCH")
        };
        let printed = counts::hidden(&printed.replace(&format!("{}/", home.display()), ""));
        if printed.is_empty() || printed.ends_with('\n') { printed } else { printed + "\n" }
    }

    /// Runs a block that shows no output. `cargo` would wait for the build that runs this test, so .ci/run runs it.
    fn commands(&self, page: &Path, text: &str) -> String {
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("cargo ")).collect();
        let output = self.shell(&format!("set -e\n{}", lines.join("\n")));
        assert!(output.status.success(), "{}: {text}{}", page.display(), String::from_utf8_lossy(&output.stderr));
        text.to_owned()
    }

    fn write(&self, page: &Path, text: &str) -> String {
        let file = file(text).unwrap_or_else(|| panic!("{}: the first line is not `# FILE`:\n{text}", page.display()));
        let file = self.current.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
        text.to_owned()
    }

    fn shell(&self, script: &str) -> Output {
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", script]).current_dir(&self.current);
        shell.env("PATH", path()).env("SCRATCH", self.scratch.path());
        shell.env("HELM_PLUGINS", self.scratch.path().join("helm-plugins"));
        if let Some(cluster) = cluster::running() {
            shell.env("KUBECONFIG", &cluster.kubeconfig);
        }
        shell.output().unwrap()
    }
}

/// The file that a block of YAML is.
pub(crate) fn file(text: &str) -> Option<PathBuf> {
    let name = Path::new(text.lines().next()?.strip_prefix("# ")?);
    (name.extension()? == "yaml").then(|| name.to_owned())
}

/// Whether a program is there; `python3:MODULE` asks for a module of Python, `cluster` for an API server.
pub(crate) fn is_there(program: &str) -> bool {
    let asked = match program.split_once(':') {
        None if program == "cluster" => return cluster::get().is_some(),
        Some((python, module)) => Command::new(python).args(["-c", &format!("import {module}")]).output(),
        None => Command::new("sh").args(["-c", &format!("command -v '{program}'")]).output(),
    };
    asked.is_ok_and(|output| output.status.success())
}
