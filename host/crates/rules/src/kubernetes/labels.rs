//! Labels and annotations: what may be a key, what may be a value, and how much of it.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::syntax::{key_mistake, value_mistake};
use crate::view::{Field, Pod};
use crate::{Find, Rule};

/// What the API server takes of annotations, keys and values together.
const MOST_BYTES: usize = 256 * 1024;

pub(super) static LABELS: Rule = Rule {
    code: "LK041",
    severity: Severity::Error,
    title: "labels and annotations are what Kubernetes accepts",
    why: "A key is a name of 63 characters at most, behind a DNS name and a `/` if it has a prefix. A label's value has 63 \
          characters at most too, and no spaces, colons or slashes: versions with a `+` and URLs belong in annotations, of \
          which an object may carry 256 KiB. The API server refuses anything else.",
    find: Find::Manifests(|finished| finished.manifests.iter().flat_map(mistakes).collect()),
};

fn mistakes(manifest: &Manifest) -> Vec<Diagnostic> {
    let template = Pod::of(manifest).map(|pod| pod.template).filter(|template| !template.pointer.is_empty());
    let metadata = [Some(Field::root(manifest)), template].into_iter().flatten().filter_map(|one| one.get("metadata"));
    metadata.flat_map(|metadata| metadata_mistakes(&metadata)).collect()
}

fn metadata_mistakes(metadata: &Field) -> Vec<Diagnostic> {
    let entries = |key: &str| metadata.get(key).map_or_else(Vec::new, |map| map.entries());
    let keys = [("a label", "labels"), ("an annotation", "annotations")];
    let keys = keys.into_iter().flat_map(|(what, map)| entries(map).into_iter().map(move |entry| (what, entry)));
    let mut found: Vec<Diagnostic> = keys
        .filter_map(|(what, (key, field))| {
            // The API server looks at the keys of annotations without regard to case.
            let mistake = if what == "a label" { key_mistake(key) } else { key_mistake(&key.to_ascii_lowercase()) };
            let wrong = field.wrong(format!("`{key}` cannot be the key of {what}: it {}", mistake?));
            Some(wrong.hint("write a name, or the name of a domain, `/` and a name, as in example.com/name"))
        })
        .collect();
    found.extend(entries("labels").into_iter().filter_map(|(key, field)| value_finding(key, &field)));
    found.extend(metadata.get("annotations").and_then(|annotations| size_finding(&annotations)));
    found
}

fn value_finding(key: &str, field: &Field) -> Option<Diagnostic> {
    let value = field.value.as_str()?;
    let wrong =
        field.wrong(format!("`{value}` cannot be the value of the label `{key}`: it {}", value_mistake(value)?));
    Some(wrong.hint("shorten it, or make it an annotation, which may be any text"))
}

fn size_finding(annotations: &Field) -> Option<Diagnostic> {
    let value = |value: &Value| value.as_str().map_or(0, str::len);
    let bytes: usize = annotations.entries().iter().map(|(key, field)| key.len() + value(field.value)).sum();
    let wrong = || annotations.wrong(format!("the annotations have {bytes} bytes, and {MOST_BYTES} is the most"));
    (bytes > MOST_BYTES).then(|| wrong().hint("put what is large into a ConfigMap"))
}

#[cfg(test)]
mod tests {
    use super::MOST_BYTES;
    use crate::testing::in_objects;

    fn config_map(metadata: &str) -> String {
        format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a, {metadata}}}}}")
    }

    #[test]
    fn keys_and_values_are_those_of_kubernetes() {
        in_objects(
            "LK041",
            &[
                (&config_map("labels: {app: a, example.com/Name: '', b_c.d: 1.0-2_3}"), &[]),
                (&config_map("labels: {version: 1.0+2}"), &["`1.0+2` cannot be the value of the label `version`"]),
                (&config_map("labels: {from: a/b}, annotations: {from: 'a/b: c'}"), &["the value of the label `from`"]),
                (&config_map("labels: {'a b': c}"), &["`a b` cannot be the key of a label"]),
                (&config_map("annotations: {'a b': c}"), &["`a b` cannot be the key of an annotation"]),
                (&config_map(&format!("labels: {{a: {}}}", "b".repeat(63))), &[]),
                (
                    &config_map(&format!("labels: {{a: {}}}", "b".repeat(64))),
                    &["has 64 characters, and 63 is the most"],
                ),
                // The schema tells of values that are no text.
                (&config_map("labels: {a: 1}"), &[]),
            ],
        );
    }

    #[test]
    fn only_annotations_have_keys_in_upper_case_before_the_slash() {
        in_objects(
            "LK041",
            &[
                (&config_map("annotations: {Example.com/a: b}"), &[]),
                (&config_map("labels: {Example.com/a: b}"), &["has a prefix that"]),
            ],
        );
    }

    #[test]
    fn the_labels_of_pods_count_too() {
        let of = |labels: &str| {
            let template = format!("{{metadata: {{labels: {labels}}}, spec: {{containers: []}}}}");
            format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {template}}}}}")
        };
        in_objects("LK041", &[(&of("{a: b}"), &[]), (&of("{a: b c}"), &["`b c` cannot be the value"])]);
    }

    #[test]
    fn annotations_have_256_kib_at_most() {
        let of = |bytes: usize| config_map(&format!("annotations: {{a: {}}}", "b".repeat(bytes - 1)));
        in_objects(
            "LK041",
            &[(&of(MOST_BYTES), &[]), (&of(MOST_BYTES + 1), &["have 262145 bytes, and 262144 is the most"])],
        );
    }
}
