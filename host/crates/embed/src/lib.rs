//! Shared code of the build scripts: tables of the files that the binary contains. A new file in a folder needs no further
//! registration.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]
#![expect(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// A definition: its name and the first version in which it holds, the last one, and its text.
pub type Definition = ((String, u8), u8, String);

/// A name, and the file that it stands for.
pub type Entry = (String, PathBuf);

/// A table of definitions as offsets into one text, which holds equal parts once.
///
/// # Errors
/// The text cannot be written.
pub fn definitions(table: &str, definitions: &[Definition]) -> Result<String, Box<dyn Error>> {
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

/// Every file below a folder whose name has an ending, in the order of their names.
///
/// # Errors
/// The folder cannot be read, or has no such file.
pub fn table(folder: &Path, ending: &str) -> Result<Vec<Entry>, Box<dyn Error>> {
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

/// A table of texts as the source of a static: each name with its text.
#[must_use]
pub fn list(name: &str, about: &str, table: &[Entry]) -> String {
    let entry = |(name, path): &Entry| format!("({name:?}, include_str!({:?}))", path.display().to_string());
    let entries: Vec<String> = table.iter().map(entry).collect();
    format!("/// {about}\nstatic {name}: &[(&str, &str)] = &[{}];\n", entries.join(", "))
}

/// A description is text; a value that is named `description` has a schema.
pub fn strip(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            map.retain(|key, value| key != "description" || !value.is_string());
            map.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// Writes a file into `OUT_DIR`, for `include!`.
///
/// # Errors
/// It cannot be written.
pub fn write(file: &str, text: &str) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(file), text)?)
}

/// This is how a build script speaks to cargo.
pub fn tell(instruction: &str) {
    println!("cargo::{instruction}");
}
