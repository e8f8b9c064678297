//! `render`: from a schema-checked environment file to a complete, checked Kubernetes manifest set.
//!
//! Data goes one way, through stages that know nothing of each other; [`render`] is the one function
//! that names them all. Reading is `load`'s, writing is `emit`'s, and everything between is pure.

pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod embedded;
pub mod emit;
pub mod facts;
pub mod load;
pub mod manifest;
pub mod merge;
pub mod node;
pub mod notes;
pub mod patch;
pub mod patches;
pub mod phase;
pub mod plugins;
pub mod provider;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schema;
pub mod seal;
pub mod set;
pub mod source;
pub mod stream;
pub mod suggest;
pub mod template;
pub mod validate;
pub mod values;
pub mod yaml;

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Failure};
use crate::load::{Loaded, Request};
use crate::manifest::ManifestSet;
use crate::merge::Environment;
use crate::notes::Notes;
use crate::plugins::open::Sandbox;
use crate::provider::Provider;
use crate::rules::Finished;
use crate::source::Sources;
use crate::stream::Written;
use crate::values::Values;

/// A finished environment.
#[derive(Debug)]
pub struct Rendered {
    /// The values that it was made with.
    pub values: Values,
    /// Its manifests.
    pub manifests: ManifestSet,
    /// What is left to do outside the cluster.
    pub notes: Notes,
    /// What the user should know: warnings, and whatever the environment silences.
    pub findings: Vec<Diagnostic>,
}

/// Manifests of another renderer, checked.
#[derive(Debug)]
pub struct Checked {
    /// The manifests.
    pub manifests: ManifestSet,
    /// Everything that is wrong with them.
    pub findings: Vec<Diagnostic>,
}

/// The pipeline: load, merge, validate, resolve, template, plugins, patches, seal, check. What comes
/// back is right as a whole, or there is none of it. Rules that read values speak before the templates:
/// a rule says what is missing and why, where a template can only say that it found nothing.
///
/// # Errors
/// [`Failure::Input`] with every mistake of the stage that found the first one.
pub fn render(request: &Request, sandbox: &Sandbox, sources: &mut Sources) -> Result<Rendered, Failure> {
    let (loaded, provider, environment) = written(request, sandbox, sources)?;
    let sections = provider.sections(&environment);
    let values = validate::validate(environment, &sections, sources)?;
    let facts = facts::read(&loaded.facts, sources)?;
    let (values, findings) = resolve::resolve(values, &facts, request.phase)?;
    let mut findings = without_errors(rules::check_values(&values, findings))?;
    let manifests = template::render(&values, &loaded.templates, sources)?;
    let changed = provider.transform(&values, &sections, manifests, sandbox)?;
    findings.extend(changed.warnings);
    let manifests = patches::apply(changed.manifests, &values)?;
    let manifests = seal::seal(manifests);
    findings.extend(rules::check_manifests(&Finished::of(&manifests, &values), &findings));
    let findings = without_errors(findings)?;
    let notes = notes::collect(&values, &manifests, changed.notes);
    Ok(Rendered { values, manifests, notes, findings })
}

/// The same checks for manifests that another renderer made.
///
/// # Errors
/// [`Failure::Input`] when they cannot be read.
pub fn check(files: &[PathBuf], nodes: Option<u32>, sources: &mut Sources) -> Result<Checked, Failure> {
    let texts = load::manifests(files, sources)?;
    let (manifests, written) = stream::read(&texts, sources)?;
    let findings = rules::check_manifests(&Finished { manifests: &manifests, values: None, nodes }, &[]);
    Ok(Checked { manifests, findings: located(findings, &written) })
}

/// The findings about finished objects, each at the place where its field was written.
fn located(findings: Vec<Diagnostic>, written: &Written) -> Vec<Diagnostic> {
    let place = |finding: &Diagnostic| {
        let about = finding.about.as_ref()?;
        written.get(&about.object)?.nearest_place(&about.pointer)
    };
    findings.into_iter().map(|one| Diagnostic { place: one.place.or_else(|| place(&one)), ..one }).collect()
}

/// The findings, when there is no error among them that counts.
fn without_errors(findings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Failure> {
    if findings.iter().all(Diagnostic::is_bearable) { Ok(findings) } else { Err(Failure::Input(findings)) }
}

/// What was written, merged: the stages in which no schema says yet which values are secret, so that
/// their messages hide what looks like one.
fn written(
    request: &Request,
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<(Loaded, Provider, Environment), Failure> {
    let merged = load::load(request, sources).and_then(|loaded| {
        let provider = provider::find(&loaded, &sandbox.limits)?;
        let environment = merge::merge(&loaded, provider.defaults(), sources)?;
        Ok((loaded, provider, environment))
    });
    if merged.is_err() {
        let likely = schema::secret::likely(sources, schema::described_values()?);
        sources.hide(likely);
    }
    merged
}
