//! What depends on the finished objects: checksums that restart pods when a `ConfigMap` or Secret of
//! the set changes. It comes after everything that may still change them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::manifest::{Manifest, ManifestSet};

/// The pod templates of these kinds are sealed.
const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// Writes a checksum annotation into each pod template for every `ConfigMap` and Secret of the set
/// that its pods read.
#[must_use]
pub fn seal(mut set: ManifestSet) -> ManifestSet {
    let sums: Vec<(String, Option<String>, String, String)> = set
        .iter()
        .filter(|manifest| ["ConfigMap", "Secret"].contains(&manifest.id.kind.as_str()))
        .map(|manifest| {
            (
                manifest.id.kind.clone(),
                manifest.id.namespace.clone(),
                manifest.id.name.clone(),
                checksum(&manifest.value),
            )
        })
        .collect();
    let workloads: Vec<Manifest> =
        set.iter().filter(|manifest| WORKLOADS.contains(&manifest.id.kind.as_str())).cloned().collect();
    for Manifest { id, mut value, .. } in workloads {
        let Some(template) = value.pointer_mut("/spec/template") else { continue };
        let read: Vec<_> = sums
            .iter()
            .filter(|(kind, of, name, _)| *of == id.namespace && reads(&template["spec"], kind, name))
            .collect();
        for (kind, _, name, sum) in read {
            annotate(template, &format!("checksum/{}-{name}", kind.to_lowercase()), sum);
        }
        // An annotation of the pod template changes no identity, so this cannot be refused.
        let _ = set.replace(&id, value);
    }
    set
}

/// The first 16 hexadecimal digits are enough to tell two versions apart.
fn checksum(value: &Value) -> String {
    let content = json!([value.get("data"), value.get("stringData"), value.get("binaryData")]);
    Sha256::digest(content.to_string()).iter().take(8).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Whether a pod reads an object, by a volume or an environment variable.
fn reads(pod: &Value, kind: &str, name: &str) -> bool {
    let keys: &[(&str, &str)] = match kind {
        "ConfigMap" => &[("configMap", "name"), ("configMapKeyRef", "name"), ("configMapRef", "name")],
        _ => &[("secret", "secretName"), ("secret", "name"), ("secretKeyRef", "name"), ("secretRef", "name")],
    };
    match pod {
        Value::Object(map) => map.iter().any(|(key, value)| {
            keys.iter()
                .any(|(reference, field)| key == reference && value.get(field).and_then(Value::as_str) == Some(name))
                || reads(value, kind, name)
        }),
        Value::Array(items) => items.iter().any(|item| reads(item, kind, name)),
        _ => false,
    }
}

fn annotate(template: &mut Value, key: &str, sum: &str) {
    let Some(template) = template.as_object_mut() else { return };
    let metadata = template.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
    let Some(metadata) = metadata.as_object_mut() else { return };
    let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.insert(key.to_owned(), Value::String(sum.to_owned()));
    }
}
