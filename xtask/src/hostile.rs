//! What plugins that misbehave cost: the table that a test of the suite makes.

use std::path::Path;
use std::process::Command;

/// Runs the test that makes the table. Each component runs in a process of its own, in the build of the tests: the
/// messages and the memory are those of every build, the times of compiling are several times those of a release.
///
/// # Errors
/// The tests cannot be built or run.
pub fn table(root: &Path) -> Result<String, String> {
    let arguments = ["test", "--package", "render", "--test", "suite", "hostile::table::table"];
    let mut command = Command::new("cargo");
    command.args(arguments).args(["--", "--exact", "--ignored", "--nocapture"]).current_dir(root);
    let output = command.output().map_err(|error| format!("cargo: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
    if output.status.success() {
        Ok(rows.join("\n"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
