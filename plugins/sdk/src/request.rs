//! What the host asks: the values of one environment, and the manifests that the plugin may read.

use serde_json::Value;

use crate::Manifest;

/// What the host asks. Natively, in tests, it is made by hand or with [`wire::answer`](crate::wire::answer).
#[derive(Debug, Clone)]
pub struct Request {
    /// The environment's name, as in `prd`.
    pub environment: String,
    /// All values, validated and resolved; the plugin's own section stands under its name. Values of secrets are
    /// replaced by a constant.
    pub values: Value,
    /// The manifests of the kinds that the plugin may read, in their order.
    pub manifests: Vec<Manifest>,
}

impl Request {
    /// The manifest of that apiVersion, kind and name, if there is one that the plugin may read.
    #[must_use]
    pub fn find(&self, api_version: &str, kind: &str, name: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| {
            manifest.api_version() == api_version && manifest.kind() == kind && manifest.name() == name
        })
    }

    /// What is at a JSON Pointer into all values, as in `/livekit/config/port`.
    #[must_use]
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.values.pointer(pointer)
    }

    /// The text at a JSON Pointer into all values.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The whole number at a JSON Pointer into all values, unless it is negative.
    #[must_use]
    pub fn number(&self, pointer: &str) -> Option<u64> {
        self.get(pointer)?.as_u64()
    }

    /// Whether there is a `true` at a JSON Pointer into all values.
    #[must_use]
    pub fn is_on(&self, pointer: &str) -> bool {
        self.get(pointer).and_then(Value::as_bool).unwrap_or_default()
    }
}
