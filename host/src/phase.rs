//! When an object is applied: on an empty cluster the phases go in order, each complete by itself.

use serde_json::Value;

use crate::manifest::{Manifest, ManifestSet};

/// A phase of applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Phase {
    /// Namespaces, and what brings new kinds.
    Bootstrap,
    /// What operators read: issuers, stores of secrets, gateways.
    Platform,
    /// Everything else.
    App,
}

/// The phase of an object of a set: that of its kind, or that of the store of secrets which acts as it.
#[must_use]
pub fn of(manifest: &Manifest, set: &ManifestSet) -> Phase {
    match manifest.id.kind.as_str() {
        "Namespace" | "CustomResourceDefinition" => Phase::Bootstrap,
        "ClusterIssuer" | "Issuer" | "SecretStore" | "ClusterSecretStore" | "GatewayClass" | "GatewayConfig"
        | "Gateway" | "HelmChart" | "HelmChartConfig" => Phase::Platform,
        "ServiceAccount" if set.iter().any(|store| acts_as(store, manifest)) => Phase::Platform,
        _ => Phase::App,
    }
}

/// Whether an object is a store of secrets that reads them as a `ServiceAccount`.
fn acts_as(store: &Manifest, account: &Manifest) -> bool {
    ["SecretStore", "ClusterSecretStore"].contains(&store.id.kind.as_str()) && names(&store.value, &account.id.name)
}

fn names(value: &Value, account: &str) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| {
            (key == "serviceAccountRef" && value.get("name").and_then(Value::as_str) == Some(account))
                || names(value, account)
        }),
        Value::Array(items) => items.iter().any(|item| names(item, account)),
        _ => false,
    }
}

impl Phase {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Platform => "platform",
            Self::App => "app",
        }
    }
}
