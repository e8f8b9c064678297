//! A command without an environment and without a file is a mistake. The message lists the environments.

use render_pipeline::load::{self, Request};
use render_text::diagnostic::{Diagnostic, Failure};

/// The task of the command, for its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    /// Manifests or notes.
    Render,
    /// Only what is wrong.
    Check,
}

/// Refuses a command that names nothing, with the environments that it could name.
///
/// # Errors
/// Neither an environment nor a file is named.
pub(super) fn something(request: &Request, task: Task) -> Result<(), Failure> {
    if request.environment.is_some() || !request.files.is_empty() || !request.form_files.is_empty() {
        return Ok(());
    }
    let known = load::environments(request.folder.as_deref(), &request.roots)?;
    let first = known.first().map_or("prd", String::as_str);
    let known = known.join(", ");
    let (what, how) = match task {
        Task::Render => ("render", format!("`render --env {first}`")),
        Task::Check => {
            ("check", format!("`render check --env {first}`, or manifests: `render check FILE`, or - for stdin"))
        }
    };
    let nothing = Diagnostic::error(format!("nothing says what to {what}"));
    Err(nothing.hint(format!("name one of: {known}; as in {how}")).into())
}
