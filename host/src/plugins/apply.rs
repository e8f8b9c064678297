//! A plugin's changes, each checked against what it was granted before it is made. All that are refused
//! are told at once.

use serde_json::Value;

use super::description::{Description, Kind, PatchGrant};
use super::limits::{Limits, raise};
use super::response::Change;
use super::{REDACTED, blame};
use crate::diagnostic::{Diagnostic, Found};
use crate::manifest::{Manifest, ManifestSet, ResourceId, Target, conventional, list};
use crate::patch::{self, Operation, PatchError, Step};

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

/// Makes the changes of one plugin, and notes them in `log`, which holds those of the plugins before.
///
/// # Errors
/// Every change that is refused or cannot be made; the set is then of no further use.
pub fn apply(
    description: &Description,
    limits: &Limits,
    changes: Vec<Change>,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Found<()> {
    let plugin = &description.name;
    count(&changes, limits).map_err(|error| vec![blame(plugin, error)])?;
    let mut refused = Vec::new();
    for change in changes {
        if let Err(error) = apply_one(description, change, set, log) {
            refused.push(blame(plugin, error));
        }
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

fn count(changes: &[Change], limits: &Limits) -> Result<(), Diagnostic> {
    let added = changes.iter().filter(|change| matches!(change, Change::Add { .. })).count();
    if changes.len() > limits.changes {
        return Err(Diagnostic::error(format!("it makes {} changes, and may make {}", changes.len(), limits.changes))
            .hint(raise(limits, "changes", changes.len(), "it may replace a map or a list as a whole")));
    }
    if added > limits.added {
        return Err(Diagnostic::error(format!("it adds {added} manifests, and may add {}", limits.added)).hint(raise(
            limits,
            "added",
            added,
            "what is not about the provider is better rendered from a template",
        )));
    }
    Ok(())
}

fn apply_one(
    description: &Description,
    change: Change,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    match change {
        Change::Add { manifest, reason } => add_manifest(description, manifest, reason.as_str(), set, log),
        Change::Patch { target, patch, reason } => {
            patch_manifest(description, &target, &patch, reason.as_str(), set, log)
        }
        Change::Remove { target, reason } => remove_manifest(description, &target, reason.as_str(), set, log),
    }
}

fn add_manifest(
    description: &Description,
    manifest: Value,
    reason: &str,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    let resource = ResourceId::of(&manifest)?;
    let api_version = manifest.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    granted(&description.permissions.add, "add", api_version, &resource.kind)?;
    no_redacted(&manifest, &format!("the manifest of {resource}"))?;
    set.push(conventional(manifest), &description.name)?;
    log.push(applied(description, resource, Vec::new(), "add", reason));
    Ok(())
}

fn remove_manifest(
    description: &Description,
    target: &Target,
    reason: &str,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    granted(&description.permissions.remove, "remove", &target.api_version, &target.kind)?;
    let resource = set.only(target)?.id.clone();
    not_anothers(description, &resource, &[], "remove", log)?;
    set.remove(&resource);
    log.push(applied(description, resource, Vec::new(), "remove", reason));
    Ok(())
}

fn patch_manifest(
    description: &Description,
    target: &Target,
    operations: &[Operation],
    reason: &str,
    set: &mut ManifestSet,
    log: &mut Vec<Applied>,
) -> Result<(), Diagnostic> {
    let granted = patch_grant(description, target)?;
    if operations.is_empty() {
        return Err(Diagnostic::error(format!("its patch of {target} has no operations"))
            .hint("the plugin's author leaves the change out when there is nothing to do"));
    }
    let manifest = set.only(target)?;
    let resource = manifest.id.clone();
    let mut value = manifest.value.clone();
    let mut made = Vec::new();
    for (index, operation) in operations.iter().enumerate() {
        within(&granted, operation, target)?;
        if let Some(brought) = operation.value() {
            no_redacted(brought, &format!("the {} of `{}` in {resource}", operation.name(), operation.path()))?;
        }
        let failed = |problem| cannot(&PatchError::new(index, operation, problem), &resource);
        let resolved = patch::resolve(&value, operation).map_err(failed)?;
        let path = by_name(&value, &resolved.tokens);
        if overwrites(&value, operation, &resolved.tokens) {
            not_anothers(description, &resource, &path, operation.name(), log)?;
        }
        patch::perform(&mut value, resolved).map_err(failed)?;
        if !matches!(operation, Operation::Test { .. }) {
            made.push(applied(description, resource.clone(), path, operation.name(), reason));
        }
    }
    same_identity(manifest, &value)?;
    set.replace(&resource, value)?;
    log.extend(made);
    Ok(())
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

fn granted(kinds: &[Kind], verb: &str, api_version: &str, kind: &str) -> Result<(), Diagnostic> {
    if kinds.iter().any(|granted| granted.api_version == api_version && granted.kind == kind) {
        return Ok(());
    }
    let may = list(kinds.iter().map(|granted| format!("{} {}", granted.api_version, granted.kind)));
    Err(not_permitted(verb, &format!("{api_version} {kind}"), &may))
}

fn not_permitted(verb: &str, what: &str, may: &str) -> Diagnostic {
    let may = if may.is_empty() { format!("nothing to {verb}") } else { format!("to {verb} only {may}") };
    Diagnostic::error(format!("it is not permitted to {verb} {what}"))
        .hint(format!("its description asks {may}; the plugin's author has to add what it needs"))
}

/// The paths that are granted for a kind.
fn patch_grant<'a>(description: &'a Description, target: &Target) -> Result<Vec<&'a str>, Diagnostic> {
    let grants = &description.permissions.patch;
    let fits = |grant: &&PatchGrant| grant.api_version == target.api_version && grant.kind == target.kind;
    let paths: Vec<&str> = grants.iter().filter(fits).flat_map(|grant| &grant.paths).map(String::as_str).collect();
    if !paths.is_empty() {
        return Ok(paths);
    }
    let may = list(grants.iter().map(|grant| format!("{} {}", grant.api_version, grant.kind)));
    Err(not_permitted("patch", &format!("{} {}", target.api_version, target.kind), &may))
}

/// Paths are compared as they are written, step by step: `containers[name=a]` grants no other item,
/// and no index, which could be any item.
fn within(granted: &[&str], operation: &Operation, target: &Target) -> Result<(), Diagnostic> {
    let steps = |path: &str| patch::steps(path);
    let wanted: Vec<Step> = steps(operation.path()).map_err(|problem| {
        Diagnostic::error(format!("the path `{}` cannot be read: {problem}", operation.path()))
            .hint("the plugin's author has to correct it")
    })?;
    if granted.iter().any(|path| steps(path).is_ok_and(|granted| wanted.starts_with(&granted))) {
        return Ok(());
    }
    let may = list(granted.iter().map(|path| format!("`{path}`")));
    Err(not_permitted("patch", &format!("`{}` of {} {}", operation.path(), target.api_version, target.kind), &may))
}

fn no_redacted(value: &Value, whose: &str) -> Result<(), Diagnostic> {
    let contains = match value {
        Value::String(text) => text.contains(REDACTED),
        Value::Array(items) => return items.iter().try_for_each(|item| no_redacted(item, whose)),
        Value::Object(map) => {
            map.values().try_for_each(|member| no_redacted(member, whose))?;
            map.keys().any(|key| key.contains(REDACTED))
        }
        _ => false,
    };
    if contains {
        return Err(Diagnostic::error(format!("{whose} contains `{REDACTED}`, which stands for a secret"))
            .hint("a plugin is not shown secrets, and cannot copy them; let it refer to the Secret by name"));
    }
    Ok(())
}

/// A patch says what an object holds, not which object it is: other objects refer to it by name.
fn same_identity(manifest: &Manifest, value: &Value) -> Result<(), Diagnostic> {
    let fields = ["/apiVersion", "/kind", "/metadata/name", "/metadata/namespace"];
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
