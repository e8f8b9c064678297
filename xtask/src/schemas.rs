//! `cargo xtask schemas`: derives the schemas of Kubernetes objects from published packages into schemas/kubernetes/, so
//! that manifests are checked without a cluster. xtask/packages/ pins the packages; none of them is compiled.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

use serde_json::Value;

mod builtin;
mod custom;
mod fetch;
mod kopium;
mod overlay;
mod scope;
mod write;

/// The minor versions of Kubernetes 1 whose objects are known.
pub const MINORS: RangeInclusive<u32> = 33..=37;

/// Where the files are, from the root of the repository.
pub const FOLDER: &str = "schemas/kubernetes";

/// A kind that a user can apply.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// `group/version`, or `v1`.
    pub api_version: String,
    /// As a manifest writes it.
    pub kind: String,
    /// `Namespaced` or `Cluster`.
    pub scope: String,
    /// The name of its definition.
    pub definition: String,
}

/// The kinds and the definitions of one origin at one version.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Api {
    /// In no order.
    pub kinds: Vec<Kind>,
    /// By name, which is unique over all origins. A reference is `#/$defs/<name>`.
    pub definitions: BTreeMap<String, Value>,
}

/// Writes every file anew, and removes those of groups that are no more. Returns what to tell.
///
/// # Errors
/// A package that cannot be had, or that has a construct this command does not know; an overlay that matches nothing.
pub fn derive(root: &Path) -> Result<String, String> {
    let overlay = overlay::read(include_str!("schemas/overlay.json"))?;
    let packages = fetch::packages(root)?;
    let mut core = builtin::read(&fetch::wheel(root)?, &packages)?;
    let mut groups = custom::read(&packages)?;
    overlay::apply(&overlay, core.minors.values_mut().chain(groups.values_mut().map(|group| &mut group.api)))?;
    let mut files = vec![write::builtin(&mut core, &groups)?];
    for (name, group) in &groups {
        files.push(write::group(name, group)?);
    }
    replace(&root.join(FOLDER), &files).map_err(|error| format!("{FOLDER}: {error}"))?;
    let sizes = files.iter().map(|(name, text)| format!("{name}: {} bytes", text.len()));
    Ok(sizes.collect::<Vec<_>>().join("\n"))
}

fn replace(folder: &Path, files: &[(String, String)]) -> std::io::Result<()> {
    if folder.is_dir() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}
