//! The text of the files: JSON with a line for each kind and for each variant of a definition, sorted, so that a change
//! of an API is a short diff. Definitions that say the same in neighbouring minors are one.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::builtin::Builtin;
use super::custom::Custom;
use super::{Api, Kind};

/// Keywords in the order in which a reader wants them; any other follows.
const ORDER: [&str; 8] = ["from", "to", "schema", "$ref", "type", "format", "enum", "required"];

/// The name and the text of a file.
pub(super) type File = (String, String);

/// Kubernetes' own kinds, with ranges of minors. Takes out the definitions that neither they nor a group lead to.
pub(super) fn builtin(builtin: &mut Builtin, groups: &BTreeMap<String, Custom>) -> Result<File, String> {
    let mut kinds: BTreeMap<Kind, BTreeMap<u32, Value>> = BTreeMap::new();
    let mut definitions: BTreeMap<String, BTreeMap<u32, Value>> = BTreeMap::new();
    let wanted = reached(builtin, groups)?;
    for (minor, api) in &builtin.minors {
        for kind in &api.kinds {
            kinds.entry(kind.clone()).or_default().insert(*minor, Value::Null);
        }
        for (name, schema) in api.definitions.iter().filter(|(name, _)| wanted.contains(*name)) {
            definitions.entry(name.clone()).or_default().insert(*minor, ordered(schema));
        }
    }
    let kinds = kinds.iter().flat_map(|(kind, minors)| {
        ranges(minors).into_iter().map(|(from, to, _)| line_of(kind, Some((from, to)))).collect::<Vec<_>>()
    });
    let definitions = definitions.iter().map(|(name, minors)| {
        let variants = ranges(minors).into_iter();
        (name, variants.map(|(from, to, schema)| json!({"from": from, "to": to, "schema": schema})).collect())
    });
    Ok(("kubernetes.json".to_owned(), text(&builtin.source, kinds, definitions)))
}

/// The custom resources of a group.
pub(super) fn group(name: &str, custom: &Custom) -> Result<File, String> {
    let mut kinds: Vec<&Kind> = custom.api.kinds.iter().collect();
    kinds.sort();
    let known = |name: &String| custom.api.definitions.contains_key(name);
    if let Some(kind) = kinds.iter().find(|kind| !known(&kind.definition)) {
        return Err(format!("{name}: {} is not defined", kind.definition));
    }
    let definitions = custom.api.definitions.iter();
    let definitions = definitions.map(|(name, schema)| (name, vec![json!({"schema": ordered(schema)})]));
    let kinds = kinds.iter().map(|kind| line_of(kind, None));
    Ok((format!("{name}.json"), text(&custom.source, kinds, definitions)))
}

fn text<'a>(
    source: &str,
    kinds: impl Iterator<Item = Value>,
    definitions: impl Iterator<Item = (&'a String, Vec<Value>)>,
) -> String {
    let lines = |values: Vec<String>| values.join(",\n");
    let kinds = lines(kinds.map(|kind| kind.to_string()).collect());
    let variants = |variants: Vec<Value>| lines(variants.iter().map(Value::to_string).collect());
    let definitions = definitions.map(|(name, all)| format!("{}:[{}]", json!(name), variants(all))).collect();
    format!(
        "{{\"source\":{},\n\"kinds\":[\n{kinds}\n],\n\"definitions\":{{\n{}\n}}}}\n",
        json!(source),
        lines(definitions)
    )
}

fn line_of(kind: &Kind, range: Option<(u32, u32)>) -> Value {
    let Kind { api_version, kind, scope, definition } = kind;
    let mut line = json!({"apiVersion": api_version, "kind": kind, "scope": scope, "definition": definition});
    if let Some((from, to)) = range {
        line["from"] = from.into();
        line["to"] = to.into();
    }
    line
}

/// Runs of neighbours that are equal.
fn ranges(minors: &BTreeMap<u32, Value>) -> Vec<(u32, u32, &Value)> {
    let mut ranges: Vec<(u32, u32, &Value)> = Vec::new();
    for (minor, value) in minors {
        match ranges.last_mut() {
            Some((_, to, known)) if *known == value && *to + 1 == *minor => *to = *minor,
            _ => ranges.push((*minor, *minor, value)),
        }
    }
    ranges
}

/// Definitions of Kubernetes that its kinds lead to at some minor, or that custom resources use.
fn reached(builtin: &Builtin, groups: &BTreeMap<String, Custom>) -> Result<BTreeSet<String>, String> {
    let mut wanted = BTreeSet::new();
    let mut outside = BTreeSet::new();
    for custom in groups.values() {
        let mut found = BTreeSet::new();
        custom.api.definitions.values().for_each(|schema| references(schema, &mut found));
        outside.extend(found.into_iter().filter(|name| !custom.api.definitions.contains_key(name)));
    }
    for (minor, api) in &builtin.minors {
        let mut open: Vec<String> = api.kinds.iter().map(|kind| kind.definition.clone()).collect();
        open.extend(outside.iter().cloned());
        follow(api, open).map_err(|name| format!("1.{minor}: {name} is not defined"))?.into_iter().for_each(|name| {
            wanted.insert(name);
        });
    }
    Ok(wanted)
}

/// What some names lead to, with themselves. Fails with a name that is not defined.
fn follow(api: &Api, mut open: Vec<String>) -> Result<BTreeSet<String>, String> {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.contains(&name) {
            let mut found = BTreeSet::new();
            references(api.definitions.get(&name).ok_or_else(|| name.clone())?, &mut found);
            open.extend(found);
            seen.insert(name);
        }
    }
    Ok(seen)
}

fn references(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|own| own.strip_prefix("#/$defs/"));
            found.extend(own.map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Properties by name, and keywords in [`ORDER`].
fn ordered(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let rank = |keyword: &str| ORDER.iter().position(|known| *known == keyword).unwrap_or(ORDER.len());
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    sorted.sort_by_key(|(keyword, _)| (rank(keyword), *keyword));
    let sorted = sorted.into_iter().map(|(keyword, value)| {
        let value = match (keyword.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                let named: BTreeMap<&String, Value> = properties.iter().map(|(name, at)| (name, ordered(at))).collect();
                named.into_iter().map(|(name, schema)| (name.clone(), schema)).collect()
            }
            ("required", Value::Array(names)) => {
                let names: BTreeSet<&str> = names.iter().filter_map(Value::as_str).collect();
                names.into_iter().collect()
            }
            _ => ordered(value),
        };
        (keyword.clone(), value)
    });
    Value::Object(sorted.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::{builtin, group};
    use crate::schemas::builtin::Builtin;
    use crate::schemas::custom::Custom;
    use crate::schemas::{Api, Kind};

    fn api(kinds: &[&str], definitions: &[(&str, Value)]) -> Api {
        let kind = |name: &&str| Kind {
            api_version: "v1".to_owned(),
            kind: (*name).to_owned(),
            scope: "Cluster".to_owned(),
            definition: format!("core.v1.{name}"),
        };
        let definitions = definitions.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone()));
        Api { kinds: kinds.iter().map(kind).collect(), definitions: definitions.collect() }
    }

    fn written(minors: Vec<(u32, Api)>, groups: &BTreeMap<String, Custom>) -> Result<String, String> {
        let mut all = Builtin { source: "here".to_owned(), minors: minors.into_iter().collect() };
        builtin(&mut all, groups).map(|(_, text)| text)
    }

    #[test]
    fn neighbours_that_say_the_same_are_one_line() {
        let (old, new) = (json!({"type": "object"}), json!({"type": "object", "additionalProperties": false}));
        let one = |schema: &Value| api(&["A"], &[("core.v1.A", schema.clone())]);
        let minors = vec![(33, one(&old)), (34, one(&old)), (35, one(&new)), (36, Api::default()), (37, one(&new))];
        let kind = r#"{"apiVersion":"v1","kind":"A","scope":"Cluster","definition":"core.v1.A","#;
        let closed = r#""schema":{"type":"object","additionalProperties":false}"#;
        let expected = [
            r#"{"source":"here","#,
            r#""kinds":["#,
            &format!(r#"{kind}"from":33,"to":35}},"#),
            &format!(r#"{kind}"from":37,"to":37}}"#),
            "],",
            r#""definitions":{"#,
            r#""core.v1.A":[{"from":33,"to":34,"schema":{"type":"object"}},"#,
            &format!(r#"{{"from":35,"to":35,{closed}}},"#),
            &format!(r#"{{"from":37,"to":37,{closed}}}]"#),
            "}}",
        ];
        assert_eq!(written(minors, &BTreeMap::new()).unwrap().lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn only_what_is_reached_is_written() {
        let to = |name: &str| json!({"type": "object", "properties": {"a": {"$ref": format!("#/$defs/{name}")}}});
        let definitions = [
            ("core.v1.A", to("core.v1.B")),
            ("core.v1.B", json!({})),
            ("core.v1.C", json!({})),
            ("core.v1.D", json!({})),
        ];
        let custom = Custom { api: api(&[], &[("x.v1.X", to("core.v1.C"))]), ..Custom::default() };
        let groups = BTreeMap::from([("x".to_owned(), custom)]);
        let text = written(vec![(33, api(&["A"], &definitions))], &groups).unwrap();
        let has = |name: &str| text.contains(&format!("\"core.v1.{name}\":["));
        assert_eq!(["A", "B", "C", "D"].map(has), [true, true, true, false]);
        let lacking = written(vec![(33, api(&["A"], &definitions[..1]))], &BTreeMap::new());
        assert_eq!(lacking.unwrap_err(), "1.33: core.v1.B is not defined");
    }

    #[test]
    fn a_group_has_no_ranges_and_its_properties_are_sorted() {
        let schema = json!({"additionalProperties": false, "properties": {"b": true, "a": true}, "type": "object"});
        let custom = Custom { source: "there".to_owned(), api: api(&["A"], &[("core.v1.A", schema)]) };
        let (name, text) = group("x.org", &custom).unwrap();
        assert_eq!(name, "x.org.json");
        let line = r#""core.v1.A":[{"schema":{"type":"object","additionalProperties":false,"properties":{"a":true,"b":true}}}]"#;
        assert_eq!(text.lines().nth(5), Some(line));
        let lacking = Custom { api: api(&["A"], &[]), ..Custom::default() };
        assert_eq!(group("x.org", &lacking).unwrap_err(), "x.org: core.v1.A is not defined");
    }
}
