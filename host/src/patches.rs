//! The user's own patches: the last change to rendered objects, after every plugin.

use serde_json::Value;

use crate::diagnostic::{Diagnostic, Found};
use crate::manifest::{ManifestSet, ResourceId, Target};
use crate::node::Node;
use crate::patch::{self, Operation, PatchError};
use crate::source::Place;
use crate::values::{Patch, Values};

/// Applies `patches:` in their order.
///
/// # Errors
/// A target that does not exist or is ambiguous, an operation that cannot be done, a changed identity.
pub fn apply(mut set: ManifestSet, values: &Values) -> Found<ManifestSet> {
    let mut mistakes = Vec::new();
    for (index, patch) in values.platform.patches.iter().enumerate() {
        let at = |pointer: &str| nearest(&values.tree, &format!("/patches/{index}{pointer}"));
        if let Err(mistake) = one(&mut set, patch, &at) {
            mistakes.push(mistake);
        }
    }
    if mistakes.is_empty() { Ok(set) } else { Err(mistakes) }
}

fn one(set: &mut ManifestSet, patch: &Patch, at: &dyn Fn(&str) -> Option<Place>) -> Result<(), Diagnostic> {
    let operations = operations(patch, at)?;
    let target = Target {
        api_version: patch.target.api_version.clone(),
        kind: patch.target.kind.clone(),
        namespace: patch.target.namespace.clone(),
        name: patch.target.name.clone(),
    };
    let found = set.only(&target).map_err(|mistake| mistake.at(at("/target")))?;
    let (id, mut value) = (found.id.clone(), found.value.clone());
    patch::apply(&mut value, &operations)
        .map_err(|error| failed(&id, &error).at(at(&format!("/operations/{}/path", error.index))))?;
    keeps_identity(&id, &value).map_err(|mistake| mistake.at(at("/operations")))?;
    set.replace(&id, value).map(|_| ()).map_err(|mistake| mistake.at(at("/operations")))
}

fn operations(patch: &Patch, at: &dyn Fn(&str) -> Option<Place>) -> Result<Vec<Operation>, Diagnostic> {
    let read = |(index, operation): (usize, &serde_json::Map<String, Value>)| {
        serde_json::from_value(Value::Object(operation.clone())).map_err(|error| {
            let wrong = Diagnostic::error(format!("this is no operation of a JSON Patch: {error}"));
            wrong
                .at(at(&format!("/operations/{index}")))
                .hint("write {op: add, path: /spec/..., value: ...}; op is add, remove, replace or test")
        })
    };
    patch.operations.iter().enumerate().map(read).collect()
}

fn failed(id: &ResourceId, error: &PatchError) -> Diagnostic {
    Diagnostic::error(format!("the patch of {id} fails: {error}"))
        .hint("look at the object with `render --env ENV -o yaml`, without this patch")
}

fn keeps_identity(id: &ResourceId, value: &Value) -> Result<(), Diagnostic> {
    let now = ResourceId::of(value)?;
    if now == (ResourceId { slot: String::new(), ..id.clone() }) {
        return Ok(());
    }
    Err(Diagnostic::error(format!("the patch would turn {id} into {now}"))
        .hint("apiVersion, kind, name and namespace stay as they are"))
}

/// The place of a value, or of the nearest thing above it.
fn nearest(tree: &Node, pointer: &str) -> Option<Place> {
    let mut pointer = pointer;
    loop {
        if let Some(place) = tree.pointer(pointer).and_then(Node::place) {
            return Some(place);
        }
        pointer = &pointer[..pointer.rfind('/')?];
    }
}
