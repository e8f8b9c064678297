//! Makes the tables of what the binary carries: templates, environments, the components of the
//! built-in plugins and, in a distribution build, their compiled code (the `.cwasm` files of the
//! folder `RENDER_PRECOMPILED_DIR`). Adding a file to its folder is all there is to adding one.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    tell(&format!("rustc-env=RENDER_TARGET={}", env::var("TARGET")?));
    tell("rerun-if-env-changed=RENDER_PRECOMPILED_DIR");
    tell("rerun-if-changed=build.rs");
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let templates = table(&root.join("templates"), "")?;
    let environments = table(&root.join("../environments"), ".yaml")?;
    let plugins = table(&root.join("../plugins/built"), ".wasm")?;
    let lists = [
        list(
            "TEMPLATES",
            "Every template: its path under templates/, and its text.",
            "str",
            "include_str!",
            &templates,
        ),
        list(
            "ENVIRONMENTS",
            "Every built-in environment file: its name, and its text.",
            "str",
            "include_str!",
            &environments,
        ),
        list(
            "PLUGINS",
            "Every built-in plugin: its name, and its component.",
            "[u8]",
            "include_bytes!",
            &without_ending(plugins),
        ),
    ];
    write("embedded.rs", &lists.join("\n"))?;
    let precompiled = match env::var_os("RENDER_PRECOMPILED_DIR") {
        Some(folder) => without_ending(table(Path::new(&folder), ".cwasm")?),
        None => Vec::new(),
    };
    write("precompiled.rs", &format!("&[{}]", entries("[u8]", "include_bytes!", &precompiled)))
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

fn list(name: &str, about: &str, kind: &str, include: &str, table: &[Entry]) -> String {
    format!("/// {about}\npub static {name}: &[(&str, &{kind})] = &[{}];\n", entries(kind, include, table))
}

fn entries(kind: &str, include: &str, table: &[Entry]) -> String {
    let entry = |(name, path): &Entry| format!("({name:?}, {include}({:?}) as &{kind})", path.display().to_string());
    table.iter().map(entry).collect::<Vec<_>>().join(", ")
}

fn write(file: &str, text: &str) -> Result<(), Box<dyn Error>> {
    Ok(fs::write(Path::new(&env::var("OUT_DIR")?).join(file), text)?)
}

/// This is how a build script speaks to cargo.
fn tell(instruction: &str) {
    println!("cargo::{instruction}");
}
