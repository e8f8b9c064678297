//! `render snapshot`: compares what environments render to with reviewed files, or rewrites these.

use std::process::ExitCode;

use render_pipeline::emit::{self, Changes};
use render_pipeline::snapshot::{self, Compared, Wanted};
use render_report::{self as report, MessageFormat, Summary};
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::tell;
use crate::args::SnapshotArgs;
use crate::surroundings::{runtime, style};
use crate::terminal::{form, sum_up};

/// Compares environments with their snapshots, or writes these.
pub(super) fn snapshot(arguments: &SnapshotArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let input = &arguments.input;
    let wanted = Wanted {
        selection: arguments.fleet.selection(input)?,
        folder: arguments.snapshots.clone(),
        request: input.request(),
        options: input.options(),
    };
    if arguments.update { update(arguments, &wanted, sources) } else { compare(arguments, &wanted, sources) }
}

/// Compares environments with their snapshots. As for `check`, the report goes to stdout.
fn compare(arguments: &SnapshotArgs, wanted: &Wanted, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = MessageFormat::from(arguments.input.message_format);
    let Compared { differences, findings, environments } =
        snapshot::check(wanted, &*runtime(&arguments.input)?, sources)?;
    let code = u8::from(!findings.is_empty());
    let report =
        report::text(&findings, &Summary::new(&findings, None), sources, form(format, style(&std::io::stdout())));
    let (differences, sum) = match (!format.is_document(), code) {
        (false, _) => (String::new(), String::new()),
        (true, 0) => (differences, format!("{} as reviewed\n", report::counted(environments, "environment"))),
        (true, _) => (differences, String::new()),
    };
    emit::stdout(&format!("{differences}{report}{sum}"))?;
    Ok(ExitCode::from(code))
}

fn update(arguments: &SnapshotArgs, wanted: &Wanted, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let (changes, found) = snapshot::update(wanted, &*runtime(&arguments.input)?, sources)?;
    let Changes { written, same, removed } = changes;
    let format = MessageFormat::from(arguments.input.message_format);
    tell(&found, sources, format);
    let sum = format!("{} written, {same} as before, {removed} removed", report::counted(written, "snapshot"));
    sum_up(&sum, format);
    Ok(ExitCode::SUCCESS)
}
