//! One Kubernetes object as the host hands it over, and the start of a change to it.

use serde::Serialize;
use serde_json::Value;

use crate::{Patch, Target};

/// A Kubernetes object. What the host passes has an apiVersion, a kind and a name.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Manifest(pub Value);

impl Manifest {
    /// Its apiVersion, as in `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion").unwrap_or_default()
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// Its namespace; `None` for an object of the whole cluster, or one that leaves the namespace to kubectl.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.text("/metadata/namespace")
    }

    /// What is at a JSON Pointer into it.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// The text at a JSON Pointer into it.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// What names it in a change.
    #[must_use]
    pub fn target(&self) -> Target {
        Target {
            api_version: self.api_version().to_owned(),
            kind: self.kind().to_owned(),
            namespace: self.namespace().map(str::to_owned),
            name: self.name().to_owned(),
        }
    }

    /// A change to it that has no operation yet, and the reason for it.
    #[must_use]
    pub fn patch(&self, reason: impl Into<String>) -> Patch {
        Patch::new(self.target(), reason)
    }
}
