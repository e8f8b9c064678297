//! What every plugin's description is tested for, so that each crate names its tests and nobody copies them: it says what
//! the code says ([`description`]). Each function panics with what is wrong, as a test does. What a plugin answers is
//! tested by `render plugin test`, on the component itself.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test reads files, and fails by a panic"
)]

pub mod description;

use std::env;
use std::fs;
use std::path::Path;

use serde_json::Value;

/// Whether expectations are rewritten instead of compared.
fn blessing() -> bool {
    env::var_os("RENDER_BLESS").is_some()
}

/// A JSON file.
fn json(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    serde_json::from_str(&text).unwrap()
}

/// What a schema of the contract, a file in schemas/, says is wrong with an instance.
fn errors(schema: &str, instance: &Value) -> Vec<String> {
    let contracts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let validator = jsonschema::validator_for(&json(&contracts.join(schema))).unwrap();
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
