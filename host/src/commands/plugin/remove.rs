//! `render plugin remove`: a plugin is taken out of the lock. What was pulled stays in the cache, where other locks
//! may want it.

use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::review::{lock_of, names, save, shown};
use crate::args::plugin::RemoveArgs;
use crate::terminal;

/// Takes plugins out of the lock.
///
/// # Errors
/// A name that the lock does not have.
pub(super) fn remove(arguments: &RemoveArgs, sources: &mut Sources) -> Result<(), Failure> {
    let mut lock = lock_of(&arguments.lock, sources)?;
    let names = names(&arguments.names, &lock)?;
    lock.plugins.retain(|name, _| !names.contains(name));
    save(&lock)?;
    terminal::say(&format!("{} no longer pins {}\n", shown(&lock.path), names.join(", ")))
}
