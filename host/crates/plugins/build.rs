//! Makes the table of the built-in plugins with, in a distribution build, their compiled code (the `.cwasm` files of the
//! folder `RENDER_PRECOMPILED_DIR`), and the list of names that no plugin can have.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;
use sha2::{Digest, Sha256};

use render_embed::{Entry, table, tell, write};

fn main() -> Result<(), Box<dyn Error>> {
    tell(&format!("rustc-env=RENDER_TARGET={}", env::var("TARGET")?));
    tell("rerun-if-env-changed=RENDER_PRECOMPILED_DIR");
    tell("rerun-if-changed=build.rs");
    let plugins = table(Path::new("../../../plugins/built"), ".wasm")?;
    write("built_in.rs", &built_in(&plugins, &precompiled()?)?)?;
    write("reserved.rs", &reserved(Path::new("../../../schemas/values.json"))?)
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

/// The keys at the top of the values, which no plugin can have as its name.
fn reserved(path: &Path) -> Result<String, Box<dyn Error>> {
    tell(&format!("rerun-if-changed={}", path.display()));
    let schema: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
    let keys: Vec<&String> = schema["properties"].as_object().into_iter().flat_map(|keys| keys.keys()).collect();
    Ok(format!("/// The keys at the top of the values.\nstatic KEYS: &[&str] = &{keys:?};\n"))
}

fn without_ending(table: Vec<Entry>) -> Vec<Entry> {
    let stem = |name: String| name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned());
    table.into_iter().map(|(name, path)| (stem(name), path)).collect()
}
