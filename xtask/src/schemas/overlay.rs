//! What the API server refuses though its `OpenAPI` text does not say so, written by hand in overlay.json. An entry that
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
    /// Members that the server fills in, though the definition of some minor requires them.
    optional: Vec<String>,
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
    let members = entry.properties.keys().chain(&entry.required).chain(&entry.optional).chain(entry.add.keys());
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
    for member in &entry.optional {
        if required.remove(member) {
            unmatched.remove(&format!("{name}/{member}"));
        }
    }
    if required.is_empty() {
        definition.remove("required");
    } else {
        definition.insert("required".to_owned(), required.into_iter().collect());
    }
}

fn add_keywords(keywords: &Map<String, Value>, schema: &mut Value) -> Result<(), String> {
    let schema = schema.as_object_mut().filter(|schema| !schema.contains_key("$ref"));
    let schema = schema.ok_or("it is free, or a reference")?;
    for (keyword, value) in keywords {
        match (keyword.as_str(), value, schema.get_mut(keyword)) {
            ("items" | "additionalProperties", Value::Object(keywords), Some(inner)) => add_keywords(keywords, inner)?,
            ("enum" | "minimum" | "maximum" | "pattern", _, None) => {
                schema.insert(keyword.clone(), value.clone());
            }
            ("enum" | "minimum" | "maximum" | "pattern", _, Some(_)) => {
                return Err(format!("it has {keyword} already"));
            }
            _ => return Err(format!("{keyword} does not fit")),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{apply, read};
    use crate::schemas::Api;

    /// Two minors with a definition, the later of which requires one of its members.
    fn merged(overlay: &Value) -> Result<[Value; 2], String> {
        let properties = json!({"type": {"type": "string"}, "modes": {"type": "array", "items": {"type": "string"}}});
        let of = |required: &Value| {
            let mut api = Api::default();
            let schema = json!({"type": "object", "required": required, "properties": properties});
            api.definitions.insert("core.v1.Spec".to_owned(), schema);
            api
        };
        let mut apis = [of(&json!([])), of(&json!(["type"]))];
        apply(&read(&overlay.to_string())?, apis.iter_mut())?;
        Ok(apis.map(|mut api| api.definitions.remove("core.v1.Spec").unwrap()))
    }

    #[test]
    fn an_entry_is_merged_wherever_its_definition_is() {
        let items = json!({"items": {"enum": ["a"]}});
        let overlay = json!({"core.v1.Spec": {
            "required": ["type"],
            "properties": {"type": {"enum": ["A", "B"]}, "modes": items},
            "add": {"more": {"type": "boolean"}},
        }});
        let expected = json!({"type": "object", "required": ["type"], "properties": {
            "type": {"type": "string", "enum": ["A", "B"]},
            "modes": {"type": "array", "items": {"type": "string", "enum": ["a"]}},
            "more": {"type": "boolean"},
        }});
        assert_eq!(merged(&overlay).unwrap(), [expected.clone(), expected]);
    }

    #[test]
    fn what_the_server_fills_in_is_not_required() {
        let [old, new] = merged(&json!({"core.v1.Spec": {"optional": ["type"]}})).unwrap();
        assert_eq!((old.get("required"), new.get("required")), (None, None));
    }

    #[test]
    fn an_entry_that_matches_nothing_is_an_error() {
        let error = |overlay: Value| merged(&overlay).unwrap_err();
        let nothing = |place: &str| format!("overlay.json: {place} is nothing, or is so already");
        let properties = json!({"type": {"minimum": 1}});
        assert_eq!(error(json!({"core.v1.Spce": {"properties": properties}})), nothing("core.v1.Spce/type"));
        assert_eq!(error(json!({"core.v1.Spec": {"properties": {"typ": {}}}})), nothing("core.v1.Spec/typ"));
        assert_eq!(error(json!({"core.v1.Spec": {"required": ["typ"]}})), nothing("core.v1.Spec/typ"));
        assert_eq!(error(json!({"core.v1.Spec": {"optional": ["modes"]}})), nothing("core.v1.Spec/modes"));
    }

    #[test]
    fn an_entry_that_does_not_fit_is_an_error() {
        let error = |property: Value| merged(&json!({"core.v1.Spec": {"properties": property}})).unwrap_err();
        assert!(error(json!({"type": {"items": {"minimum": 1}}})).ends_with("type: items does not fit"));
        assert!(error(json!({"type": {"minimun": 1}})).ends_with("type: minimun does not fit"));
        let added = json!({"core.v1.Spec": {"add": {"type": {}}}});
        assert!(merged(&added).unwrap_err().ends_with("type: the definition has it already"));
        assert!(merged(&json!({"core.v1.Spec": {"require": []}})).is_err());
    }
}
