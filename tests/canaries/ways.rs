//! Every field that the schema calls secret, and every way in which its canary comes in.

use render_platform::values;
use serde_json::{Value, json};

use super::Folder;

/// A secret field and its canary.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) path: Vec<String>,
    pub(super) secret: String,
}

/// How a run is given its values.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) arguments: Vec<String>,
    pub(super) stdin: String,
    pub(super) variables: Vec<(String, String)>,
}

pub(super) type Way = fn(&[Field], &Folder) -> Run;

pub(super) const WAYS: [Way; 8] =
    [by_file, by_stdin, by_set, by_set_string, by_set_json, by_set_file, by_set_env, by_terraform];

pub(super) const PREFIX: &str = "qZ7x";

/// Long enough for LiveKit, and with letters that change where something is encoded.
pub(super) fn canary(number: usize) -> String {
    format!("{PREFIX}{number:02}Kw/c+a&n<a>ry{number:02}0123456789abcdefghij")
}

/// Every field that the schema calls secret; keys of maps and items of lists are made up.
pub(super) fn fields() -> Vec<Field> {
    let schema = values::schema::generated();
    let mut paths = Vec::new();
    walk(&schema, &schema, &mut Vec::new(), &mut paths);
    paths.sort();
    paths.dedup();
    paths.into_iter().enumerate().map(|(number, path)| Field { path, secret: canary(number) }).collect()
}

fn walk(schema: &Value, node: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if path.len() > 12 {
        return;
    }
    if let Some(reference) = node["$ref"].as_str() {
        walk(schema, schema.pointer(&reference[1..]).unwrap(), path, found);
    }
    if node["writeOnly"] == json!(true) {
        found.push(path.clone());
    }
    for keyword in ["anyOf", "oneOf", "allOf"] {
        for branch in node[keyword].as_array().into_iter().flatten() {
            walk(schema, branch, path, found);
        }
    }
    let named = node["properties"].as_object().into_iter().flatten().map(|(key, below)| (key.as_str(), below));
    for (key, below) in named.chain([("APIkey", &node["additionalProperties"]), ("0", &node["items"])]) {
        if below.is_object() {
            path.push(key.to_owned());
            walk(schema, below, path, found);
            path.pop();
        }
    }
}

/// The fields that may go into a Secret.
pub(super) fn rendered(fields: &[Field]) -> Vec<Field> {
    let is_config = |field: &&Field| field.path.get(1).is_some_and(|key| key == "config");
    fields.iter().filter(|field| !is_config(field)).cloned().collect()
}

/// The secret as its field wants it: LiveKit's keys are lines of `name: secret`.
fn value(field: &Field) -> String {
    if field.path[0] == "livekit" && field.path[1] == "keys" {
        format!("APIabc: {}", field.secret)
    } else {
        field.secret.clone()
    }
}

pub(super) fn tree(fields: &[Field]) -> Value {
    let mut tree = json!({});
    for field in fields {
        let mut here = &mut tree;
        for key in &field.path {
            here = if key == "0" {
                if here.is_null() {
                    *here = json!([{}]);
                }
                &mut here[0]
            } else {
                &mut here[key.as_str()]
            };
        }
        *here = json!(value(field));
    }
    tree
}

fn base() -> Run {
    Run { arguments: vec!["-f".to_owned(), "base.yaml".to_owned()], stdin: String::new(), variables: Vec::new() }
}

fn with(arguments: impl IntoIterator<Item = String>) -> Run {
    let mut run = base();
    run.arguments.extend(arguments);
    run
}

pub(super) fn by_file(fields: &[Field], folder: &Folder) -> Run {
    folder.write("secrets.yaml", &format!("{:#}", tree(fields)));
    with(["-f", "secrets.yaml"].map(str::to_owned))
}

fn by_stdin(fields: &[Field], _: &Folder) -> Run {
    Run { stdin: format!("{:#}", tree(fields)), ..with(["-f", "-"].map(str::to_owned)) }
}

fn by_set(fields: &[Field], _: &Folder) -> Run {
    with(fields.iter().flat_map(|field| ["--set".to_owned(), format!("{}={}", dotted(field), value(field))]))
}

fn by_set_string(fields: &[Field], _: &Folder) -> Run {
    with(fields.iter().flat_map(|field| ["--set-string".to_owned(), format!("{}={}", dotted(field), value(field))]))
}

fn by_set_json(fields: &[Field], _: &Folder) -> Run {
    with(
        fields.iter().flat_map(|field| ["--set-json".to_owned(), format!("{}={}", dotted(field), json!(value(field)))]),
    )
}

fn by_set_file(fields: &[Field], folder: &Folder) -> Run {
    with(fields.iter().enumerate().flat_map(|(number, field)| {
        folder.write(&format!("secret{number}"), &value(field));
        ["--set-file".to_owned(), format!("{}=secret{number}", dotted(field))]
    }))
}

fn by_set_env(fields: &[Field], _: &Folder) -> Run {
    let name = |number: usize| format!("CANARY{number}");
    let variables = fields.iter().enumerate().map(|(number, field)| (name(number), value(field))).collect();
    let argument =
        |(number, field): (usize, &Field)| ["--set-env".to_owned(), format!("{}={}", dotted(field), name(number))];
    Run { variables, ..with(fields.iter().enumerate().flat_map(argument)) }
}

/// Outputs go by paths of keys; what is in a list comes by a file.
fn by_terraform(fields: &[Field], folder: &Folder) -> Run {
    let (listed, plain): (Vec<Field>, Vec<Field>) =
        fields.iter().cloned().partition(|field| field.path.contains(&"0".to_owned()));
    let names =
        plain.iter().enumerate().map(|(number, field)| (format!("secret{number}"), json!(field.path.join("."))));
    let outputs = plain.iter().enumerate().map(|(number, field)| {
        (format!("secret{number}"), json!({"sensitive": true, "type": "string", "value": value(field)}))
    });
    let mut values = tree(&listed);
    values["terraform"] = json!({"outputs": Value::Object(names.collect())});
    folder.write("wanted.yaml", &format!("{values:#}"));
    folder.write("outputs.json", &format!("{:#}", Value::Object(outputs.collect())));
    with(["-f", "wanted.yaml", "--terraform-output", "outputs.json"].map(str::to_owned))
}

fn dotted(field: &Field) -> String {
    field.path.join(".").replace(".0.", "[0].")
}

pub(super) fn quoted(text: &str) -> String {
    json!(text).to_string()
}
