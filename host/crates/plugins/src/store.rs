//! Where the components of plugins come from that are not built in: a file, a registry, and the folder in which a
//! pulled one stays, so that a render uses the network at most once. Components are addressed by sha256; a
//! file whose hash does not match its name is treated as missing.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use render_files::{By, Roots, Unreadable};
use render_text::diagnostic::Diagnostic;
use render_text::hex;

use super::cache::Folder;
use super::limits::{Limits, raise};
use super::{Plugin, built_in, open, reserved};
use crate::lock::{Lock, Locked};
use crate::registry::{self, Access, Pulled, SCHEME};
use crate::signature::{Key, Signature64};

/// Where components may be looked for.
#[derive(Debug, Clone, Default)]
pub struct Store {
    /// The folder of the cache, where there is one.
    pub cache: Option<PathBuf>,
    /// How registries may be asked, where they may.
    pub access: Option<Access>,
}

/// What a source holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The component.
    pub component: Vec<u8>,
    /// The digest of its manifest, where it is from a registry.
    pub digest: Option<String>,
}

/// What was signed of a component from a registry, kept beside it.
#[derive(Debug, Deserialize, Serialize)]
struct Evidence {
    manifest: String,
    signature: Signature64,
}

/// Where components are, below the folder of the cache.
const FOLDER: &str = "components";
/// The largest evidence that is read.
const MOST_EVIDENCE: usize = 1 << 20;
/// The largest key or signature that is read.
const MOST_OF_KEY: usize = 64 << 10;

/// Opens a plugin of the lock, as it was accepted. The network is used only when nothing else has its content.
///
/// # Errors
/// Content, name or permissions that are not those of the lock; content that cannot be had.
pub fn accepted(name: &str, lock: &Lock, store: &Store, limits: &Limits) -> Result<Plugin, Diagnostic> {
    let Some(locked) = lock.plugins.get(name) else {
        return Err(Diagnostic::error(format!("there is no plugin `{name}` in render.lock")));
    };
    let component = match locked.source.strip_prefix(SCHEME) {
        Some(reference) => pulled_once(name, locked, reference, lock, store, limits)?,
        None => component_file(&lock.folder().join(&locked.source), By::Other, lock, limits)?,
    };
    let found = hex::sha256(&component);
    let plugin = open::open(name, component, limits);
    if found != locked.sha256 {
        return Err(changed(name, locked, &plugin));
    }
    let plugin = plugin?;
    usable(&plugin, name)?;
    match locked.changes(&plugin.description).as_slice() {
        [] => Ok(plugin),
        changes => Err(Diagnostic::error(format!(
            "what render.lock grants to the plugin `{name}` is not what it asks for: {}",
            changes.join("; ")
        ))
        .hint(format!("`render plugin update {name} --accept` grants what it asks for"))),
    }
}

/// What a source holds now: a reference is asked for anew.
///
/// # Errors
/// A source that cannot be read; with a key, a signature that is missing or wrong.
pub fn latest(
    (source, by): (&str, By),
    lock: &Lock,
    key: Option<&Key>,
    store: &Store,
    limits: &Limits,
) -> Result<Content, Diagnostic> {
    let Some(text) = source.strip_prefix(SCHEME) else {
        let path = lock.folder().join(source);
        let component = component_file(&path, by, lock, limits)?;
        key.map_or(Ok(()), |key| signed_file(&path, &component, key, &lock.roots))?;
        return Ok(Content { component, digest: None });
    };
    let reference = registry::reference(text)?;
    let Some(access) = store.access else {
        return Err(Diagnostic::error(format!("`--offline` refuses to look at `{source}`"))
            .hint("leave `--offline` out; nothing else asks a registry for what is new"));
    };
    let pulled = registry::pull(&reference, access, limits.component_bytes, key)?;
    store.keep(&pulled);
    Ok(Content { component: pulled.component, digest: Some(pulled.digest) })
}

/// Looks whether a plugin of the lock is signed by the key that is pinned, if one is, without the network.
///
/// # Errors
/// A signature that is missing or wrong.
pub fn signed(name: &str, lock: &Lock, store: &Store, component: &[u8]) -> Result<(), Diagnostic> {
    let Some(locked) = lock.plugins.get(name) else { return Ok(()) };
    let Some(key) = key(locked, lock)? else { return Ok(()) };
    if !locked.source.starts_with(SCHEME) {
        return signed_file(&lock.folder().join(&locked.source), component, &key, &lock.roots);
    }
    let evidence = store.folder().and_then(|folder| folder.read(&evidence_name(&locked.sha256), MOST_EVIDENCE));
    let evidence = evidence.and_then(|bytes| serde_json::from_slice::<Evidence>(&bytes).ok());
    match evidence {
        Some(evidence) if proves(&evidence, locked, &key) => Ok(()),
        Some(_) => {
            Err(Diagnostic::error(format!("the signature of the plugin `{name}` is not by the key of render.lock"))
                .hint("do not use it until its author has said why"))
        }
        None => Err(Diagnostic::error(format!("the signature of the plugin `{name}` is not in the cache"))
            .hint(format!("`render plugin update {name}` pulls it"))),
    }
}

/// The key that must have signed a plugin of the lock.
///
/// # Errors
/// A key that cannot be read.
pub fn key(locked: &Locked, lock: &Lock) -> Result<Option<Key>, Diagnostic> {
    let Some(signed) = &locked.signature else { return Ok(None) };
    if signed.key.contains("-----BEGIN") {
        return Key::read(&signed.key).map(Some);
    }
    Key::read(&pem(&lock.folder().join(&signed.key), By::Other, &lock.roots)?).map(Some)
}

/// The text of a file that holds a key.
///
/// # Errors
/// It cannot be read.
pub fn pem(path: &Path, by: By, roots: &Roots) -> Result<String, Diagnostic> {
    let key = roots.read(path, by, MOST_OF_KEY).map_err(|error| unreadable(path, &error, "name the file of a key"))?;
    Ok(String::from_utf8_lossy(&key).into_owned())
}

/// Whether a plugin can be one of the lock: its name is that of its section, and nothing else has it.
///
/// # Errors
/// A name that the lock does not give it, or that the values have for something else.
pub fn usable(plugin: &Plugin, name: &str) -> Result<(), Diagnostic> {
    let own = &plugin.description.name;
    if own != name {
        return Err(Diagnostic::error(format!("the plugin calls itself `{own}`, not `{name}`"))
            .hint("its name is that of its section in the values, and cannot be another"));
    }
    if built_in::plugin(own).is_some() || reserved::is_taken(own) {
        return Err(Diagnostic::error(format!("a plugin cannot be called `{own}`, which is something else already"))
            .hint("the plugin's author has to give it another name"));
    }
    Ok(())
}

impl Store {
    fn folder(&self) -> Option<Folder> {
        Folder::open(&self.cache.as_deref()?.join(FOLDER)).ok()
    }

    /// Keeps what was pulled. A cache that cannot be written makes the next run pull again, and is no mistake.
    fn keep(&self, pulled: &Pulled) {
        let Some(folder) = self.folder() else { return };
        let sha256 = hex::sha256(&pulled.component);
        let _ = folder.write(&component_name(&sha256), &[&pulled.component]);
        if let Some(signature) = pulled.signature.clone() {
            let evidence = Evidence { manifest: pulled.manifest.clone(), signature };
            let _ = folder.write(&evidence_name(&sha256), &[&serde_json::to_vec(&evidence).unwrap_or_default()]);
        }
    }
}

/// The component that the lock pins, from the cache, or else pulled by its digest.
fn pulled_once(
    name: &str,
    locked: &Locked,
    reference: &str,
    lock: &Lock,
    store: &Store,
    limits: &Limits,
) -> Result<Vec<u8>, Diagnostic> {
    let kept = store.folder().and_then(|folder| folder.read(&component_name(&locked.sha256), limits.component_bytes));
    let there = kept.is_some();
    if let Some(component) = kept.filter(|component| hex::sha256(component) == locked.sha256) {
        return Ok(component);
    }
    let Some(access) = store.access else {
        let what = if there { "is damaged in the cache" } else { "is not in the cache" };
        return Err(Diagnostic::error(format!("the plugin `{name}` {what}, and the network is not used"))
            .hint(format!("`render plugin update {name}` pulls it, and so does a render without `--offline`")));
    };
    let Some(digest) = &locked.digest else {
        return Err(Diagnostic::error(format!("render.lock has no `digest` for the plugin `{name}`"))
            .hint(format!("write it anew with `render plugin update {name} --accept`")));
    };
    let reference = registry::reference(reference)?.clone_with_digest(digest.clone());
    let pulled = registry::pull(&reference, access, limits.component_bytes, key(locked, lock)?.as_ref())?;
    store.keep(&pulled);
    Ok(pulled.component)
}

/// Says what changed, as far as it can be read.
fn changed(name: &str, locked: &Locked, plugin: &Result<Plugin, Diagnostic>) -> Diagnostic {
    let what = match plugin {
        Ok(plugin) => locked.changes(&plugin.description),
        Err(wrong) => vec![wrong.message.clone()],
    };
    let what = if what.is_empty() { "version and permissions are the same".to_owned() } else { what.join("; ") };
    Diagnostic::error(format!(
        "the plugin `{name}` in `{}` is not the one that render.lock pins: {what}",
        locked.source
    ))
    .hint(format!("look at it with `render plugin update {name}`, which takes it with `--accept`"))
}

fn signed_file(path: &Path, component: &[u8], key: &Key, roots: &Roots) -> Result<(), Diagnostic> {
    let mut name = path.as_os_str().to_owned();
    name.push(".sig");
    let beside = PathBuf::from(name);
    let signature = roots.read(&beside, By::Other, MOST_OF_KEY).map_err(|error| {
        unreadable(&beside, &error, "").hint("the signature of a file stands beside it: `cosign sign-blob --key cosign.key --output-signature FILE.sig FILE`")
    })?;
    if key.signed(component, &String::from_utf8_lossy(&signature)) {
        return Ok(());
    }
    let (path, beside) = (path.display(), beside.display());
    Err(Diagnostic::error(format!("`{beside}` is not the signature of `{path}` by the key that is pinned"))
        .hint("do not use it until its author has said why"))
}

/// From the key to the component: it signed a document, which names a manifest, which names the component.
fn proves(evidence: &Evidence, locked: &Locked, key: &Key) -> bool {
    let digest = format!("sha256:{}", hex::sha256(evidence.manifest.as_bytes()));
    let component = format!("sha256:{}", locked.sha256);
    let manifest: Value = serde_json::from_str(&evidence.manifest).unwrap_or_default();
    let names =
        manifest["layers"].as_array().is_some_and(|layers| layers.iter().any(|layer| layer["digest"] == *component));
    names && locked.digest.as_ref() == Some(&digest) && key.vouches(&evidence.signature, &digest)
}

fn component_name(sha256: &str) -> String {
    format!("{sha256}.wasm")
}

fn evidence_name(sha256: &str) -> String {
    format!("{sha256}.signature.json")
}

/// The component in a file.
fn component_file(path: &Path, by: By, lock: &Lock, limits: &Limits) -> Result<Vec<u8>, Diagnostic> {
    lock.roots.read(path, by, limits.component_bytes).map_err(|error| {
        let length = if let Unreadable::TooLong(_, length) = error { length } else { 0 };
        let smaller = raise(limits, "component-size", length, "build it without debug information");
        unreadable(path, &error, &smaller)
    })
}

/// Why a file cannot be used, with what to do about one that is too large.
fn unreadable(path: &Path, error: &Unreadable, if_larger: &str) -> Diagnostic {
    let shown = path.display();
    if let Unreadable::TooLong(most, _) = error {
        return Diagnostic::error(format!("`{shown}` is larger than {}", super::limits::bytes(*most))).hint(if_larger);
    }
    Diagnostic::error(format!("`{shown}` {}", error.problem())).hint(error.remedy().unwrap_or("check the path"))
}
