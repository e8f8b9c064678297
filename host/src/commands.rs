//! The small commands that need no pipeline.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Failure, Severity};
use crate::embedded;
use crate::load::{self, Request};
use crate::plugins::open;
use crate::rules::{self, Rule};

/// What an environment, or manifests, are wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Manifests or notes.
    Render,
    /// Only what is wrong.
    Check,
}

/// Every rule of the field with its reason.
#[must_use]
pub fn rules() -> String {
    let severity = |severity| if severity == Severity::Error { "error" } else { "warning" };
    let rule = |rule: &Rule| format!("{} ({}) {}\n  {}\n", rule.code, severity(rule.severity), rule.title, rule.why);
    rules::all().into_iter().map(rule).collect::<Vec<_>>().join("\n")
}

/// Compiles the built-in plugins into a folder, for a build that embeds them.
///
/// # Errors
/// [`Failure::Internal`] when a plugin cannot be compiled or a file cannot be written.
#[expect(clippy::disallowed_methods, reason = "this command exists to write files, for the build")]
pub fn precompile(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Internal(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for component in embedded::PLUGINS.iter().map(|plugin| plugin.component) {
        std::fs::write(folder.join(open::precompiled_name(component)), open::precompile(component)?).map_err(failed)?;
    }
    Ok(())
}

/// The failure of a run that names nothing to render, or that of looking for what it could have named.
#[must_use]
pub fn nothing_named(request: &Request, task: Task) -> Failure {
    let known = match load::environments(request.folder.as_deref()) {
        Ok(known) => known,
        Err(failure) => return failure,
    };
    let first = known.first().map_or("prd", String::as_str);
    let known = known.join(", ");
    let (what, how) = match task {
        Task::Render => ("render", format!("`render --env {first}`")),
        Task::Check => {
            ("check", format!("`render check --env {first}`, or manifests: `render check FILE`, or - for stdin"))
        }
    };
    Diagnostic::error(format!("nothing says what to {what}")).hint(format!("name one of: {known}; as in {how}")).into()
}
