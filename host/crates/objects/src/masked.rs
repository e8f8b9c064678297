//! Manifests as plugins and snapshots have them. The data of a Secret is masked, and so is its text wherever else it
//! stands: in an annotation, an argument, a file of a `ConfigMap`; and so is what came from a variable or a file of
//! `--set-env` and `--set-file`. A plugin's own changes are held against the same view, so that no operation succeeds or
//! fails by what is masked.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::mask::finder::Finder;
use render_text::mask::vocabulary::Vocabulary;
use render_text::mask::{MASKED_VALUE, names, parts, urls};
use render_text::node::{Node, Tree};

use crate::manifest::{Manifest, ManifestSet};
use crate::seal;

/// The first secret-holding annotation: kubectl keeps the whole object in it, data included.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Shorter texts stand in many places that have nothing to do with the secret.
const SHORTEST: usize = 8;
/// The same for what people keep in Git, where it costs nothing to mask too much.
const SHORTEST_KEPT: usize = 4;
/// The same for what came from a variable or a file, which need not be secret.
const SHORTEST_GIVEN: usize = 6;

/// The texts of all Secrets of a set, and of what came from variables and files.
pub struct Secrets(Finder);

impl Secrets {
    /// Collects them: each value and its parts. What is the name of an object is no secret, nor is a word of the
    /// documentation.
    #[must_use]
    pub fn of(set: &ManifestSet, given: &[String], words: &Vocabulary) -> Self {
        Self::longer_than(SHORTEST, set, given, words)
    }

    fn longer_than(shortest: usize, set: &ManifestSet, given: &[String], words: &Vocabulary) -> Self {
        let secrets = set.iter().filter(|manifest| is_secret(manifest)).flat_map(|secret| texts(&secret.value));
        // What was given is no secret for certain, so a short one may stand anywhere.
        let given = given.iter().flat_map(|text| parts::of(text)).filter(|text| text.len() >= SHORTEST_GIVEN);
        let mut texts: BTreeSet<String> = secrets.chain(given).collect();
        texts.retain(|text| text.len() >= shortest && !words.has_word(text));
        if !texts.is_empty() {
            let names = set.iter().flat_map(|manifest| [Some(&manifest.id.name), manifest.id.namespace.as_ref()]);
            names.flatten().for_each(|name| drop(texts.take(name)));
        }
        Self(Finder::new(&texts))
    }

    /// An object as a plugin is shown it.
    #[must_use]
    pub fn mask<'m>(&self, manifest: &'m Manifest) -> Cow<'m, Value> {
        let is_secret = is_secret(manifest);
        if !is_secret && !self.is_in(&manifest.value) {
            return Cow::Borrowed(&manifest.value);
        }
        let mut value = manifest.value.clone();
        if is_secret {
            mask_data(&mut value);
        }
        self.mask_in(&mut value);
        Cow::Owned(value)
    }

    /// A text that holds a secret: of a file in it, such as a configuration, the other lines stay.
    fn masked(&self, text: &str) -> String {
        let line = |line: &str| if self.is_in_text(line) { MASKED_VALUE.to_owned() } else { line.to_owned() };
        let masked = text.split('\n').map(line).collect::<Vec<_>>().join("\n");
        if self.is_in_text(&masked) { MASKED_VALUE.to_owned() } else { masked }
    }

    fn is_in_text(&self, text: &str) -> bool {
        self.0.is_in(text)
    }

    fn is_in(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in_text(text),
            Value::Array(items) => items.iter().any(|item| self.is_in(item)),
            Value::Object(map) => map.values().any(|member| self.is_in(member)),
            _ => false,
        }
    }

    fn mask_in(&self, value: &mut Value) {
        match value {
            Value::String(text) if self.is_in_text(text) => *text = self.masked(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.mask_in(item)),
            Value::Object(map) => map.values_mut().for_each(|member| self.mask_in(member)),
            _ => {}
        }
    }
}

/// The objects of a set without secrets, nor the checksums of any, by which a weak one could be guessed.
pub fn without_secrets(set: &ManifestSet, given: &[String], words: &Vocabulary) -> ManifestSet {
    let secrets = Secrets::longer_than(SHORTEST_KEPT, set, given, words);
    let mut shown = set.clone();
    for manifest in set.iter() {
        let mut value = secrets.mask(manifest).into_owned();
        mask_checksums(&mut value);
        mask_variables(&mut value);
        // What tells an object from others is never masked, so this cannot be refused.
        let _ = shown.replace(&manifest.id, value);
    }
    shown
}

/// Masks the variables of containers that hold a secret by their name, and passwords in URLs.
fn mask_variables(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let is_secret = map.get("name").and_then(Value::as_str).is_some_and(names::is_secret_variable);
            if let Some(Value::String(text)) = map.get_mut("value").filter(|_| is_secret) {
                *text = MASKED_VALUE.into();
            }
            map.values_mut().for_each(mask_variables);
        }
        Value::Array(items) => items.iter_mut().for_each(mask_variables),
        Value::String(text) if !urls::passwords(text).is_empty() => *text = MASKED_VALUE.into(),
        _ => {}
    }
}

fn mask_checksums(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, member) in map {
                if key.starts_with(seal::OF_SECRET) {
                    *member = MASKED_VALUE.into();
                }
                mask_checksums(member);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask_checksums),
        _ => {}
    }
}

/// Whether something is masked here or below.
pub fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASKED_VALUE),
        Value::Array(items) => items.iter().any(is_masked),
        Value::Object(map) => map.iter().any(|(key, member)| key.contains(MASKED_VALUE) || is_masked(member)),
        _ => false,
    }
}

/// Refuses what a plugin was shown in the place of a secret: it would be written over it, or beside it.
///
/// # Errors
/// The value contains it; `whose` says what the value is.
pub fn refuse(value: &Value, whose: &str) -> Result<(), Diagnostic> {
    if !is_masked(value) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("{whose} contains `{MASKED_VALUE}`, which stands for a secret"))
        .hint("a plugin is not shown secrets, and cannot copy them; let it refer to the Secret by name"))
}

fn is_secret(manifest: &Manifest) -> bool {
    manifest.id.kind == "Secret" && manifest.id.group.is_empty()
}

/// A Secret keeps its keys, so that a plugin can see what there is, and loses its values.
fn mask_data(secret: &mut Value) {
    for field in ["/data", "/stringData"] {
        match secret.pointer_mut(field) {
            Some(Value::Object(data)) => data.values_mut().for_each(|value| *value = MASKED_VALUE.into()),
            Some(other) => *other = MASKED_VALUE.into(),
            None => {}
        }
    }
    if let Some(Value::Object(annotations)) = secret.pointer_mut("/metadata/annotations")
        && let Some(last_applied) = annotations.get_mut(LAST_APPLIED)
    {
        *last_applied = MASKED_VALUE.into();
    }
}

fn texts(secret: &Value) -> BTreeSet<String> {
    let values = |field: &str| secret.get(field).and_then(Value::as_object).into_iter().flat_map(|data| data.values());
    values("data").chain(values("stringData")).filter_map(Value::as_str).flat_map(parts::of).collect()
}

/// Masks in values what came from a variable or a file; `tree` holds the same values.
pub fn given(value: &mut Value, tree: &Node) {
    match (value, &tree.tree) {
        (value, _) if tree.given_by().is_some() => *value = MASKED_VALUE.into(),
        (Value::Array(values), Tree::List(items)) => {
            values.iter_mut().zip(items).for_each(|(value, item)| given(value, item));
        }
        (Value::Object(values), Tree::Map(map)) => {
            for (key, member) in map {
                values.get_mut(key).into_iter().for_each(|value| given(value, &member.node));
            }
        }
        _ => {}
    }
}
