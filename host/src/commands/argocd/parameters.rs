//! The parameters of an application of Argo CD: what its page of an application announces, and what was filled in there.
//! Argo CD hands parameters over in a variable, as JSON, and shows what stands on stderr to everybody who may see the
//! application.

use std::path::{Component, Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value, json};

use render_pipeline::load::{Request, Set};
use render_text::diagnostic::Diagnostic;
use render_text::mask;

/// The variable in which Argo CD hands parameters over.
pub(super) const PARAMETERS: &str = "ARGOCD_APP_PARAMETERS";
/// The parameter that names the environment.
const ENVIRONMENT: &str = "env";
/// The parameter that names further files of values.
const FILES: &str = "files";
/// Keys deeper than this are for files: nobody looks for them in a form.
const DEPTH: usize = 3;

/// What the form offers: the environment, files, and every value of the schema that is a text, a number or a truth
/// value and no secret, each with its default.
#[must_use]
pub(super) fn parameters(schema: &Value, defaults: &Value) -> Value {
    let mut all = vec![
        json!({"name": ENVIRONMENT, "title": "environment", "required": true, "collectionType": "string",
               "tooltip": "The environment: the name of a file in the folder of environments, without .yaml"}),
        json!({"name": FILES, "title": "files", "collectionType": "array",
               "tooltip": "Further files of values, relative to the application's path; later wins"}),
    ];
    let mut path = Vec::new();
    leaves(&Form { root: schema, defaults }, schema, &mut path, &mut all);
    Value::Array(all)
}

/// One parameter as Argo CD hands it over; which of the three it has, the form decides.
#[derive(Deserialize)]
struct Parameter {
    name: String,
    string: Option<String>,
    array: Option<Vec<String>>,
    map: Option<Map<String, Value>>,
}

/// Adds to a request what was filled in: the environment, files, and a value for each other name, which is a path as
/// for `--set`.
///
/// # Errors
/// What is not what Argo CD writes, and a file outside of the application's folder.
pub(super) fn fill_in(request: &mut Request, parameters: &str) -> Result<(), Diagnostic> {
    let wrong = |error| {
        Diagnostic::error(format!("{PARAMETERS} is not what Argo CD writes: {}", mask::without_values(&error)))
            .hint("it is a list of parameters with name and string, array or map")
    };
    let parameters: Option<Vec<Parameter>> = serde_json::from_str(parameters).map_err(wrong)?;
    for Parameter { name, string, array, map } in parameters.into_iter().flatten() {
        match (name.as_str(), string, array, map) {
            (ENVIRONMENT, Some(environment), ..) => request.environment = Some(environment),
            (FILES, _, Some(files), _) => {
                request.form_files.extend(files.iter().map(|file| inside(file)).collect::<Result<Vec<_>, _>>()?);
            }
            (path, Some(text), ..) => request.sets.push(set(path, &typed(text))),
            (path, None, Some(items), _) => {
                request.sets.push(set(path, &items.into_iter().map(typed).collect::<Vec<_>>().into()));
            }
            (path, None, None, Some(map)) => request.sets.push(set(path, &map.into())),
            (_, None, None, None) => {}
        }
    }
    Ok(())
}

fn set(path: &str, value: &Value) -> Set {
    Set::Meant(PARAMETERS, format!("{path}={value}"))
}

/// A form knows only texts: what reads as a number or a truth value is one.
fn typed(text: String) -> Value {
    match serde_json::from_str(&text) {
        Ok(value @ (Value::Number(_) | Value::Bool(_))) => value,
        _ => Value::String(text),
    }
}

/// A file of the application's own folder: whoever may fill in the form may not read the rest of the machine.
fn inside(file: &str) -> Result<PathBuf, Diagnostic> {
    let path = PathBuf::from(file);
    if path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir)) && path != Path::new("-")
    {
        return Ok(path);
    }
    Err(Diagnostic::error(format!("`{file}` leads out of the application's folder"))
        .hint("name files below the path of the application"))
}

/// What the announcements are made of.
struct Form<'a> {
    root: &'a Value,
    defaults: &'a Value,
}

fn leaves(form: &Form, node: &Value, path: &mut Vec<String>, all: &mut Vec<Value>) {
    let target = resolved(form.root, node);
    if [node, target].iter().any(|node| node.get("writeOnly").is_some()) {
        return;
    }
    if let Some(Value::Object(properties)) = target.get("properties") {
        if path.len() == DEPTH {
            return;
        }
        for (key, below) in properties {
            path.push(key.clone());
            leaves(form, below, path, all);
            path.pop();
        }
    } else if is_scalar(target) {
        all.push(announced(form, [node, target], path));
    }
}

fn announced(form: &Form, nodes: [&Value; 2], path: &[String]) -> Value {
    let about = nodes.iter().find_map(|node| node.get("description")?.as_str()).unwrap_or_default();
    let mut parameter =
        json!({"name": path.join("."), "title": path.join("."), "tooltip": about, "collectionType": "string"});
    match form.defaults.pointer(&format!("/{}", path.join("/"))) {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => parameter["string"] = json!(text),
        Some(other) => parameter["string"] = json!(other.to_string()),
    }
    parameter
}

fn is_scalar(node: &Value) -> bool {
    let is = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean"));
    match node.get("type") {
        Some(Value::Array(kinds)) => kinds.iter().all(|kind| is(kind) || kind == "null"),
        Some(kind) => is(kind),
        None => node.get("enum").is_some() || node.get("oneOf").is_some(),
    }
}

/// The schema behind references, and behind a choice between it and null.
fn resolved<'s>(root: &'s Value, node: &'s Value) -> &'s Value {
    if let Some(name) = node.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#')) {
        return root.pointer(name).map_or(node, |target| resolved(root, target));
    }
    let choices = node.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let mut real = choices.filter(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
    match (real.next(), real.next()) {
        (Some(only), None) => resolved(root, only),
        _ => node,
    }
}
