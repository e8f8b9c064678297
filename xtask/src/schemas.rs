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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::Path;

    use serde_json::Value;

    use super::{FOLDER, MINORS};

    fn root() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// The committed files.
    fn files() -> Vec<Value> {
        let entries = fs::read_dir(root().join(FOLDER)).unwrap().map(|entry| entry.unwrap().path());
        entries.map(|path| serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()).collect()
    }

    /// Whether a kind or a variant of a definition is there at a minor.
    fn holds(part: &Value, minor: u32) -> bool {
        let bound = |key: &str, otherwise: u64| part[key].as_u64().unwrap_or(otherwise);
        (bound("from", 0)..=bound("to", u64::MAX)).contains(&u64::from(minor))
    }

    /// Every definition at a minor, by name.
    fn definitions(files: &[Value], minor: u32) -> BTreeMap<&str, &Value> {
        let mut found = BTreeMap::new();
        for (name, variants) in files.iter().flat_map(|file| file["definitions"].as_object().unwrap()) {
            for variant in variants.as_array().unwrap().iter().filter(|variant| holds(variant, minor)) {
                let before = found.insert(name.as_str(), &variant["schema"]);
                assert!(before.is_none(), "{name} is there twice at 1.{minor}");
            }
        }
        found
    }

    /// The kinds at a minor, with their definitions.
    fn kinds(files: &[Value], minor: u32) -> BTreeMap<(&str, &str), &str> {
        let all = files.iter().flat_map(|file| file["kinds"].as_array().unwrap());
        let mut found = BTreeMap::new();
        for kind in all.filter(|kind| holds(kind, minor)) {
            let part = |key: &str| kind[key].as_str().unwrap();
            assert!(["Namespaced", "Cluster"].contains(&part("scope")));
            let before = found.insert((part("apiVersion"), part("kind")), part("definition"));
            assert!(before.is_none(), "{kind} is there twice at 1.{minor}");
        }
        found
    }

    #[test]
    fn every_reference_of_every_minor_leads_to_a_definition() {
        let files = files();
        for minor in MINORS {
            let definitions = definitions(&files, minor);
            let mut open: Vec<&str> = kinds(&files, minor).into_values().collect();
            let mut seen = BTreeSet::new();
            while let Some(name) = open.pop() {
                let schema = definitions.get(name).unwrap_or_else(|| panic!("{name} is not defined at 1.{minor}"));
                if seen.insert(name) {
                    references(schema, &mut open);
                }
            }
            assert!(seen.len() > 1000, "only {} definitions are reached at 1.{minor}", seen.len());
        }
    }

    fn references<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
        if let Some(reference) = schema["$ref"].as_str() {
            found.push(reference.strip_prefix("#/$defs/").unwrap());
        }
        let parts = schema.as_object().into_iter().flat_map(|object| object.values());
        parts.chain(schema.as_array().into_iter().flatten()).for_each(|part| references(part, found));
    }

    #[test]
    fn every_kind_that_is_rendered_is_known_at_every_minor() {
        let files = files();
        let entries = fs::read_dir(root().join("snapshots")).unwrap().map(|entry| entry.unwrap().path());
        let rendered = entries.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
        let rendered: Vec<String> = rendered.map(|path| fs::read_to_string(path).unwrap()).collect();
        let documents: Vec<&str> = rendered.iter().flat_map(|text| text.split("\n---\n")).collect();
        assert!(documents.len() > 20, "only {} manifests were found", documents.len());
        for minor in MINORS {
            let kinds = kinds(&files, minor);
            for document in &documents {
                let line = |key: &str| document.lines().find_map(|line| line.strip_prefix(key)).unwrap();
                let name = (line("apiVersion: "), line("kind: "));
                assert!(kinds.contains_key(&name), "{name:?} is not known at 1.{minor}");
            }
        }
    }
}
