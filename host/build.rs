//! Embeds the compiled code of the first-party plugins in a distribution build: the `.cwasm` files of
//! the folder `RENDER_PRECOMPILED_DIR`. Without it nothing is embedded, and plugins are compiled when
//! they are first called.
#![expect(clippy::disallowed_methods, reason = "a build script's input is the environment and the disk")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    tell(&format!("rustc-env=RENDER_TARGET={}", env::var("TARGET")?));
    tell("rerun-if-env-changed=RENDER_PRECOMPILED_DIR");
    tell("rerun-if-changed=build.rs");
    let files = match env::var_os("RENDER_PRECOMPILED_DIR") {
        Some(folder) => precompiled(Path::new(&folder))?,
        None => Vec::new(),
    };
    let entries: Vec<String> = files.iter().map(|file| entry(file)).collect();
    let table = Path::new(&env::var("OUT_DIR")?).join("precompiled.rs");
    Ok(fs::write(table, format!("&[{}]", entries.join(", ")))?)
}

/// The compiled files in the order of their names, so that the same build gives the same binary.
fn precompiled(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let folder = folder.canonicalize()?;
    tell(&format!("rerun-if-changed={}", folder.display()));
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        files.push(entry?.path());
    }
    files.retain(|file| file.extension().is_some_and(|extension| extension == "cwasm"));
    files.sort();
    if files.is_empty() {
        return Err("RENDER_PRECOMPILED_DIR has no .cwasm file".into());
    }
    Ok(files)
}

/// The file's name is the hash of the component that it was compiled from.
fn entry(file: &Path) -> String {
    let hash = file.file_stem().unwrap_or_default().to_string_lossy();
    format!("({hash:?}, include_bytes!({:?}) as &[u8])", file.display().to_string())
}

fn tell(instruction: &str) {
    println!("cargo::{instruction}");
}
