//! `render`: the manifests of one environment, or of several.

use std::process::ExitCode;

use render_pipeline::load::Request;
use render_pipeline::{Origin, emit, fleet, run};
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::{named, tell};
use crate::args::{FleetArgs, RenderArgs};
use crate::surroundings::runtime;
use crate::terminal::sum_up;

/// Renders the environment that is named, or several.
pub(super) fn render(arguments: &RenderArgs, several: &FleetArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let request = arguments.input.request();
    let Some(several) = several.selection(&arguments.input)? else {
        return one(&request, arguments, sources);
    };
    let (runtime, options) = (runtime(&arguments.input)?, arguments.options());
    let output = fleet::render::Output {
        folder: arguments.output_dir.as_deref(),
        format: arguments.output.into(),
        phase: arguments.phase.map(Into::into),
    };
    let (written, found) = fleet::render::render(&several, &request, (output, options), &runtime, sources)?;
    let format = arguments.input.message_format.into();
    tell(&found, sources, format);
    sum_up(&written.to_string(), format);
    Ok(ExitCode::SUCCESS)
}

/// Renders one environment.
pub(super) fn one(request: &Request, arguments: &RenderArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    named::something(request, named::Task::Render)?;
    let options = arguments.options();
    let runtime = runtime(&arguments.input)?;
    let rendered = run(request, Origin::Templates, options, &runtime, sources).passed(options)?;
    let (phase, format) = (arguments.phase.map(Into::into), arguments.output.into());
    let manifests = emit::ordered(&rendered.manifests, phase)?;
    match &arguments.output_dir {
        Some(folder) => emit::files(&emit::per_manifest(&manifests, format)?, folder)?,
        None => emit::stdout(&emit::text(&manifests, format)?)?,
    }
    tell(&rendered.findings, sources, arguments.input.message_format.into());
    // The process ends here: freeing every value one by one would only take time.
    std::mem::forget(rendered);
    Ok(ExitCode::SUCCESS)
}
