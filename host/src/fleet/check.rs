//! What is wrong with several environments, as one report.

use super::{Selection, readable_again, run};
use crate::cli::InputArgs;
use crate::coverage;
use crate::diagnostic::{Diagnostic, Failure};
use crate::plugins::open::Sandbox;
use crate::report::Coverage;
use crate::single;
use crate::source::Sources;

/// Checks the environments that are meant, and says how much was looked at in all of them.
///
/// # Errors
/// No environment is meant; what is no mistake of an environment.
pub fn check(
    selection: &Selection,
    input: &InputArgs,
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<(Vec<Diagnostic>, Coverage), Failure> {
    let request = input.request(None);
    readable_again(&request)?;
    let environments = selection.environments(request.folder.as_deref(), &request.roots)?;
    let work = |environment: &str, sources: &mut Sources| {
        let (found, coverage) = single::checked(&request.of(environment), input, sandbox, sources)?;
        Ok((coverage, found))
    };
    let done = run(&environments, work, sources)?;
    Ok((done.findings, coverage::of_several(&done.results)))
}
