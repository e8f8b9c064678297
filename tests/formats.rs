//! What `--message-format` prints for programs is what their schemas say: the project's own for JSON, the
//! standard's for SARIF. The documents are those of the fixtures in tests/commands/.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

use crate::support::{folders, root};

#[test]
fn json_is_what_the_schema_of_findings_says() {
    holds("json", &read(&root().join("schemas/findings.json")));
}

#[test]
fn sarif_is_what_the_standard_says() {
    let mut schema = read(&root().join("tests/formats/sarif-schema-2.1.0.json"));
    // The standard's pattern for a language, which this program does not give, is no regular expression.
    for part in ["run", "toolComponent"] {
        let language = schema.pointer_mut(&format!("/definitions/{part}/properties/language")).unwrap();
        assert!(language.as_object_mut().unwrap().remove("pattern").is_some());
    }
    holds("sarif", &schema);
}

#[test]
fn the_places_of_sarif_are_those_of_json() {
    let of = |format: &str| document(&root().join(format!("tests/commands/errors/messages/{format}-of-a-rule")));
    let (json, sarif) = (of("json"), of("sarif"));
    let (finding, result) = (&json["findings"][0], &sarif["runs"][0]["results"][0]);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], finding["file"]);
    assert_eq!(place["region"]["startLine"], finding["line"]);
    assert_eq!(place["region"]["endColumn"], finding["endColumn"]);
    assert_eq!(result["ruleId"], finding["code"]);
    let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][rule]["id"], finding["code"]);
}

/// Every fixture that asks for a format prints what the schema allows.
fn holds(format: &str, schema: &Value) {
    let validator: Validator = jsonschema::validator_for(schema).unwrap();
    let asking = folders(&root().join("tests/commands"), "command").into_iter().filter(|folder| {
        let command = fs::read_to_string(folder.join("command")).unwrap();
        command.contains(&format!("--message-format {format}")) && !command.contains('|')
    });
    let mut seen = 0;
    for folder in asking {
        let wrong: Vec<String> = validator
            .iter_errors(&document(&folder))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", folder.display());
        seen += 1;
    }
    assert!(seen > 2, "only {seen} fixtures ask for {format}");
}

/// The document that a fixture prints: on stdout where it checks, else on stderr.
fn document(folder: &Path) -> Value {
    let command = fs::read_to_string(folder.join("command")).unwrap();
    read(&folder.join(if command.starts_with("render check ") { "stdout" } else { "stderr" }))
}

/// A document; where a fixture has `N` for the number of rules, any number will do.
fn read(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    let text = text.replace("\"rules\": N", "\"rules\": 1").replace("\"rulesOnValues\": N", "\"rulesOnValues\": 1");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
