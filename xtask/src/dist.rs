//! The distributed build: a `render` that carries the compiled code of its plugins, so that the first run in an empty
//! container is as fast as any later one. A development build of `render`, which a checkout often has already, compiles
//! the plugins; the release build embeds the result.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Builds `target/dist/render`.
///
/// # Errors
/// A build that fails, a plugin that does not compile, a file that cannot be written.
pub fn dist(root: &Path) -> Result<String, String> {
    let compiled = root.join("target/precompiled");
    if compiled.exists() {
        fs::remove_dir_all(&compiled).map_err(|error| format!("{}: {error}", compiled.display()))?;
    }
    let cargo = |arguments: &[&str]| {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).args(["--package", "render"]).current_dir(root).env_remove(EMBED);
        cargo
    };
    run(&mut cargo(&["build"]))?;
    run(Command::new(root.join("target/debug/render")).arg("precompile").arg(&compiled))?;
    run(cargo(&["build", "--release"]).env(EMBED, &compiled))?;
    let plain = root.join("target/release/render");
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
