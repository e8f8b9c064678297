//! `render check`: all findings of environments, or of manifests of another renderer. The report is the output of the command,
//! so it goes to stdout; the status says whether it has an error.

use std::process::ExitCode;

use render_pipeline::options::status;
use render_pipeline::{Origin, checked, coverage, emit, fleet, run};
use render_report::{self as report, Coverage, MessageFormat, Summary};
use render_rules as rules;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::named;
use crate::args::CheckArgs;
use crate::surroundings::{runtime, style};
use crate::terminal::form;

/// Prints the report.
pub(super) fn check(arguments: &CheckArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = MessageFormat::from(arguments.input.message_format);
    let checked =
        if arguments.manifests.is_empty() { environments(arguments, sources) } else { manifests(arguments, sources) };
    let (found, summary, code) = match checked {
        Ok((found, coverage)) => {
            let summary = Summary::new(&found, Some(coverage));
            let code = status(&found);
            (found, summary, code)
        }
        // A program reads one document, whatever happens.
        Err(Failure::Internal(message)) if format.is_document() => {
            let found = vec![Diagnostic::error(message)];
            let summary = Summary::new(&found, None);
            (found, summary, 2)
        }
        Err(failure) => return Err(failure),
    };
    emit::stdout(&report::checked(&found, &summary, sources, form(format, style(&std::io::stdout()))))?;
    Ok(ExitCode::from(code))
}

type Checked = Result<(Vec<Diagnostic>, Coverage), Failure>;

fn environments(arguments: &CheckArgs, sources: &mut Sources) -> Checked {
    let (input, request) = (&arguments.input, arguments.input.request());
    let options = input.options();
    if let Some(several) = arguments.fleet.selection(input)? {
        return fleet::check::check(&several, &request, options, &*runtime(input)?, sources);
    }
    named::something(&request, named::Task::Check)?;
    run(&request, Origin::Templates, options, &*runtime(input)?, sources).report(options)
}

fn manifests(arguments: &CheckArgs, sources: &mut Sources) -> Checked {
    let (objects, found) = match checked::check(&arguments.foreign(), sources) {
        Ok(checked) => (Some(checked.manifests.len()), checked.findings),
        Err(Failure::Input(found)) => (None, found),
        Err(failure) => return Err(failure),
    };
    Ok((arguments.input.options().counted(found), coverage::of_manifests(objects, rules::counts())))
}
