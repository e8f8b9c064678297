//! What a plugin answers: changes, each with a reason, and what is wrong or doubtful in the values.

use serde::Serialize;
use serde_json::Value;

use crate::{Manifest, Notes};

/// What a plugin answers. With a mistake in it the host renders nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Response {
    /// What to do to the manifests, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<Change>,
    /// What is wrong in the values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<Remark>,
    /// What is doubtful in the values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Remark>,
    /// What manifests cannot do and somebody has to.
    #[serde(skip_serializing_if = "Notes::is_empty")]
    pub notes: Notes,
}

impl Response {
    /// One response out of several, each list in the order of the parts: how a plugin of several capabilities, each a
    /// function of its own, answers. A variable for Terraform that two parts name is the later one's.
    #[must_use]
    pub fn join(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for mut part in parts {
            whole.changes.append(&mut part.changes);
            whole.mistakes.append(&mut part.mistakes);
            whole.warnings.append(&mut part.warnings);
            whole.notes.extend(part.notes);
        }
        whole
    }
}

/// One change to the set of manifests, with the reason that the host shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Change {
    /// A new object.
    Add {
        /// The object.
        manifest: Manifest,
        /// Why it is needed: a clause without a full stop.
        reason: String,
    },
    /// A change to an object that is there.
    Patch(Patch),
    /// The removal of an object that is there.
    Remove {
        /// The object.
        target: Target,
        /// Why it must go: a clause without a full stop.
        reason: String,
    },
}

impl Change {
    /// A new object, and the reason for it.
    #[must_use]
    pub fn add(manifest: Value, reason: impl Into<String>) -> Self {
        Self::Add { manifest: Manifest(manifest), reason: reason.into() }
    }

    /// The removal of an object, and the reason for it.
    #[must_use]
    pub fn remove(target: Target, reason: impl Into<String>) -> Self {
        Self::Remove { target, reason: reason.into() }
    }
}

impl From<Patch> for Change {
    fn from(patch: Patch) -> Self {
        Self::Patch(patch)
    }
}

/// What names an object that is there. Exactly one object must match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// Its apiVersion.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace; without it the namespace is not compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

/// A change to one object: operations of RFC 6902, applied in order, all or none.
///
/// A path is a JSON Pointer into the object ([`pointer`](crate::pointer) makes one). A list item may be selected by a
/// field, as in `/spec/template/spec/containers[name=livekit]/image`. apiVersion, kind, name and namespace stay as they
/// are.
///
/// ```
/// use render_plugin_sdk::{Change, Patch, Target};
///
/// let name = "livekit-server".to_owned();
/// let target = Target { api_version: "apps/v1".to_owned(), kind: "Deployment".to_owned(), namespace: None, name };
/// let patch = Patch::new(target, "the image of the region")
///     .replace("/spec/template/spec/containers[name=livekit]/image", "eu.example/livekit:v1")
///     .add("/spec/template/spec/nodeSelector/region", "eu");
/// let change: Change = patch.into();
/// # assert!(matches!(change, Change::Patch(Patch { patch, .. }) if patch.len() == 2));
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Patch {
    /// The object.
    pub target: Target,
    /// The operations. The host refuses a patch that has none.
    pub patch: Vec<Operation>,
    /// Why: a clause without a full stop.
    pub reason: String,
}

impl Patch {
    /// A change to an object that has no operation yet, and the reason for it.
    #[must_use]
    pub fn new(target: Target, reason: impl Into<String>) -> Self {
        Self { target, patch: Vec::new(), reason: reason.into() }
    }

    /// Sets what is at the path, and makes the maps that lead to it; `/-` at the end appends to a list that is there.
    #[must_use]
    pub fn add(self, path: &str, value: impl Into<Value>) -> Self {
        self.with(Operation::Add { path: path.to_owned(), value: value.into() })
    }

    /// Replaces what is at the path, which must be there.
    #[must_use]
    pub fn replace(self, path: &str, value: impl Into<Value>) -> Self {
        self.with(Operation::Replace { path: path.to_owned(), value: value.into() })
    }

    /// Removes what is at the path, which must be there.
    #[must_use]
    pub fn remove(self, path: &str) -> Self {
        self.with(Operation::Remove { path: path.to_owned() })
    }

    /// Refuses the whole patch unless the value is at the path.
    #[must_use]
    pub fn test(self, path: &str, value: impl Into<Value>) -> Self {
        self.with(Operation::Test { path: path.to_owned(), value: value.into() })
    }

    fn with(mut self, operation: Operation) -> Self {
        self.patch.push(operation);
        self
    }
}

/// One operation of a patch.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Operation {
    /// Sets a value, whether there was one or not.
    Add {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
    /// Replaces a value.
    Replace {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
    /// Removes a value.
    Remove {
        /// Where.
        path: String,
    },
    /// Compares a value.
    Test {
        /// Where.
        path: String,
        /// The value.
        value: Value,
    },
}

/// Something to say about one of the values: a mistake or a warning, by the list that it stands in.
///
/// ```
/// use render_plugin_sdk::{Remark, Response};
///
/// let mistake = Remark::new("/acme/rack", "there is no rack `r9`").hint("there are: r1, r2");
/// let response = Response { mistakes: vec![mistake], ..Response::default() };
/// # assert!(response.changes.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The value, as a JSON Pointer into all values: `/gke/ingress/staticIPName`. One that is absent is named by the
    /// path that it would have; the host shows the nearest parent that somebody wrote.
    pub path: String,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do: lower case, no full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Remark {
    /// Says what is wrong with a value.
    #[must_use]
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into(), hint: None }
    }

    /// Says also what to do about it.
    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }
}
