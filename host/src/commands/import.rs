//! `render import`: writes an environment file, and lists the values that it could not carry over.

use std::mem::ManuallyDrop;
use std::process::ExitCode;

use render_import::import as make;
use render_pipeline::emit;
use render_plugins::open::Runtime;
use render_report::MessageFormat;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::tell;
use crate::args::import::ImportCommand;
use crate::surroundings::cache;
use crate::terminal;

/// Imports the values of another system.
pub(super) fn import(command: &ImportCommand, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let asked = command.asked();
    let runtime = ManuallyDrop::new(Runtime::with_options(Vec::new(), cache())?);
    let imported = make(&asked, &runtime, sources)?;
    match &asked.output {
        Some(file) => emit::file(file, &imported.text)?,
        None => emit::stdout(&imported.text)?,
    }
    let format = command.args().messages.message_format.into();
    tell(&imported.findings, sources, format);
    if format == MessageFormat::Human {
        terminal::mention(&imported.next);
    }
    Ok(ExitCode::SUCCESS)
}
