//! `render plugin add`: a plugin is looked at, shown, and, once somebody says so, taken into the lock.

use std::path::{Component, Path, PathBuf};

use render_files::By;
use render_plugins::lock::Signed;
use render_plugins::registry::SCHEME;
use render_plugins::signature::Key;
use render_plugins::store::{self, Store};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::review::{candidate, lock_of, save, shown};
use crate::args::plugin::AddArgs;
use crate::terminal::{self, is_agreed};

/// Shows what a plugin is and asks for, and pins it when that is accepted. A plugin of the same name is replaced, as
/// by another version of it.
///
/// # Errors
/// A source that cannot be read, or holds no plugin; a signature that is missing or wrong; a plugin that nobody
/// accepts.
pub(super) fn add(arguments: &AddArgs, cache: Option<PathBuf>, sources: &mut Sources) -> Result<(), Failure> {
    let mut lock = lock_of(&arguments.runtime.lock, sources)?;
    let runtime = arguments.runtime.runtime(cache)?;
    let store = Store { cache: runtime.cache.clone(), access: arguments.runtime.store.access() };
    let source = source(&arguments.source, lock.folder())?;
    let pem = arguments.key.as_deref().map(|key| store::pem(key, By::Person, &lock.roots)).transpose()?;
    let key = pem.as_deref().map(Key::read).transpose()?;
    let content = store::latest((&source, By::Person), &lock, key.as_ref(), &store, &runtime.limits)?;
    let mut candidate = candidate(&source, content, arguments.name.as_deref(), &runtime.limits)?;
    candidate.locked.signature = pem.map(|key| Signed { key });
    let name = candidate.plugin.description.name.clone();
    let accepted = lock.plugins.get(&name);
    candidate.locked.limits = accepted.map(|accepted| accepted.limits.clone()).unwrap_or_default();
    terminal::say(&candidate.text(accepted))?;
    if !arguments.accept && !is_agreed(&format!("grant this to {name}?")) {
        return Err(Diagnostic::error(format!(
            "the plugin `{name}` is not accepted, and `{}` not changed",
            shown(&lock.path)
        ))
        .hint("if what it asks for is right, run the same with `--accept`")
        .into());
    }
    lock.plugins.insert(name.clone(), candidate.locked);
    save(&lock)?;
    terminal::say(&format!("{} pins {name}; an environment uses it by `plugins: [{name}]`\n", shown(&lock.path)))
}

/// The source as the lock writes it: a path relative to the lock's folder, so that the lock means the same wherever
/// the two are.
fn source(given: &str, folder: &Path) -> Result<String, Failure> {
    if given.starts_with(SCHEME) {
        return Ok(given.to_owned());
    }
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let absent = |path: &Path| Diagnostic::error(format!("`{}` does not exist", path.display())).hint("check the path");
    let file = std::fs::canonicalize(given).map_err(|_| absent(Path::new(given)))?;
    let base = std::fs::canonicalize(folder).map_err(|_| absent(folder))?;
    Ok(relative(&base, &file).display().to_string())
}

fn relative(base: &Path, file: &Path) -> PathBuf {
    let shared = base.components().zip(file.components()).take_while(|(one, other)| one == other).count();
    let up = base.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(file.components().skip(shared)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_seen_from_the_lock() {
        let seen = |base: &str, file: &str| relative(Path::new(base), Path::new(file)).display().to_string();
        assert_eq!(seen("/a/b", "/a/b/plugins/x.wasm"), "plugins/x.wasm");
        assert_eq!(seen("/a/b", "/a/x.wasm"), "../x.wasm");
        assert_eq!(seen("/a/b", "/c/x.wasm"), "../../c/x.wasm");
    }
}
