//! Findings as SARIF 2.1.0, the OASIS standard that code hosts read to show findings beside the code. Of the
//! standard only what a finding has is used, so the few members are written here as JSON; a test holds the
//! output against the standard's own schema.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use render_text::diagnostic::Severity;

use super::Rule;
use super::finding::{Document, Finding, Level, Location, Object, Related};
use super::plain::places;

/// The document as text. It describes the rules that found something.
pub(super) fn text(document: &Document, rules: &[Rule]) -> String {
    let codes: BTreeSet<&str> = document.findings.iter().filter_map(|finding| finding.code.as_deref()).collect();
    let found = |rule: &&Rule| codes.contains(rule.code);
    let rules: Vec<&Rule> = rules.iter().filter(found).collect();
    let tool = json!({"driver": {
        "name": "render",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": rules.iter().map(|rule| described(rule)).collect::<Vec<_>>(),
    }});
    let results = Results { findings: &document.findings, rules: &rules };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run { tool, column_kind: "unicodeCodePoints", results }],
    };
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    column_kind: &'static str,
    results: Results<'a>,
}

/// The findings, each made into JSON when it is its turn: there may be very many.
struct Results<'a> {
    findings: &'a [Finding],
    rules: &'a [&'a Rule],
}

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.findings.iter().map(|finding| result(finding, self.rules)))
    }
}

fn described(rule: &Rule) -> Value {
    let level = if rule.severity == Severity::Error { Level::Error } else { Level::Warning };
    json!({
        "id": rule.code,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.why},
        "defaultConfiguration": {"level": level},
    })
}

fn result(finding: &Finding, rules: &[&Rule]) -> Value {
    let mut result = Map::new();
    let mut add = |key: &str, value: Value| result.insert(key.to_owned(), value);
    if let Some(code) = &finding.code {
        add("ruleId", json!(code));
        rules.iter().position(|rule| rule.code == code).map(|index| add("ruleIndex", json!(index)));
    }
    add("level", json!(finding.severity));
    let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let places = places(&finding.environments).map_or_else(String::new, |places| format!("\n{places}"));
    add("message", json!({"text": format!("{}{help}{places}", finding.message)}));
    let mut location = Map::new();
    location.extend(finding.location.as_ref().map(|place| ("physicalLocation".to_owned(), physical(place))));
    location.extend(finding.object.as_ref().map(|object| ("logicalLocations".to_owned(), json!([logical(object)]))));
    if !location.is_empty() {
        add("locations", json!([location]));
    }
    if !finding.related.is_empty() {
        add("relatedLocations", finding.related.iter().map(related).collect());
    }
    if let Some(reason) = &finding.silenced {
        add("suppressions", json!([{"kind": "external", "status": "accepted", "justification": reason}]));
    }
    Value::Object(result)
}

fn related(Related { message, location }: &Related) -> Value {
    json!({"physicalLocation": physical(location), "message": {"text": message}})
}

fn physical(location: &Location) -> Value {
    json!({
        "artifactLocation": {"uri": uri(&location.file)},
        "region": {
            "startLine": location.line,
            "startColumn": location.column,
            "endLine": location.end_line,
            "endColumn": location.end_column,
        },
    })
}

fn logical(object: &Object) -> Value {
    let namespace = object.namespace.as_ref().map_or_else(String::new, |namespace| format!("{namespace}/"));
    json!({
        "name": object.name,
        "kind": if object.path.is_empty() { "object" } else { "property" },
        "fullyQualifiedName": format!("{} {namespace}{}{}", object.kind, object.name, object.path),
    })
}

/// A path as a reference of RFC 3986: relative paths stay relative, to the folder that `render` runs in.
fn uri(file: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let path: String = file.bytes().map(encode).collect();
    if path.starts_with('/') { format!("file://{path}") } else { path }
}
