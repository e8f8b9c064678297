//! One environment as the command line asks for it: what rendering, checking, fleets and snapshots have in common.

use crate::Rendered;
use crate::cli::InputArgs;
use crate::coverage;
use crate::diagnostic::{Diagnostic, Failure, strict};
use crate::load::{self, Request};
use crate::plugins::open::Sandbox;
use crate::progress::Progress;
use crate::report::Coverage;
use crate::rules;
use crate::source::Sources;

/// An environment, rendered. With `--strict` a warning is an error.
///
/// # Errors
/// As [`crate::render`].
pub fn rendered(
    request: &Request,
    input: &InputArgs,
    sandbox: &Sandbox,
    sources: &mut Sources,
    progress: &mut Progress,
) -> Result<Rendered, Failure> {
    let rendered = crate::render(request, sandbox, sources, progress)?;
    if input.strict && rendered.findings.iter().any(|finding| finding.silenced.is_none()) {
        return Err(Failure::Input(strict(rendered.findings)));
    }
    Ok(rendered)
}

/// What is wrong with an environment, and how much was looked at.
///
/// # Errors
/// Only what is no mistake of the environment.
pub fn checked(
    request: &Request,
    input: &InputArgs,
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<(Vec<Diagnostic>, Coverage), Failure> {
    let mut progress = Progress::default();
    let found = match rendered(request, input, sandbox, sources, &mut progress) {
        Ok(rendered) => rendered.findings,
        Err(Failure::Input(found)) => found,
        Err(failure) => return Err(failure),
    };
    Ok((found, coverage::of_environment(progress, rules::counts())))
}

/// What an environment, or manifests, are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Manifests or notes.
    Render,
    /// Only what is wrong.
    Check,
}

/// Refuses a run that names nothing, with what it could have named.
///
/// # Errors
/// Neither an environment nor a file is named.
pub fn something_named(request: &Request, task: Task) -> Result<(), Failure> {
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
