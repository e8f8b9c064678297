//! Makes the tables of the templates and of the providers, and the schema of the values without its descriptions, which only
//! messages need.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

use render_embed::{Definition, definitions, list, strip, table, tell, write};

fn main() -> Result<(), Box<dyn Error>> {
    tell("rerun-if-changed=build.rs");
    let templates = table(Path::new("../../templates"), "")?;
    write("templates.rs", &list("TEMPLATES", "Every template: its path under templates/, and its text.", &templates))?;
    let values = values_schema(Path::new("../../../schemas/values.json"))?;
    write("values_definitions.rs", &definitions("VALUES", &values)?)?;
    write("providers.rs", &providers()?)
}

/// The names of the plugins that the binary carries.
fn providers() -> Result<String, Box<dyn Error>> {
    let plugins = table(Path::new("../../../plugins/built"), ".wasm")?;
    let names: Vec<&str> = plugins.iter().map(|(file, _)| file.trim_end_matches(".wasm")).collect();
    let about = "/// The names of the plugins that the binary carries.";
    Ok(format!("{about}\npub static PROVIDERS: &[&str] = &{names:?};\n"))
}

/// The schema of the values as a run reads it when nothing is wrong: without prose, and with each
/// definition apart, so that only those are read that the values lead to.
fn values_schema(path: &Path) -> Result<Vec<Definition>, Box<dyn Error>> {
    tell(&format!("rerun-if-changed={}", path.display()));
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    strip(&mut schema);
    let definitions = schema.as_object_mut().and_then(|root| root.remove("$defs"));
    let definitions = definitions.iter().filter_map(Value::as_object).flatten();
    write("values.json", &schema.to_string())?;
    Ok(definitions.map(|(name, schema)| ((name.clone(), 0), u8::MAX, schema.to_string())).collect())
}
