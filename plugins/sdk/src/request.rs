//! What the host asks: the values of one environment, and the manifests that the plugin may read.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::Manifest;

/// What the host asks. Natively, in tests, it is made by hand or with [`wire::answer`](crate::wire::answer).
#[derive(Debug, Clone)]
pub struct Request<V> {
    /// The environment's name, as in `prd`.
    pub environment: String,
    /// The plugin's own section of the values, typed.
    pub section: V,
    /// All values, validated and resolved. Values of secrets are replaced by a constant.
    pub values: Value,
    /// The manifests of the kinds that the plugin may read, in their order.
    pub manifests: Vec<Manifest>,
}

impl<V> Request<V> {
    /// The manifest of that apiVersion, kind and name, if there is one that the plugin may read.
    #[must_use]
    pub fn find(&self, api_version: &str, kind: &str, name: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| {
            manifest.api_version() == api_version && manifest.kind() == kind && manifest.name() == name
        })
    }

    /// The value at a JSON Pointer into all values, as in `/livekit/config/port`; `None` if it is absent, `null`, or
    /// of another type.
    #[must_use]
    pub fn value<T: DeserializeOwned>(&self, pointer: &str) -> Option<T> {
        T::deserialize(self.values.pointer(pointer)?).ok()
    }

    /// The text at a JSON Pointer into all values, or nothing: [`Request::value`] without a copy.
    #[must_use]
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.values.pointer(pointer)?.as_str()
    }
}
