//! The stage: each plugin in turn is shown the values and what it may read of the manifests so far,
//! and its changes are made before the next one is asked.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_objects::masked::Secrets;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::mask::vocabulary::Vocabulary;
use render_text::node::{Node, Spot};

use super::apply::{self, Applied};
use super::description::Description;
use super::limits::{Limits, raise};
use super::notes::Notes;
use super::open::{self, Runtime};
use super::response::{self, Finding, Response};
use super::sandbox::Answer;
use super::{Plugin, blame, grants, sandbox};

/// What plugins are told of the environment.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Its name, as in `prd`.
    pub environment: &'a str,
    /// The values, valid and complete; [`render_text::mask::MASKED_VALUE`] stands in the place of each secret.
    pub values: &'a Value,
    /// The same values with their places, for what plugins say about them.
    pub origins: &'a Node,
    /// The words that are no secrets.
    pub vocabulary: &'a Vocabulary,
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

/// Asks every plugin in order.
///
/// # Errors
/// What is wrong with the first plugin that fails: mistakes it finds in the values, changes that are
/// refused, a limit that it passes. Those after it would see manifests that are not complete.
pub fn transform(
    runtime: &Runtime,
    plugins: &[&Plugin],
    input: Input<'_>,
    manifests: ManifestSet,
) -> Result<Transformed, Failure> {
    let mut done = Transformed { manifests, ..Transformed::default() };
    for plugin in plugins {
        let name = &plugin.description.name;
        let response = ask(runtime, plugin, input, &done.manifests)?;
        done.warnings.extend(findings(name, &response.warnings, Diagnostic::warning, input.origins));
        let mistakes = findings(name, &response.mistakes, Diagnostic::error, input.origins);
        if !mistakes.is_empty() {
            return Err(Failure::Input(mistakes.into_iter().chain(done.warnings).collect()));
        }
        let Transformed { manifests, applied, .. } = &mut done;
        let secrets = Secrets::of(manifests, &input.origins.given_texts(), input.vocabulary);
        apply::apply((&plugin.description, &secrets), &plugin.limits, response.changes, manifests, applied)?;
        done.notes.push((name.clone(), response.notes));
    }
    Ok(done)
}

/// The text that a plugin is called with.
#[must_use]
pub fn request(description: &Description, input: Input<'_>, manifests: &ManifestSet) -> String {
    let readable = |manifest: &&Manifest| grants::is_readable(description, manifest);
    let secrets = Secrets::of(manifests, &input.origins.given_texts(), input.vocabulary);
    let request = Request {
        environment: input.environment,
        values: input.values,
        manifests: manifests.iter().filter(readable).map(|manifest| secrets.mask(manifest)).collect(),
    };
    serde_json::to_string(&request).unwrap_or_default()
}

/// Calls a plugin with the text of a request.
///
/// # Errors
/// When it cannot be compiled, or does not answer within its limits.
pub fn call(runtime: &Runtime, plugin: &Plugin, request: String) -> Result<Answer, Failure> {
    let component = open::compiled(plugin, runtime)?;
    sandbox::call(&component, &plugin.export, &plugin.limits, request)
        .map_err(|failure| blamed(&plugin.description.name, failure))
}

fn blamed(plugin: &str, failure: Failure) -> Failure {
    match failure {
        Failure::Input(found) => Failure::Input(found.into_iter().map(|finding| blame(plugin, finding)).collect()),
        Failure::Internal(message) => Failure::Internal(format!("plugin {plugin}: {message}")),
    }
}

/// Members are only ever added; a plugin ignores those it does not know.
#[derive(Serialize)]
struct Request<'a> {
    environment: &'a str,
    values: &'a Value,
    manifests: Vec<Cow<'a, Value>>,
}

fn ask(runtime: &Runtime, plugin: &Plugin, input: Input<'_>, manifests: &ManifestSet) -> Result<Response, Failure> {
    let answer = call(runtime, plugin, request(&plugin.description, input, manifests))?;
    response::parse(&answer.text)
        .and_then(|response| few_remarks(response, &plugin.limits))
        .map_err(|error| Failure::Input(vec![blame(&plugin.description.name, error)]))
}

/// As many remarks as changes: somebody has to read them.
fn few_remarks(response: Response, limits: &Limits) -> Result<Response, Diagnostic> {
    let remarks = response.mistakes.len() + response.warnings.len();
    if remarks <= limits.changes {
        return Ok(response);
    }
    let most = limits.changes;
    Err(Diagnostic::error(format!("it reports {remarks} mistakes and warnings; the limit is {most}, as for changes"))
        .hint(raise(limits, "changes", remarks, "nobody reads so many")))
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
