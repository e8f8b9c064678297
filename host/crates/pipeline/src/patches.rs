//! The user's own patches: the last change to rendered objects, after every plugin.

use serde_json::Value;

use render_objects::identity;
use render_objects::manifest::{Manifest, ManifestSet};
use render_objects::patch::{self, Operation, PatchError, Problem};
use render_platform::values::{Patch, Values};
use render_text::diagnostic::{Diagnostic, Found};
use render_text::resource::ResourceId;
use render_text::source::Place;
use render_text::suggest::closest;

use crate::provenance::Change;

/// Patched objects, and what was changed of them.
#[derive(Debug)]
pub struct Patched {
    /// The objects.
    pub manifests: ManifestSet,
    /// Every change, in order.
    pub changes: Vec<Change>,
}

/// Applies `patches:` in their order.
///
/// # Errors
/// A target that does not exist or is ambiguous, an operation that cannot be done, a changed identity.
pub fn apply(mut set: ManifestSet, values: &Values) -> Found<Patched> {
    let (mut changes, mut mistakes) = (Vec::new(), Vec::new());
    for (index, patch) in values.platform.patches.iter().enumerate() {
        let at = |pointer: &str| values.tree.nearest_place(&format!("/patches/{index}{pointer}"));
        match one(&mut set, patch, &at) {
            Ok(made) => changes.extend(made),
            Err(mistake) => mistakes.push(mistake),
        }
    }
    if mistakes.is_empty() { Ok(Patched { manifests: set, changes }) } else { Err(mistakes) }
}

fn one(set: &mut ManifestSet, patch: &Patch, at: &dyn Fn(&str) -> Option<Place>) -> Result<Vec<Change>, Diagnostic> {
    let found = set.only(&patch.target).map_err(|mistake| mistake.at(at("/target")))?;
    let (id, mut value) = (found.id.clone(), found.value.clone());
    let mut changes = Vec::new();
    for (index, operation) in patch.operations.iter().enumerate() {
        let wrong = |problem| {
            let place = at(&format!("/operations/{index}/path"));
            let error = PatchError::new(index, operation, problem);
            failed(&id, &error).at(place).with(at("/reason"), "what the patch is for")
        };
        let resolved = patch::resolve(&value, operation).map_err(wrong)?;
        let tokens = resolved.tokens.clone();
        patch::perform(&mut value, resolved).map_err(wrong)?;
        if !matches!(operation, Operation::Test { .. }) {
            let place = at(&format!("/operations/{index}/value"));
            changes.push(Change { object: id.clone(), path: tokens, place, role: "this patch sets it".to_owned() });
        }
    }
    keeps_identity(found, &value).map_err(|mistake| mistake.at(at("/operations")))?;
    set.replace(&id, value).map_err(|mistake| mistake.at(at("/operations")))?;
    Ok(changes)
}

fn failed(id: &ResourceId, error: &PatchError) -> Diagnostic {
    let (wanted, there) = match error.problem.as_ref() {
        Problem::Differs { at, .. } if id.kind == "Secret" => {
            return Diagnostic::error(format!("the patch of {id} fails: `{at}` has another value"));
        }
        Problem::Syntax(_) => return Diagnostic::error(format!("the patch of {id} fails: {error}")),
        Problem::NoMember { name, there, .. } => (name.as_str(), there.as_slice()),
        Problem::NoItem { wanted, there, .. } => (wanted.as_str(), there.as_slice()),
        _ => ("", Default::default()),
    };
    let hint = match closest(wanted, there.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("render without this patch to see what {id} holds"),
    };
    Diagnostic::error(format!("the patch of {id} fails: {error}")).hint(hint)
}

fn keeps_identity(manifest: &Manifest, value: &Value) -> Result<(), Diagnostic> {
    let id = &manifest.id;
    let now = ResourceId { slot: id.slot.clone(), ..identity::of(value)? };
    let message = if now != *id {
        format!("the patch would turn {id} into {now}")
    } else if value.get("apiVersion").and_then(Value::as_str) != Some(manifest.api_version()) {
        format!("the patch would change the apiVersion of {id}")
    } else {
        return Ok(());
    };
    Err(Diagnostic::error(message).hint("apiVersion, kind, name and namespace stay as they are"))
}
