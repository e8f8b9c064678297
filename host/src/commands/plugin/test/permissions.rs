//! Which of its permissions a plugin uses. What no fixture uses is a right that nobody has tested, or nobody needs.

use std::collections::BTreeSet;

use render_objects::patch;
use render_plugins::description::{Description, Kind, PatchGrant, Permissions};
use render_plugins::response::{Change, Response};
use render_text::diagnostic::Diagnostic;

/// The permissions that were used so far.
pub(super) struct Used<'a> {
    asked: &'a Permissions,
    used: BTreeSet<String>,
}

impl<'a> Used<'a> {
    /// Nothing that a description asks for was used.
    pub(super) fn none_of(description: &'a Description) -> Self {
        Self { asked: &description.permissions, used: BTreeSet::new() }
    }

    /// Counts what a response needs.
    pub(super) fn count(&mut self, response: &Response) {
        for change in &response.changes {
            self.used.extend(match change {
                Change::Add { manifest, .. } => {
                    let text = |key: &str| manifest.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
                    vec![line("add", text("apiVersion"), text("kind"))]
                }
                Change::Remove { target, .. } => vec![line("remove", &target.api_version, &target.kind)],
                Change::Patch { target, patch, .. } => {
                    let of_kind =
                        |grant: &&PatchGrant| grant.api_version == target.api_version && grant.kind == target.kind;
                    let grants = self.asked.patch.iter().filter(of_kind);
                    let paths = grants.flat_map(|grant| grant.paths.iter().map(move |path| (grant, path)));
                    let needed = paths.filter(|(_, path)| patch.iter().any(|one| is_below(one.path(), path)));
                    needed.map(|(grant, path)| patch_line(grant, path)).collect()
                }
            });
        }
    }

    /// The kinds that may be read and on which no answer depended so far.
    pub(super) fn unread(&self) -> Vec<&'a Kind> {
        self.asked.read.iter().filter(|kind| !self.used.contains(&read_line(kind))).collect()
    }

    /// Counts a kind on which an answer depends.
    pub(super) fn count_read(&mut self, kind: &Kind) {
        self.used.insert(read_line(kind));
    }

    /// Every permission that was not used.
    pub(super) fn unused(&self) -> Vec<Diagnostic> {
        let Permissions { read, add, patch, remove } = self.asked;
        let reads = read.iter().map(read_line);
        let adds = add.iter().map(|kind| line("add", &kind.api_version, &kind.kind));
        let removes = remove.iter().map(|kind| line("remove", &kind.api_version, &kind.kind));
        let patches = patch.iter().flat_map(|grant| grant.paths.iter().map(move |path| patch_line(grant, path)));
        let asked = reads.chain(adds).chain(patches).chain(removes);
        let warning = |asked: String| {
            Diagnostic::warning(format!("it asks to {asked}, and no fixture needs that"))
                .hint("take the permission out of its description, or add a fixture")
        };
        asked.filter(|asked| !self.used.contains(asked)).map(warning).collect()
    }
}

fn is_below(path: &str, granted: &str) -> bool {
    let steps = |path| patch::steps(path).ok();
    steps(path).zip(steps(granted)).is_some_and(|(path, granted)| path.starts_with(&granted))
}

fn line(verb: &str, api_version: &str, kind: &str) -> String {
    format!("{verb} {api_version} {kind}")
}

fn read_line(kind: &Kind) -> String {
    line("read", &kind.api_version, &kind.kind)
}

fn patch_line(grant: &PatchGrant, path: &str) -> String {
    format!("patch `{path}` of {} {}", grant.api_version, grant.kind)
}
