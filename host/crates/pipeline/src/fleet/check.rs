//! What is wrong with several environments, as one report.

use render_plugins::open::Runtime;
use render_report::Coverage;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::{Selection, readable_again, run};
use crate::load::Request;
use crate::options::Options;
use crate::{Origin, coverage};

/// Checks the environments that are meant, and says how much was looked at in all of them.
///
/// # Errors
/// No environment is meant; what is no mistake of an environment.
pub fn check(
    selection: &Selection,
    request: &Request,
    options: Options,
    runtime: &Runtime,
    sources: &mut Sources,
) -> Result<(Vec<Diagnostic>, Coverage), Failure> {
    readable_again(request)?;
    let environments = selection.environments(request.folder.as_deref(), &request.roots)?;
    let work = |environment: &str, sources: &mut Sources| {
        let outcome = crate::run(&request.of(environment), Origin::Templates, options, runtime, sources);
        let (found, coverage) = outcome.report(options)?;
        Ok((coverage, found))
    };
    let done = run(&environments, work, sources)?;
    Ok((done.findings, coverage::of_several(&done.results)))
}
