//! When an object is applied: on an empty cluster the phases go in order, each complete by itself.

use serde_json::{Value, json};

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::resource::ResourceId;

use crate::values::Platform;

/// A phase of applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        "Namespace"
        | "CustomResourceDefinition"
        | "HelmChart"
        | "HelmChartConfig"
        | "Application"
        | "HelmRepository"
        | "HelmRelease" => Phase::Bootstrap,
        "ClusterIssuer" | "Issuer" | "SecretStore" | "ClusterSecretStore" | "GatewayClass" | "GatewayConfig"
        | "Gateway" | "EnvoyProxy" | "StaticService" => Phase::Platform,
        "Certificate" if set.iter().any(|gateway| terminates_with(gateway, manifest)) => Phase::Platform,
        "UDPRoute" if is_beside_its_gateway(manifest) => Phase::Platform,
        "ServiceAccount" if set.iter().any(|store| acts_as(store, manifest)) => Phase::Platform,
        _ => Phase::App,
    }
}

/// The set with the sync wave of its phase on every object that has none, where Argo CD is to go by them.
#[must_use]
pub fn in_waves(mut set: ManifestSet, platform: &Platform) -> ManifestSet {
    if !platform.argocd.sync_waves {
        return set;
    }
    let marked: Vec<(ResourceId, Value)> =
        set.iter().filter_map(|manifest| in_wave(manifest, of(manifest, &set))).collect();
    for (id, value) in marked {
        // An annotation changes no identity, so this cannot be refused.
        let _ = set.replace(&id, value);
    }
    set
}

const WAVE: &str = "argocd.argoproj.io/sync-wave";

fn in_wave(manifest: &Manifest, phase: Phase) -> Option<(ResourceId, Value)> {
    let mut value = manifest.value.clone();
    let metadata = value.get_mut("metadata")?.as_object_mut()?;
    let annotations = metadata.entry("annotations").or_insert_with(|| json!({})).as_object_mut()?;
    let has_one = annotations.contains_key(WAVE);
    annotations.entry(WAVE).or_insert_with(|| phase.wave().into());
    (!has_one).then_some((manifest.id.clone(), value))
}

/// Whether an object is a Gateway that ends TLS with a certificate, most often of its own namespace.
fn terminates_with(gateway: &Manifest, certificate: &Manifest) -> bool {
    let secret = certificate.value.pointer("/spec/secretName").and_then(Value::as_str);
    let listeners = gateway.value.pointer("/spec/listeners").and_then(Value::as_array);
    let references = listeners.into_iter().flatten().filter_map(|one| one.pointer("/tls/certificateRefs")?.as_array());
    let is_meant = |reference: &Value| {
        let text = |key: &str| reference.get(key).and_then(Value::as_str);
        let namespace = text("namespace").or(gateway.id.namespace.as_deref());
        namespace == certificate.id.namespace.as_deref() && text("name") == secret
    };
    gateway.id.kind == "Gateway" && secret.is_some() && references.flatten().any(is_meant)
}

/// Whether a route is of the Gateway's own namespace, and so of the platform rather than of an application.
fn is_beside_its_gateway(route: &Manifest) -> bool {
    let parent = route.value.pointer("/spec/parentRefs/0/namespace").and_then(Value::as_str);
    parent.is_none() || parent == route.id.namespace.as_deref()
}

/// Whether an object is a store of secrets that reads them as a `ServiceAccount`.
fn acts_as(store: &Manifest, account: &Manifest) -> bool {
    ["SecretStore", "ClusterSecretStore"].contains(&store.id.kind.as_str())
        && names(&store.value, ("serviceAccountRef", &account.id.name))
}

/// Whether an object refers somewhere, under a key of this name, to another one of this name.
fn names(value: &Value, (reference, name): (&str, &str)) -> bool {
    let is_named = |value: &Value| value.get("name").and_then(Value::as_str) == Some(name);
    match value {
        Value::Object(map) => map.iter().any(|(key, value)| {
            let referred = value.as_array().map_or_else(|| is_named(value), |list| list.iter().any(is_named));
            (key == reference && referred) || names(value, (reference, name))
        }),
        Value::Array(items) => items.iter().any(|item| names(item, (reference, name))),
        _ => false,
    }
}

impl Phase {
    /// Its sync wave in Argo CD.
    fn wave(self) -> &'static str {
        match self {
            Self::Bootstrap => "0",
            Self::Platform => "1",
            Self::App => "2",
        }
    }

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
