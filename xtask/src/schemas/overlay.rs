//! What the API server refuses though its OpenAPI text does not say so, written by hand in overlay.json. An entry that
//! matches nothing is an error: it would be a check that nobody makes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value};

use super::Api;

/// Entries by the name of the definition.
pub(super) type Overlay = BTreeMap<String, Entry>;

/// What is added to a definition, at each minor that has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Entry {
    /// Members that must be there, beside those of the definition.
    required: Vec<String>,
    /// Keywords for properties that the definition has; below `items` and `additionalProperties` for theirs.
    properties: BTreeMap<String, Map<String, Value>>,
    /// Properties that it lacks.
    add: BTreeMap<String, Value>,
}

/// Reads the file.
pub(super) fn read(text: &str) -> Result<Overlay, String> {
    serde_json::from_str(text).map_err(|error| format!("overlay.json: {error}"))
}

/// Merges the overlay into whichever definitions it names.
///
/// # Errors
/// Entries that match no definition, no property or no schema of the kind that they speak of.
pub(super) fn apply<'a>(overlay: &Overlay, apis: impl Iterator<Item = &'a mut Api>) -> Result<(), String> {
    let mut unmatched: BTreeSet<String> = overlay.iter().flat_map(|(name, entry)| places(name, entry)).collect();
    for api in apis {
        for (name, entry) in overlay {
            if let Some(definition) = api.definitions.get_mut(name) {
                merge(name, entry, definition, &mut unmatched)?;
            }
        }
    }
    if unmatched.is_empty() {
        return Ok(());
    }
    let unmatched: Vec<String> = unmatched.into_iter().collect();
    Err(format!("overlay.json: {} is nothing, or is so already", unmatched.join(", ")))
}

/// Everything that an entry must find somewhere.
fn places(name: &str, entry: &Entry) -> Vec<String> {
    let members = entry.properties.keys().chain(&entry.required).chain(entry.add.keys());
    members.map(|member| format!("{name}/{member}")).collect()
}

fn merge(name: &str, entry: &Entry, definition: &mut Value, unmatched: &mut BTreeSet<String>) -> Result<(), String> {
    let said = |what: &str, member: &str| format!("overlay.json: {name}/{member}: {what}");
    let definition = definition.as_object_mut().ok_or_else(|| said("the definition is no object", ""))?;
    require(name, entry, definition, unmatched);
    let properties = definition.get_mut("properties").and_then(Value::as_object_mut);
    let properties = properties.ok_or_else(|| said("the definition has no properties", ""))?;
    for (member, keywords) in &entry.properties {
        if let Some(schema) = properties.get_mut(member) {
            unmatched.remove(&format!("{name}/{member}"));
            add_keywords(keywords, schema).map_err(|error| said(&error, member))?;
        }
    }
    for (member, schema) in &entry.add {
        unmatched.remove(&format!("{name}/{member}"));
        if properties.insert(member.clone(), schema.clone()).is_some() {
            return Err(said("the definition has it already", member));
        }
    }
    Ok(())
}

fn require(name: &str, entry: &Entry, definition: &mut Map<String, Value>, unmatched: &mut BTreeSet<String>) {
    let required = definition.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut required: BTreeSet<String> = required.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    for member in &entry.required {
        if definition["properties"].get(member).is_some() {
            // Some minors may require it themselves; if all do, the entry is not needed.
            if required.insert(member.clone()) {
                unmatched.remove(&format!("{name}/{member}"));
            }
        }
    }
    if required.is_empty() {
        definition.remove("required");
    } else {
        definition.insert("required".to_owned(), required.into_iter().collect());
    }
}

fn add_keywords(keywords: &Map<String, Value>, schema: &mut Value) -> Result<(), String> {
    let schema = schema.as_object_mut().ok_or("it is free")?;
    for (keyword, value) in keywords {
        match (keyword.as_str(), value, schema.get_mut(keyword)) {
            ("items" | "additionalProperties", Value::Object(keywords), Some(inner)) => add_keywords(keywords, inner)?,
            ("enum" | "minimum" | "maximum" | "pattern", _, None) => {
                drop(schema.insert(keyword.clone(), value.clone()))
            }
            ("enum" | "minimum" | "maximum" | "pattern", _, Some(_)) => {
                return Err(format!("it has {keyword} already"));
            }
            _ => return Err(format!("{keyword} does not fit")),
        }
    }
    Ok(())
}
