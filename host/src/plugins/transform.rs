//! The stage: each plugin in turn is shown the values and what it may read of the manifests so far,
//! and its changes are made before the next one is asked.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use super::apply::{self, Applied};
use super::description::{Description, Kind};
use super::notes::Notes;
use super::open::{self, Sandbox};
use super::response::{self, Finding, Response};
use super::sandbox::Answer;
use super::{Plugin, REDACTED, blame, sandbox};
use crate::diagnostic::{Diagnostic, Failure};
use crate::manifest::{Manifest, ManifestSet};
use crate::node::{Node, Spot};

/// What plugins are told of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its name, as in `prd`.
    pub environment: &'a str,
    /// The values, valid and complete; [`REDACTED`] stands in the place of each secret.
    pub values: &'a Value,
    /// The same values with their places, for what plugins say about them.
    pub origins: &'a Node,
}

/// What plugins made of the manifests.
#[derive(Debug, Default)]
pub struct Transformed {
    /// The manifests with all changes.
    pub manifests: ManifestSet,
    /// What plugins find doubtful.
    pub warnings: Vec<Diagnostic>,
    /// The notes of each plugin, by its name.
    pub notes: Vec<(String, Notes)>,
    /// Every change, in order.
    pub applied: Vec<Applied>,
}

/// The first secret-holding annotation: kubectl keeps the whole object in it, data included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Asks every plugin in order.
///
/// # Errors
/// What is wrong with the first plugin that fails: mistakes it finds in the values, changes that are
/// refused, a limit that it passes. Those after it would see manifests that are not complete.
pub fn transform(
    sandbox: &Sandbox,
    plugins: &[&Plugin],
    input: Input<'_>,
    manifests: ManifestSet,
) -> Result<Transformed, Failure> {
    let mut done = Transformed { manifests, ..Transformed::default() };
    for plugin in plugins {
        let name = &plugin.description.name;
        let response = ask(sandbox, plugin, input, &done.manifests)?;
        done.warnings.extend(findings(name, &response.warnings, Diagnostic::warning, input.origins));
        let mistakes = findings(name, &response.mistakes, Diagnostic::error, input.origins);
        if !mistakes.is_empty() {
            return Err(Failure::Input(mistakes.into_iter().chain(done.warnings).collect()));
        }
        let Transformed { manifests, applied, .. } = &mut done;
        apply::apply(&plugin.description, &plugin.limits, response.changes, manifests, applied)?;
        done.notes.push((name.clone(), response.notes));
    }
    Ok(done)
}

/// The text that a plugin is called with.
#[must_use]
pub fn request(description: &Description, input: Input<'_>, manifests: &ManifestSet) -> String {
    let readable = |manifest: &&Manifest| description.permissions.read.iter().any(|kind| is(manifest, kind));
    let request = Request {
        environment: input.environment,
        values: input.values,
        manifests: manifests.iter().filter(readable).map(redacted).collect(),
    };
    serde_json::to_string(&request).unwrap_or_default()
}

/// Calls a plugin with the text of a request.
///
/// # Errors
/// When it cannot be compiled, or does not answer within its limits.
pub fn call(sandbox: &Sandbox, plugin: &Plugin, request: &str) -> Result<Answer, Failure> {
    let component = open::compiled(plugin, sandbox)?;
    sandbox::call(component, &plugin.export, &plugin.limits, request)
        .map_err(|error| Failure::Input(vec![blame(&plugin.description.name, error)]))
}

/// Members are only ever added; a plugin ignores those it does not know.
#[derive(Serialize)]
struct Request<'a> {
    environment: &'a str,
    values: &'a Value,
    manifests: Vec<Cow<'a, Value>>,
}

fn ask(sandbox: &Sandbox, plugin: &Plugin, input: Input<'_>, manifests: &ManifestSet) -> Result<Response, Failure> {
    let answer = call(sandbox, plugin, &request(&plugin.description, input, manifests))?;
    response::parse(&answer.text).map_err(|error| Failure::Input(vec![blame(&plugin.description.name, error)]))
}

fn is(manifest: &Manifest, kind: &Kind) -> bool {
    manifest.id.kind == kind.kind && manifest.api_version() == kind.api_version
}

/// A Secret keeps its keys, so that a plugin can see what there is, and loses its values.
fn redacted(manifest: &Manifest) -> Cow<'_, Value> {
    if manifest.id.kind != "Secret" || !manifest.id.group.is_empty() {
        return Cow::Borrowed(&manifest.value);
    }
    let mut value = manifest.value.clone();
    for field in ["/data", "/stringData"] {
        match value.pointer_mut(field) {
            Some(Value::Object(data)) => data.values_mut().for_each(|secret| *secret = REDACTED.into()),
            Some(other) => *other = REDACTED.into(),
            None => {}
        }
    }
    if let Some(Value::Object(annotations)) = value.pointer_mut("/metadata/annotations")
        && let Some(last_applied) = annotations.get_mut(LAST_APPLIED)
    {
        *last_applied = REDACTED.into();
    }
    Cow::Owned(value)
}

fn findings(plugin: &str, found: &[Finding], severity: fn(String) -> Diagnostic, origins: &Node) -> Vec<Diagnostic> {
    let diagnostic = |finding: &Finding| {
        let path = finding.path.as_str();
        let value = origins.pointer(path).filter(|value| value.place().is_some());
        let spot = value.map_or_else(|| Spot::from(origins.nearest_place(path)), Spot::from);
        let hint = finding.hint.as_ref().map(ToString::to_string);
        Diagnostic { hint, ..severity(finding.message.to_string()).at(spot) }
    };
    found.iter().map(|finding| blame(plugin, diagnostic(finding))).collect()
}
