//! What a user types in a folder, one command after the other, and all that is printed: a transcript, which stands in
//! `tests/registry/<name>.txt`. Ports and folders differ from run to run, and are called PORT and DIR.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{blessing, path, root};

/// A folder with an environment, a cache, and what was typed so far.
pub(super) struct Scene {
    name: &'static str,
    folder: TempDir,
    port: u16,
    transcript: String,
}

impl Scene {
    /// `port` is that of the registry, which commands call PORT.
    pub(super) fn new(name: &'static str, port: u16) -> Self {
        let scene = Self { name, folder: tempfile::tempdir().unwrap(), port, transcript: String::new() };
        fs::create_dir(scene.path("environments")).unwrap();
        scene.write("environments/site.yaml", "livekit:\n  config: {rtc: {use_external_ip: false}}\nplugins: [acme]\n");
        scene
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    pub(super) fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(file), content).unwrap();
    }

    /// A line about something that happens beside what is typed.
    pub(super) fn note(&mut self, text: &str) {
        self.transcript.extend(["# ", text, "\n"]);
    }

    /// Types a command.
    pub(super) fn run(&mut self, command: &str) {
        let output = self.command(command).output().unwrap();
        let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let printed = self.stable(&printed.concat());
        self.transcript.extend(["$ ", command, "\n", &printed]);
        match output.status.code() {
            Some(0) => {}
            Some(code) => self.transcript.extend(["[status ", &code.to_string(), "]\n"]),
            None => panic!("{command} was ended by the signal {:?}", output.status.signal()),
        }
    }

    /// The same command, not yet run.
    pub(super) fn command(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &command.replace("PORT", &self.port.to_string())])
            .current_dir(self.folder.path())
            .env("PATH", path())
            .env("XDG_CACHE_HOME", self.path("cache"))
            .env("DOCKER_CONFIG", self.path("docker"));
        shell
    }

    fn stable(&self, printed: &str) -> String {
        let port = self.port.to_string();
        printed.replace(self.folder.path().to_str().unwrap(), "DIR").replace(&format!(":{port}"), ":PORT")
    }

    /// Compares the transcript with the one that was reviewed.
    pub(super) fn end(self) {
        let file = root().join("tests/registry").join(self.name).with_extension("txt");
        if blessing() {
            fs::write(&file, &self.transcript).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        let hint = "`cargo xtask bless` accepts what is printed now";
        assert!(expected == self.transcript, "{}:\n{}\n{hint}", file.display(), self.transcript);
    }
}
