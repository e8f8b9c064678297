//! What a plugin may do, asked before anything is done. A refusal names the object, the path, and the permission
//! that is missing, so that its author can add it and its user can judge it.

use render_objects::manifest::{Manifest, Target, list};
use render_objects::patch::{self, Operation, Step};
use render_text::diagnostic::Diagnostic;

use super::description::{Description, Kind, PatchGrant};

/// Asks for a permission on a whole object. `kinds` are those that are granted for the `verb`.
///
/// # Errors
/// It is not granted.
pub(super) fn whole(kinds: &[Kind], verb: &str, target: &Target) -> Result<(), Diagnostic> {
    if kinds.iter().any(|granted| granted.api_version == target.api_version && granted.kind == target.kind) {
        return Ok(());
    }
    let missing = format!("{} {}", target.api_version, target.kind);
    let may = list(kinds.iter().map(|granted| format!("{} {}", granted.api_version, granted.kind)));
    Err(refused(verb, &target.to_string(), &missing, &may))
}

/// The paths that are granted for the kind of an object.
///
/// # Errors
/// There is none.
pub(super) fn paths<'a>(description: &'a Description, target: &Target) -> Result<Vec<&'a str>, Diagnostic> {
    let grants = &description.permissions.patch;
    let fits = |grant: &&PatchGrant| grant.api_version == target.api_version && grant.kind == target.kind;
    let paths: Vec<&str> = grants.iter().filter(fits).flat_map(|grant| &grant.paths).map(String::as_str).collect();
    if !paths.is_empty() {
        return Ok(paths);
    }
    let missing = format!("{} {}", target.api_version, target.kind);
    let may = list(grants.iter().map(|grant| format!("{} {}", grant.api_version, grant.kind)));
    Err(refused("patch", &target.to_string(), &missing, &may))
}

/// Asks for what one operation does: it writes at its path, and whatever it looks at has to be readable. Paths are
/// compared as they are written, step by step: `containers[name=a]` grants no other item, and no index, which could
/// be any item.
///
/// # Errors
/// The path is not granted, or it reads what the plugin is not shown.
pub(super) fn operation(
    description: &Description,
    granted: &[&str],
    operation: &Operation,
    manifest: &Manifest,
) -> Result<(), Diagnostic> {
    let path = operation.path();
    let wanted: Vec<Step> = patch::steps(path).map_err(|problem| {
        Diagnostic::error(format!("the path `{path}` cannot be read: {problem}"))
            .hint("the plugin's author has to correct it")
    })?;
    let below = |granted: &&str| {
        let granted = patch::steps(granted).ok()?;
        wanted.starts_with(&granted).then_some(granted.len())
    };
    let kind = format!("{} {}", manifest.api_version(), manifest.id.kind);
    let Some(depth) = granted.iter().filter_map(below).max() else {
        let may = list(granted.iter().map(|path| format!("`{path}`")));
        return Err(refused("patch", &format!("`{path}` of {}", manifest.id), &format!("{kind} `{path}`"), &may));
    };
    if is_readable(description, manifest) {
        return Ok(());
    }
    let selects = wanted.iter().skip(depth).any(|step| matches!(step, Step::Item { .. }));
    let how = match operation {
        Operation::Test { .. } => format!("`test` at `{path}`"),
        _ if selects => format!("selector in `{path}`"),
        _ => return Ok(()),
    };
    let may = list(description.permissions.read.iter().map(|kind| format!("{} {}", kind.api_version, kind.kind)));
    Err(refused("read", &format!("{}, as the {how} does", manifest.id), &kind, &may))
}

/// Whether a plugin is shown an object.
pub(super) fn is_readable(description: &Description, manifest: &Manifest) -> bool {
    let is = |kind: &Kind| manifest.id.kind == kind.kind && manifest.api_version() == kind.api_version;
    description.permissions.read.iter().any(is)
}

fn refused(verb: &str, what: &str, missing: &str, may: &str) -> Diagnostic {
    let may = if may.is_empty() { format!("nothing to {verb}") } else { format!("to {verb} only {may}") };
    Diagnostic::error(format!("it is not permitted to {verb} {what}"))
        .hint(format!("the permission to {verb} {missing} is missing: its description asks {may}"))
}
