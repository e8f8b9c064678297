//! The files that a container sees: which key of which `ConfigMap` or Secret stands at a path.

use serde_json::Value;

use super::{Server, list, text};

/// What stands at a path of a container.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mounted<'a> {
    /// A key of a `ConfigMap`.
    ConfigMap {
        /// Its name.
        name: &'a str,
        /// The key.
        key: String,
    },
    /// A key of a Secret.
    Secret {
        /// Its name.
        name: &'a str,
        /// The key.
        key: String,
        /// The mode of the file.
        mode: u64,
    },
    /// Something else is mounted there, and what it holds is not known.
    Other,
}

/// Kubernetes' own mode for the files of a volume: everybody may read them.
const DEFAULT_MODE: u64 = 0o644;

impl<'a> Server<'a> {
    /// What is mounted at a path, relative ones below the working directory; the longest mount wins.
    pub(crate) fn mounted(&self, path: &str) -> Option<Mounted<'a>> {
        let mounts = list(self.container.value.get("volumeMounts")).iter();
        let (_, mount, rest) = mounts
            .filter_map(|mount| {
                let at = text(mount, "/mountPath")?;
                Some((at.len(), mount, below(path, at)?))
            })
            .max_by_key(|(length, ..)| *length)?;
        let volume =
            list(self.pod.spec.value.get("volumes")).iter().find(|volume| volume.get("name") == mount.get("name"))?;
        let file = text(mount, "/subPath").map_or(rest, |part| if rest.is_empty() { part } else { rest });
        Some(in_volume(volume, file))
    }
}

/// The rest of a path below a mount: empty for the mount itself.
fn below<'p>(path: &'p str, mount: &str) -> Option<&'p str> {
    let (path, mount) = (path.trim_start_matches("./"), mount.trim_end_matches('/'));
    let rest = path.strip_prefix(mount).or_else(|| path.strip_prefix(mount.strip_prefix('/')?))?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

fn in_volume<'a>(volume: &'a Value, file: &str) -> Mounted<'a> {
    let config_map = volume.get("configMap").and_then(|source| Some((source, text(source, "/name")?)));
    let secret = volume.get("secret").and_then(|source| Some((source, text(source, "/secretName")?)));
    match (config_map, secret) {
        (Some((source, name)), _) => {
            key(source, file).map_or(Mounted::Other, |(key, _)| Mounted::ConfigMap { name, key })
        }
        (None, Some((source, name))) => {
            key(source, file).map_or(Mounted::Other, |(key, mode)| Mounted::Secret { name, key, mode })
        }
        (None, None) => Mounted::Other,
    }
}

/// The key whose value is a file of a volume, and the file's mode. Without items each key is a file.
fn key(source: &Value, file: &str) -> Option<(String, u64)> {
    let mode = source.get("defaultMode").and_then(Value::as_u64).unwrap_or(DEFAULT_MODE);
    let Some(items) = source.get("items") else { return Some((file.to_owned(), mode)) };
    let item = list(Some(items)).iter().find(|item| text(item, "/path") == Some(file))?;
    Some((text(item, "/key")?.to_owned(), item.get("mode").and_then(Value::as_u64).unwrap_or(mode)))
}

#[cfg(test)]
mod tests {
    use super::below;

    #[test]
    fn a_path_is_below_a_mount_at_whole_names() {
        for (path, mount, rest) in [
            ("/etc/lk/a", "/etc/lk", Some("a")),
            ("/etc/lk/a/b", "/etc/lk/", Some("a/b")),
            ("/etc/lk", "/etc/lk", Some("")),
            ("/etc/lk2/a", "/etc/lk", None),
            ("/etc", "/etc/lk", None),
            ("etc/lk/a", "/etc/lk", Some("a")),
            ("./etc/lk/a", "/etc/lk", Some("a")),
        ] {
            assert_eq!(below(path, mount), rest, "{path} {mount}");
        }
    }
}
