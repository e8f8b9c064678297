//! What a plugin is shown in the place of secrets. The data of a Secret is hidden, and so is its text wherever else
//! it stands: in an annotation, an argument, a file of a `ConfigMap`. The plugin's own changes are held against the same
//! view, so that no operation succeeds or fails by what is hidden.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use super::REDACTED;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, ManifestSet};
use crate::seal;
use crate::yaml::base64;

/// The first secret-holding annotation: kubectl keeps the whole object in it, data included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Shorter texts stand in many places that have nothing to do with the secret.
const SHORTEST: usize = 8;
/// The same for what people keep in Git, where it costs nothing to hide too much.
const SHORTEST_KEPT: usize = 4;

/// The texts of all Secrets of a set.
#[derive(Debug, Default)]
pub(super) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Collects them: each value, and what stands behind a key in one that is a file of keys. What is the name of an
    /// object is no secret.
    pub(super) fn of(set: &ManifestSet) -> Self {
        Self::longer_than(SHORTEST, set)
    }

    fn longer_than(shortest: usize, set: &ManifestSet) -> Self {
        let secrets = set.iter().filter(|manifest| is_secret(manifest));
        let mut texts: BTreeSet<String> = secrets.flat_map(|secret| texts(&secret.value, shortest)).collect();
        if !texts.is_empty() {
            let names = set.iter().flat_map(|manifest| [Some(&manifest.id.name), manifest.id.namespace.as_ref()]);
            names.flatten().for_each(|name| drop(texts.take(name)));
        }
        Self(texts)
    }

    /// An object as a plugin is shown it.
    pub(super) fn hide<'m>(&self, manifest: &'m Manifest) -> Cow<'m, Value> {
        let is_secret = is_secret(manifest);
        if !is_secret && !self.is_in(&manifest.value) {
            return Cow::Borrowed(&manifest.value);
        }
        let mut value = manifest.value.clone();
        if is_secret {
            hide_data(&mut value);
        }
        self.hide_in(&mut value);
        Cow::Owned(value)
    }

    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.0.iter().any(|secret| text.contains(secret)),
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            Value::Object(map) => map.values().any(|member| self.is_in(member)),
            _ => false,
        }
    }

    fn hide_in(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.0.iter().any(|secret| text.contains(secret)) => REDACTED.clone_into(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(map) => map.values_mut().for_each(|member| self.hide_in(member)),
            _ => {}
        }
    }
}

/// The objects of a set without secrets, nor the checksums of any, by which a weak one could be guessed.
pub(crate) fn without_secrets(set: &ManifestSet) -> ManifestSet {
    let secrets = Secrets::longer_than(SHORTEST_KEPT, set);
    let mut shown = set.clone();
    for manifest in set.iter() {
        let mut value = secrets.hide(manifest).into_owned();
        hide_checksums(&mut value);
        // What tells an object from others is never hidden, so this cannot be refused.
        let _ = shown.replace(&manifest.id, value);
    }
    shown
}

fn hide_checksums(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                if key.starts_with(seal::OF_SECRET) {
                    *member = REDACTED.into();
                }
                hide_checksums(member);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(hide_checksums),
        _ => {}
    }
}

/// Whether something was hidden here or below.
pub(super) fn is_hidden(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => items.iter().any(is_hidden),
        Value::Object(map) => map.iter().any(|(key, member)| key.contains(REDACTED) || is_hidden(member)),
        _ => false,
    }
}

/// Refuses what a plugin was shown in the place of a secret: it would be written over it, or beside it.
///
/// # Errors
/// The value contains it; `whose` says what the value is.
pub(super) fn refuse(value: &Value, whose: &str) -> Result<(), Diagnostic> {
    if !is_hidden(value) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("{whose} contains `{REDACTED}`, which stands for a secret"))
        .hint("a plugin is not shown secrets, and cannot copy them; let it refer to the Secret by name"))
}

fn is_secret(manifest: &Manifest) -> bool {
    manifest.id.kind == "Secret" && manifest.id.group.is_empty()
}

/// A Secret keeps its keys, so that a plugin can see what there is, and loses its values.
fn hide_data(secret: &mut Value) {
    for field in ["/data", "/stringData"] {
        match secret.pointer_mut(field) {
            Some(Value::Object(data)) => data.values_mut().for_each(|value| *value = REDACTED.into()),
            Some(other) => *other = REDACTED.into(),
            None => {}
        }
    }
    if let Some(Value::Object(annotations)) = secret.pointer_mut("/metadata/annotations")
        && let Some(last_applied) = annotations.get_mut(LAST_APPLIED)
    {
        *last_applied = REDACTED.into();
    }
}

fn texts(secret: &Value, shortest: usize) -> BTreeSet<String> {
    let values = |field: &str| secret.get(field).and_then(Value::as_object).into_iter().flat_map(|data| data.values());
    let written: Vec<&str> = values("data").chain(values("stringData")).filter_map(Value::as_str).collect();
    let decode = |text: &&str| base64::decode(text).and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded: Vec<String> = values("data").filter_map(Value::as_str).filter_map(|text| decode(&text)).collect();
    let texts = written.into_iter().chain(decoded.iter().map(String::as_str));
    let parts = texts.flat_map(|text| {
        let behind = text.lines().filter_map(|line| line.split_once(": ")).map(|(_, value)| value);
        std::iter::once(text).chain(behind)
    });
    let bare = parts.map(|part| part.trim().trim_matches(['"', '\'']));
    bare.filter(|part| part.len() >= shortest).map(str::to_owned).collect()
}
