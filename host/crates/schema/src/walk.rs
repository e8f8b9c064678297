//! The state of one check while it goes through a tree: the mistakes so far, and the number of steps.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ptr::from_ref;

use serde_json::Value;

use render_text::diagnostic::{Diagnostic, Part};
use render_text::node::{Member, Node, Tree};
use render_text::resource::ResourceId;
use render_text::source::Place;

use super::message::Shown;
use super::path::Path;
use super::pattern::Pattern;
use super::{Schema, write_only};

/// Keywords compared in one check, those with large arguments or values counted for more. A large environment
/// takes some ten thousand.
const MOST_STEPS: usize = 500_000;

/// What one check keeps while it goes through a tree.
pub(super) struct Walk<'t, 's> {
    pub(super) tree: &'t Node,
    pub(super) schema: Schema<'s>,
    /// The object of Kubernetes that the tree is, if it is one.
    pub(super) object: Option<&'t ResourceId>,
    pub(super) found: Vec<Diagnostic>,
    /// Why the check ended early, if it did.
    pub(super) stopped: Option<Diagnostic>,
    pub(super) nested: usize,
    pub(super) steps: usize,
    /// The key that leads to the value at hand, where it has one.
    pub(super) key: Option<Place>,
    pub(super) patterns: BTreeMap<&'s str, Option<Pattern>>,
    /// Looked up at the first message: values that are right never ask.
    pub(super) secrets: OnceCell<BTreeSet<*const Node>>,
}

impl<'t, 's> Walk<'t, 's> {
    pub(super) fn new(tree: &'t Node, schema: Schema<'s>) -> Self {
        Self {
            tree,
            schema,
            object: None,
            found: Vec::new(),
            stopped: None,
            nested: 0,
            steps: 0,
            key: None,
            patterns: BTreeMap::new(),
            secrets: OnceCell::new(),
        }
    }

    /// What a message may show of a value.
    pub(super) fn shown<'n>(&self, node: &'n Node) -> Shown<'n> {
        if self.object.is_some_and(|object| object.kind == "Secret") {
            return Shown::Nothing;
        }
        let secrets = self.secrets.get_or_init(|| write_only::addresses(self.tree, self.schema));
        match node.given_by() {
            _ if secrets.contains(&from_ref(node)) => Shown::Nothing,
            Some(by) => Shown::Given(by),
            None => Shown::Value(&node.tree),
        }
    }

    /// Keeps a mistake about a value, with the layers that set it.
    pub(super) fn report(&mut self, node: &Node, path: &Path<'_>, mistake: Diagnostic) {
        self.keep(path, mistake.at(node));
    }

    /// Keeps a mistake that has its place already.
    pub(super) fn keep(&mut self, path: &Path<'_>, mistake: Diagnostic) {
        self.keep_part(path, Part::Value, mistake);
    }

    pub(super) fn keep_part(&mut self, path: &Path<'_>, part: Part, mistake: Diagnostic) {
        self.found.push(match self.object {
            Some(object) => mistake.about(object, path.pointer()).part(part),
            None => mistake,
        });
    }

    /// Whether a member of a map is as good as none.
    pub(super) fn drops(&self, member: &Member) -> bool {
        self.object.is_some() && matches!(member.node.tree, Tree::Null)
    }

    /// Ends the check because the schema, not the value, is at fault.
    pub(super) fn stop(&mut self, node: &Node, why: String) {
        let hint = "the schema is at fault, not the value: tell whoever maintains it";
        let stopped = Diagnostic::error(why).at(node.place()).hint(hint);
        let object = self.object;
        self.stopped
            .get_or_insert_with(|| object.into_iter().fold(stopped, |stopped, object| stopped.about(object, "")));
    }

    /// Counts steps; false when the check is to end.
    pub(super) fn spend(&mut self, steps: usize, node: &Node, path: &Path<'_>) -> bool {
        self.steps = self.steps.saturating_add(steps);
        // The schemas of objects come with the binary or from the user, and none of them can run away.
        if self.steps > MOST_STEPS && self.object.is_none() {
            self.stop(node, format!("the schema of {} takes more than {MOST_STEPS} steps to check", path.subject()));
        }
        self.stopped.is_none()
    }

    pub(super) fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        found.extend(self.stopped);
        found.sort_by_key(|mistake| (mistake.place.is_none(), mistake.place));
        // Two branches of `allOf` may say the same.
        let mut said = BTreeSet::new();
        found.retain(|mistake| said.insert((mistake.place, mistake.message.clone())));
        found
    }
}

/// A keyword with its argument, and the schema that it stands in.
pub(super) type Keyword<'s> = (Schema<'s>, &'s str, &'s Value);
