//! The one stage that writes. Until here everything was a value; only a set in which everything is
//! right arrives, so stdout stays empty otherwise.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Failure};
use crate::manifest::{Manifest, ManifestSet};
use crate::phase::{self, Phase};
use crate::yaml;

/// How manifests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
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

/// Manifests in the order of installing, of one phase or of all.
///
/// # Errors
/// No manifest is left: an empty answer would make a pruning client delete everything.
pub fn ordered(set: &ManifestSet, phase: Option<Phase>) -> Result<Vec<&Manifest>, Failure> {
    let mut manifests: Vec<&Manifest> =
        set.iter().filter(|manifest| phase.is_none_or(|phase| phase::of(manifest, set) == phase)).collect();
    manifests.sort_by(|one, other| rank(one).cmp(&rank(other)));
    if manifests.is_empty() {
        let empty = match phase {
            Some(phase) => Diagnostic::error(format!("the environment has no manifests of the phase {}", phase.name())),
            None => Diagnostic::error("the environment has no manifests"),
        };
        return Err(empty.hint("nothing is printed, because a client that prunes would delete everything").into());
    }
    Ok(manifests)
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

/// Writes one file for each manifest: `FOLDER/NAMESPACE/KIND-NAME.yaml`, and `FOLDER/cluster/...` for
/// what has no namespace. Files of an earlier run that are no longer made are removed; others stay.
///
/// # Errors
/// [`Failure::Internal`] when a file cannot be written.
pub fn folder(manifests: &[&Manifest], format: Format, folder: &Path) -> Result<(), Failure> {
    let mut files = Vec::new();
    for manifest in manifests {
        files.push((file_name(manifest, format), text(&[manifest], format)?));
    }
    let list = folder.join(LIST);
    remove_stale(folder, &list, &files)?;
    for (name, text) in &files {
        replace(&folder.join(name), text)?;
    }
    let names: Vec<String> = files.iter().map(|(name, _)| name.display().to_string()).collect();
    replace(&list, &(names.join("\n") + "\n"))
}

/// Names the files that `render` wrote, so that a later run removes only these.
const LIST: &str = ".render-files";

fn file_name(manifest: &Manifest, format: Format) -> PathBuf {
    let id = &manifest.id;
    let ending = match format {
        Format::Yaml => "yaml",
        Format::Json => "json",
    };
    let folder = id.namespace.as_deref().unwrap_or("cluster");
    let group = if id.group.is_empty() || !id.group.contains('.') { String::new() } else { format!(".{}", id.group) };
    PathBuf::from(folder).join(format!("{}{group}-{}.{ending}", id.kind.to_lowercase(), id.name))
}

#[expect(clippy::disallowed_methods, reason = "emit is the stage that writes files, and it must know its own")]
fn remove_stale(folder: &Path, list: &Path, files: &[(PathBuf, String)]) -> Result<(), Failure> {
    let Ok(ours) = std::fs::read_to_string(list) else { return Ok(()) };
    for name in ours
        .lines()
        .map(Path::new)
        .filter(|name| name.components().all(|part| matches!(part, std::path::Component::Normal(_))))
    {
        let path = folder.join(name);
        if !files.iter().any(|(kept, _)| kept == name) && path.exists() {
            std::fs::remove_file(&path)
                .map_err(|error| Failure::Internal(format!("{} cannot be removed: {error}", path.display())))?;
        }
    }
    Ok(())
}

/// Puts a whole file in place at once: whoever reads meanwhile sees the old one or the new one.
fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Internal(format!("{} cannot be written: {error}", path.display()));
    let parent = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let mut file = tempfile::Builder::new().permissions(permissions()).tempfile_in(parent).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Readable by all, as files are that a user makes; temporary files are private otherwise.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}
