//! What a committed plugin was built from, as hashes beside it, so that a change to the sources that was not built is a
//! failing test and not a surprise. Reads files and runs nothing.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use sha2::{Digest, Sha256};

/// What plugins/built/NAME.sha256 says, in two lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// SHA-256 of the sources, in hex, as [`sources`] computes it.
    pub sources: String,
    /// SHA-256 of the component, in hex.
    pub component: String,
}

impl Stamp {
    /// The stamp of a component and of the sources as they are now.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn of(root: &Path, plugin: &str) -> io::Result<Self> {
        let component = fs::read(component_file(root, plugin))?;
        Ok(Self { sources: sources(root, plugin)?, component: hex(&Sha256::digest(component)) })
    }

    /// The stamp that is committed beside the component.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no stamp.
    pub fn committed(root: &Path, plugin: &str) -> io::Result<Self> {
        let text = fs::read_to_string(stamp_file(root, plugin))?;
        let line = |label| text.lines().find_map(|line| line.strip_suffix(label)).map(|hash| hash.trim().to_owned());
        let stamp = line("  sources").zip(line("  component"));
        let (sources, component) = stamp.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "a stamp has a hash of sources and of component")
        })?;
        Ok(Self { sources, component })
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}  sources\n{}  component\n", self.sources, self.component)
    }
}

/// The plugins of the workspace, by name: each folder in plugins/ that has a description.
///
/// # Errors
/// A folder that cannot be read.
pub fn plugins(root: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root.join("plugins"))? {
        let entry = entry?;
        if entry.path().join("description.json").is_file() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// The hash of everything that decides the bytes of a plugin's component, except the compiler: for each file in the
/// order of paths, the path from the root, with slashes, the content's length, and the content.
///
/// # Errors
/// A file that cannot be read.
pub fn sources(root: &Path, plugin: &str) -> io::Result<String> {
    let mut files = Vec::new();
    for place in places(plugin) {
        collect(&root.join(place), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files.into_iter().map(|file| (name_in(root, &file), file)).collect();
    named.sort();
    let mut hash = Sha256::new();
    for (name, file) in named {
        let content = fs::read(file)?;
        hash.update(format!("{name}\n{}\n", content.len()));
        hash.update(content);
    }
    Ok(hex(&hash.finalize()))
}

/// Where the component of a plugin is committed.
#[must_use]
pub fn component_file(root: &Path, plugin: &str) -> PathBuf {
    root.join(format!("plugins/built/{plugin}.wasm"))
}

/// Where its stamp is.
#[must_use]
pub fn stamp_file(root: &Path, plugin: &str) -> PathBuf {
    root.join(format!("plugins/built/{plugin}.sha256"))
}

/// What a component is built from. Tests are not part of it: a fixture changes no byte.
fn places(plugin: &str) -> Vec<String> {
    let shared = ["schemas/plugin.wit", "plugins/Cargo.toml", "plugins/Cargo.lock", "plugins/.cargo/config.toml"];
    let crates = ["sdk", plugin].map(|name| [format!("plugins/{name}/Cargo.toml"), format!("plugins/{name}/src")]);
    let description = format!("plugins/{plugin}/description.json");
    // The flags that the build adds are in this crate.
    let flags = "xtask/src/plugins.rs".to_owned();
    shared.map(str::to_owned).into_iter().chain(crates.into_iter().flatten()).chain([description, flags]).collect()
}

fn collect(place: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if place.is_dir() {
        for entry in fs::read_dir(place)? {
            collect(&entry?.path(), files)?;
        }
    } else {
        files.push(place.to_owned());
    }
    Ok(())
}

fn name_in(root: &Path, file: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap_or(file);
    let parts: Vec<_> = inside.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::{env, fs, process};

    use super::{Stamp, plugins, sources};

    /// A repository with one plugin, and what its sources hash to after each of some writes.
    fn after(name: &str, writes: &[(&str, &str)]) -> Vec<String> {
        let root = env::temp_dir().join(format!("render-stamp-{name}-{}", process::id()));
        let files = ["Cargo.toml", "Cargo.lock", ".cargo/config.toml", "sdk/Cargo.toml", "sdk/src/lib.rs"];
        let plugin = ["acme/Cargo.toml", "acme/src/lib.rs", "acme/description.json"];
        for file in files.iter().chain(&plugin) {
            write(&root, &format!("plugins/{file}"), "text");
        }
        write(&root, "schemas/plugin.wit", "text");
        write(&root, "xtask/src/plugins.rs", "text");
        assert_eq!(plugins(&root).unwrap(), ["acme"]);
        let hash = |(file, content): &(&str, &str)| {
            write(&root, file, content);
            sources(&root, "acme").unwrap()
        };
        let hashes = writes.iter().map(hash).collect();
        fs::remove_dir_all(&root).unwrap();
        hashes
    }

    fn write(root: &Path, file: &str, content: &str) {
        let file = root.join(file);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }

    #[test]
    fn everything_that_it_is_built_from_counts() {
        let files = ["acme/src/lib.rs", "acme/src/new.rs", "acme/description.json", "sdk/src/lib.rs", "Cargo.lock"];
        let files: Vec<String> = files.iter().map(|file| format!("plugins/{file}")).collect();
        let writes: Vec<(&str, &str)> = files.iter().map(|file| (file.as_str(), "other")).collect();
        let mut hashes = after("counts", &[&[("schemas/plugin.wit", "text")], &writes[..]].concat());
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), files.len() + 1);
    }

    #[test]
    fn tests_and_other_plugins_do_not_count() {
        let writes = [
            ("schemas/plugin.wit", "text"),
            ("plugins/acme/tests/fixtures/a/values.yaml", "{}"),
            ("plugins/other/src/lib.rs", "text"),
            ("plugins/target/debug/acme.d", "text"),
        ];
        let hashes = after("does-not", &writes);
        assert!(hashes.iter().all(|hash| *hash == hashes[0]));
    }

    #[test]
    fn a_stamp_reads_as_it_was_written() {
        let root = env::temp_dir().join(format!("render-stamp-text-{}", process::id()));
        let stamp = Stamp { sources: "a".repeat(64), component: "b".repeat(64) };
        write(&root, "plugins/built/acme.sha256", &stamp.text());
        assert_eq!(Stamp::committed(&root, "acme").unwrap(), stamp);
        write(&root, "plugins/built/acme.sha256", "nothing");
        assert!(Stamp::committed(&root, "acme").is_err());
        fs::remove_dir_all(&root).unwrap();
    }
}
