//! `render plugin test`: a plugin in the sandbox of a real run, on folders of files: values and manifests go in, and
//! what it answers is compared with what was reviewed. One format serves every language, and the project's own plugins.

mod component;
mod fixture;
mod permissions;
mod report;
mod run;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use render_files::By;
use render_pipeline::emit;
use render_pipeline::load;
use render_plugins::Plugin;
use render_plugins::open::{self, Runtime};
use render_report::Style;
use render_text::diagnostic::{Diagnostic, Failure, Severity};
use render_text::source::Sources;

use super::described;
use crate::args::plugin::TestArgs;
use crate::terminal::form;

use self::permissions::Used;
use self::run::{Outcome, Wish};

/// Runs every fixture and prints a report. The status says whether all are as expected.
///
/// # Errors
/// What keeps fixtures from being run: no fixture, no component, or one that is no plugin.
pub(super) fn test(
    arguments: &TestArgs,
    cache: Option<PathBuf>,
    sources: &mut Sources,
    style: Style,
) -> Result<ExitCode, Failure> {
    let fixtures = load::folders_with(fixture::VALUES, &arguments.folder);
    if fixtures.is_empty() {
        return Err(no_fixture(&arguments.folder).into());
    }
    let (file, by) = match arguments.component.clone() {
        Some(named) => (named, By::Person),
        None => (component::built(&arguments.folder)?, By::Other),
    };
    let runtime = Runtime::with_options(arguments.plugin_limits.clone(), cache)?;
    let bytes = load::bytes(&file, by, runtime.limits.component_bytes)?;
    let plugin = open::open(&file.display().to_string(), bytes, &runtime.limits)?;
    described::keeps_its_promises(&plugin.description)?;
    let wish = if arguments.bless { Wish::Bless } else { Wish::Compare };
    let (outcomes, used) = run_all(&fixtures, &arguments.folder, &plugin, &runtime, wish, sources)?;
    let severity = if arguments.strict { Severity::Error } else { Severity::Warning };
    let unused: Vec<Diagnostic> = used.unused().into_iter().map(|warning| Diagnostic { severity, ..warning }).collect();
    let right = outcomes.iter().all(Outcome::is_right) && (unused.is_empty() || !arguments.strict);
    let report = report::Report { plugin: &plugin, file: &file, outcomes: &outcomes, unused: &unused };
    emit::stdout(&report.text(sources, form(arguments.messages.message_format.into(), style)))?;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn run_all<'a>(
    fixtures: &[PathBuf],
    base: &Path,
    plugin: &'a Plugin,
    runtime: &Runtime,
    wish: Wish,
    sources: &mut Sources,
) -> Result<(Vec<Outcome>, Used<'a>), Failure> {
    let mut used = Used::none_of(&plugin.description);
    let mut outcomes = Vec::new();
    for folder in fixtures {
        outcomes.push(run::run(folder, base, (plugin, runtime, wish), &mut used, sources)?);
    }
    Ok((outcomes, used))
}

fn no_fixture(folder: &Path) -> Diagnostic {
    if !folder.is_dir() {
        return Diagnostic::error(format!("there is no folder `{}`", folder.display()))
            .hint("name the folder of the plugin, or one of fixtures");
    }
    Diagnostic::error(format!("there is no fixture in `{}`", folder.display())).hint(
        "a fixture is a folder with a values.yaml; beside it are manifests.yaml and the response.yaml that is expected",
    )
}
