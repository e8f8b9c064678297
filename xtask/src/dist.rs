//! The distributed build: a `render` that carries the compiled code of its plugins, so that the first
//! run in an empty container is as fast as any later one. `render` is built, compiles the plugins
//! itself, and is built again with the result embedded; only the host crate is compiled twice.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds `target/dist/render`.
///
/// # Errors
/// A build that fails, a plugin that does not compile, a file that cannot be written.
pub fn dist(root: &Path) -> Result<String, String> {
    let compiled = root.join("target/precompiled");
    let plain = root.join("target/release/render");
    run(Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "render"])
        .current_dir(root)
        .env_remove(EMBED))?;
    if compiled.exists() {
        fs::remove_dir_all(&compiled).map_err(|error| format!("{}: {error}", compiled.display()))?;
    }
    run(Command::new(&plain).arg("precompile").arg(&compiled))?;
    run(Command::new(env!("CARGO"))
        .args(["build", "--release", "--package", "render"])
        .current_dir(root)
        .env(EMBED, &compiled))?;
    let folder = root.join("target/dist");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let binary = folder.join("render");
    let size = fs::copy(&plain, &binary).map_err(|error| format!("{}: {error}", binary.display()))?;
    Ok(format!("target/dist/render: {size} bytes, its plugins compiled"))
}

/// Names the folder of compiled plugins to the host's build script.
const EMBED: &str = "RENDER_PRECOMPILED_DIR";

fn run(command: &mut Command) -> Result<(), String> {
    let status = command.status().map_err(|error| format!("{command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}
