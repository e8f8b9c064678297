//! The part of JSON Schema that [`super::check`] knows. A keyword outside it would be passed over in silence,
//! and a value that breaks it would pass; so a schema from a plugin is looked through when the plugin is added,
//! and the project's own in a test.

use serde_json::{Map, Value};

use render_text::diagnostic::Diagnostic;

use super::pattern::Pattern;
use super::{Schema, list};

/// How deep a schema may nest; the walker's own limit is in the same range.
const MOST_NESTED: usize = 128;
/// Keywords whose argument is one schema.
pub(super) const ONE: [&str; 3] = ["items", "additionalProperties", "propertyNames"];
/// Keywords whose argument is a list of schemas.
pub(super) const SEVERAL: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords whose argument names schemas.
pub(super) const NAMED: [&str; 2] = ["properties", "$defs"];
/// Keywords that the walker compares.
const PLAIN: [&str; 16] = [
    "type",
    "required",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "writeOnly",
];
/// Keywords that only inform. `format` is one of them, as in JSON Schema itself.
const NOTES: [&str; 10] = [
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "format",
    "patternHint",
];

/// Everything in a schema document that the walker would pass over or stop at, each named by its JSON Pointer.
#[must_use]
pub fn outside(document: &Value) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    look(Schema::of(document), &Spot { pointer: String::new(), nested: 0 }, &mut found);
    found
}

/// Where in the document the look stands.
struct Spot {
    pointer: String,
    nested: usize,
}

impl Spot {
    fn below(&self, token: &str) -> Self {
        let token = token.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{token}", self.pointer), nested: self.nested + 1 }
    }
}

fn look(schema: Schema<'_>, spot: &Spot, found: &mut Vec<Diagnostic>) {
    if spot.nested > MOST_NESTED {
        return found.push(mistake(spot, &format!("nests deeper than {MOST_NESTED} levels")));
    }
    match schema.node {
        Value::Bool(_) => {}
        Value::Object(keywords) => look_at_keywords(schema, keywords, spot, found),
        _ => found.push(mistake(spot, "is neither a map nor a boolean")),
    }
}

fn look_at_keywords(schema: Schema<'_>, keywords: &Map<String, Value>, spot: &Spot, found: &mut Vec<Diagnostic>) {
    for (keyword, argument) in keywords {
        let spot = spot.below(keyword);
        match (keyword.as_str(), argument) {
            (one, _) if ONE.contains(&one) => look(schema.below(argument), &spot, found),
            (several, Value::Array(branches)) if SEVERAL.contains(&several) => {
                let branches = branches.iter().enumerate();
                branches.for_each(|(index, branch)| look(schema.below(branch), &spot.below(&index.to_string()), found));
            }
            (named, Value::Object(schemas)) if NAMED.contains(&named) => {
                schemas.iter().for_each(|(name, node)| look(schema.below(node), &spot.below(name), found));
            }
            (other, _) => found.extend(unsupported(schema, other, argument).map(|why| mistake(&spot, why))),
        }
    }
}

/// What is wrong with a keyword that holds no schema, if anything.
fn unsupported(schema: Schema<'_>, keyword: &str, argument: &Value) -> Option<&'static str> {
    match (keyword, argument) {
        ("$ref", Value::String(reference)) if schema.target(reference).is_some() => None,
        ("$ref", _) => Some("refers to nothing in the same document"),
        ("pattern", Value::String(pattern)) if Pattern::new(pattern).is_some() => None,
        ("pattern", _) => Some("is no pattern that can be matched without backtracking"),
        ("not", Value::Object(not))
            if not.keys().all(|key| key == "required") && !list(not.get("required")).is_empty() =>
        {
            None
        }
        ("type", _) if !is_type(argument) => Some("is no type"),
        ("not", _) => Some("may hold `required` and nothing else"),
        (known, _) if PLAIN.contains(&known) || NOTES.contains(&known) => None,
        _ => Some("is not supported"),
    }
}

fn is_type(argument: &Value) -> bool {
    let types = ["object", "array", "string", "integer", "number", "boolean", "null"];
    let is_one = |name: &Value| name.as_str().is_some_and(|name| types.contains(&name));
    is_one(argument) || argument.as_array().is_some_and(|names| !names.is_empty() && names.iter().all(is_one))
}

fn mistake(spot: &Spot, why: &str) -> Diagnostic {
    let pointer = if spot.pointer.is_empty() { "/" } else { &spot.pointer };
    Diagnostic::error(format!("the schema's `{pointer}` {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_schemars_writes_is_inside() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Environment",
            "type": "object",
            "properties": {
                "mode": {"oneOf": [{"type": "string", "const": "none", "description": "No Redis."}]},
                "port": {"type": ["integer", "null"], "format": "uint16", "minimum": 0, "maximum": 65535},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "keys": {"anyOf": [{"$ref": "#/$defs/Keys"}, {"type": "null"}]},
            },
            "additionalProperties": false,
            "allOf": [{"not": {"required": ["mode", "port"]}}],
            "$defs": {"Keys": {"type": "object", "required": ["value"]}},
        });
        assert_eq!(outside(&schema), []);
    }

    #[test]
    fn what_the_walker_would_pass_over_is_named() {
        let schema = json!({
            "properties": {
                "a/b": {"if": {"type": "string"}, "then": false},
                "c": {"$ref": "https://example.org/schema.json"},
                "d": {"$ref": "#/$defs/Absent"},
                "e": {"pattern": "(?=x)"},
                "f": {"not": {"type": "string"}},
                "g": 7,
                "h": {"type": "text"},
            },
            "anyOf": [{"dependentRequired": {}}],
            "items": [{"type": "string"}],
        });
        let messages: Vec<_> = outside(&schema).into_iter().map(|mistake| mistake.message).collect();
        assert_eq!(
            messages,
            [
                "the schema's `/properties/a~1b/if` is not supported",
                "the schema's `/properties/a~1b/then` is not supported",
                "the schema's `/properties/c/$ref` refers to nothing in the same document",
                "the schema's `/properties/d/$ref` refers to nothing in the same document",
                "the schema's `/properties/e/pattern` is no pattern that can be matched without backtracking",
                "the schema's `/properties/f/not` may hold `required` and nothing else",
                "the schema's `/properties/g` is neither a map nor a boolean",
                "the schema's `/properties/h/type` is no type",
                "the schema's `/anyOf/0/dependentRequired` is not supported",
                "the schema's `/items` is neither a map nor a boolean",
            ]
        );
    }

    #[test]
    fn a_schema_that_nests_without_end_is_refused() {
        let deep = (0..1000).fold(json!({}), |inner, _| json!({"items": inner}));
        let messages: Vec<_> = outside(&deep).into_iter().map(|mistake| mistake.message).collect();
        let items = "/items".repeat(129);
        assert_eq!(messages, [format!("the schema's `{items}` nests deeper than 128 levels")]);
    }
}
