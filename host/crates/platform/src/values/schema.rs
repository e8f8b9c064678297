//! The schemas of the values: of merged values, which validation uses, and of environment files, which editors use. A test
//! keeps the files in schemas/ equal to what is made from the Rust types.

use std::sync::OnceLock;

use indexmap::IndexMap;
use serde_json::{Value, json};

use render_schema::definitions::{Cell, Definitions, Entry, Table};
use render_schema::{Schema, generate};
use render_text::diagnostic::Failure;
use render_text::mask::vocabulary::Vocabulary;

use super::Platform;

// `VALUES`: the definitions of the schema of merged values.
include!(concat!(env!("OUT_DIR"), "/values_definitions.rs"));

/// The schema of environment files, as editors use it.
pub const ENVIRONMENT: &str = include_str!("../../../../../schemas/environment.json");

/// The text of the schema of merged values with the descriptions.
const DESCRIBED: &str = include_str!("../../../../../schemas/values.json");

/// The words of that schema.
pub static VOCABULARY: Vocabulary = Vocabulary::new(DESCRIBED);

/// The schema of merged values with the descriptions, which messages quote.
///
/// # Errors
/// [`Failure::Internal`] when the embedded schema cannot be read.
pub fn described() -> Result<&'static Value, Failure> {
    static READ: OnceLock<Result<Value, String>> = OnceLock::new();
    embedded(&READ, DESCRIBED)
}

/// The schema of merged values without its descriptions, composed with `sections`.
///
/// # Errors
/// [`Failure::Internal`] when the embedded schema cannot be read.
pub fn merged(sections: &IndexMap<String, Value>) -> Result<Schema<'_>, Failure> {
    Ok(Schema::composed(root()?, sections).with(DEFINITIONS))
}

/// The schema of LiveKit's own configuration, as it stands under `livekit.config`; none where the
/// embedded schema cannot be read.
#[must_use]
pub fn livekit_config() -> Option<Schema<'static>> {
    Schema::of(root().ok()?).with(DEFINITIONS).definition("LiveKitConfig")
}

/// Whether a key at the top of the values is the program's own.
#[must_use]
pub(crate) fn is_own(key: &str) -> bool {
    root().is_ok_and(|root| root["properties"].get(key).is_some())
}

/// Whether the values have a key of this name at their top, which a plugin's section can then not have.
#[must_use]
pub fn names(key: &str) -> bool {
    key == "extends" || is_own(key)
}

/// What merged values must be, made from the types.
#[must_use]
pub fn generated() -> Value {
    generate::of::<Platform>()
}

/// What an environment file may be, made from the types: any part of the values, `null` to delete, and `extends`.
#[must_use]
pub fn generated_environment(sections: &IndexMap<String, Value>) -> Value {
    let mut schema = generate::partial(generated(), sections);
    schema["title"] = json!("Environment of render");
    schema["description"] = json!("An environment file of render: what differs from the files that it extends.");
    schema["properties"]["extends"] = json!({
        "description": "Files that this one builds on, relative to it; later files win, and this one wins over all.",
        "type": "array",
        "items": {"type": "string"},
    });
    schema
}

const DEFINITIONS: Definitions = Definitions { table: &VALUES, version: 0 };

/// The root of the schema as build.rs leaves it for a run in which nothing is wrong: without descriptions, and without
/// the definitions, which stand in [`VALUES`].
fn root() -> Result<&'static Value, Failure> {
    static ROOT: OnceLock<Result<Value, String>> = OnceLock::new();
    embedded(&ROOT, include_str!(concat!(env!("OUT_DIR"), "/values.json")))
}

fn embedded(once: &'static OnceLock<Result<Value, String>>, text: &str) -> Result<&'static Value, Failure> {
    let read = once.get_or_init(|| serde_json::from_str(text).map_err(|error| error.to_string()));
    read.as_ref().map_err(|error| Failure::Internal(format!("the embedded schema cannot be read: {error}")))
}
