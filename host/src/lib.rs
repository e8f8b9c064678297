//! `render`: from a schema-checked environment file to a complete, checked Kubernetes manifest set.
//!
//! Data goes one way, through stages that know nothing of each other; [`render`] is the one function
//! that names them all. Reading is `load`'s, writing is `emit`'s, and everything between is pure.

pub mod api;
pub mod cli;
pub mod commands;
pub mod diagnostic;
pub mod embedded;
pub mod emit;
pub mod facts;
pub mod hex;
pub mod load;
pub mod lock;
pub mod manifest;
pub mod merge;
pub mod node;
pub mod notes;
pub mod patch;
pub mod patches;
pub mod phase;
pub mod plugin;
pub mod plugins;
pub mod progress;
pub mod provenance;
pub mod provider;
pub mod registry;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod schema;
pub mod seal;
pub mod set;
pub mod signature;
pub mod source;
pub mod stream;
pub mod suggest;
pub mod template;
pub mod usage;
pub mod validate;
pub mod values;
pub mod yaml;

use std::path::PathBuf;

use crate::api::Api;
use crate::api::version::Version;
use crate::diagnostic::{Diagnostic, Failure};
use crate::load::{Loaded, Request};
use crate::manifest::ManifestSet;
use crate::merge::Environment;
use crate::notes::Notes;
use crate::plugins::open::Sandbox;
use crate::progress::{Progress, Stage};
use crate::provider::Provider;
use crate::rules::Finished;
use crate::source::Sources;
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

/// Manifests of another renderer, and what they cannot say themselves.
#[derive(Debug, Clone)]
pub struct Foreign {
    /// Their files, folders of files, and `-` for stdin.
    pub files: Vec<PathBuf>,
    /// The most nodes that there can be for LiveKit.
    pub nodes: Option<u32>,
    /// The Kubernetes that they are for.
    pub kube_version: Option<Version>,
    /// Folders of CustomResourceDefinitions.
    pub schemas: Vec<PathBuf>,
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
/// a rule says what is missing and why, where a template can only say that it found nothing. `progress`
/// says how far it came.
///
/// # Errors
/// [`Failure::Input`] with every mistake of the stage that found the first one.
pub fn render(
    request: &Request,
    sandbox: &Sandbox,
    sources: &mut Sources,
    progress: &mut Progress,
) -> Result<Rendered, Failure> {
    let (loaded, provider, environment) = written(request, sandbox, sources)?;
    progress.stage = Stage::Validate;
    let sections = provider.sections(&environment);
    let values = validate::validate(environment, &sections, sources)?;
    let version = Version::of(&values)?;
    let custom = api::custom::read(&loaded.schemas, version, sources)?;
    let facts = facts::read(&loaded.facts, sources)?;
    progress.stage = Stage::Values;
    let (values, findings) = resolve::resolve(values, &facts, request.phase)?;
    let mut findings = without_errors(rules::check_values(&values, findings))?;
    progress.stage = Stage::Template;
    let manifests = template::render(&values, &loaded.templates, sources)?;
    *progress = Progress { stage: Stage::Plugins, objects: manifests.len() };
    let changed = provider.transform(&values, &sections, manifests, sandbox)?;
    findings.extend(changed.warnings);
    *progress = Progress { stage: Stage::Patches, objects: changed.manifests.len() };
    let patched = patches::apply(changed.manifests, &values)?;
    let manifests = phase::in_waves(seal::seal(patched.manifests), &values.platform);
    progress.stage = Stage::Finished;
    let api = Api::new(version, custom, &manifests);
    let mut found = rules::check_manifests(&Finished::of(&manifests, &values, &api), &findings);
    if provenance::is_wanted(&found) {
        let written = template::written(&values, &loaded.templates, sources);
        let made = [changed.changes, patched.changes].concat();
        found = provenance::located(found, &manifests, &made, &written, sources);
    }
    findings.extend(found);
    let findings = without_errors(findings)?;
    let notes = notes::collect(&values, &manifests, changed.notes);
    Ok(Rendered { values, manifests, notes, findings })
}

/// The same checks for manifests that another renderer made.
///
/// # Errors
/// [`Failure::Input`] when they cannot be read.
pub fn check(foreign: &Foreign, sources: &mut Sources) -> Result<Checked, Failure> {
    let version = foreign.kube_version.unwrap_or(Version::DEFAULT);
    let schemas = load::manifests(&foreign.schemas, sources)?;
    let custom = api::custom::read(&schemas, version, sources)?;
    let texts = load::manifests(&foreign.files, sources)?;
    let (manifests, written) = match stream::read(&texts, sources) {
        Ok(read) => read,
        Err(found) => {
            sources.hide(api::secret::likely_places(sources));
            return Err(found.into());
        }
    };
    if manifests.is_empty() {
        let nothing = Diagnostic::error("there are no manifests to check");
        return Err(nothing.hint("whatever was to render them printed nothing: look whether it failed").into());
    }
    sources.hide(written.values().flat_map(api::secret::places));
    // A configuration in a ConfigMap may hold secrets that do not belong there.
    sources.hide(schema::secret::likely(sources, schema::described_values()?));
    let api = Api::new(version, custom, &manifests);
    let finished = Finished { manifests: &manifests, values: None, api: &api, nodes: foreign.nodes };
    let findings = provenance::located(rules::check_manifests(&finished, &[]), &manifests, &[], &written, sources);
    Ok(Checked { manifests, findings })
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
        let provider = provider::find(&loaded, request, sandbox)?;
        let environment = merge::merge(&loaded, provider.defaults(), sources)?;
        Ok((loaded, provider, environment))
    });
    if merged.is_err() {
        let likely = schema::secret::likely(sources, schema::described_values()?);
        sources.hide(likely);
    }
    merged
}
