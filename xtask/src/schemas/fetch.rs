//! Gets the packages that xtask/packages/ pins: by cargo and by pip, each of which checks what it gets against a hash.

#![expect(
    clippy::disallowed_methods,
    reason = "a developer's command is not a stage: files and the environment are its work"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

/// What was published: the sources of a crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Package {
    /// As the registry names it.
    pub(super) name: String,
    /// In full.
    pub(super) version: String,
    /// The folder `src`.
    pub(super) sources: PathBuf,
}

/// The definitions of Kubernetes' own types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wheel {
    /// What to say of where they come from.
    pub(super) source: String,
    /// The folder of JSON Schemas, which has a folder for each minor.
    pub(super) folder: PathBuf,
}

/// The crates that xtask/packages/Cargo.toml names, by name.
pub(super) fn packages(root: &Path) -> Result<BTreeMap<String, Package>, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(cargo);
    cargo.args(["metadata", "--format-version", "1", "--locked", "--manifest-path"]);
    let text = output(cargo.arg(root.join("xtask/packages/Cargo.toml")))?;
    let metadata: Value = serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let top = metadata["resolve"]["root"].as_str().unwrap_or_default();
    let mut nodes = metadata["resolve"]["nodes"].as_array().into_iter().flatten();
    let node = nodes.find(|node| node["id"] == top).ok_or("cargo metadata: the pinned packages are missing")?;
    let pinned = node["dependencies"].as_array().map_or(&[][..], Vec::as_slice);
    let all = metadata["packages"].as_array().into_iter().flatten();
    let of = |package: &Value| package_of(package).map(|package| (package.name.clone(), package));
    all.filter(|package| pinned.contains(&package["id"])).map(of).collect()
}

/// Downloads and unpacks the wheel into target/schemas/.
pub(super) fn wheel(root: &Path) -> Result<Wheel, String> {
    let folder = root.join("target/schemas");
    if folder.is_dir() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let requirements = root.join("xtask/packages/requirements.txt");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:"]);
    output(pip.arg("--require-hashes").arg("--dest").arg(&folder).arg("--requirement").arg(&requirements))?;
    let file = downloaded(&folder)?;
    output(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&file).arg(&folder))?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let version = name.split('-').nth(1).ok_or_else(|| format!("{name}: not the name of a wheel"))?;
    let source = format!("PyPI kubernetes-validate {version}");
    Ok(Wheel { source, folder: folder.join("kubernetes_validate/kubernetes-json-schema") })
}

fn downloaded(folder: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut files = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = files.find(|file| file.extension().is_some_and(|extension| extension == "whl"));
    wheel.ok_or_else(|| format!("{}: pip left no wheel", folder.display()))
}

fn package_of(package: &Value) -> Result<Package, String> {
    let text = |key: &str| package[key].as_str().map(str::to_owned);
    let found = || {
        let sources = Path::new(&text("manifest_path")?).parent()?.join("src");
        Some(Package { name: text("name")?, version: text("version")?, sources })
    };
    found().ok_or_else(|| "cargo metadata: a package without a name, a version or a manifest".to_owned())
}

/// What a command prints, if it ends well.
fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("{name}: {error}"))?;
    if !output.status.success() {
        return Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{name}: {error}"))
}
