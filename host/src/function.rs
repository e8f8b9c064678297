//! A KRM function: kustomize and kpt hand over a `ResourceList` and take one back. Its `functionConfig` holds the
//! values, and what is found goes into `results`.

use serde_json::{Value, json};

use crate::diagnostic::{About, Diagnostic, Failure, Severity};
use crate::files::Roots;
use crate::foreign::{self, Changes};
use crate::load::{self, Request};
use crate::manifest::{Manifest, ManifestSet};
use crate::node::Node;
use crate::plugins::open::Sandbox;
use crate::resource::ResourceId;
use crate::source::Sources;
use crate::{report, stream, yaml};

/// What a function answers.
#[derive(Debug)]
pub struct Answered {
    /// The `ResourceList`, as YAML. Where errors are found, its items are those that came.
    pub list: String,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

/// Whether there is an error among findings that counts.
fn fails(findings: &[Diagnostic]) -> bool {
    !findings.iter().all(Diagnostic::is_bearable)
}

/// Answers the `ResourceList` on stdin.
///
/// # Errors
/// [`Failure::Input`] when stdin holds no `ResourceList` that can be read; every other mistake is in the answer.
pub fn call(request: &Request, sandbox: &Sandbox, sources: &mut Sources) -> Result<Answered, Failure> {
    foreign::stdin_is_free(request)?;
    let list = List::read(sources)?;
    let spec = list.config.as_ref().and_then(|config| config.get("spec")).cloned();
    let changed = Changes::read(request, spec, sandbox, sources)
        .and_then(|changes| changes.make(&list.manifests, &list.written, sandbox, sources));
    let (after, findings) = match changed {
        Ok((after, findings)) if !fails(&findings) => (after, findings),
        Ok((_, findings)) | Err(Failure::Input(findings)) => (list.manifests.clone(), findings),
        Err(failure) => return Err(failure),
    };
    let items: Vec<&Value> = after.iter().map(|manifest| &manifest.value).collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, &after, sources)).collect();
    let mut answer = json!({"apiVersion": list.api_version, "kind": "ResourceList", "items": items});
    if let Some(config) = &list.config {
        answer["functionConfig"] = config.to_json();
    }
    if !results.is_empty() {
        answer["results"] = json!(results);
    }
    Ok(Answered { list: yaml::emit::document(&answer).map_err(Failure::Internal)?, findings })
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
        foreign::mask(&written, sources);
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
