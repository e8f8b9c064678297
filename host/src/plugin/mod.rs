//! The commands about plugins: `render plugin <verb>`, each verb in a file of its own.

use crate::cli::plugin::PluginCommand;
use crate::diagnostic::Failure;
use crate::source::Sources;

mod list;

/// Does what a command says.
///
/// # Errors
/// Whatever its verb says.
pub fn run(command: &PluginCommand, _sources: &mut Sources) -> Result<(), Failure> {
    match command {
        PluginCommand::List(arguments) => list::list(arguments),
        PluginCommand::Add(_) | PluginCommand::Remove(_) | PluginCommand::Update(_) | PluginCommand::Verify(_) => {
            Err(Failure::Internal("this command is not there yet".to_owned()))
        }
    }
}
