//! Manifests of several environments, each in a folder of its own below one. All of them are put there, or none.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{Selection, run, without_stdin};
use crate::cli::RenderArgs;
use crate::commands;
use crate::diagnostic::{Diagnostic, Failure};
use crate::emit::{self, Changes, Owner, Staged};
use crate::plugins::open::Sandbox;
use crate::progress::Progress;
use crate::report::counted;
use crate::source::Sources;

/// What was written.
#[derive(Debug)]
pub struct Written {
    folder: PathBuf,
    environments: usize,
    manifests: usize,
    changes: Changes,
    /// The environments that there are no longer.
    gone: Vec<String>,
}

/// Renders the environments that are meant, and puts their manifests in their places when all of them are right.
/// Folders of environments that there are no longer lose what earlier runs wrote into them.
///
/// # Errors
/// As [`run`]; no folder to write to, or one that cannot be written.
pub fn render(
    selection: &Selection,
    arguments: &RenderArgs,
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<(Written, Vec<Diagnostic>), Failure> {
    let folder = arguments.output_dir.as_deref().ok_or_else(no_folder)?;
    let request = arguments.input.request(arguments.phase);
    without_stdin(&request)?;
    let environments = selection.environments(request.folder.as_deref())?;
    let staged = Staged::in_folder(folder)?;
    let work = |environment: &str, sources: &mut Sources| {
        let request = request.of(environment);
        let rendered = commands::rendered(&request, &arguments.input, sandbox, sources, &mut Progress::default())?;
        let manifests = emit::ordered(&rendered.manifests, arguments.phase)?;
        let texts = emit::per_manifest(&manifests, arguments.output)?;
        staged.write(Path::new(environment), &texts, Owner::Fleet)?;
        Ok((manifests.len(), rendered.findings))
    };
    let done = run(&environments, work, sources)?;
    let mut changes = Changes::default();
    for environment in &environments {
        changes += staged.put(Path::new(environment))?;
    }
    let gone = gone(selection, &environments, folder);
    for environment in &gone {
        changes += emit::remove_part(folder, Path::new(environment))?;
    }
    let (environments, manifests) = (environments.len(), done.results.iter().sum());
    Ok((Written { folder: folder.to_owned(), environments, manifests, changes, gone }, done.findings))
}

fn no_folder() -> Diagnostic {
    Diagnostic::error("several environments are not one stream: what is applied to one cluster is not for another")
        .hint("add --output-dir DIR, which gets a folder for each of them")
}

/// The folders of environments that this run would have written, if there still were such environments.
fn gone(selection: &Selection, environments: &[String], folder: &Path) -> Vec<String> {
    let is_gone = |name: &String| selection.covers(name) && environments.binary_search(name).is_err();
    emit::of_fleets(folder).into_iter().filter(is_gone).collect()
}

impl fmt::Display for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, environments, manifests, changes: Changes { written, same, removed }, gone } = self;
        let (environments, manifests) = (counted(*environments, "environment"), counted(*manifests, "manifest"));
        write!(formatter, "{environments} with {manifests} in {}: ", folder.display())?;
        write!(formatter, "{} written, {same} as before, {removed} removed", counted(*written, "file"))?;
        if gone.is_empty() { Ok(()) } else { write!(formatter, "\nno longer there: {}", gone.join(", ")) }
    }
}
