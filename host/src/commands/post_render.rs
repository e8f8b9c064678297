//! `render post-render`: changes the stream on stdin by plugins and by the patches of an environment.

use std::path::PathBuf;
use std::process::ExitCode;

use render_pipeline::stream::stdin_is_free;
use render_pipeline::{Origin, emit, run};
use render_report::{self as report, Style, Summary};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::tell;
use crate::args::PostRenderArgs;
use crate::surroundings::{runtime, variable};
use crate::terminal::form;

/// Names the file for findings where no option can: Helm hands variables on to its plugins.
const DIAGNOSTICS_FILE: &str = "RENDER_DIAGNOSTICS_FILE";

/// Prints the changed stream. The file of diagnostics is written whatever happens, and is empty when all is well.
pub(super) fn post_render(arguments: &PostRenderArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = arguments.input.message_format.into();
    let done = changed(arguments, sources);
    if let Some(file) = arguments.diagnostics_file.clone().or_else(|| variable(DIAGNOSTICS_FILE).map(PathBuf::from)) {
        let found = match &done {
            Ok((_, findings)) => findings.clone(),
            Err(Failure::Input(found)) => found.clone(),
            Err(Failure::Internal(message)) => vec![Diagnostic::error(message)],
        };
        let text = report::text(&found, &Summary::new(&found, None), sources, form(format, Style::Plain));
        emit::file(&file, &text)?;
    }
    let (text, findings) = done?;
    emit::stdout(&text)?;
    tell(&findings, sources, format);
    Ok(ExitCode::SUCCESS)
}

/// The changed stream, and the findings.
fn changed(arguments: &PostRenderArgs, sources: &mut Sources) -> Result<(String, Vec<Diagnostic>), Failure> {
    let runtime = runtime(&arguments.input)?;
    let request = arguments.request();
    stdin_is_free(&request)?;
    // Nothing is rendered of the values, so nothing waits for facts.
    let options = arguments.input.without_facts();
    let changed = run(&request, Origin::Files(vec!["-".into()]), options, &runtime, sources).result?;
    let text = changed.rewritten(sources)?;
    let changed = if arguments.allow_findings { changed } else { changed.passed(options)? };
    Ok((text, changed.findings))
}
