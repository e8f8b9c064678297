//! `render plugin list`: every plugin that an environment can name.

use render_plugins::built_in;
use render_plugins::limits::Limits;
use render_plugins::open;
use render_report::plain::word;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::review::lock_of;
use crate::args::plugin::ListArgs;
use crate::terminal;

/// Prints a line for each plugin: name, version, where it is from.
///
/// # Errors
/// A lock that is none.
pub(super) fn list(arguments: &ListArgs, sources: &mut Sources) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for plugin in built_in::PLUGINS {
        let description = open::built_in(plugin, &Limits::default())?.description;
        rows.push([description.name, description.version.to_string(), "built in".to_owned()]);
    }
    let lock = lock_of(&arguments.lock, sources)?;
    rows.extend(lock.plugins.into_iter().map(|(name, locked)| [name, locked.version, word(&locked.source)]));
    let width = |column: usize| rows.iter().map(|row| row[column].len()).max().unwrap_or(0);
    let (names, versions) = (width(0), width(1));
    let line = |[name, version, source]: &[String; 3]| format!("{name:names$}  {version:versions$}  {source}\n");
    terminal::say(&rows.iter().map(line).collect::<String>())
}
