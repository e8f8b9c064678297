//! What depends on the finished objects: checksums that restart pods when a `ConfigMap` or Secret of
//! the set changes, and names of Jobs that say what they do. It comes after everything that may still
//! change them.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use render_text::resource::ResourceId;

use crate::manifest::{Manifest, ManifestSet};

/// The pod templates of these kinds are sealed.
const WORKLOADS: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// What pods read, and how a pod names it: the key of the reference, and the field with the name.
const READABLE: [(&str, &[(&str, &str)]); 2] = [
    ("ConfigMap", &[("configMap", "name"), ("configMapKeyRef", "name"), ("configMapRef", "name")]),
    ("Secret", &[("secret", "secretName"), ("secret", "name"), ("secretKeyRef", "name"), ("secretRef", "name")]),
];

/// How long Kubernetes lets the part of an annotation's key behind the `/` be.
const MOST_LETTERS: usize = 63;

/// Writes a checksum annotation into each pod template for every `ConfigMap` and Secret of the set
/// that its pods read, and a checksum of its own work behind the name of each Job.
#[must_use]
pub fn seal(set: ManifestSet) -> ManifestSet {
    name_jobs(annotate_workloads(set))
}

fn annotate_workloads(mut set: ManifestSet) -> ManifestSet {
    let sums: Vec<Sum> = set.iter().filter_map(|manifest| sum(&manifest.id, &manifest.value)).collect();
    let workloads = set.iter().filter(|manifest| WORKLOADS.contains(&manifest.id.kind.as_str()));
    let sealed: Vec<_> = workloads.filter_map(|workload| sealed(&workload.id, &workload.value, &sums)).collect();
    for (id, value) in sealed {
        // An annotation of the pod template changes no identity, so this cannot be refused.
        let _ = set.replace(&id, value);
    }
    set
}

/// A Job cannot be changed once it is there, so one that does something else is another Job. Those of
/// other makers keep their names.
fn name_jobs(mut set: ManifestSet) -> ManifestSet {
    let own = |manifest: &&Manifest| {
        let maker = manifest.value.pointer("/metadata/labels/app.kubernetes.io~1managed-by");
        manifest.id.kind == "Job" && maker.and_then(Value::as_str) == Some("render")
    };
    let jobs: Vec<Manifest> = set.iter().filter(own).cloned().collect();
    for mut job in jobs {
        let work = job.value.get("spec").map(ToString::to_string).unwrap_or_default();
        let name = format!("{}-{}", job.id.name, checksum(&work).split_at(8).0);
        job.value["metadata"]["name"] = Value::String(name);
        set.remove(&job.id);
        // Two Jobs of one name were refused before, so that no two can have this one.
        let _ = set.push(job.value, job.origin);
    }
    set
}

/// An object that pods may read, and what it holds.
struct Sum {
    id: ResourceId,
    references: &'static [(&'static str, &'static str)],
    checksum: String,
}

fn sum(id: &ResourceId, value: &Value) -> Option<Sum> {
    let (_, references) = READABLE.into_iter().find(|(kind, _)| *kind == id.kind && id.group.is_empty())?;
    let content = ["data", "stringData", "binaryData"].map(|part| value.get(part));
    if content.iter().all(Option::is_none) {
        return None; // whatever it will hold is not known here
    }
    let content = json!(content);
    Some(Sum { id: id.clone(), references, checksum: checksum(&content.to_string()) })
}

/// The first 16 hexadecimal digits are enough to tell two versions apart.
fn checksum(text: &str) -> String {
    Sha256::digest(text).iter().take(8).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// A workload with the checksums of what its pods read; `None` when it has no pod template.
fn sealed(id: &ResourceId, value: &Value, sums: &[Sum]) -> Option<(ResourceId, Value)> {
    let mut value = value.clone();
    let template = value.pointer_mut("/spec/template")?;
    for sum in sums.iter().filter(|sum| sum.id.namespace == id.namespace) {
        if reads(&template["spec"], sum) {
            annotate(template, &key(&sum.id), &sum.checksum);
        }
    }
    Some((id.clone(), value))
}

/// Whether a pod reads an object, by a volume or an environment variable.
fn reads(pod: &Value, sum: &Sum) -> bool {
    let names = |value: &Value, field: &str| value.get(field).and_then(Value::as_str) == Some(&sum.id.name);
    match pod {
        Value::Object(map) => map.iter().any(|(key, value)| {
            sum.references.iter().any(|(reference, field)| key == reference && names(value, field)) || reads(value, sum)
        }),
        Value::Array(items) => items.iter().any(|item| reads(item, sum)),
        _ => false,
    }
}

/// How the keys of annotations begin that hold the checksum of a Secret.
pub(crate) const OF_SECRET: &str = "checksum/secret-";

/// The annotation's key; a name that is too long for one is told by its own checksum.
fn key(id: &ResourceId) -> String {
    let kind = id.kind.to_lowercase();
    let name = format!("{kind}-{}", id.name);
    if name.len() <= MOST_LETTERS {
        format!("checksum/{name}")
    } else {
        format!("checksum/{kind}-{}", checksum(&id.name))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The annotations of a Deployment that reads one Secret.
    fn annotations(secret: &str, content: &str) -> Value {
        let mut set = ManifestSet::default();
        let metadata = |name: &str| json!({"name": name, "namespace": "livekit"});
        let objects = [
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata(secret), "stringData": {"key": content}}),
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata("of-another"), "stringData": {}}),
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata("livekit-server"), "spec": {
                "template": {"spec": {"volumes": [{"name": "keys", "secret": {"secretName": secret}}]}}}}),
        ];
        for object in objects {
            set.push(object, "test").unwrap();
        }
        seal(set).iter().last().unwrap().value["spec"]["template"]["metadata"]["annotations"].clone()
    }

    #[test]
    fn pods_carry_the_checksum_of_what_they_read_and_of_nothing_else() {
        let before = annotations("keys", "one");
        assert_eq!(before.as_object().unwrap().keys().collect::<Vec<_>>(), ["checksum/secret-keys"]);
        assert_eq!(before, annotations("keys", "one"));
        assert_ne!(before, annotations("keys", "two"));
    }

    #[test]
    fn a_long_name_makes_no_key_that_kubernetes_refuses() {
        let sealed = annotations(&"a".repeat(80), "one");
        let keys: Vec<&String> = sealed.as_object().unwrap().keys().collect();
        assert!(keys.len() == 1 && keys[0].len() <= "checksum/".len() + MOST_LETTERS, "{keys:?}");
    }

    #[test]
    fn a_job_that_does_something_else_is_another_job() {
        let name = |maker: &str, command: &str| {
            let metadata = json!({"name": "address", "labels": {"app.kubernetes.io/managed-by": maker}});
            let spec = json!({"template": {"spec": {"containers": [{"command": [command]}]}}});
            let job = json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": metadata, "spec": spec});
            let mut set = ManifestSet::default();
            set.push(job, "test").unwrap();
            seal(set).iter().next().unwrap().id.name.clone()
        };
        assert_eq!(name("render", "one"), name("render", "one"));
        assert_ne!(name("render", "one"), name("render", "two"));
        assert!(name("render", "one").starts_with("address-"));
        assert_eq!(name("helm", "one"), "address");
    }
}
