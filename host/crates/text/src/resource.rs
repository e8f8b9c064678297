//! What identifies an object of Kubernetes, and the names that can.

use std::fmt;

use serde_json::Value;

use crate::diagnostic::Diagnostic;

/// What the API server tells objects apart by. The version is not part of it: `v1` and `v1beta1` of
/// a kind are two views of one object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId {
    /// The API group: what stands before the `/` of `apiVersion`, empty for the core group.
    pub group: String,
    /// `kind`.
    pub kind: String,
    /// `metadata.namespace`, where it is set.
    pub namespace: Option<String>,
    /// `metadata.name`.
    pub name: String,
    /// The hook and the file of a Helm stream that it comes from; empty for a rendered object.
    pub slot: String,
}

impl ResourceId {
    /// The identity of an object, with an empty slot.
    ///
    /// # Errors
    /// When `apiVersion`, `kind` or `metadata.name` is missing or no string, or a name is none that
    /// Kubernetes allows.
    pub fn of(value: &Value) -> Result<Self, Diagnostic> {
        let kind = path_segment(value, "/kind", "a manifest")?;
        let subject = format!("a {kind}");
        let api_version = text(value, "/apiVersion", &subject)?;
        let name = path_segment(value, "/metadata/name", &subject)?;
        let namespace = match value.pointer("/metadata/namespace") {
            None | Some(Value::Null) => None,
            Some(_) => Some(path_segment(value, "/metadata/namespace", &subject)?),
        };
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        Ok(Self {
            group: group.to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            slot: String::new(),
        })
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_name(f, &self.kind, self.namespace.as_deref(), &self.name)
    }
}

/// Writes the kind and the name of an object, with its namespace where it has one.
///
/// # Errors
/// As the formatter.
pub fn write_name(f: &mut fmt::Formatter<'_>, kind: &str, namespace: Option<&str>, name: &str) -> fmt::Result {
    match namespace {
        Some(namespace) => write!(f, "{kind} {namespace}/{name}"),
        None => write!(f, "{kind} {name}"),
    }
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
