//! `cargo xtask plugins`: builds the plugins into plugins/built/, the same bytes wherever the repository stands, so that
//! a fresh machine needs no WebAssembly target to build `render`.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs, io};

use crate::stamp::{self, Stamp};

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds every plugin, and writes its component and its stamp. Returns what to tell.
///
/// # Errors
/// What went wrong, in a sentence.
pub fn build(root: &Path) -> Result<String, String> {
    let flags = flags(root)?;
    require_target()?;
    fs::create_dir_all(root.join("plugins/built")).map_err(|error| said("plugins/built", &error))?;
    each(root, |name| {
        compile(root, name, &flags)?;
        let stamp = place(root, name).map_err(|error| said(name, &error))?;
        Ok(format!("{name}: {}", stamp.component))
    })
}

/// Compares every plugin with its stamp, and builds nothing. Returns what to tell.
///
/// # Errors
/// Which plugins are stale, and what to do.
pub fn check(root: &Path) -> Result<String, String> {
    each(root, |name| {
        let committed = Stamp::committed(root, name).map_err(|error| said(name, &error))?;
        let current = Stamp::of(root, name).map_err(|error| said(name, &error))?;
        if committed.sources != current.sources {
            return Err(format!("{name}: the sources changed after it was built; run `cargo xtask plugins`"));
        }
        if committed.component != current.component {
            return Err(format!("{name}: the component is not the one that was built; run `cargo xtask plugins`"));
        }
        Ok(format!("{name}: built from these sources"))
    })
}

/// Does something for every plugin, and tells about all of them at once.
fn each(root: &Path, work: impl Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let names = stamp::plugins(root).map_err(|error| said("plugins", &error))?;
    let outcomes: Vec<Result<String, String>> = names.iter().map(|name| work(name)).collect();
    let failed: Vec<String> = outcomes.iter().filter_map(|outcome| outcome.clone().err()).collect();
    match (names.is_empty(), failed.is_empty()) {
        (true, _) => Err("there is no plugin in plugins/".to_owned()),
        (false, true) => Ok(outcomes.into_iter().flatten().collect::<Vec<_>>().join("\n")),
        (false, false) => Err(failed.join("\n")),
    }
}

fn compile(root: &Path, name: &str, flags: &str) -> Result<(), String> {
    let mut cargo = cargo(root);
    cargo.args(["build", "--quiet", "--locked", "--release", "--lib", "--target", TARGET, "--package", name]);
    cargo.args(["--config", flags]);
    let status = cargo.status().map_err(|error| said("cargo", &error))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: cargo could not build it")) }
}

/// Cargo in the plugins' workspace, without what this environment would add to the flags.
fn cargo(root: &Path) -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root.join("plugins"));
    let own = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"];
    own.iter().fold(&mut cargo, |cargo, name| cargo.env_remove(name));
    cargo
}

/// Flags that put a name in the place of each folder of this machine: panics carry the paths of their sources.
fn flags(root: &Path) -> Result<String, String> {
    let renamed = [(cargo_home()?, "cargo"), (root.to_owned(), "render")];
    let flags: Vec<String> =
        renamed.iter().map(|(folder, name)| format!("'--remap-path-prefix={}={name}'", folder.display())).collect();
    Ok(format!("target.{TARGET}.rustflags=[{}]", flags.join(",")))
}

fn cargo_home() -> Result<PathBuf, String> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    home.ok_or_else(|| "the home of cargo is not known; set CARGO_HOME".to_owned())
}

/// Where automatic installs are off, cargo's own message about a target that is missing speaks of the `core` crate.
fn require_target() -> Result<(), String> {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let libraries = rustc.args(["--print", "target-libdir", "--target", TARGET]).stderr(Stdio::null()).output();
    let libraries = libraries.map_err(|error| said("rustc", &error))?.stdout;
    if Path::new(String::from_utf8_lossy(&libraries).trim()).is_dir() {
        return Ok(());
    }
    Err(format!("the target {TARGET} is not installed; run `rustup target add {TARGET}`"))
}

/// Copies the component to where it is committed, and writes its stamp.
fn place(root: &Path, name: &str) -> io::Result<Stamp> {
    let file = name.replace('-', "_");
    let built = root.join(format!("plugins/target/{TARGET}/release/{file}.wasm"));
    fs::copy(built, stamp::component_file(root, name))?;
    let stamp = Stamp::of(root, name)?;
    fs::write(stamp::stamp_file(root, name), stamp.text())?;
    Ok(stamp)
}

fn said(what: &str, error: &io::Error) -> String {
    format!("{what}: {error}")
}
