//! `render precompile`: compiles the built-in plugins for the distributed build.

use std::path::Path;

use render_plugins::{built_in, open};
use render_text::diagnostic::Failure;

/// Compiles the built-in plugins into a folder, for a build that embeds them.
///
/// # Errors
/// [`Failure::Internal`] when a plugin cannot be compiled or a file cannot be written.
#[expect(clippy::disallowed_methods, reason = "this command exists to write files, for the build")]
pub(super) fn precompile(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Internal(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for component in built_in::PLUGINS.iter().map(|plugin| plugin.component) {
        std::fs::write(folder.join(open::precompiled_name(component)), open::precompile(component)?).map_err(failed)?;
    }
    Ok(())
}
