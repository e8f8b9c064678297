//! A plugin's changes, each checked against what it was granted before it is made. All that are refused
//! are told at once.

use std::borrow::Cow;

use serde_json::Value;

use render_objects::identity;
use render_objects::manifest::{Manifest, ManifestSet, Target, conventional};
use render_objects::masked::{self, Secrets};
use render_objects::patch::{self, Operation, PatchError, Problem, Resolved};
use render_text::diagnostic::{Diagnostic, Found};
use render_text::resource::ResourceId;

use super::description::Description;
use super::limits::{Limits, raise};
use super::response::Change;
use super::{blame, grants};

/// One change that was made: the next plugin cannot undo it unseen.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Who made it.
    pub plugin: String,
    /// To which object.
    pub resource: ResourceId,
    /// Where in it, token by token, and nothing for the whole object. A list item that has a `name`
    /// is named by it, as in `[name=livekit]`, because its index changes with the list.
    pub path: Vec<String>,
    /// `add`, `replace` or `remove`.
    pub operation: &'static str,
    /// Why, in the plugin's words.
    pub reason: String,
}

/// Makes the changes of one plugin, and notes them in `log`, which holds those of the plugins before. The plugin comes
/// with the texts that it was not shown.
///
/// # Errors
/// Every change that is refused or cannot be made; the set is then of no further use.
pub fn apply(
    by: By<'_>,
    limits: &Limits,
    changes: Vec<Change>,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Found<()> {
    let plugin = &by.0.name;
    count(&changes, limits).map_err(|error| vec![blame(plugin, error)])?;
    let mut refused = Vec::new();
    for change in changes {
        if let Err(error) = apply_one(by, change, set, log) {
            refused.push(blame(plugin, error));
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The plugin that makes changes, and what it is not shown.
pub(crate) type By<'a> = (&'a Description, &'a Secrets);

/// A patch counts for each of its operations.
fn count(changes: &[Change], limits: &Limits) -> Result<(), Diagnostic> {
    let weight = |change: &Change| if let Change::Patch { patch, .. } = change { patch.len().max(1) } else { 1 };
    let made: usize = changes.iter().map(weight).sum();
    let added = changes.iter().filter(|change| matches!(change, Change::Add { .. })).count();
    if made > limits.changes {
        return Err(Diagnostic::error(format!("it makes {made} changes; the limit is {}", limits.changes))
            .hint(raise(limits, "changes", made, "it may replace a map or a list as a whole")));
    }
    if added > limits.added {
        return Err(Diagnostic::error(format!("it adds {added} manifests; the limit is {}", limits.added))
            .hint(raise(limits, "added", added, "what is not about the provider is better rendered from a template")));
    }
    Ok(())
}

fn apply_one(by: By<'_>, change: Change, set: &mut ManifestSet, log: &mut Vec<Applied>) -> Result<(), Diagnostic> {
    match change {
        Change::Add { manifest, reason } => add_manifest(by.0, manifest, reason.as_str(), set, log),
        Change::Patch { target, patch, reason } => patch_manifest(by, &target, (&patch, reason.as_str()), set, log),
        Change::Remove { target, reason } => remove_manifest(by.0, &target, reason.as_str(), set, log),
    }
}

fn add_manifest(
    description: &Description,
    manifest: Value,
    reason: &str,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    let resource = identity::of(&manifest)?;
    let api_version = manifest.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let target = Target {
        api_version: api_version.to_owned(),
        kind: resource.kind.clone(),
        namespace: resource.namespace.clone(),
        name: resource.name.clone(),
    };
    grants::whole(&description.permissions.add, "add", &target)?;
    no_list(&manifest, &resource)?;
    masked::refuse(&manifest, &format!("the manifest of {resource}"))?;
    set.push(conventional(manifest), &description.name)?;
    log.push(applied(description, resource, Vec::new(), "add", reason));
    Ok(())
}

/// kubectl applies what is in a list, and whoever grants the list does not know what that is.
fn no_list(manifest: &Value, resource: &ResourceId) -> Result<(), Diagnostic> {
    if !(resource.kind.ends_with("List") && manifest.get("items").is_some()) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("it cannot add {resource}, which holds other objects"))
        .hint("the plugin's author adds each of them by itself, with the permission for its kind"))
}

fn remove_manifest(
    description: &Description,
    target: &Target,
    reason: &str,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    grants::whole(&description.permissions.remove, "remove", target)?;
    let resource = set.only(target)?.id.clone();
    not_anothers(description, &resource, &[], "remove", log)?;
    set.remove(&resource);
    log.push(applied(description, resource, Vec::new(), "remove", reason));
    Ok(())
}

fn patch_manifest(
    (description, secrets): By<'_>,
    target: &Target,
    (operations, reason): (&[Operation], &str),
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    let granted = grants::paths(description, target)?;
    if operations.is_empty() {
        return Err(Diagnostic::error(format!("its patch of {target} has no operations"))
            .hint("the plugin's author leaves the change out when there is nothing to do"));
    }
    let manifest = set.only(target)?;
    let resource = manifest.id.clone();
    let mut draft = Draft::of(manifest, secrets);
    let mut made = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        grants::operation(description, &granted, operation, manifest)?;
        if let Some(brought) = operation.value() {
            let whose = || format!("the {} of `{}` in {resource}", operation.name(), operation.path());
            masked::refuse(brought, &whose())?;
        }
        let failed = |problem| cannot(&PatchError::new(index, operation, problem), &resource);
        let resolved = patch::resolve(draft.seen(), operation).map_err(failed)?;
        let path = by_name(draft.seen(), &resolved.tokens);
        if overwrites(draft.seen(), operation, &resolved.tokens) {
            not_anothers(description, &resource, &path, operation.name(), log)?;
        }
        if let Operation::Test { .. } = operation {
            no_secret(draft.seen(), &resolved.tokens, operation, &resource)?;
        } else {
            made.push(applied(description, resource.clone(), path, operation.name(), reason));
        }
        draft.perform(resolved).map_err(failed)?;
    }
    same_identity(manifest, &draft.value)?;
    set.replace(&resource, draft.value)?;
    log.extend(made);
    Ok(())
}

/// An object that is being patched. Paths and tests are held against what the plugin is shown of it, so that none
/// tells by its outcome what is masked.
struct Draft {
    value: Value,
    /// Where it differs from the value.
    shown: Option<Value>,
}

impl Draft {
    fn of(manifest: &Manifest, secrets: &Secrets) -> Self {
        let shown = match secrets.mask(manifest) {
            Cow::Owned(shown) => Some(shown),
            Cow::Borrowed(_) => None,
        };
        Self { value: manifest.value.clone(), shown }
    }

    fn seen(&self) -> &Value {
        self.shown.as_ref().unwrap_or(&self.value)
    }

    fn perform(&mut self, resolved: Resolved) -> Result<(), Problem> {
        if let Some(shown) = &mut self.shown {
            patch::perform(shown, resolved.clone())?;
        }
        // What was tested above may be masked below.
        if self.shown.is_some() && resolved.is_test() { Ok(()) } else { patch::perform(&mut self.value, resolved) }
    }
}

/// Even a test that fails tells something, and one that is refused tells nothing.
fn no_secret(seen: &Value, tokens: &[String], operation: &Operation, resource: &ResourceId) -> Result<(), Diagnostic> {
    if !seen.pointer(&patch::pointer(tokens)).is_some_and(masked::is_masked) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("it cannot test `{}` of {resource}, which holds a secret", operation.path()))
        .hint("a plugin is not shown secrets, and cannot find them out by guessing"))
}

fn applied(
    description: &Description,
    resource: ResourceId,
    path: Vec<String>,
    operation: &'static str,
    reason: &str,
) -> Applied {
    Applied { plugin: description.name.clone(), resource, path, operation, reason: reason.to_owned() }
}

fn cannot(error: &PatchError, resource: &ResourceId) -> Diagnostic {
    Diagnostic::error(format!("it cannot patch {resource}: {error}"))
        .hint("the plugin expects another object; check its values and whether its version fits this render")
}

/// A patch says what an object holds, not which object it is: other objects refer to it by name.
fn same_identity(manifest: &Manifest, value: &Value) -> Result<(), Diagnostic> {
    let fields = ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace", "/metadata/generateName"];
    let changed: Vec<String> = fields
        .iter()
        .filter(|field| manifest.value.pointer(field) != value.pointer(field))
        .map(|field| format!("`{field}`"))
        .collect();
    if changed.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::error(format!("its patch of {} changes {}", manifest.id, changed.join(", ")))
        .hint("a patch cannot make another object of it; remove this one and add that"))
}

/// The path with the names of list items in the place of their indices.
fn by_name(root: &Value, tokens: &[String]) -> Vec<String> {
    let mut here = Some(root);
    let mut path = Vec::new();
    for token in tokens {
        let child = here.and_then(|here| patch::child(here, token));
        let name = child.and_then(|item| item.get("name")).and_then(Value::as_str);
        let in_list = here.is_some_and(Value::is_array);
        path.push(name.filter(|_| in_list).map_or_else(|| token.clone(), |name| format!("[name={name}]")));
        here = child;
    }
    path
}

/// The path as a plugin would write it.
fn written(path: &[String]) -> String {
    patch::pointer(path).replace("/[name=", "[name=")
}

/// Whether an operation takes the place of something that is there and different.
fn overwrites(root: &Value, operation: &Operation, tokens: &[String]) -> bool {
    let there = root.pointer(&patch::pointer(tokens));
    let in_list = || {
        let parents = tokens.split_last().map_or(&[][..], |(_, parents)| parents);
        root.pointer(&patch::pointer(parents)).is_some_and(Value::is_array)
    };
    match operation {
        Operation::Test { .. } => false,
        Operation::Remove { .. } => true,
        Operation::Replace { value, .. } => there != Some(value),
        Operation::Add { value, .. } => there.is_some_and(|there| there != value) && !in_list(),
    }
}

/// Two plugins that disagree about a value would give an output that depends on their order.
fn not_anothers(
    description: &Description,
    resource: &ResourceId,
    path: &[String],
    verb: &str,
    log: &[Applied],
) -> Result<(), Diagnostic> {
    let touches = |made: &&Applied| {
        made.plugin != description.name
            && made.resource == *resource
            && (made.path.starts_with(path) || path.starts_with(&made.path))
    };
    let Some(made) = log.iter().find(touches) else { return Ok(()) };
    let what = if path.is_empty() { resource.to_string() } else { format!("`{}` of {resource}", written(path)) };
    Err(Diagnostic::error(format!("it would {verb} {what}, which plugin {} set: {}", made.plugin, made.reason))
        .hint("use one of the two plugins, or set what they disagree about in the `patches:` of the environment"))
}
