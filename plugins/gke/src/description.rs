//! description.json, which the host reads instead of running anything, says what the code says. `RENDER_BLESS=1`
//! writes the schema in it anew from the types.

#![expect(clippy::disallowed_methods, reason = "a test reads what it compares")]

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::values::Gke;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/description.json");

#[test]
fn the_schema_is_the_types() {
    let mut wanted = description();
    wanted["schema"] = generated();
    let text = format!("{}\n", serde_json::to_string_pretty(&wanted).unwrap());
    if std::env::var_os("RENDER_BLESS").is_some() {
        fs::write(PATH, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(PATH).unwrap(), text, "RENDER_BLESS=1 cargo test writes it anew");
}

#[test]
fn the_name_and_the_version_are_the_crates() {
    assert_eq!(description()["name"], env!("CARGO_PKG_NAME"));
    assert_eq!(description()["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn the_defaults_are_a_whole_section() {
    let schema = jsonschema::validator_for(&description()["schema"]).unwrap();
    schema.validate(&description()["defaults"]).unwrap();
}

#[test]
fn the_contract_takes_it() {
    let contract: Value = serde_json::from_str(include_str!("../../../schemas/plugin-description.json")).unwrap();
    let errors: Vec<String> = jsonschema::validator_for(&contract)
        .unwrap()
        .iter_errors(&description())
        .map(|error| error.to_string())
        .collect();
    assert_eq!(errors, Vec::<String>::new());
}

#[test]
fn an_unknown_key_is_refused_on_every_level() {
    let schema = jsonschema::validator_for(&description()["schema"]).unwrap();
    for place in ["", "/backendConfig", "/ingress/managedCertificate", "/secretManager/secretStore"] {
        let mut section = description()["defaults"].clone();
        section.pointer_mut(place).unwrap()["unknown"] = json!(1);
        assert!(!schema.is_valid(&section), "{place}");
    }
}

/// The code reads its section by pointers, and one that leads nowhere would read nothing without a word.
#[test]
fn every_pointer_into_the_section_leads_to_a_value() {
    let schema = description()["schema"].clone();
    let mut pointers = 0;
    for text in sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let literals = text.split('"').filter_map(|part| part.strip_prefix("/gke/"));
        for pointer in literals.filter(|literal| !literal.is_empty() && !literal.contains('{')) {
            let end = pointer.split('/').try_fold(&schema, |place, key| property(&schema, place, key));
            assert!(end.is_some(), "/gke/{pointer}");
            pointers += 1;
        }
    }
    assert!(pointers > 0);
}

/// What a schema says about a member of what it describes.
fn property<'a>(schema: &'a Value, place: &'a Value, key: &str) -> Option<&'a Value> {
    let place = match place.get("$ref").and_then(Value::as_str) {
        Some(reference) => schema.pointer(reference.trim_start_matches('#'))?,
        None => place,
    };
    place.get("properties")?.get(key)
}

/// The code of the plugin.
fn sources(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(path).unwrap()] })
        .collect()
}

fn description() -> Value {
    serde_json::from_str(&fs::read_to_string(PATH).unwrap()).unwrap()
}

/// The schema of the types, in the subset of JSON Schema that the contract allows.
fn generated() -> Value {
    let mut schema = schemars::schema_for!(Gke).to_value();
    narrow(&mut schema);
    schema
}

fn narrow(schema: &mut Value) {
    if let Value::Object(map) = schema {
        map.remove("$schema");
        map.remove("format");
        if let Some(Value::String(text)) = map.get_mut("description") {
            *text = text.replace('\n', " ");
        }
        without_null(map);
        as_enum(map);
    }
    match schema {
        Value::Object(map) => map.values_mut().for_each(narrow),
        Value::Array(list) => list.iter_mut().for_each(narrow),
        _ => {}
    }
}

/// `null` in a layer deletes, so no section that was merged holds one.
fn without_null(map: &mut Map<String, Value>) {
    if let Some([kind, Value::String(null)]) = map.get("type").and_then(Value::as_array).map(Vec::as_slice)
        && null == "null"
    {
        let kind = kind.clone();
        map.insert("type".to_owned(), kind);
    }
    if let Some([inner, null]) = map.get("anyOf").and_then(Value::as_array).map(Vec::as_slice)
        && *null == json!({ "type": "null" })
    {
        let inner = inner.as_object().unwrap().clone();
        map.remove("anyOf");
        map.extend(inner);
    }
}

/// schemars gives each documented variant a schema of its own; the contract has `enum`.
fn as_enum(map: &mut Map<String, Value>) {
    let Some(variants) = map.get("oneOf").and_then(Value::as_array) else { return };
    let constants: Vec<Value> = variants.iter().map(|variant| variant["const"].clone()).collect();
    assert!(constants.iter().all(Value::is_string), "only a choice of words is an enum");
    map.remove("oneOf");
    map.insert("type".to_owned(), json!("string"));
    map.insert("enum".to_owned(), constants.into());
}
