//! The author's kit, `render plugin new|test|inspect|pack`, as an author uses it: on files, with the real tools.

/// The example in every language, and a new plugin, built and run.
mod examples;
/// What `inspect` and `pack` say of components, good and bad.
mod inspect;
/// What `test` finds.
mod test;

use std::path::Path;
use std::process::{Command, Output};

use crate::support::program;

/// The description of a plugin that may add a `ConfigMap`, and see Services.
pub(crate) const DESCRIPTION: &str = r#"{"name": "acme", "version": "1.2.3", "about": "for tests",
    "schema": {"type": "object", "additionalProperties": false,
        "required": ["rack"], "properties": {"rack": {"type": "string", "writeOnly": true}}},
    "permissions": {"read": [{"apiVersion": "v1", "kind": "Service"}],
        "add": [{"apiVersion": "v1", "kind": "ConfigMap"}]}}"#;

/// Runs the program in a folder.
pub(crate) fn render_in(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program()).args(arguments).current_dir(folder).output().unwrap()
}

/// What it printed on stdout, then on stderr, and its status.
pub(crate) fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}status {}\n", text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}
