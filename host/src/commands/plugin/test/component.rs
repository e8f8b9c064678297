//! The component that cargo built last, so that an author need not type where cargo puts it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use render_files::Roots;
use render_pipeline::load;
use render_text::diagnostic::{Diagnostic, Failure};

const TARGET: &str = "target/wasm32-unknown-unknown";

/// The newest component of the nearest target folder from `folder` upwards.
///
/// # Errors
/// There is none, or there are several plugins.
pub(super) fn built(folder: &Path) -> Result<PathBuf, Failure> {
    let found = upwards(folder).find_map(|folder| {
        let built = [folder.join(TARGET).join("release"), folder.join(TARGET).join("debug")];
        let built: Vec<(SystemTime, PathBuf)> = built.iter().flat_map(|folder| components(folder)).collect();
        (!built.is_empty()).then_some(built)
    });
    let Some(mut built) = found else {
        let none = Diagnostic::error(format!("no component was built in `{}` or above", folder.display()));
        return Err(none
            .hint(
                "build it with `cargo build --release --target wasm32-unknown-unknown`, or name it with `--component`",
            )
            .into());
    };
    built.sort();
    let mut names: Vec<&str> = built.iter().filter_map(|(_, path)| path.file_name()?.to_str()).collect();
    names.sort_unstable();
    names.dedup();
    match built.last() {
        Some((_, newest)) if names.len() == 1 => Ok(newest.clone()),
        _ => {
            let several = Diagnostic::error(format!("several plugins were built: {}", names.join(", ")));
            Err(several.hint("say which with `--component`").into())
        }
    }
}

/// The folder and those above it, as seen from here.
fn upwards(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let levels = std::fs::canonicalize(folder).map_or(0, |folder| folder.components().count());
    let start = if folder == Path::new(".") { PathBuf::new() } else { folder.to_owned() };
    std::iter::successors(Some(start), |folder| Some(folder.join(".."))).take(levels)
}

fn components(folder: &Path) -> Vec<(SystemTime, PathBuf)> {
    let names = load::names_in(folder, &Roots::default()).unwrap_or_default();
    let components = names
        .into_iter()
        .map(|name| folder.join(name))
        .filter(|path| path.extension().is_some_and(|ending| ending == "wasm"));
    components.filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).collect()
}
