//! The one stage that writes. Until here everything was a value; only a set in which everything is
//! right arrives, so stdout stays empty otherwise.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempPath;

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
/// what has no namespace, as [`files`] does.
///
/// # Errors
/// Two objects that would be the same file; [`Failure::Internal`] when a file cannot be written.
pub fn folder(manifests: &[&Manifest], format: Format, folder: &Path) -> Result<(), Failure> {
    let mut texts: Vec<(PathBuf, String)> = Vec::new();
    for manifest in manifests {
        let name = file_name(manifest, format);
        if texts.iter().any(|(other, _)| *other == name) {
            return Err(two_in_one(manifest, &name).into());
        }
        texts.push((name, text(&[manifest], format)?));
    }
    files(&texts, folder)
}

/// Writes texts into a folder, each under its relative path. Files of an earlier run that are no longer made are removed;
/// others stay.
///
/// Everything is written before anything is put in its place, so that a full disk leaves the folder as it was.
/// Meanwhile the list names old files and new ones: whatever ends this run, the next one knows what is its own.
///
/// # Errors
/// [`Failure::Internal`] when a file cannot be written.
pub fn files(texts: &[(PathBuf, String)], folder: &Path) -> Result<(), Failure> {
    let files: Vec<&PathBuf> = texts.iter().map(|(name, _)| name).collect();
    let ready: Vec<_> = texts
        .iter()
        .map(|(name, text)| prepared(folder.join(name), text.as_bytes()))
        .collect::<Result<_, Failure>>()?;
    let list = folder.join(LIST);
    let stale: Vec<PathBuf> = earlier(&list).into_iter().filter(|name| !files.contains(&name)).collect();
    put(prepared(list.clone(), lines(files.iter().copied().chain(&stale)).as_bytes())?)?;
    ready.into_iter().try_for_each(put)?;
    remove(folder, &stale)?;
    put(prepared(list, lines(files.into_iter()).as_bytes())?)
}

/// Writes one file as a whole: whoever reads meanwhile sees the old one or the new one.
///
/// # Errors
/// [`Failure::Internal`] when it cannot be written.
pub fn file(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Failure> {
    put(prepared(path.to_owned(), content.as_ref())?)
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

/// Kinds of two groups can share a name, and what has no namespace shares its folder with a namespace `cluster`.
fn two_in_one(manifest: &Manifest, name: &Path) -> Diagnostic {
    let message = format!("{} and another object would both be the file {}", manifest.id, name.display());
    Diagnostic::error(message).hint("rename one of the two, or print all of them as one stream")
}

fn lines<'a>(names: impl Iterator<Item = &'a PathBuf>) -> String {
    names.fold(String::new(), |lines, name| lines + &name.display().to_string() + "\n")
}

/// The files that an earlier run wrote, those alone that are in the folder.
#[expect(clippy::disallowed_methods, reason = "emit is the stage that writes files, and it must know its own")]
fn earlier(list: &Path) -> Vec<PathBuf> {
    let ours = std::fs::read_to_string(list).unwrap_or_default();
    let inside = |name: &PathBuf| name.components().all(|part| matches!(part, std::path::Component::Normal(_)));
    ours.lines().map(PathBuf::from).filter(inside).collect()
}

fn remove(folder: &Path, stale: &[PathBuf]) -> Result<(), Failure> {
    for path in stale.iter().map(|name| folder.join(name)).filter(|path| path.exists()) {
        std::fs::remove_file(&path)
            .map_err(|error| Failure::Internal(format!("{} cannot be removed: {error}", path.display())))?;
    }
    Ok(())
}

/// A whole file beside its place, under a name that no tool takes for a manifest; it is removed unless it is put there.
fn prepared(path: PathBuf, content: &[u8]) -> Result<(TempPath, PathBuf), Failure> {
    let parent = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let write = || {
        std::fs::create_dir_all(parent)?;
        let mut file = tempfile::Builder::new().prefix(".render-").permissions(permissions()).tempfile_in(parent)?;
        file.write_all(content)?;
        Ok(file.into_temp_path())
    };
    match write() {
        Ok(file) => Ok((file, path)),
        Err(error) => Err(unwritable(&path, &error)),
    }
}

/// Puts a whole file in place at once: whoever reads meanwhile sees the old one or the new one.
fn put((file, path): (TempPath, PathBuf)) -> Result<(), Failure> {
    file.persist(&path).map_err(|error| unwritable(&path, &error.error))
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Internal(format!("{} cannot be written: {error}", path.display()))
}

/// Readable by all, as files are that a user makes; temporary files are private otherwise.
fn permissions() -> std::fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    std::fs::Permissions::from_mode(0o644)
}
