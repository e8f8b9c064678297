//! What identifies an object of Kubernetes.

use std::fmt;

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
