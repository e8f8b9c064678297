//! Schemas made from Rust types, and what a file may leave out of them.

use indexmap::IndexMap;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::subset::{NAMED, ONE, SEVERAL};

/// The schema of a Rust type: every key known, everything there that has no default.
#[must_use]
pub fn of<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    each(&mut schema, &mut tighten);
    schema
}

/// The schema of a file that holds any part of such a value, `null` to delete, and sections of further schemas.
#[must_use]
pub fn partial(mut schema: Value, sections: &IndexMap<String, Value>) -> Value {
    for (name, section) in sections {
        embed(&mut schema, name, section.clone());
    }
    each(&mut schema, &mut loosen);
    schema
}

/// Rust's `Option` and integer widths are told by other means: an absent key, and bounds. A default would
/// be a second place for what layer 0 says.
fn tighten(map: &mut Map<String, Value>) {
    let format = map.shift_remove("format");
    if let Some("uint32" | "int32") = format.as_ref().and_then(Value::as_str) {
        // The counts of Kubernetes and of LiveKit are signed, and a smaller bound stays.
        map.entry("minimum").or_insert(json!(i32::MIN));
        map.entry("maximum").or_insert(json!(i32::MAX));
    }
    map.shift_remove("default");
    without_null_type(map);
    if let Some(Value::Array(members)) = map.get_mut("enum") {
        members.retain(|member| !member.is_null());
    }
    without_null_branch(map);
    if map.contains_key("properties") && !map.contains_key("additionalProperties") {
        map.insert("additionalProperties".to_owned(), json!(false));
    }
}

fn without_null_type(map: &mut Map<String, Value>) {
    let Some(Value::Array(types)) = map.get_mut("type") else { return };
    types.retain(|kind| kind != "null");
    if let [only] = types.as_slice() {
        let only = only.clone();
        map.insert("type".to_owned(), only);
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
    each(&mut section, &mut |map| {
        if let Some(Value::String(reference)) = map.get_mut("$ref") {
            *reference = reference.replace("#/$defs/", &format!("#/$defs/{name}."));
        }
    });
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

/// A file says only what differs, so nothing is required, and `null` takes back what a layer below says.
fn loosen(map: &mut Map<String, Value>) {
    map.shift_remove("required");
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.values_mut().for_each(nullable);
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

/// Visits a schema, then every schema inside it. The keys of `properties` are names, not keywords, so a
/// value may be called `default` or `required`.
fn each(schema: &mut Value, visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Value::Object(map) = schema else { return };
    visit(map);
    for (keyword, argument) in map {
        let inside: Vec<&mut Value> = match argument {
            Value::Object(named) if NAMED.contains(&keyword.as_str()) => named.values_mut().collect(),
            Value::Array(branches) if SEVERAL.contains(&keyword.as_str()) => branches.iter_mut().collect(),
            one if ONE.contains(&keyword.as_str()) => vec![one],
            _ => continue,
        };
        for inner in inside {
            each(inner, visit);
        }
    }
}
