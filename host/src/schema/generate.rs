//! The schemas in schemas/, made from the Rust types: one for merged values, which validation uses,
//! and one for environment files, which editors use. A test keeps the files equal to these.

use indexmap::IndexMap;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::values::Platform;

/// What merged values must be: every key known, everything there that has no default.
#[must_use]
pub fn values() -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = generator.into_root_schema_for::<Platform>().to_value();
    tighten(&mut schema);
    schema
}

/// What an environment file may be: any part of the values, `null` to delete, and `extends`.
#[must_use]
pub fn environment(sections: &IndexMap<String, Value>) -> Value {
    let mut schema = values();
    for (name, section) in sections {
        embed(&mut schema, name, section.clone());
    }
    loosen(&mut schema);
    schema["title"] = json!("Environment of render");
    schema["description"] = json!("An environment file of render: what differs from the files that it extends.");
    schema["properties"]["extends"] = json!({
        "description": "Files that this one builds on, relative to it; later files win, and this one wins over all.",
        "type": "array",
        "items": {"type": "string"},
    });
    schema
}

/// Rust's `Option` and integer widths are told by other means: an absent key, and bounds.
fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            strip(map);
            map.values_mut().for_each(tighten);
        }
        Value::Array(items) => items.iter_mut().for_each(tighten),
        _ => {}
    }
}

fn strip(map: &mut Map<String, Value>) {
    let format = map.shift_remove("format");
    if let Some("uint32" | "int32") = format.as_ref().and_then(Value::as_str) {
        // The counts of Kubernetes and of LiveKit are signed, and a smaller bound stays.
        map.entry("minimum").or_insert(json!(i32::MIN));
        map.entry("maximum").or_insert(json!(i32::MAX));
    }
    if map
        .get("default")
        .is_some_and(|default| !default.is_boolean() && !default.is_object() || map.contains_key("type"))
    {
        map.shift_remove("default");
    }
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            map.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(kinds)) = map.get_mut("enum") {
        kinds.retain(|kind| !kind.is_null());
    }
    without_null_branch(map);
    if map.get("properties").is_some_and(Value::is_object)
        && !map.contains_key("additionalProperties")
        && map.contains_key("type")
    {
        map.insert("additionalProperties".to_owned(), json!(false));
    }
}

/// `anyOf: [X, null]` says no more than X where an absent key is allowed.
fn without_null_branch(map: &mut Map<String, Value>) {
    let Some(Value::Array(branches)) = map.get_mut("anyOf") else { return };
    branches.retain(|branch| branch.get("type") != Some(&json!("null")));
    if let [Value::Object(only)] = branches.as_slice() {
        let only = only.clone();
        map.shift_remove("anyOf");
        for (key, value) in only {
            map.entry(key).or_insert(value);
        }
    }
}

/// Makes a plugin's section a property of the whole, its definitions beside the others'.
fn embed(schema: &mut Value, name: &str, mut section: Value) {
    rename(&mut section, name);
    if let Some(Value::Object(definitions)) = section.as_object_mut().and_then(|map| map.shift_remove("$defs")) {
        for (key, definition) in definitions {
            schema["$defs"][format!("{name}.{key}")] = definition;
        }
    }
    if let Some(map) = section.as_object_mut() {
        map.shift_remove("$schema");
    }
    schema["properties"][name] = section;
}

fn rename(section: &mut Value, name: &str) {
    match section {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get_mut("$ref") {
                *reference = reference.replace("#/$defs/", &format!("#/$defs/{name}."));
            }
            map.values_mut().for_each(|value| rename(value, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| rename(value, name)),
        _ => {}
    }
}

/// A file says only what differs, so nothing is required, and `null` takes back what a layer below says.
fn loosen(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.shift_remove("required");
            map.values_mut().for_each(loosen);
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                properties.values_mut().for_each(nullable);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(loosen),
        _ => {}
    }
}

fn nullable(property: &mut Value) {
    let Some(map) = property.as_object_mut() else { return };
    if map.contains_key("$ref") || map.contains_key("anyOf") || map.contains_key("enum") || map.contains_key("oneOf") {
        let description = map.shift_remove("description");
        let branch = std::mem::take(map);
        map.extend(description.map(|description| ("description".to_owned(), description)));
        map.insert("anyOf".to_owned(), json!([branch, {"type": "null"}]));
    } else if let Some(Value::String(kind)) = map.get("type") {
        let both = json!([kind, "null"]);
        map.insert("type".to_owned(), both);
    }
}
