//! `render notes`: the steps outside the cluster.

use std::process::ExitCode;

use render_pipeline::{Origin, emit, notes, run};
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::{named, tell};
use crate::args::NotesArgs;
use crate::surroundings::runtime;

/// Prints the notes of an environment.
pub(super) fn notes(arguments: &NotesArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let request = arguments.input.request();
    named::something(&request, named::Task::Render)?;
    // Notes say what comes before the application, so they need no facts.
    let options = arguments.input.without_facts();
    let runtime = runtime(&arguments.input)?;
    let rendered = run(&request, Origin::Templates, options, &runtime, sources).passed(options)?;
    let notes = rendered.notes(&request);
    if let Some(folder) = &arguments.output_dir {
        emit::files(&notes::files(&notes)?, folder)?;
    }
    let environment = rendered.values.as_ref().map_or("", |values| &values.environment);
    emit::stdout(&notes::print(environment, &notes, arguments.output.into(), sources))?;
    tell(&rendered.findings, sources, arguments.input.message_format.into());
    Ok(ExitCode::SUCCESS)
}
