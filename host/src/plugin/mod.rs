//! The commands about plugins: `render plugin <verb>`, each verb in a file of its own.

use std::path::PathBuf;

use crate::cli::plugin::PluginCommand;
use crate::diagnostic::Failure;
use crate::source::Sources;

mod add;
mod list;
mod remove;
mod review;
mod update;
mod verify;

/// Does what a command says. `cache` is the user's folder for plugins, where no other is named.
///
/// # Errors
/// Whatever its verb says.
pub fn run(command: &PluginCommand, cache: Option<PathBuf>, sources: &mut Sources) -> Result<(), Failure> {
    match command {
        PluginCommand::Add(arguments) => add::add(arguments, cache, sources),
        PluginCommand::List(arguments) => list::list(arguments, sources),
        PluginCommand::Remove(arguments) => remove::remove(arguments, sources),
        PluginCommand::Update(arguments) => update::update(arguments, cache, sources),
        PluginCommand::Verify(arguments) => verify::verify(arguments, cache, sources),
    }
}
