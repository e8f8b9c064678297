//! Makes the tables of Kubernetes' kinds and of the definitions that their schemas lead to.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::Value;

use render_embed::{Definition, definitions, table, tell, write};

fn main() -> Result<(), Box<dyn Error>> {
    tell("rerun-if-changed=build.rs");
    let api = kubernetes(Path::new("../../../schemas/kubernetes"))?;
    write("kinds.rs", &kinds(&api)?)?;
    write("kubernetes_definitions.rs", &definitions("KUBERNETES", &api_definitions(&api)?)?)
}

/// The files of schemas of Kubernetes' objects.
fn kubernetes(folder: &Path) -> Result<Vec<Value>, Box<dyn Error>> {
    let files = table(folder, ".json")?;
    files.iter().map(|(_, path)| Ok(serde_json::from_str(&fs::read_to_string(path)?)?)).collect()
}

/// The table of the kinds of objects, by kind and API version, and the minor versions of Kubernetes that there are.
fn kinds(api: &[Value]) -> Result<String, Box<dyn Error>> {
    let mut entries = BTreeMap::new();
    let mut minors = Vec::new();
    for kind in api.iter().filter_map(|file| file["kinds"].as_array()).flatten() {
        let text = |key: &str| kind[key].as_str().ok_or_else(|| format!("a kind has no {key}: {kind}"));
        let (from, to) = versions(kind);
        let built_in = kind.get("from").is_some();
        minors.extend([from, to].into_iter().filter(|_| built_in));
        let entry = format!(
            "Kind {{ name: {:?}, api_version: {:?}, scope: Scope::{}, definition: {:?}, minors: ({from}, {to}), built_in: {built_in} }}",
            text("kind")?,
            text("apiVersion")?,
            text("scope")?,
            text("definition")?,
        );
        entries.insert((text("kind")?, text("apiVersion")?, from), entry);
    }
    let (oldest, newest) = (minors.iter().min().copied().unwrap_or(0), minors.iter().max().copied().unwrap_or(0));
    let entries: Vec<String> = entries.into_values().collect();
    Ok(format!(
        "pub(super) const MINORS: (u8, u8) = ({oldest}, {newest});\npub(super) static KINDS: [Kind; {}] = [{}];",
        entries.len(),
        entries.join(", ")
    ))
}

fn api_definitions(api: &[Value]) -> Result<Vec<Definition>, Box<dyn Error>> {
    let mut all = Vec::new();
    for (name, entries) in api.iter().filter_map(|file| file["definitions"].as_object()).flatten() {
        for entry in entries.as_array().ok_or_else(|| format!("{name} is no list"))? {
            let (from, to) = versions(entry);
            all.push(((name.clone(), from), to, entry["schema"].to_string()));
        }
    }
    Ok(all)
}

/// The minor versions that an entry holds in; all of them where it does not say.
fn versions(entry: &Value) -> (u8, u8) {
    let minor = |key: &str| entry.get(key).and_then(Value::as_u64).and_then(|minor| u8::try_from(minor).ok());
    (minor("from").unwrap_or(0), minor("to").unwrap_or(u8::MAX))
}
