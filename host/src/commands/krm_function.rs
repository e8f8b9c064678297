//! `render fn`, a KRM function: kustomize and kpt hand over a `ResourceList` and take one back. Its `functionConfig` holds the
//! values, and what is found goes into `results`.

use std::process::ExitCode;

use serde_json::{Value, json};

use render_files::Roots;
use render_objects::manifest::{Manifest, ManifestSet};
use render_objects::stream;
use render_pipeline::checked::Checked;
use render_pipeline::load;
use render_pipeline::options::status;
use render_pipeline::stream::{Stream, stdin_is_free};
use render_pipeline::{Origin, emit, run};
use render_report as report;
use render_text::diagnostic::{About, Diagnostic, Failure, Severity};
use render_text::node::Node;
use render_text::resource::ResourceId;
use render_text::source::Sources;
use render_text::yaml;

use super::tell;
use crate::args::InputArgs;
use crate::surroundings::runtime;

/// Answers the `ResourceList` on stdin. The answer is on stdout whatever was found, as the protocol asks; the status says the
/// rest.
pub(super) fn function(input: &InputArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let mut request = input.request();
    request.roots = request.roots.or_repository()?;
    stdin_is_free(&request)?;
    let list = List::read(sources)?;
    let options = input.without_facts();
    request.layer = list.config.as_ref().and_then(|config| config.get("spec")).cloned();
    let stream = Stream::of(list.manifests.clone(), list.written.clone(), sources);
    let changed = run(&request, Origin::Stream(stream), options, &*runtime(input)?, sources).result;
    let (after, findings) = match changed {
        Ok(Checked { manifests, findings, .. }) if status(&findings) == 0 => (manifests, findings),
        // Where errors are found, the items are those that came.
        Ok(Checked { findings, .. }) | Err(Failure::Input(findings)) => (list.manifests.clone(), findings),
        Err(failure) => return Err(failure),
    };
    let answer = answer(&list, &after, &findings, sources)?;
    let findings = options.counted(findings);
    emit::stdout(&answer)?;
    tell(&findings, sources, input.message_format.into());
    Ok(ExitCode::from(status(&findings)))
}

/// The `ResourceList` of the answer, as YAML.
fn answer(list: &List, after: &ManifestSet, findings: &[Diagnostic], sources: &Sources) -> Result<String, Failure> {
    let items: Vec<&Value> = after.iter().map(|manifest| &manifest.value).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, after, sources)).collect();
    let mut answer = json!({"apiVersion": list.api_version, "kind": "ResourceList", "items": items});
    if let Some(config) = &list.config {
        answer["functionConfig"] = config.to_json();
    }
    if !results.is_empty() {
        answer["results"] = json!(results);
    }
    yaml::emit::document(&answer).map_err(Failure::Internal)
}

/// What came on stdin.
struct List {
    api_version: Value,
    manifests: ManifestSet,
    written: stream::Written,
    config: Option<Node>,
}

impl List {
    fn read(sources: &mut Sources) -> Result<Self, Failure> {
        let texts = load::manifests(&["-".into()], &Roots::default(), sources)?;
        let mut documents = Vec::new();
        for text in &texts {
            documents.extend(yaml::read(*text, &sources.get(*text).text)?);
        }
        let [list] = documents.as_slice() else { return Err(no_list("stdin holds no single document").into()) };
        let member = |key: &str| list.get(key).map_or(Value::Null, Node::to_json);
        if member("kind") != "ResourceList" {
            return Err(no_list("stdin holds no ResourceList").at(list.place()).into());
        }
        let (manifests, written) = stream::items(list, sources)?;
        let config = list.get("functionConfig").cloned();
        // A schema says what is secret in the values; where there are none, no schema is asked.
        if config.is_none() {
            for text in &texts {
                sources.classified(*text);
            }
        }
        Ok(Self { api_version: member("apiVersion"), manifests, written, config })
    }
}

fn no_list(problem: &str) -> Diagnostic {
    Diagnostic::error(problem)
        .hint("kustomize and kpt hand one to functions; for a stream there is `render post-render`")
}

/// A finding in the words of the protocol.
fn result(finding: &Diagnostic, manifests: &ManifestSet, sources: &Sources) -> Value {
    let severity = match (finding.severity, &finding.silenced) {
        (_, Some(_)) => "info",
        (Severity::Error, None) => "error",
        (Severity::Warning, None) => "warning",
    };
    let hint = finding.hint.as_ref().map_or_else(String::new, |hint| format!(" ({hint})"));
    let message = report::clean(&(finding.message.clone() + &hint), sources);
    let mut result = json!({"message": message, "severity": severity});
    if let Some(About { object, pointer, .. }) = finding.about.as_deref() {
        result["resourceRef"] = reference(object, manifests.get(object));
        result["field"] = json!({"path": path(pointer)});
        if let Some(file) = manifests.get(object).and_then(file) {
            result["file"] = file;
        }
    } else if let Some(place) = finding.place {
        result["tags"] = json!({"place": report::clean(&sources.locate(place), sources)});
    }
    if let Some(code) = finding.code {
        result["tags"]["code"] = json!(code);
    }
    result
}

fn reference(id: &ResourceId, manifest: Option<&Manifest>) -> Value {
    let mut reference = json!({"kind": id.kind, "name": id.name});
    if let Some(manifest) = manifest {
        reference["apiVersion"] = json!(manifest.api_version());
    }
    if let Some(namespace) = &id.namespace {
        reference["namespace"] = json!(namespace);
    }
    reference
}

/// Where the object stands in the files of whoever asks.
fn file(manifest: &Manifest) -> Option<Value> {
    let annotations = manifest.value.pointer("/metadata/annotations")?;
    let of = |key: &str| PREFIXES.iter().find_map(|prefix| annotations.get(format!("{prefix}/{key}"))?.as_str());
    let mut file = json!({"path": of("path")?});
    if let Some(index) = of("index").and_then(|index| index.parse::<u64>().ok()) {
        file["index"] = json!(index);
    }
    Some(file)
}

/// Under which of these annotations kustomize and kpt say where an object comes from.
const PREFIXES: [&str; 2] = ["internal.config.kubernetes.io", "config.kubernetes.io"];

/// A pointer in the form of the protocol, as `spec.ports[0].port`.
fn path(pointer: &str) -> String {
    let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~"));
    tokens.fold(String::new(), |path, token| match token.parse::<usize>() {
        Ok(index) => format!("{path}[{index}]"),
        Err(_) if path.is_empty() => token,
        Err(_) => format!("{path}.{token}"),
    })
}
