//! The pipeline, from an environment file to checked manifests, as values: each stage is a struct that the next one consumes.
//! [`run`] is the one function that chains them, and every command enters and leaves there or at one of its stages.
//!
//! ```text
//! Merged -> Valid -> Resolved -> Objects -> Sealed -> Checked
//! ```
//!
//! Only `load` reads and only `emit` writes; everything between is pure.

pub mod checked;
pub mod coverage;
pub mod emit;
pub mod fleet;
pub mod load;
pub mod merge;
pub mod merged;
pub mod notes;
pub(crate) mod objects;
pub mod options;
pub mod patches;
pub mod plugins;
pub(crate) mod progress;
pub(crate) mod provenance;
pub mod resolved;
pub mod set;
pub mod snapshot;
pub mod stream;
pub(crate) mod valid;

use std::path::PathBuf;

use render_plugins::open::Runtime;
use render_report::Coverage;
use render_rules as rules;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::checked::Checked;
use crate::load::Request;
use crate::merged::Merged;
use crate::options::Options;
use crate::progress::{Progress, Stage};
use crate::stream::Stream;

/// Where the objects of a run come from.
#[derive(Debug)]
pub enum Origin {
    /// The templates, rendered with the values.
    Templates,
    /// Another renderer, which wrote them into files; they are read after the values.
    Files(Vec<PathBuf>),
    /// Another renderer, whose stream was read before.
    Stream(Stream),
}

/// The result of a run, and the stage that it reached.
#[derive(Debug)]
pub struct Outcome {
    /// The checked objects with their findings; a failure if a stage before the checks ended the run.
    pub result: Result<Checked, Failure>,
    /// The stage that was reached.
    pub progress: Progress,
}

impl Outcome {
    /// The checked objects if nothing is wrong.
    ///
    /// # Errors
    /// The failure of a stage; [`Failure::Input`] with all findings if a finding counts as an error.
    pub fn passed(self, options: Options) -> Result<Checked, Failure> {
        self.result?.passed(options)
    }

    /// All findings, and how much the run looked at.
    ///
    /// # Errors
    /// A failure that is no mistake of the input.
    pub fn report(self, options: Options) -> Result<(Vec<Diagnostic>, Coverage), Failure> {
        let coverage = coverage::of_environment(self.progress, rules::counts());
        match self.passed(options) {
            Ok(checked) => Ok((checked.findings, coverage)),
            Err(Failure::Input(findings)) => Ok((findings, coverage)),
            Err(failure) => Err(failure),
        }
    }
}

/// Runs all stages.
pub fn run(request: &Request, origin: Origin, options: Options, runtime: &Runtime, sources: &mut Sources) -> Outcome {
    let mut progress = Progress::default();
    let result = chain(request, origin, options, runtime, sources, &mut progress);
    Outcome { result, progress }
}

/// The stages in their order. Rules that read values come before the templates: a rule says what is missing and why, where
/// a template can only say that it found nothing.
fn chain(
    request: &Request,
    origin: Origin,
    options: Options,
    runtime: &Runtime,
    sources: &mut Sources,
    progress: &mut Progress,
) -> Result<Checked, Failure> {
    let merged = Merged::load(request, runtime, sources)?;
    progress.stage = Stage::Validate;
    let resolved = merged.validate(sources)?.resolve(options, sources)?;
    progress.stage = Stage::Values;
    let objects = match origin {
        Origin::Templates => {
            let judged = resolved.check()?;
            progress.stage = Stage::Template;
            judged.template(sources)?
        }
        Origin::Files(files) => resolved.change(Stream::read(&files, &request.roots, sources)?, sources)?,
        Origin::Stream(stream) => resolved.change(stream, sources)?,
    };
    *progress = Progress { stage: Stage::Plugins, objects: objects.manifests().len() };
    let transformed = objects.transform(runtime)?;
    *progress = Progress { stage: Stage::Patches, objects: transformed.manifests().len() };
    let sealed = transformed.patch()?.seal();
    progress.stage = Stage::Finished;
    Ok(sealed.check(sources))
}
