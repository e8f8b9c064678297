//! The objects of one render: what identifies each, who made it, and the ordered set they form.
//! Templates fill the set, plugins and patches change it, checks read it and `emit` prints it.

use std::fmt;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::resource::{ResourceId, write_name};

use crate::identity;

/// The objects, in the order in which they arrived; no two have the same identity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManifestSet(IndexMap<ResourceId, Manifest>);

/// One Kubernetes object.
#[derive(Clone, PartialEq)]
pub struct Manifest {
    /// What identifies it, computed from `value`.
    pub id: ResourceId,
    /// The whole object.
    pub value: Value,
    /// Who made it: the name of a template or of a plugin.
    pub origin: String,
}

/// A rendered object. Without a namespace any will do, as long as exactly one object matches; an object that
/// says no namespace itself, as those of charts, goes to whichever one it is installed into.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Its API version, as in apps/v1.
    pub api_version: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
}

impl ManifestSet {
    /// Adds an object at the end.
    ///
    /// # Errors
    /// When `apiVersion`, `kind` or `metadata.name` is missing, or the same object is there already.
    pub fn push(&mut self, value: Value, origin: impl Into<String>) -> Result<&Manifest, Diagnostic> {
        self.push_in_slot(value, origin, "")
    }

    /// Adds an object of a helm stream, which may hold the same object once for each hook and file.
    ///
    /// # Errors
    /// As [`ManifestSet::push`], for objects of the same slot.
    pub(crate) fn push_in_slot(
        &mut self,
        value: Value,
        origin: impl Into<String>,
        slot: &str,
    ) -> Result<&Manifest, Diagnostic> {
        let id = ResourceId { slot: slot.to_owned(), ..identity::of(&value)? };
        let origin = origin.into();
        if let Some(first) = self.0.get(&id) {
            return Err(Diagnostic::error(format!("{id} is made twice: by {} and by {origin}", first.origin))
                .hint("rename one of them, or leave one out"));
        }
        Ok(self.0.entry(id.clone()).or_insert(Manifest { id, value, origin }))
    }

    /// Every object, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Manifest> {
        self.0.values()
    }

    /// How many objects there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The object with an identity.
    #[must_use]
    pub fn get(&self, id: &ResourceId) -> Option<&Manifest> {
        self.0.get(id)
    }

    /// Every object that a target fits.
    #[must_use]
    pub(crate) fn find(&self, target: &Target) -> Vec<&Manifest> {
        self.iter().filter(|manifest| target.fits(manifest)).collect()
    }

    /// The one object that a target fits. A helm stream may hold an object once for itself and once for each
    /// hook; the object itself is meant.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn only(&self, target: &Target) -> Result<&Manifest, Diagnostic> {
        let found = self.find(target);
        let (hooks, own): (Vec<&Manifest>, Vec<&Manifest>) =
            found.iter().copied().partition(|manifest| manifest.is_hook());
        match if own.is_empty() { hooks.as_slice() } else { own.as_slice() } {
            [one] => Ok(one),
            [] => Err(Diagnostic::error(format!("there is no {target}")).hint(self.what_is_there(&target.kind))),
            _ => Err(Diagnostic::error(format!("{target} is ambiguous: {} objects fit it", found.len()))
                .hint(format!("say which: {}", list(found.iter().map(|manifest| in_slot(manifest)))))),
        }
    }

    /// Puts another value in the place of an object's, and returns whether the object was there.
    ///
    /// # Errors
    /// When the new value is not the same object.
    pub fn replace(&mut self, id: &ResourceId, value: Value) -> Result<bool, Diagnostic> {
        let new = ResourceId { slot: id.slot.clone(), ..identity::of(&value)? };
        if new != *id {
            return Err(Diagnostic::error(format!("{id} would become {new}")));
        }
        let Some(manifest) = self.0.get_mut(id) else { return Ok(false) };
        manifest.value = value;
        Ok(true)
    }

    /// Takes an object out; the others keep their order.
    pub fn remove(&mut self, id: &ResourceId) -> Option<Manifest> {
        self.0.shift_remove(id)
    }

    fn what_is_there(&self, kind: &str) -> String {
        let same_kind: Vec<String> = self.iter().filter(|manifest| manifest.id.kind == kind).map(describe).collect();
        if same_kind.is_empty() {
            return format!("there is no {kind} at all");
        }
        format!("there is {}", list(same_kind.into_iter()))
    }
}

/// An object may be a Secret, so only what it is called is printed.
impl fmt::Debug for Manifest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.id, self.origin)
    }
}

impl Manifest {
    /// The whole `apiVersion`, of which the identity holds the group alone.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.value.get("apiVersion").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether Helm runs it at a time of its own.
    #[must_use]
    pub fn is_hook(&self) -> bool {
        self.value.pointer("/metadata/annotations").is_some_and(|notes| notes.get("helm.sh/hook").is_some())
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.api_version)?;
        write_name(f, &self.kind, self.namespace.as_deref(), &self.name)
    }
}

impl Target {
    fn fits(&self, manifest: &Manifest) -> bool {
        manifest.id.kind == self.kind
            && manifest.id.name == self.name
            && (self.namespace.is_none() || manifest.id.namespace.is_none() || self.namespace == manifest.id.namespace)
            && manifest.api_version() == self.api_version
    }
}

/// The same object with its members in the order in which people write and review them, for makers
/// whose JSON has no order of its own.
#[must_use]
pub fn conventional(mut value: Value) -> Value {
    lead(&mut value, &["apiVersion", "kind", "metadata"]);
    if let Some(metadata) = value.get_mut("metadata") {
        lead(metadata, &["name", "namespace", "labels", "annotations"]);
    }
    value
}

/// Puts these members first, in this order.
fn lead(value: &mut Value, first: &[&str]) {
    let Value::Object(map) = value else { return };
    let mut rest = std::mem::take(map);
    for key in first {
        map.extend(rest.shift_remove_entry(*key));
    }
    map.extend(rest);
}

/// A few names in one line; the rest is counted.
pub fn list(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 8;
    let names: Vec<String> = names.collect();
    let rest = names.len().saturating_sub(SHOWN);
    let shown = names.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if rest == 0 { shown } else { format!("{shown} and {rest} more") }
}

/// An object with what tells it apart from its copies in a helm stream.
fn in_slot(manifest: &Manifest) -> String {
    let ResourceId { slot, .. } = &manifest.id;
    if slot.is_empty() { manifest.id.to_string() } else { format!("{} ({slot})", manifest.id) }
}

fn describe(manifest: &Manifest) -> String {
    format!("{} {}", manifest.api_version(), manifest.id)
}
