//! Makes what the binary carries ready for use: tables of the templates, the environments and the
//! built-in plugins with, in a distribution build, their compiled code (the `.cwasm` files of the
//! folder `RENDER_PRECOMPILED_DIR`); the schema of the values without its descriptions, which only
//! messages need; and the schemas of Kubernetes' objects. Adding a file to its folder is all there is
//! to adding one.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;
use sha2::{Digest, Sha256};

fn main() -> Result<(), Box<dyn Error>> {
    tell(&format!("rustc-env=RENDER_TARGET={}", env::var("TARGET")?));
    tell("rerun-if-env-changed=RENDER_PRECOMPILED_DIR");
    tell("rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let templates = table(&root.join("templates"), "")?;
    let environments = table(&root.join("../environments"), ".yaml")?;
    let plugins = table(&root.join("../plugins/built"), ".wasm")?;
    let sdk = table(&root.join("../plugins/sdk/src"), ".rs")?;
    let fixtures = table(&root.join("../plugins/examples/fixtures"), ".yaml")?;
    let values = values_schema(&root.join("../schemas/values.json"))?;
    let api = kubernetes(&root.join("../schemas/kubernetes"))?;
    write("kinds.rs", &kinds(&api)?)?;
    write("values_definitions.rs", &definitions("VALUES", &values)?)?;
    write("kubernetes_definitions.rs", &definitions("KUBERNETES", &api_definitions(&api)?)?)?;
    let lists = [
        list("SDK", "Every file of the sdk's sources.", &sdk),
        list("EXAMPLE_FIXTURES", "Every file of the example's fixtures.", &fixtures),
    ];
    write("plugin_new.rs", &lists.join("\n"))?;
    write("templates.rs", &list("TEMPLATES", "Every template: its path under templates/, and its text.", &templates))?;
    write(
        "examples.rs",
        &list("ENVIRONMENTS", "Every built-in environment file: its name, and its text.", &environments),
    )?;
    write("reserved.rs", &reserved(&root.join("../schemas/values.json"))?)?;
    let providers: Vec<&str> = plugins.iter().map(|(file, _)| file.trim_end_matches(".wasm")).collect();
    let about = "/// The names of the plugins that the binary carries.";
    write("providers.rs", &format!("{about}\npub static PROVIDERS: &[&str] = &{providers:?};\n"))?;
    write("built_in.rs", &built_in(&plugins, &precompiled()?)?)
}

/// The compiled code that a distribution build embeds: the hash of each component, and its code.
fn precompiled() -> Result<Vec<Entry>, Box<dyn Error>> {
    match env::var_os("RENDER_PRECOMPILED_DIR") {
        Some(folder) => Ok(without_ending(table(Path::new(&folder), ".cwasm")?)),
        None => Ok(Vec::new()),
    }
}

/// The table of the built-in plugins. Code goes with the very bytes that it was compiled from, which
/// its file name says by their hash: a component that has changed since gets none.
fn built_in(plugins: &[Entry], compiled: &[Entry]) -> Result<String, Box<dyn Error>> {
    let mut entries = Vec::new();
    for (file, path) in plugins {
        let name = file.trim_end_matches(".wasm");
        let hash = Sha256::digest(fs::read(path)?).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let code = compiled.iter().find(|(of, _)| *of == hash);
        let code = code
            .map_or("None".to_owned(), |(_, code)| format!("Some(include_bytes!({:?}))", code.display().to_string()));
        let component = path.display().to_string();
        entries
            .push(format!("BuiltIn {{ name: {name:?}, component: include_bytes!({component:?}), compiled: {code} }}"));
    }
    Ok(format!("/// Every built-in plugin.\npub static PLUGINS: &[BuiltIn] = &[{}];\n", entries.join(", ")))
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

/// A definition: its name and the first version in which it holds, the last one, and its text.
type Definition = ((String, u8), u8, String);

/// A table of definitions as offsets into one text, in which the same text stands once.
fn definitions(table: &str, definitions: &[Definition]) -> Result<String, Box<dyn Error>> {
    let mut definitions: Vec<&Definition> = definitions.iter().collect();
    definitions.sort();
    let (mut text, mut known) = (String::new(), BTreeMap::new());
    let mut span = |part: &str| {
        let start = *known.entry(part.to_owned()).or_insert_with(|| {
            text.push_str(part);
            text.len() - part.len()
        });
        format!("({start}, {})", start + part.len())
    };
    let entry = |((name, from), to, schema): &&Definition| {
        format!("Entry {{ name: {}, versions: ({from}, {to}), schema: {} }}", span(name), span(schema))
    };
    let entries: Vec<String> = definitions.iter().map(entry).collect();
    let (file, count) = (format!("{}.txt", table.to_lowercase()), entries.len());
    write(&file, &text)?;
    Ok(format!(
        "static {table}_READ: [Cell; {count}] = [const {{ Cell::new() }}; {count}];\n\
         #[allow(clippy::unreadable_literal, reason = \"offsets, which nobody reads\")]\n\
         /// The table of the definitions.\n\
         pub static {table}: Table = Table {{\n\
         text: include_str!(concat!(env!(\"OUT_DIR\"), \"/{file}\")),\n\
         entries: &[{}],\nread: &{table}_READ,\n}};\n",
        entries.join(", ")
    ))
}

/// A description is text; a value that is named `description` has a schema.
fn strip(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| key != "description" || !value.is_string());
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// A name, and the file that it stands for.
type Entry = (String, PathBuf);

/// Every file below a folder whose name has an ending, in the order of their names.
fn table(folder: &Path, ending: &str) -> Result<Vec<Entry>, Box<dyn Error>> {
    let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = Vec::new();
    let mut open = vec![folder.clone()];
    while let Some(next) = open.pop() {
        tell(&format!("rerun-if-changed={}", next.display()));
        for entry in fs::read_dir(next)? {
            let path = entry?.path();
            let name = path.strip_prefix(&folder)?.to_string_lossy().replace('\\', "/");
            match path.is_dir() {
                true => open.push(path),
                false if name.ends_with(ending) => files.push((name, path)),
                false => {}
            }
        }
    }
    files.sort();
    if files.is_empty() { Err(format!("{} has no *{ending} file", folder.display()).into()) } else { Ok(files) }
}

fn without_ending(table: Vec<Entry>) -> Vec<Entry> {
    let stem = |name: String| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned());
    table.into_iter().map(|(name, path)| (stem(name), path)).collect()
}

fn list(name: &str, about: &str, table: &[Entry]) -> String {
    let entry = |(name, path): &Entry| format!("({name:?}, include_str!({:?}))", path.display().to_string());
    let entries: Vec<String> = table.iter().map(entry).collect();
    format!("/// {about}\nstatic {name}: &[(&str, &str)] = &[{}];\n", entries.join(", "))
}

/// The keys at the top of the values, which no plugin can have as its name.
fn reserved(path: &Path) -> Result<String, Box<dyn Error>> {
    tell(&format!("rerun-if-changed={}", path.display()));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let keys: Vec<&String> = schema["properties"].as_object().into_iter().flat_map(|keys| keys.keys()).collect();
    Ok(format!("/// The keys at the top of the values.\nstatic KEYS: &[&str] = &{keys:?};\n"))
}

fn write(file: &str, text: &str) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(file), text)?)
}

/// This is how a build script speaks to cargo.
fn tell(instruction: &str) {
    println!("cargo::{instruction}");
}
