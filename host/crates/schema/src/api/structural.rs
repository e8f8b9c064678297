//! The structural schemas of CustomResourceDefinitions, made into what the walker reads: closed wherever the API
//! server would drop what it does not know, and without what only OpenAPI 3.0 has.

use serde_json::{Map, Value, json};

use crate::subset;

type Object = Map<String, Value>;

/// Keywords that mean the same in both.
const SAME: [&str; 18] = [
    "description",
    "default",
    "enum",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "patternHint",
    "uniqueItems",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-preserve-unknown-fields",
];
/// Formats that the API server compares; it ignores those that it does not know.
const FORMATS: [&str; 3] = ["byte", "int32", "int64"];

/// The schema of a whole object: it has an API version, a kind and metadata even where the definition does not say so.
pub(super) fn root(schema: &Object) -> Value {
    let mut schema = schema.clone();
    schema.insert("x-kubernetes-embedded-resource".to_owned(), Value::Bool(true));
    schema.entry("type").or_insert_with(|| "object".into());
    let mut schema = converted(&schema);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut)
        && properties.contains_key("status")
    {
        properties.insert("status".to_owned(), Value::Bool(true));
    }
    schema
}

/// A schema that says what a value is, and so which keys it may have.
fn converted(schema: &Object) -> Value {
    let mut new = rules(schema);
    let says = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    let keeps = says("x-kubernetes-preserve-unknown-fields");
    if let Some(kind) = schema.get("type").filter(|_| !says("x-kubernetes-int-or-string")) {
        let kind = if says("nullable") { json!([kind, "null"]) } else { kind.clone() };
        new.insert("type".to_owned(), kind);
    }
    match schema.get("additionalProperties") {
        Some(Value::Object(others)) => drop(new.insert("additionalProperties".to_owned(), converted(others))),
        Some(Value::Bool(true)) => {}
        _ if keeps || schema.get("type") != Some(&"object".into()) => {}
        _ => drop(new.insert("additionalProperties".to_owned(), Value::Bool(false))),
    }
    let mut properties = below(schema, converted);
    if says("x-kubernetes-embedded-resource") {
        properties.insert("apiVersion".to_owned(), json!({"type": "string"}));
        properties.insert("kind".to_owned(), json!({"type": "string"}));
        properties.insert("metadata".to_owned(), json!({"$ref": "#/$defs/meta.v1.ObjectMeta"}));
    }
    if !properties.is_empty() || new.contains_key("additionalProperties") {
        new.insert("properties".to_owned(), Value::Object(properties));
    }
    if let Some(Value::Object(items)) = schema.get("items") {
        new.insert("items".to_owned(), converted(items));
    }
    Value::Object(new)
}

/// A branch of `allOf` and its kin: it adds conditions, and says nothing about which keys there are.
fn condition(schema: &Object) -> Value {
    let mut new = rules(schema);
    let properties = below(schema, condition);
    if !properties.is_empty() {
        new.insert("properties".to_owned(), Value::Object(properties));
    }
    if let Some(Value::Object(items)) = schema.get("items") {
        new.insert("items".to_owned(), condition(items));
    }
    Value::Object(new)
}

fn below(schema: &Object, convert: fn(&Object) -> Value) -> Object {
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(|(name, property)| (name.clone(), property.as_object().map_or(Value::Bool(true), convert))).collect()
}

/// What a schema asks of a value that is of the right type.
fn rules(schema: &Object) -> Object {
    let mut new: Object = SAME
        .iter()
        .filter_map(|keyword| Some(((*keyword).to_owned(), schema.get(*keyword)?.clone())))
        .filter(|(keyword, argument)| keyword != "format" || argument.as_str().is_some_and(|f| FORMATS.contains(&f)))
        .collect();
    for (keyword, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if schema.get(exclusive) == Some(&Value::Bool(true))
            && let Some(bound) = new.shift_remove(keyword)
        {
            new.insert(exclusive.to_owned(), bound);
        }
    }
    new.extend(required(schema).map(|keys| ("required".to_owned(), keys)));
    for keyword in ["allOf", "anyOf", "oneOf"] {
        // That an integer or a string may be either is said twice.
        let branches = schema.get(keyword).filter(|_| !schema.contains_key("x-kubernetes-int-or-string"));
        if let Some(branches) = branches.and_then(Value::as_array) {
            let branches = branches.iter().map(|one| one.as_object().map_or(Value::Bool(true), condition)).collect();
            new.insert(keyword.to_owned(), branches);
        }
    }
    for keyword in ["pattern", "not"] {
        let said = schema.get(keyword).map(|argument| json!({keyword: argument}));
        // What the walker does not know is left to the API server.
        if let Some(Value::Object(said)) = said.filter(|said| subset::outside(said).is_empty()) {
            new.extend(said);
        }
    }
    new
}

/// The keys that must be written: those with a default are there anyway.
fn required(schema: &Object) -> Option<Value> {
    let keys = schema.get("required")?.as_array()?;
    let has_default = |key: &&Value| {
        let property = key.as_str().and_then(|key| schema.get("properties")?.get(key));
        property.is_some_and(|property| property.get("default").is_some())
    };
    Some(keys.iter().filter(|key| !has_default(key)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schema: &Value) -> Value {
        schema.as_object().map_or(Value::Null, converted)
    }

    #[test]
    fn objects_are_closed_unless_they_keep_what_they_do_not_know() {
        let closed = json!({"type": "object", "properties": {"a": {"type": "object"}}});
        let empty = json!({"additionalProperties": false, "properties": {}, "type": "object"});
        assert_eq!(of(&closed), json!({"type": "object", "properties": {"a": empty}, "additionalProperties": false}));
        let map = json!({"type": "object", "additionalProperties": {"type": "string"}});
        assert_eq!(of(&map)["additionalProperties"], json!({"type": "string"}));
        let keeps = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        assert_eq!(of(&keeps).get("additionalProperties"), None);
        assert_eq!(of(&json!({"x-kubernetes-preserve-unknown-fields": true})).get("type"), None);
    }

    #[test]
    fn what_openapi_says_in_its_own_way_is_said_in_json_schemas() {
        for (theirs, ours) in [
            (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
            (
                json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true}),
                json!({"type": "integer", "exclusiveMinimum": 0}),
            ),
            (json!({"type": "string", "format": "uuid"}), json!({"type": "string"})),
            (json!({"type": "string", "pattern": "^a+$"}), json!({"type": "string", "pattern": "^a+$"})),
            (json!({"type": "string", "pattern": "(?=a)"}), json!({"type": "string"})),
            (json!({"type": "integer", "not": {"minimum": 3}}), json!({"type": "integer"})),
            (
                json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
                json!({"x-kubernetes-int-or-string": true}),
            ),
        ] {
            assert_eq!(of(&theirs), ours, "{theirs}");
        }
    }

    #[test]
    fn a_key_with_a_default_need_not_be_written() {
        let schema = json!({
            "type": "object",
            "required": ["a", "b"],
            "properties": {"a": {"type": "string", "default": "x"}, "b": {"type": "string"}},
        });
        assert_eq!(of(&schema)["required"], json!(["b"]));
    }

    #[test]
    fn branches_add_conditions_and_close_nothing() {
        let schema = json!({
            "type": "object",
            "properties": {"a": {"type": "object", "additionalProperties": true}},
            "oneOf": [{"required": ["a"], "properties": {"a": {"minProperties": 1}}}],
        });
        assert_eq!(of(&schema)["oneOf"], json!([{"required": ["a"], "properties": {"a": {"minProperties": 1}}}]));
    }

    #[test]
    fn an_object_always_has_its_metadata() {
        let schema = json!({"properties": {"spec": {"type": "string"}, "status": {"type": "object"}}});
        let root = schema.as_object().map_or(Value::Null, root);
        assert_eq!(root["properties"]["metadata"], json!({"$ref": "#/$defs/meta.v1.ObjectMeta"}));
        assert_eq!(root["properties"]["status"], json!(true));
        assert_eq!(root["additionalProperties"], json!(false));
    }
}
