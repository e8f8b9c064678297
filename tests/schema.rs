//! Each `*.json` in this folder is one schema and values to check against it: `valid` says whether they fit,
//! `messages` says in full what the user hears, as `message` or `message -> hint`, in the order of the places.
//! The jsonschema crate is the reference: on every value it must come to the same verdict.

use std::fs::File;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use render_report::{Style, human};
use render_schema::{Schema, check::check, subset, write_only};
use render_text::diagnostic::Diagnostic;
use render_text::node::{Member, Node, Origin, Tree};
use render_text::source::{Place, SourceId, Sources};
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    schema: Value,
    #[serde(default)]
    sections: IndexMap<String, Value>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    value: Value,
    valid: bool,
    #[serde(default)]
    messages: Vec<String>,
}

#[test]
fn every_fixture_gets_its_messages_and_the_reference_agrees() {
    let fixtures = fixtures();
    assert!(fixtures.len() >= 20, "the fixtures are gone");
    for (path, fixture) in fixtures {
        assert_eq!(subset::outside(&fixture.schema), [], "{}", path.display());
        for case in &fixture.cases {
            let about = format!("{}: {}", path.display(), case.value);
            assert_eq!(reference(&fixture, &case.value), case.valid, "the reference on {about}");
            let (tree, sources) = written(&case.value);
            let found = check(&tree, Schema::composed(&fixture.schema, &fixture.sections));
            assert_eq!(found.iter().map(told).collect::<Vec<_>>(), case.messages, "{about}");
            assert_eq!(found.is_empty(), case.valid, "{about}");
            let locate = |mistake: &Diagnostic| mistake.place.map(|place| sources.locate(place));
            assert!(found.iter().all(|mistake| locate(mistake).is_some()), "a mistake without a place in {about}");
        }
    }
}

/// The values of one fixture are strange to the schema of another, which is what a test by hand forgets.
#[test]
fn the_reference_agrees_on_every_value_with_every_schema() {
    let fixtures = fixtures();
    let mut values = Vec::new();
    fixtures.iter().flat_map(|(_, fixture)| &fixture.cases).for_each(|case| parts(&case.value, &mut values));
    let mut verdicts = [0, 0];
    for schema in fixtures.iter().flat_map(|(_, fixture)| schemas(&fixture.schema)) {
        let validator = jsonschema::validator_for(&schema).unwrap();
        for value in &values {
            let found = check(&written(value).0, Schema::of(&schema));
            assert_eq!(found.is_empty(), validator.is_valid(value), "{schema}\n{value}\n{found:?}");
            verdicts[usize::from(found.is_empty())] += 1;
        }
    }
    assert!(verdicts.iter().all(|count| *count > 5_000), "one verdict is hardly ever reached: {verdicts:?}");
}

#[test]
fn a_value_that_replaced_another_shows_what_it_replaced() {
    let schema = json!({"properties": {"replicas": {"type": "integer"}}});
    let mut sources = Sources::default();
    let defaults = sources.add("defaults.yaml", "replicas: 1\n");
    let prd = sources.add("prd.yaml", "replicas: three\n");
    let value = Node {
        tree: Tree::String("three".to_owned()),
        origins: vec![Origin::Written(Place::new(defaults, 10..11)), Origin::Written(Place::new(prd, 10..15))],
    };
    let member = Member { key: Some(Place::new(prd, 0..8)), node: value };
    let tree = Node::written(Tree::Map(IndexMap::from([("replicas".to_owned(), member)])), Place::new(prd, 0..15));
    let expected = "\
error: `replicas` must be an integer, not a string
 --> prd.yaml:1:11
  |
1 | replicas: three
  |           ^^^^^
  |
 ::: defaults.yaml:1:11
  |
1 | replicas: 1
  |           - overrides this
";
    assert_eq!(human(&check(&tree, Schema::of(&schema)), &sources, Style::Plain), expected);
}

/// Whoever sees a hundred mistakes of one kind needs no further hint, and looking for each takes long.
#[test]
fn a_hundred_unknown_keys_get_a_suggestion_and_no_more() {
    let known: Map<String, Value> = (0..900).map(|number| (format!("known{number}"), json!({}))).collect();
    let schema = json!({"properties": known, "additionalProperties": false});
    let unknown: Map<String, Value> = (0..250).map(|number| (format!("knwon{number}"), json!(1))).collect();
    let (tree, _) = written(&Value::Object(unknown));
    let found = check(&tree, Schema::of(&schema));
    let is_suggested =
        |finding: &&Diagnostic| finding.hint.as_deref().is_some_and(|hint| hint.contains("did you mean"));
    assert_eq!((found.len(), found.iter().filter(is_suggested).count()), (250, 100));
}

#[test]
fn the_excerpt_of_a_misspelt_secret_masks_what_was_written() {
    let schema = json!({
        "properties": {
            "auth": {
                "type": "object",
                "properties": {"value": {"type": "string", "writeOnly": true}},
                "additionalProperties": false,
            },
        },
    });
    let (tree, mut sources) = written(&json!({"auth": {"valeu": "hunter2"}}));
    let found = check(&tree, Schema::of(&schema));
    let mask = write_only::places(&tree, Schema::of(&schema));
    let expected = "\
error: unknown key `valeu` in `auth`
 --> values.json:3:5
  |
3 |     \"valeu\": ***
  |     ^^^^^^^
  |
  = help: did you mean `value`?
";
    sources.mask(mask);
    assert_eq!(human(&found, &sources, Style::Plain), expected);
}

#[test]
fn a_schema_that_leads_nowhere_ends_in_a_message() {
    let at_fault = "the schema is at fault, not the value: tell whoever maintains it";
    let circle =
        json!({"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"anyOf": [{"$ref": "#/$defs/A"}]}}});
    let twice =
        |n: usize| json!({"anyOf": [{"$ref": format!("#/$defs/{}", n + 1)}, {"$ref": format!("#/$defs/{}", n + 1)}]});
    let mut defs: IndexMap<String, Value> = (0..40).map(|n| (n.to_string(), twice(n))).collect();
    defs.insert("40".to_owned(), json!(false));
    let doubling = json!({"$ref": "#/$defs/0", "$defs": defs});
    for (schema, why) in [
        (circle, "the schema of the document nests deeper than 192 levels"),
        (json!({"$ref": "#/$defs/Gone"}), "the schema of the document refers to \"#/$defs/Gone\", which it lacks"),
        (
            json!({"$ref": "https://example.org/a"}),
            "the schema of the document refers to \"https://example.org/a\", which it lacks",
        ),
        (json!({"properties": {"x": 5}}), "the schema of `x` is neither a map nor a boolean"),
        (
            json!({"properties": {"x": {"pattern": "(?=a)"}}}),
            "the schema of `x` has the pattern `(?=a)`, which is not supported",
        ),
        (doubling, "the schema of the document takes more than 500000 steps to check"),
    ] {
        let (tree, _) = written(&json!({"x": "a"}));
        let found = check(&tree, Schema::of(&schema));
        assert!(found.iter().any(|one| told(one) == format!("{why} -> {at_fault}")), "{why}: {found:?}");
    }
}

#[test]
fn a_value_as_deep_as_a_schema_allows_does_not_overflow() {
    let schema =
        json!({"$ref": "#/$defs/List", "$defs": {"List": {"type": "array", "items": {"$ref": "#/$defs/List"}}}});
    let (deep, _) = written(&(0..300).fold(json!([]), |inner, _| json!([inner])));
    let found = check(&deep, Schema::of(&schema));
    let path = "[0]".repeat(96);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message, format!("the schema of `{path}` nests deeper than 192 levels"));
}

fn fixtures() -> Vec<(PathBuf, Fixture)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/schema");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect();
    paths.sort();
    let read = |path: &Path| serde_json::from_reader(File::open(path).unwrap());
    paths
        .into_iter()
        .map(|path| (path.clone(), read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))))
        .collect()
}

/// A value and all that it holds.
fn parts<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    found.push(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| parts(item, found)),
        Value::Object(map) => map.values().for_each(|member| parts(member, found)),
        _ => {}
    }
}

/// A schema, and the schema of each of its properties as a document of its own.
fn schemas(document: &Value) -> Vec<Value> {
    let defs = document.get("$defs").cloned().unwrap_or_else(|| json!({}));
    let alone = |property: &Value| json!({"allOf": [property], "$defs": defs});
    let properties = document.get("properties").and_then(Value::as_object);
    std::iter::once(document.clone()).chain(properties.into_iter().flatten().map(|(_, one)| alone(one))).collect()
}

/// What the reference says. It knows no sections, so each is a document that it checks by itself.
fn reference(fixture: &Fixture, value: &Value) -> bool {
    let fits = |schema: &Value, value: &Value| jsonschema::validator_for(schema).unwrap().is_valid(value);
    let mut host = value.clone();
    for key in fixture.sections.keys().filter(|key| fixture.schema["properties"].get(key).is_none()) {
        host.as_object_mut().and_then(|map| map.shift_remove(key));
    }
    let own = |(key, schema): (&String, &Value)| fits(schema, value.get(key).unwrap_or(&json!({})));
    fits(&fixture.schema, &host) && fixture.sections.iter().all(own)
}

fn told(mistake: &Diagnostic) -> String {
    let hint = mistake.hint.iter().map(|hint| format!(" -> {hint}"));
    std::iter::once(mistake.message.clone()).chain(hint).collect()
}

/// A value written out as text, and the tree that a loader would make of that text.
fn written(value: &Value) -> (Node, Sources) {
    let mut sources = Sources::default();
    let id = sources.add("values.json", "");
    let mut text = String::new();
    let tree = write(value, "\n", &mut text, id);
    let mut sources = Sources::default();
    sources.add("values.json", text);
    (tree, sources)
}

fn write(value: &Value, end: &str, text: &mut String, id: SourceId) -> Node {
    let (start, inner) = (text.len(), format!("{end}  "));
    let tree = match value {
        Value::Null => Tree::Null,
        Value::Bool(bool) => Tree::Bool(*bool),
        Value::Number(number) => Tree::Number(number.clone()),
        Value::String(string) => Tree::String(string.clone()),
        Value::Array(items) => {
            text.push('[');
            let items = items.iter().map(|item| {
                text.push_str(&inner);
                let item = write(item, &inner, text, id);
                text.push(',');
                item
            });
            Tree::List(items.collect())
        }
        Value::Object(map) => {
            text.push('{');
            let members = map.iter().map(|(key, value)| {
                text.push_str(&inner);
                let key_start = text.len();
                text.push_str(&json!(key).to_string());
                let place = Place::new(id, key_start..text.len());
                text.push_str(": ");
                let member = Member { key: Some(place), node: write(value, &inner, text, id) };
                (key.clone(), member)
            });
            Tree::Map(members.collect())
        }
    };
    match value {
        Value::Array(_) => text.extend([end, "]"]),
        Value::Object(_) => text.extend([end, "}"]),
        scalar => text.push_str(&scalar.to_string()),
    }
    Node::written(tree, Place::new(id, start..text.len()))
}
