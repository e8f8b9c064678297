//! The one stage that writes. Until here everything was a value; only a set in which everything is
//! right arrives, so stdout stays empty otherwise.

mod earlier;
mod list;
mod plan;
mod staged;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use render_files::beneath::Kind;
use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::phase::{self, Phase};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::hex;
use render_text::yaml;

pub use self::list::Owner;
pub use self::plan::{Changes, Plan};
pub use self::staged::{Part, Staged};

use self::staged::unwritable;

/// How manifests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// A YAML stream, as kubectl reads it.
    #[default]
    Yaml,
    /// One JSON List, as kubectl reads it.
    Json,
}

/// The order in which Helm installs kinds: what others need comes first. Kinds that are not listed
/// come last, in the order of their names.
const ORDER: [&str; 35] = [
    "PriorityClass",
    "Namespace",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "PodSecurityPolicy",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Secret",
    "SecretList",
    "ConfigMap",
    "StorageClass",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleList",
    "ClusterRoleBinding",
    "ClusterRoleBindingList",
    "Role",
    "RoleList",
    "RoleBinding",
    "RoleBindingList",
    "Service",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "HorizontalPodAutoscaler",
    "StatefulSet",
    "Job",
    "CronJob",
    "IngressClass",
    "Ingress",
];

/// Whether something is in the place of a file, be it a link that leads nowhere.
#[must_use]
pub fn is_there(file: &Path) -> bool {
    file.symlink_metadata().is_ok()
}

/// Manifests in the order of installing, of one phase or of all.
///
/// # Errors
/// No manifest is left: an empty answer would make a pruning client delete everything.
pub fn ordered(set: &ManifestSet, phase: Option<Phase>) -> Result<Vec<&Manifest>, Failure> {
    let manifests = of_phase(set, phase);
    if manifests.is_empty() {
        let empty = match phase {
            Some(phase) => Diagnostic::error(format!("the environment has no manifests of the phase {}", phase.name())),
            None => Diagnostic::error("the environment has no manifests"),
        };
        return Err(empty.hint("nothing is printed, because a client that prunes would delete everything").into());
    }
    Ok(manifests)
}

/// Manifests in the order of installing, of one phase or of all; there may be none.
#[must_use]
pub(crate) fn of_phase(set: &ManifestSet, phase: Option<Phase>) -> Vec<&Manifest> {
    let is_meant = |manifest: &&Manifest| phase.is_none_or(|phase| phase::of(manifest, set) == phase);
    let mut manifests: Vec<&Manifest> = set.iter().filter(is_meant).collect();
    manifests.sort_by(|one, other| rank(one).cmp(&rank(other)));
    manifests
}

fn rank(manifest: &Manifest) -> (usize, &str, Option<&str>, &str) {
    let id = &manifest.id;
    let position = ORDER.iter().position(|kind| *kind == id.kind).unwrap_or(ORDER.len());
    (position, &id.kind, id.namespace.as_deref(), &id.name)
}

/// All manifests as one text.
///
/// # Errors
/// [`Failure::Internal`] when a manifest has no form in YAML.
pub fn text(manifests: &[&Manifest], format: Format) -> Result<String, Failure> {
    match format {
        Format::Yaml => {
            let documents: Result<Vec<String>, Failure> = manifests.iter().map(|manifest| document(manifest)).collect();
            Ok(documents?.join("---\n"))
        }
        Format::Json => {
            let items: Vec<&Value> = manifests.iter().map(|manifest| &manifest.value).collect();
            let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
            Ok(format!("{list:#}\n"))
        }
    }
}

fn document(manifest: &Manifest) -> Result<String, Failure> {
    yaml::emit::document(&manifest.value)
        .map_err(|error| Failure::Internal(format!("{} cannot be written as YAML: {error}", manifest.id)))
}

/// Writes to stdout. A reader that closes the pipe has seen enough, and is no failure.
///
/// # Errors
/// [`Failure::Internal`] when stdout cannot be written.
pub fn stdout(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Internal(format!("stdout cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// A file for each manifest: `NAMESPACE/KIND-NAME.yaml`, and `cluster/...` for what has no namespace.
///
/// # Errors
/// Two objects that would be the same file; [`Failure::Internal`] when a manifest has no form in YAML.
pub fn per_manifest(manifests: &[&Manifest], format: Format) -> Result<Vec<(PathBuf, String)>, Failure> {
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for manifest in manifests {
        let name = file_name(manifest, format);
        if texts.iter().any(|(other, _)| *other == name) {
            return Err(two_in_one(manifest, &name).into());
        }
        texts.push((name, text(&[manifest], format)?));
    }
    Ok(texts)
}

/// Writes texts into a folder, each under its relative path: all of them or none. Files of an earlier run that are no
/// longer made are removed; others stay.
///
/// # Errors
/// Somebody else's file in the place of one; [`Failure::Internal`] when a file cannot be written.
pub fn files(texts: &[(PathBuf, String)], folder: &Path) -> Result<(), Failure> {
    let staged = Staged::in_folder(folder)?;
    let mut plan = staged.plan();
    plan.put(staged.write(Path::new(""), texts, Owner::Folder)?)?;
    plan.carry_out().map(drop)
}

/// Writes one file as a whole: whoever reads meanwhile sees the old one or the new one.
///
/// # Errors
/// [`Failure::Internal`] when it cannot be written.
pub fn file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let write = || {
        // What the file would take the place of is looked at through links: `/dev/stderr` is one to a pipe.
        match std::fs::metadata(path).map(|there| Kind::from(there.file_type())) {
            Ok(Kind::File) | Err(_) => {}
            Ok(kind) => return Err(io::Error::other(format!("it is {kind}"))),
        }
        std::fs::create_dir_all(parent)?;
        // Under a name that no tool takes for a manifest.
        let mut file = tempfile::Builder::new().prefix(".render-").permissions(permissions()).tempfile_in(parent)?;
        file.write_all(content.as_ref())?;
        Ok(file.persist(path)?)
    };
    write().map(drop).map_err(|error| unwritable(path, &error))
}

fn file_name(manifest: &Manifest, format: Format) -> PathBuf {
    let id = &manifest.id;
    let ending = match format {
        Format::Yaml => "yaml",
        Format::Json => "json",
    };
    let folder = id.namespace.as_deref().unwrap_or("cluster");
    let group = if id.group.is_empty() || !id.group.contains('.') { String::new() } else { format!(".{}", id.group) };
    let name = format!("{}{group}-{}", id.kind.to_lowercase(), id.name);
    PathBuf::from(folder).join(format!("{}.{ending}", shortened(name, LONGEST_NAME - 1 - ending.len())))
}

/// How long the name of a file may be, in bytes, on the file systems of Linux and macOS.
const LONGEST_NAME: usize = 255;
/// How many digits of its checksum make a name that is cut off one of its own.
const DIGITS: usize = 32;

/// A name of `most` bytes at most: of a longer one the beginning, and a part of the checksum of the whole.
fn shortened(name: String, most: usize) -> String {
    if name.len() <= most {
        return name;
    }
    let beginning = &name[..name.floor_char_boundary(most - 1 - DIGITS)];
    format!("{beginning}-{}", &hex::sha256(name.as_bytes())[..DIGITS])
}

/// Kinds of two groups can share a name, and what has no namespace shares its folder with a namespace `cluster`.
fn two_in_one(manifest: &Manifest, name: &Path) -> Diagnostic {
    let message = format!("{} and another object would both be the file {}", manifest.id, name.display());
    Diagnostic::error(message).hint("rename one of the two, or print all of them as one stream")
}

/// Readable by all, as files are that a user makes; temporary files are private otherwise.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}
