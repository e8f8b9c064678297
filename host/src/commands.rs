//! The commands, each in a file of its own: it takes its arguments, runs the pipeline, and prints.

mod argocd;
mod check;
mod helm_plugin;
mod import;
mod init;
mod keys;
mod krm_function;
mod named;
mod notes;
mod plugin;
mod post_render;
mod precompile;
mod render;
mod rules;
mod schema;
mod snapshot;
mod version;

use std::io::Write;
use std::process::ExitCode;

use render_pipeline::emit;
use render_report::{self as report, MessageFormat, Summary};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::args::{ArgocdCommand, Cli, Command, HelmPluginCommand, texts};
use crate::surroundings::{cache, style};
use crate::terminal::{self, form};

/// Runs the command, and returns the exit status.
pub(crate) fn run(cli: Cli, sources: &mut Sources) -> Result<ExitCode, Failure> {
    match cli.command {
        None => return render::render(&cli.render, &cli.fleet, sources),
        Some(Command::Notes(arguments)) => return notes::notes(&arguments, sources),
        Some(Command::Check(arguments)) => return check::check(&arguments, sources),
        Some(Command::Snapshot(arguments)) => return snapshot::snapshot(&arguments, sources),
        Some(Command::PostRender(arguments)) => return post_render::post_render(&arguments, sources),
        Some(Command::Fn(input)) => return krm_function::function(&input, sources),
        Some(Command::Argocd(ArgocdCommand::Parameters(root))) => argocd::announce(&root, sources)?,
        Some(Command::Argocd(ArgocdCommand::Generate(arguments))) => return argocd::generate(&arguments, sources),
        Some(Command::HelmPlugin(HelmPluginCommand::Install { folder })) => helm_plugin::install(folder.as_deref())?,
        Some(Command::Plugin(command)) => return plugin::run(&command, cache(), sources, style(&std::io::stdout())),
        Some(Command::Import(command)) => return import::import(&command, sources),
        Some(Command::Init { folder }) => terminal::say(&init::init(&folder)?)?,
        Some(Command::Keys(input)) => keys::keys(&input, sources)?,
        Some(Command::Completions { shell }) => emit::stdout(&texts::completions(shell))?,
        Some(Command::Man { command }) => emit::stdout(&texts::manual(&command)?)?,
        Some(Command::Version { output }) => emit::stdout(&version::text(output))?,
        Some(Command::Schema(arguments)) => emit::stdout(&schema::print(&arguments, cache(), sources)?)?,
        Some(Command::Rules) => emit::stdout(&rules::text())?,
        Some(Command::Precompile { folder }) => precompile::precompile(&folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints findings on stderr.
pub(crate) fn tell(found: &[Diagnostic], sources: &Sources, format: MessageFormat) {
    let text = report::text(found, &Summary::new(found, None), sources, form(format, style(&std::io::stderr())));
    // Where stderr is closed there is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}
