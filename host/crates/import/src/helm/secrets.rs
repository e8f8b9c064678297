//! Secrets in values: none goes into an environment file. The pods read it from a Secret, and the user is told which
//! one to make.

use render_text::node::{Node, Tree};

use super::super::draft::Draft;
use super::super::identity::Identity;
use super::super::secret;
use super::super::table::{member, place};
use super::{at, is_on, text};

/// What the Secret's entry with API keys is called unless the values say otherwise.
const ENTRY: &str = "keys.yaml";

/// Carries over where the API keys are.
pub(super) fn carry(values: &Node, identity: &Identity, draft: &mut Draft) {
    let own = format!("{}-keys", identity.name);
    let stored = is_on(values, "storeKeysInSecret.enabled");
    let existing = text(values, "storeKeysInSecret.existingSecret").filter(|name| !name.is_empty());
    let existing_at = at(values, "storeKeysInSecret.existingSecret");
    let entry = text(values, "livekit.key_file").filter(|entry| !entry.is_empty());
    let entry = entry.and_then(|entry| entry.rsplit('/').next()).unwrap_or(ENTRY);
    let (name, entry) = match existing.filter(|_| stored) {
        Some(existing) => (existing, entry),
        None => (own.as_str(), ENTRY),
    };
    let from = if existing.is_some() { existing_at } else { None };
    draft.set("livekit.keys.secretKeyRef.name", name, from.filter(|_| stored));
    draft.set("livekit.keys.secretKeyRef.key", entry, at(values, "livekit.key_file").filter(|_| stored));
    if existing.is_some() && stored {
        return;
    }
    if existing.is_some() {
        let hint = "set `livekit.keys.secretKeyRef` to it";
        draft.tell(
            "the chart ignores `storeKeysInSecret.existingSecret` while `storeKeysInSecret.enabled` is off",
            existing_at,
            hint,
        );
    }
    let mut found = false;
    for path in ["livekit.keys", "storeKeysInSecret.keys"] {
        if let Some(keys) = member(values, path).filter(|keys| !is_empty(&keys.node)) {
            secret::tell(path, place(keys), (name, entry), identity, draft);
            found = true;
        }
    }
    if !found {
        let hint = format!("`render keys` makes a pair of them, for the entry `{entry}` of the Secret `{name}`");
        let written = member(values, "livekit").filter(|livekit| !draft.is_default(&livekit.node));
        draft.tell("the values have no API keys, without which LiveKit exits", written.and_then(place), hint);
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.tree {
        Tree::Map(map) => map.is_empty(),
        Tree::String(text) => text.is_empty(),
        _ => false,
    }
}
