//! Custom resources by group: from the crates of xtask/packages, and from the files here for what no package has.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::fetch::Package;
use super::kopium::{self, Group};
use super::{Api, Kind};

/// The custom resources of a group.
#[derive(Debug, Clone, Default)]
pub(super) struct Custom {
    /// Where they come from.
    pub(super) source: String,
    /// At every version of Kubernetes.
    pub(super) api: Api,
}

/// Written from the documentation of their projects.
const WRITTEN: [(&str, &str); 4] = [
    ("cloud.google.com", include_str!("cloud.google.com.json")),
    ("helm.cattle.io", include_str!("helm.cattle.io.json")),
    ("gateway.envoyproxy.io", include_str!("gateway.envoyproxy.io.json")),
    ("networking.gke.io", include_str!("networking.gke.io.json")),
];

/// Types of properties that kopium loses, or that nobody writes.
const LOST: [&str; 9] = [
    // The overlay has `operation` and `specs`.
    "ApplicationOperation",
    "CiliumClusterwideNetworkPolicys",
    "CiliumNetworkPolicys",
    // Enumerations of numbers; the overlay has the redirects'.
    "ComputeClassPrioritiesNodeSystemConfigLinuxNodeConfigSysctlsVmOvercommitMemory",
    "ComputeClassPriorityDefaultsNodeSystemConfigLinuxNodeConfigSysctlsVmOvercommitMemory",
    "HttpRouteRulesBackendRefsFiltersRequestRedirectStatusCode",
    "HttpRouteRulesFiltersRequestRedirectStatusCode",
    // Kinds that only agents make.
    "CiliumEndpointSliceEndpoints",
    "CiliumEndpointStatus",
];

/// A file of [`WRITTEN`].
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kinds: Vec<WrittenKind>,
    definitions: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct WrittenKind {
    api_version: String,
    kind: String,
    scope: String,
    definition: String,
}

/// Every group, by name.
pub(super) fn read(packages: &BTreeMap<String, Package>) -> Result<BTreeMap<String, Custom>, String> {
    let mut groups = BTreeMap::new();
    for package in packages.values().filter(|package| package.name.starts_with("kcr_")) {
        let custom = crate_of(package).map_err(|error| format!("{}: {error}", package.name))?;
        let group = custom.api.kinds.first().and_then(|kind| kind.api_version.split('/').next());
        let group = group.ok_or_else(|| format!("{}: no kinds", package.name))?.to_owned();
        groups.insert(group, custom);
    }
    for (group, text) in WRITTEN {
        write_in(groups.entry(group.to_owned()).or_default(), text).map_err(|error| format!("{group}: {error}"))?;
    }
    Ok(groups)
}

fn crate_of(package: &Package) -> Result<Custom, String> {
    let mut group = Group::default();
    let mut versions = inside(&package.sources)?;
    versions.retain(|path| path.is_dir());
    // Where versions say the same, the definition has the name of the newest.
    versions.sort_by_cached_key(|path| Reverse(maturity(&name_of(path))));
    for version in versions {
        for file in inside(&version)? {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let read = kopium::read(&text, &mut group, |name| LOST.contains(&name));
            read.map_err(|error| format!("{}: {error}", name_of(&file)))?;
        }
    }
    Ok(Custom { source: format!("crates.io {} {}", package.name, package.version), api: group.api })
}

/// Adds what was written by hand.
fn write_in(custom: &mut Custom, text: &str) -> Result<(), String> {
    let written: Written = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let apart = if custom.source.is_empty() { "" } else { ", " };
    custom.source = format!("{}{apart}written by hand", custom.source);
    for kind in written.kinds {
        let WrittenKind { api_version, kind, scope, definition } = kind;
        custom.api.kinds.push(Kind { api_version, kind, scope, definition });
    }
    for (name, schema) in written.definitions {
        if custom.api.definitions.insert(name.clone(), schema).is_some() {
            return Err(format!("{name} is in a package, too"));
        }
    }
    Ok(())
}

/// `v1` is above `v1beta2`, and that above `v1beta1`.
fn maturity(version: &str) -> (u8, u32, u32) {
    let number = |text: &str| text.parse::<u32>().unwrap_or_default();
    let version = version.trim_start_matches('v');
    let stages = [("beta", 1), ("alpha", 0)];
    let early = stages.iter().find_map(|(stage, rank)| Some((version.split_once(stage)?, *rank)));
    early.map_or((2, number(version), 0), |((major, minor), rank)| (rank, number(major), number(minor)))
}

/// The entries of a folder, sorted.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let said = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(said)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(said)?;
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Custom, maturity, write_in};

    #[test]
    fn newer_versions_are_above_older_ones() {
        let ordered = ["v1alpha1", "v2alpha1", "v1beta1", "v1beta2", "v2beta1", "v1", "v2", "v10"];
        assert!(ordered.is_sorted_by_key(|version| maturity(version)));
    }

    #[test]
    fn what_is_written_by_hand_is_in_no_package() {
        let text = r#"{"kinds": [{"apiVersion": "a/v1", "kind": "A", "scope": "Cluster", "definition": "a.v1.A"}],
            "definitions": {"a.v1.A": {"type": "object"}}}"#;
        let mut custom = Custom { source: "crates.io a 1".to_owned(), ..Custom::default() };
        write_in(&mut custom, text).unwrap();
        assert_eq!((custom.source.as_str(), custom.api.kinds.len()), ("crates.io a 1, written by hand", 1));
        assert_eq!(write_in(&mut custom, text).unwrap_err(), "a.v1.A is in a package, too");
    }
}
