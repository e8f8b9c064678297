//! Manifests of several environments, each in a folder of its own below one. Nothing is put in its place before all of
//! them are right.

use std::fmt;
use std::path::{Path, PathBuf};

use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::phase::Phase;
use render_plugins::open::Runtime;
use render_report::counted;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use super::{Selection, gone_and_layers, readable_again, run};
use crate::Origin;
use crate::emit::{self, Changes, Format, Owner, Part, Staged};
use crate::load::Request;
use crate::options::Options;

/// What was written.
#[derive(Debug)]
pub struct Written {
    folder: PathBuf,
    environments: usize,
    manifests: usize,
    changes: Changes,
    /// The environments that there are no longer.
    gone: Vec<String>,
    /// The environments that have no manifest of the phase.
    empty: Vec<String>,
}

/// How the manifests of several environments are written.
#[derive(Debug, Clone, Copy)]
pub struct Output<'a> {
    /// The folder that gets a folder for each environment.
    pub folder: Option<&'a Path>,
    /// How manifests are written.
    pub format: Format,
    /// The phase that is wanted; without one, all of them.
    pub phase: Option<Phase>,
}

/// Renders the environments that are meant, and puts their manifests in their places when all of them are right.
/// Folders of environments that there are no longer lose what earlier runs wrote into them.
///
/// # Errors
/// As `run`; no folder to write to, or one that cannot be written.
pub fn render(
    selection: &Selection,
    request: &Request,
    (output, options): (Output, Options),
    runtime: &Runtime,
    sources: &mut Sources,
) -> Result<(Written, Vec<Diagnostic>), Failure> {
    let folder = output.folder.ok_or_else(no_folder)?;
    readable_again(request)?;
    let environments = selection.environments(request.folder.as_deref(), &request.roots)?;
    let staged = Staged::in_folder(folder)?;
    let work = |environment: &str, sources: &mut Sources| {
        let outcome = crate::run(&request.of(environment), Origin::Templates, options, runtime, sources);
        let rendered = outcome.passed(options)?;
        let manifests = of(&rendered.manifests, output.phase)?;
        let texts = emit::per_manifest(&manifests, output.format)?;
        let part = staged.write(Path::new(environment), &texts, Owner::Fleet)?;
        Ok(((manifests.len(), part), rendered.findings))
    };
    let mut done = run(&environments, work, sources)?;
    let (counts, parts): (Vec<usize>, Vec<Part>) = done.results.into_iter().unzip();
    let earlier = earlier(selection, &environments, &staged)?;
    let (gone, layers) = gone_and_layers(earlier, request.folder.as_deref(), &request.roots)?;
    done.findings.extend(layers.iter().map(|name| layer(name)));
    let mut plan = staged.plan();
    parts.into_iter().try_for_each(|part| plan.put(part))?;
    gone.iter().try_for_each(|environment| plan.remove_part(Path::new(environment)))?;
    let changes = plan.carry_out()?;
    let manifests = counts.iter().sum();
    let empty = environments.iter().zip(&counts).filter(|(_, manifests)| **manifests == 0);
    let empty = empty.map(|(environment, _)| environment.clone()).collect();
    let written =
        Written { folder: folder.to_owned(), environments: environments.len(), manifests, changes, gone, empty };
    Ok((written, done.findings))
}

/// The manifests of an environment. Of one phase it may have none.
fn of(set: &ManifestSet, phase: Option<Phase>) -> Result<Vec<&Manifest>, Failure> {
    if phase.is_some() { Ok(emit::of_phase(set, phase)) } else { emit::ordered(set, None) }
}

fn no_folder() -> Diagnostic {
    Diagnostic::error("several environments are not one stream: what is applied to one cluster is not for another")
        .hint("add --output-dir DIR, which gets a folder for each of them")
}

/// The folders of earlier runs that this one would have written, if there still were such environments.
fn earlier(selection: &Selection, environments: &[String], staged: &Staged) -> Result<Vec<String>, Failure> {
    let is_none = |name: &String| selection.covers(name) && environments.binary_search(name).is_err();
    Ok(staged.of_fleets()?.into_iter().filter(is_none).collect())
}

fn layer(name: &str) -> Diagnostic {
    Diagnostic::warning(format!("`{name}` was rendered before, and is a layer of another environment now"))
        .hint("what was written for it stays: delete it, or let the other environment extend what both share")
}

impl fmt::Display for Written {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, environments, manifests, changes, gone, empty } = self;
        let Changes { written, same, removed } = changes;
        let (environments, manifests) = (counted(*environments, "environment"), counted(*manifests, "manifest"));
        write!(formatter, "{environments} with {manifests} in {}: ", folder.display())?;
        write!(formatter, "{} written, {same} as before, {removed} removed", counted(*written, "file"))?;
        for (names, what) in [(gone, "no longer there"), (empty, "without a manifest of this phase")] {
            if !names.is_empty() {
                write!(formatter, "\n{what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}
