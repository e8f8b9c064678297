//! What a running release has and the imported environment does not render: it stays behind when the environment is
//! applied. And what the environment would change of it that cannot change.

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::Diagnostic;
use render_text::resource::ResourceId;

use super::identity::Identity;
use super::running::{self, Running};

/// Workloads whose selectors the environment would change.
pub(super) fn other_selectors(running: &Running, rendered: &ManifestSet, identity: &Identity) -> Vec<Diagnostic> {
    let changed = |object: &Manifest| {
        let rendered = same(object, rendered, identity)?;
        let selector = |manifest: &Manifest| manifest.value.pointer("/spec/selector/matchLabels").cloned();
        if object.id.group != "apps" || selector(object) == selector(rendered) {
            return None;
        }
        let wrong = format!("{} would get another selector, which cannot change", object.id);
        let hint =
            format!("give it another name in the environment file, or delete it first: `{}`", delete(object, identity));
        Some(Diagnostic::error(wrong).at(running.place_of(&object.id, "/spec/selector")).hint(hint))
    };
    running.objects.iter().filter_map(changed).collect()
}

/// What stays behind, each with what to do about it.
pub(super) fn find(running: &Running, rendered: &ManifestSet, identity: &Identity) -> Vec<Diagnostic> {
    let release = running.objects.get(running.server()).and_then(release_of);
    let left = running.objects.iter().filter(|object| is_lasting(object) && same(object, rendered, identity).is_none());
    let left = left.filter(|object| !is_of_another(object, release, running));
    left.map(|object| {
        let message = format!("{} stays behind: the environment does not render it", object.id);
        let at = running.place_of(&object.id, "/metadata/name");
        Diagnostic::warning(message).at(at).hint(advice(object, release, identity))
    })
    .collect()
}

/// The object of the environment that has the place of another one. Helm's manifests say no namespace.
fn same<'r>(object: &Manifest, rendered: &'r ManifestSet, identity: &Identity) -> Option<&'r Manifest> {
    let id = ResourceId { slot: String::new(), ..object.id.clone() };
    let here = ResourceId { namespace: Some(identity.namespace().to_owned()), ..id.clone() };
    rendered.get(&id).or_else(|| rendered.get(&here).filter(|_| id.namespace.is_none()))
}

/// Whether an object is of another release: Helm says so on live objects, and their labels often do.
fn is_of_another(object: &Manifest, release: Option<&str>, running: &Running) -> bool {
    const INSTANCE: &str = "/metadata/labels/app.kubernetes.io~1instance";
    let instance = object.value.pointer(INSTANCE).and_then(Value::as_str);
    let own = running.objects.get(running.server()).and_then(|server| server.value.pointer(INSTANCE)?.as_str());
    release_of(object).is_some_and(|other| release != Some(other))
        || instance.is_some_and(|other| own.is_some_and(|own| own != other))
        || running::is_server(object) && object.id != *running.server()
}

/// The release that Helm made a live object for.
fn release_of(object: &Manifest) -> Option<&str> {
    object.value.pointer("/metadata/annotations/meta.helm.sh~1release-name")?.as_str()
}

/// Whether an object stays when nobody renders it: hooks and what controllers make come and go by themselves.
fn is_lasting(object: &Manifest) -> bool {
    let made_by_another = object.value.pointer("/metadata/ownerReferences").is_some();
    let kind = object.id.kind.as_str();
    let of_the_cluster = matches!(kind, "Pod" | "ReplicaSet" | "Endpoints" | "EndpointSlice" | "Event" | "Lease")
        || kind == "ServiceAccount" && object.id.name == "default"
        || kind == "ConfigMap" && object.id.name == "kube-root-ca.crt"
        || kind == "Secret" && object.value.get("type").and_then(Value::as_str) == Some("helm.sh/release.v1");
    !made_by_another && !of_the_cluster && !object.is_hook()
}

fn advice(object: &Manifest, release: Option<&str>, identity: &Identity) -> String {
    let delete = delete(object, identity);
    let value = &object.value;
    let kind = object.id.kind.as_str();
    if matches!(kind, "PersistentVolumeClaim" | "CustomResourceDefinition" | "Namespace") {
        return "keep it: deleting it takes everything that it holds".to_owned();
    }
    if kind == "Secret" {
        return format!("keep it until no pod reads it any more; then `{delete}`");
    }
    if release.is_some() && release_of(object).is_none() {
        return format!("Helm did not make it: keep it if somebody uses it, or `{delete}`");
    }
    let ports = value.pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten();
    if kind == "Service" && ports.into_iter().any(|port| port.get("nodePort").is_some()) {
        return format!("delete it before the environment is applied, because it holds its node ports: `{delete}`");
    }
    format!("when the environment is applied, `{delete}`")
}

fn delete(object: &Manifest, identity: &Identity) -> String {
    let kind = object.id.kind.to_lowercase();
    let kind = if object.id.group.is_empty() { kind } else { format!("{kind}.{}", object.id.group) };
    let namespace = object.id.namespace.as_deref().unwrap_or(identity.namespace());
    format!("kubectl --namespace {namespace} delete {kind} {}", object.id.name)
}
