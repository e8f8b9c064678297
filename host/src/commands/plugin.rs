//! The commands about plugins: `render plugin <verb>`, each verb in a file of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use render_report::Style;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use crate::args::plugin::PluginCommand;

mod add;
mod described;
mod inspect;
mod list;
mod new;
mod pack;
mod remove;
mod review;
mod test;
mod update;
mod verify;

/// Does what a command says, and returns the status of the program. `cache` is the user's folder for plugins, where no
/// other is named; `style` is that of stdout.
///
/// # Errors
/// Whatever its verb says.
pub(super) fn run(
    command: &PluginCommand,
    cache: Option<PathBuf>,
    sources: &mut Sources,
    style: Style,
) -> Result<ExitCode, Failure> {
    let done = match command {
        PluginCommand::Add(arguments) => add::add(arguments, cache, sources),
        PluginCommand::Inspect(arguments) => inspect::inspect(arguments),
        PluginCommand::List(arguments) => list::list(arguments, sources),
        PluginCommand::New(arguments) => new::new(arguments),
        PluginCommand::Pack(arguments) => pack::pack(arguments),
        PluginCommand::Remove(arguments) => remove::remove(arguments, sources),
        PluginCommand::Test(arguments) => return test::test(arguments, cache, sources, style),
        PluginCommand::Update(arguments) => update::update(arguments, cache, sources),
        PluginCommand::Verify(arguments) => verify::verify(arguments, cache, sources),
    };
    done.map(|()| ExitCode::SUCCESS)
}
