//! `render plugin update`: what the sources hold now, beside what was accepted.

use std::path::PathBuf;

use render_files::By;
use render_pipeline::plugins;
use render_plugins::lock::{Lock, Locked};
use render_plugins::open::Runtime;
use render_plugins::store::{self, Store};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::review::{Candidate, candidate, lock_of, names, save, shown};
use crate::args::plugin::UpdateArgs;
use crate::terminal;
use crate::terminal::is_agreed;

/// Shows what is new of each plugin, and pins it when that is accepted.
///
/// # Errors
/// A name that the lock does not have; a source that cannot be read, or holds no plugin any more; a signature that is
/// missing or wrong; news that nobody accepts.
pub(super) fn update(arguments: &UpdateArgs, cache: Option<PathBuf>, sources: &mut Sources) -> Result<(), Failure> {
    let mut lock = lock_of(&arguments.runtime.lock, sources)?;
    let runtime = arguments.runtime.runtime(cache)?;
    let store = Store { cache: runtime.cache.clone(), access: arguments.runtime.store.access() };
    let mut news = Vec::new();
    if lock.plugins.is_empty() {
        return terminal::say("there are no plugins but the built-in ones\n");
    }
    for name in names(&arguments.names, &lock)? {
        let Some(accepted) = lock.plugins.get(&name) else { continue };
        let candidate = now(&name, accepted, &lock, &store, &runtime)?;
        if candidate.locked == *accepted {
            terminal::say(&format!("{name} {}: nothing changed since it was accepted\n", accepted.version))?;
        } else {
            terminal::say(&candidate.text(Some(accepted)))?;
            news.push((name, candidate.locked));
        }
    }
    if news.is_empty() {
        return Ok(());
    }
    let all = news.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ");
    if !arguments.accept && !is_agreed(&format!("accept what is new of {all}?")) {
        let wrong =
            Diagnostic::error(format!("what is new of {all} is not accepted, and `{}` not changed", shown(&lock.path)));
        return Err(wrong.hint("if it is right, run the same with `--accept`").into());
    }
    lock.plugins.extend(news);
    save(&lock)?;
    terminal::say(&format!("{} pins what is new of {all}\n", shown(&lock.path)))
}

/// A plugin as its source holds it now, under the conditions of the lock.
fn now(name: &str, accepted: &Locked, lock: &Lock, store: &Store, runtime: &Runtime) -> Result<Candidate, Failure> {
    let limits = plugins::limits(name, lock, runtime)?;
    let key = store::key(accepted, lock)?;
    let content = store::latest((&accepted.source, By::Other), lock, key.as_ref(), store, &limits)?;
    let mut candidate = candidate(&accepted.source, content, Some(name), &limits)?;
    candidate.locked.signature.clone_from(&accepted.signature);
    candidate.locked.limits.clone_from(&accepted.limits);
    Ok(candidate)
}
