//! Objects against the API of Kubernetes. The messages are fixtures of `tests/commands/`, in the groups named
//! `api`; here the committed schemas are held to what the walker knows, and the crate jsonschema is the reference.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use render_objects::manifest::{Manifest, ManifestSet};
use render_pipeline::checked::{Checked, check};
use render_pipeline::stream::Foreign;
use render_schema::api::version::Version;
use render_schema::subset;
use render_text::source::Sources;
use serde_json::{Map, Value, json};

use crate::support::{folders, root};

/// The minor version that is checked against where nobody says.
const MINOR: u64 = 35;
/// Keywords that JSON Schema does not have. `format` it has, and does not compare.
const OF_KUBERNETES: [&str; 4] = [
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields",
];

#[test]
fn the_walker_knows_every_keyword_and_finds_every_definition() {
    let files = files();
    for minor in 33..=37 {
        let document = json!({ "$defs": definitions(&files, minor) });
        assert!(document["$defs"].as_object().unwrap().len() > 1_000, "1.{minor} has hardly any definition");
        let known = |message: &str| OF_KUBERNETES.iter().any(|keyword| message.contains(&format!("/{keyword}`")));
        let unknown: Vec<String> = subset::outside(&document)
            .into_iter()
            .map(|found| found.message)
            .filter(|message| !known(message))
            .collect();
        assert!(unknown.is_empty(), "1.{minor}: {unknown:#?}");
    }
}

#[test]
fn every_snapshot_is_accepted_by_every_version() {
    for environment in ["dev", "prd", "stg"] {
        for version in ["1.33", "1.34", "1.35", "1.36", "1.37"] {
            let snapshot = root().join(format!("snapshots/{environment}.snap.yaml"));
            let found = found(vec![snapshot], Version::parse(version).unwrap());
            assert!(found.1.is_empty(), "{environment} on {version}: {:#?}", found.1);
            assert!(!found.0.is_empty());
        }
    }
}

/// What the reference refuses, the walker refuses; and what the walker refuses by a keyword of JSON Schema,
/// the reference refuses.
#[test]
fn the_reference_agrees_on_every_fixture() {
    let files = files();
    let mut validators = BTreeMap::new();
    let fixtures = folders(&root().join("tests/commands"), "manifests.yaml");
    let ours = fixtures.iter().filter(|folder| folder.parent().unwrap().ends_with("api"));
    let mut verdicts = [0, 0];
    for file in ours.map(|folder| folder.join("manifests.yaml")) {
        let (manifests, found) = found(vec![file.clone()], Version::DEFAULT);
        for manifest in manifests.iter() {
            let kind = (manifest.api_version().to_owned(), manifest.id.kind.clone());
            let validator = validators.entry(kind.clone()).or_insert_with(|| reference(&files, &kind));
            let Some(validator) = validator else { continue };
            let refused: Vec<&String> = found
                .iter()
                .filter(|(object, message)| *object == manifest.id.to_string() && !is_of_kubernetes(message))
                .map(|(_, message)| message)
                .collect();
            let accepted = validator.is_valid(&without_nulls(manifest));
            assert_eq!(refused.is_empty(), accepted, "{}: {}: {refused:#?}", file.display(), manifest.id);
            verdicts[usize::from(accepted)] += 1;
        }
    }
    assert!(verdicts.iter().all(|count| *count >= 15), "one verdict is hardly ever reached: {verdicts:?}");
}

/// Whether a message comes from a keyword that JSON Schema does not have.
fn is_of_kubernetes(message: &str) -> bool {
    let words = [" repeats ", "a quantity", "base64", "an integer or a string", "2147483647", "9223372036854775807"];
    words.iter().any(|words| message.contains(words))
}

/// The objects of files, and what the schemas find wrong with them: the object, and the message.
fn found(files: Vec<PathBuf>, version: Version) -> (ManifestSet, Vec<(String, String)>) {
    let foreign = Foreign { files, kube_version: Some(version), ..Foreign::default() };
    let Checked { manifests, findings, .. } = check(&foreign, &mut Sources::default()).unwrap();
    let of_the_schemas =
        findings.into_iter().filter(|finding| matches!(finding.code, Some("LK031" | "LK032" | "LK033")));
    let found = of_the_schemas.map(|finding| (finding.about.unwrap().object.to_string(), finding.message));
    (manifests, found.collect())
}

/// The API server drops them, which the reference does not know.
fn without_nulls(manifest: &Manifest) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|_, value| !value.is_null());
                map.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = manifest.value.clone();
    strip(&mut value);
    value
}

/// What the reference makes of the schema of a kind, with all that it leads to.
fn reference(files: &[Value], (api_version, kind): &(String, String)) -> Option<Validator> {
    let is_it = |entry: &&Value| entry["apiVersion"] == **api_version && entry["kind"] == **kind && holds(entry, MINOR);
    let entry = files.iter().flat_map(|file| file["kinds"].as_array().unwrap()).find(is_it)?;
    let reference = format!("#/$defs/{}", entry["definition"].as_str().unwrap());
    Some(jsonschema::validator_for(&json!({"$ref": reference, "$defs": definitions(files, MINOR)})).unwrap())
}

fn definitions(files: &[Value], minor: u64) -> Map<String, Value> {
    let all = files.iter().flat_map(|file| file["definitions"].as_object().unwrap());
    let of = |entries: &Value| entries.as_array().unwrap().iter().find(|entry| holds(entry, minor)).cloned();
    all.filter_map(|(name, entries)| Some((name.clone(), of(entries)?["schema"].take()))).collect()
}

fn holds(entry: &Value, minor: u64) -> bool {
    let bound = |key: &str, default| entry.get(key).map_or(default, |minor| minor.as_u64().unwrap());
    (bound("from", 0)..=bound("to", 99)).contains(&minor)
}

fn files() -> Vec<Value> {
    let folder = fs::read_dir(root().join("schemas/kubernetes")).unwrap();
    let read = |path: PathBuf| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    folder.map(|entry| read(entry.unwrap().path())).collect()
}
