//! The commands about plugins: `render plugin <verb>`, each verb in a file of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::plugin::PluginCommand;
use crate::diagnostic::Failure;
use crate::report::Style;
use crate::source::Sources;

mod described;
mod inspect;
mod list;
mod new;
pub mod pack;
mod test;

/// Does what a command says, and returns the status of the program. `cache` is the folder for compiled code.
///
/// # Errors
/// Whatever its verb says.
pub fn run(
    command: &PluginCommand,
    sources: &mut Sources,
    cache: Option<PathBuf>,
    style: Style,
) -> Result<ExitCode, Failure> {
    match command {
        PluginCommand::Inspect(arguments) => inspect::inspect(arguments)?,
        PluginCommand::List(arguments) => list::list(arguments)?,
        PluginCommand::New(arguments) => new::new(arguments)?,
        PluginCommand::Pack(arguments) => pack::pack(arguments)?,
        PluginCommand::Test(arguments) => return test::test(arguments, sources, cache, style),
        PluginCommand::Add(_) | PluginCommand::Remove(_) | PluginCommand::Update(_) | PluginCommand::Verify(_) => {
            return Err(Failure::Internal("this command is not there yet".to_owned()));
        }
    }
    Ok(ExitCode::SUCCESS)
}
