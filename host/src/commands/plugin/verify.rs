//! `render plugin verify`: the plugins at hand, beside what the lock pins. The network is not used.

use std::path::PathBuf;

use render_pipeline::plugins;
use render_plugins::lock::Lock;
use render_plugins::open::Runtime;
use render_plugins::store::{self, Store};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::review::{lock_of, names};
use crate::args::plugin::VerifyArgs;
use crate::terminal;

/// Compares content, permissions and signatures with the lock.
///
/// # Errors
/// Every plugin that is not what the lock says.
pub(super) fn verify(arguments: &VerifyArgs, cache: Option<PathBuf>, sources: &mut Sources) -> Result<(), Failure> {
    let lock = lock_of(&arguments.lock, sources)?;
    let store = Store { cache: arguments.plugin_cache.clone().or(cache), access: None };
    let (mut good, mut wrong) = (String::new(), Vec::new());
    for name in names(&arguments.names, &lock)? {
        match one(&name, &lock, &store) {
            Ok(line) => good += &line,
            Err(error) => wrong.push(error.at(lock.place(&name))),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    terminal::say(if good.is_empty() { "there are no plugins but the built-in ones\n" } else { &good })
}

fn one(name: &str, lock: &Lock, store: &Store) -> Result<String, Diagnostic> {
    let limits = plugins::limits(name, lock, &Runtime::default())?;
    let plugin = store::accepted(name, lock, store, &limits)?;
    store::signed(name, lock, store, plugin.bytes())?;
    let signed = lock.plugins.get(name).is_some_and(|locked| locked.signature.is_some());
    let signed = if signed { "as it was accepted, and signed" } else { "as it was accepted" };
    Ok(format!("{name} {}: {signed}\n", plugin.description.version))
}
