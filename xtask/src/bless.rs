//! Accepts what is printed now as what is expected: fixtures, schemas and snapshots. What changed is
//! then reviewed as a diff.

use std::path::Path;
use std::process::Command;

/// Runs every test of both workspaces with the wish to rewrite expectations.
///
/// # Errors
/// Tests that fail for another reason, or cargo that does not start.
pub fn bless(root: &Path) -> Result<String, String> {
    for folder in [root.to_owned(), root.join("plugins")] {
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .args(["test", "--quiet", "--no-fail-fast"])
            .current_dir(&folder)
            .env("RENDER_BLESS", "1")
            .env("INSTA_UPDATE", "always");
        let status = cargo.status().map_err(|error| format!("cargo cannot be started: {error}"))?;
        if !status.success() {
            return Err(format!("tests in {} fail although expectations were rewritten", folder.display()));
        }
    }
    Ok("expectations are rewritten: look at `git diff`".to_owned())
}
