//! The identity of an object, read from the object, and the names that can be part of it.

use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::resource::ResourceId;

/// The identity of an object, with an empty slot.
///
/// # Errors
/// When `apiVersion`, `kind` or `metadata.name` is missing or no string, or a name is none that
/// Kubernetes allows.
pub fn of(value: &Value) -> Result<ResourceId, Diagnostic> {
    let kind = path_segment(value, "/kind", "a manifest")?;
    let subject = format!("a {kind}");
    let api_version = text(value, "/apiVersion", &subject)?;
    let name = path_segment(value, "/metadata/name", &subject)?;
    let namespace = match value.pointer("/metadata/namespace") {
        None | Some(Value::Null) => None,
        Some(_) => Some(path_segment(value, "/metadata/namespace", &subject)?),
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    Ok(ResourceId {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        slot: String::new(),
    })
}

/// The most bytes of a name that are looked at further; what each kind allows is a rule's to say.
const LONGEST_NAME: usize = 4096;

/// A text that can be one step of a path. The API server refuses any other; here, where names make the
/// paths of files, another could lead out of the folder that the user named.
fn path_segment<'a>(value: &'a Value, pointer: &str, subject: &str) -> Result<&'a str, Diagnostic> {
    let name = text(value, pointer, subject)?;
    if name.len() > LONGEST_NAME {
        let field = pointer[1..].replace('/', ".");
        return Err(Diagnostic::error(format!("the {field} of {subject} is {} characters long", name.len()))
            .hint("Kubernetes allows 253 at most"));
    }
    let leads_elsewhere = |char: char| matches!(char, '/' | '%') || char.is_control();
    if !matches!(name, "." | "..") && !name.contains(leads_elsewhere) {
        return Ok(name);
    }
    let field = pointer[1..].replace('/', ".");
    Err(Diagnostic::error(format!("the {field} of {subject} cannot be {name:?}"))
        .hint("Kubernetes allows no `/` and no `%` in a name, and none that is `.` or `..`"))
}

fn text<'a>(value: &'a Value, pointer: &str, subject: &str) -> Result<&'a str, Diagnostic> {
    let field = pointer[1..].replace('/', ".");
    let needed = "an object needs apiVersion, kind and metadata.name to be applied";
    match value.pointer(pointer) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        None | Some(Value::Null) => Err(Diagnostic::error(format!("{subject} has no {field}")).hint(needed)),
        Some(Value::String(_)) => Err(Diagnostic::error(format!("the {field} of {subject} is empty")).hint(needed)),
        Some(_) => Err(Diagnostic::error(format!("the {field} of {subject} is not a string")).hint("put it in quotes")),
    }
}
