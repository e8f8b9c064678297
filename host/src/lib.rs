//! `render`: from a schema-checked environment file to a complete, checked Kubernetes manifest set.
//!
//! Data flows one way, through stages that do not call each other; [`render`] is the one function that names all of
//! them. [`foreign`] enters with manifests of another renderer. Only `load` reads and only `emit` writes; everything
//! between is pure.

pub mod api;
pub mod argocd;
pub mod cli;
pub mod commands;
pub mod coverage;
pub mod diagnostic;
pub mod emit;
pub mod facts;
pub mod fault;
pub mod files;
pub mod fleet;
pub mod foreign;
pub mod function;
pub mod helm_plugin;
pub mod hex;
pub mod import;
pub mod init;
pub mod keys;
pub mod load;
pub mod lock;
pub mod manifest;
pub mod mask;
pub mod masked;
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
pub mod resource;
pub mod rules;
pub mod schema;
pub mod schema_command;
pub mod seal;
pub mod set;
pub mod signature;
pub mod single;
pub mod snapshot;
pub mod source;
pub mod stream;
pub mod suggest;
pub mod template;
pub mod templates;
pub mod terminal;
pub mod usage;
pub mod validate;
pub mod values;
pub mod yaml;

use crate::api::Api;
use crate::diagnostic::{Diagnostic, Failure};
use crate::load::{Loaded, Request};
use crate::manifest::ManifestSet;
use crate::merge::Environment;
use crate::node::Node;
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
    render_with(request, None, sandbox, sources, progress)
}

/// The same with one more layer over the files if there is one.
fn render_with(
    request: &Request,
    layer: Option<Node>,
    sandbox: &Sandbox,
    sources: &mut Sources,
    progress: &mut Progress,
) -> Result<Rendered, Failure> {
    let (loaded, provider, environment) = written(request, layer, sandbox, sources)?;
    progress.stage = Stage::Validate;
    let sections = provider.sections(&environment);
    let values = validate::validate(environment, &sections, sources)?;
    let version = values.kubernetes_version()?;
    let custom = api::custom::read(&loaded.schemas, version, sources)?;
    let facts = facts::read(&loaded.facts, sources)?;
    progress.stage = Stage::Values;
    let (values, findings) = resolve::resolve(values, &facts, request.phase)?;
    let mut findings = without_errors(rules::check_values(&values, findings))?;
    progress.stage = Stage::Template;
    let manifests = templates::render(&values, &loaded.templates, sources)?;
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
        let written = templates::written(&values, &loaded.templates, sources);
        let made = [changed.changes, patched.changes].concat();
        found = provenance::located(found, &manifests, &made, &written, sources);
    }
    findings.extend(found);
    let findings = without_errors(findings)?;
    let notes = notes::collect(&values, &manifests, changed.notes, request);
    Ok(Rendered { values, manifests, notes, findings })
}

/// The values of an environment, or the defaults where none is named: with all that follows from them, and
/// without what rules say about them.
///
/// # Errors
/// [`Failure::Input`] with every mistake of the stage that found the first one.
pub fn values_of(request: &Request, sandbox: &Sandbox, sources: &mut Sources) -> Result<Values, Failure> {
    let (loaded, provider, environment) = written(request, None, sandbox, sources)?;
    let sections = provider.sections(&environment);
    let values = validate::validate(environment, &sections, sources)?;
    let facts = facts::read(&loaded.facts, sources)?;
    Ok(resolve::resolve(values, &facts, request.phase)?.0)
}

/// The findings, when there is no error among them that counts.
fn without_errors(findings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Failure> {
    if findings.iter().all(Diagnostic::is_bearable) { Ok(findings) } else { Err(Failure::Input(findings)) }
}

/// Loads and merges all layers, plus `layer` if given. Only then schemas say which values are secret, and messages show
/// the rest of the files.
fn written(
    request: &Request,
    layer: Option<Node>,
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<(Loaded, Provider, Environment), Failure> {
    let mut loaded = load::load(request, sources)?;
    loaded.layers.extend(layer);
    let provider = provider::find(&loaded, request, sandbox)?;
    let environment = merge::merge(&loaded, provider.defaults(), sources)?;
    let sections = provider.sections(&environment);
    let schema = values::schema::merged(&sections)?;
    // What a later layer replaces is as secret, and messages show it.
    for tree in loaded.layers.iter().chain([&environment.tree]) {
        schema::write_only::mask_in(sources, tree, schema);
    }
    Ok((loaded, provider, environment))
}
