//! `--set` and its relatives: Helm's syntax for a value and the path it goes to. Parsing follows Helm 3 (tests/set.tsv
//! holds Helm's own answers); applying edits the merged tree and keeps what was there before as an origin.
//!
//! It differs from Helm on purpose: an empty key, a path through a scalar, text behind a list, and an index beyond the
//! end of a list are errors, where Helm drops, overwrites, ignores, or fills up with nulls; an index reaches into the
//! list that the files gave, where Helm starts an empty one; `{}` is the empty list, where Helm puts an empty string in it.

mod argument;

use render_text::diagnostic::Diagnostic;
use render_text::node::{Map, Member, Node, Origin, Tree};
use render_text::source::Place;
use render_text::yaml::limits::MAX_DEPTH;
use render_text::yaml::too_deep;

pub use self::argument::parse;

/// How the text behind `=` becomes a value.
#[derive(Clone, Copy)]
pub enum SetKind<'caller> {
    /// `--set`: `true`, `false`, `null` and integers without leading zeros are typed, the rest is text.
    Typed,
    /// `--set-string`: always text.
    String,
    /// `--set-json`: a JSON value.
    Json,
    /// `--set-file`: text that the caller reads from the file of that path.
    File(&'caller Resolve<'caller>),
    /// `--set-env`: text that the caller takes from the environment variable of that name.
    Env(&'caller Resolve<'caller>),
}

/// Gives the content behind a name, or says why there is none.
pub(crate) type Resolve<'caller> = dyn Fn(&str) -> Result<String, String> + 'caller;

/// One value and where it goes.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// From the root of the values; never empty.
    pub path: Vec<Step>,
    /// What goes there; null deletes.
    pub value: Node,
    /// The whole assignment in its argument.
    pub place: Place,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Where to.
    pub to: Target,
    /// Where the step stands in its argument.
    pub place: Place,
}

/// Where a step leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The value under a key of a map.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// Edits a merged tree: missing maps and lists on the way are made, null deletes a key, and an index must
/// be that of an item or the next one. The value keeps the origins of the one that it replaces.
///
/// # Errors
/// When the path leads through a scalar, mixes up maps and lists, skips list items, or is deeper than a file may be.
pub fn apply(tree: &mut Node, assignment: Assignment) -> Result<(), Diagnostic> {
    let Assignment { path, value, place } = assignment;
    if path.len() + depth(&value) > MAX_DEPTH {
        return Err(too_deep(place));
    }
    let mut node = tree;
    for (index, step) in path.iter().enumerate() {
        let last = index + 1 == path.len();
        if value.tree == Tree::Null && (absent(node, step) || last && remove(node, step)) {
            return Ok(());
        }
        node = enter(node, &path[..index], step)?;
    }
    let mut origins = std::mem::take(&mut node.origins);
    origins.extend(value.origins);
    *node = Node { tree: value.tree, origins };
    Ok(())
}

/// How deep the maps and lists of a value nest.
fn depth(node: &Node) -> usize {
    match &node.tree {
        Tree::Map(map) => 1 + map.values().map(|member| depth(&member.node)).max().unwrap_or(0),
        Tree::List(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether there is nothing behind a step, so that a deletion has nothing to do.
fn absent(node: &Node, step: &Step) -> bool {
    match (&node.tree, &step.to) {
        (Tree::Map(map), Target::Key(key)) => !map.contains_key(key),
        (tree, _) => *tree == Tree::Null,
    }
}

/// Deletes the key that a last step names; `false` when the step names none.
fn remove(node: &mut Node, step: &Step) -> bool {
    match (&mut node.tree, &step.to) {
        (Tree::Map(map), Target::Key(key)) => map.shift_remove(key).is_some(),
        _ => false,
    }
}

/// The child that a step leads to; a missing one is made, null.
fn enter<'tree>(node: &'tree mut Node, before: &[Step], step: &Step) -> Result<&'tree mut Node, Diagnostic> {
    if node.tree == Tree::Null {
        node.tree = match step.to {
            Target::Key(_) => Tree::Map(Map::new()),
            Target::Index(_) => Tree::List(Vec::new()),
        };
        node.origins.push(Origin::Written(step.place));
    }
    reachable(node, before, step)?;
    let fresh = || Node { tree: Tree::Null, origins: Vec::new() };
    match (&mut node.tree, &step.to) {
        (Tree::Map(map), Target::Key(key)) => {
            let member = map.entry(key.clone()).or_insert_with(|| Member { key: Some(step.place), node: fresh() });
            Ok(&mut member.node)
        }
        (Tree::List(items), Target::Index(index)) => {
            if *index == items.len() {
                items.push(fresh());
            }
            Ok(&mut items[*index])
        }
        _ => Err(Diagnostic::error("the path leads nowhere").at(step.place)),
    }
}

/// Whether a step can be taken: a key in a map, an index in a list or right behind its end.
fn reachable(node: &Node, before: &[Step], step: &Step) -> Result<(), Diagnostic> {
    match (&node.tree, &step.to) {
        (Tree::Map(_), Target::Key(_)) => Ok(()),
        (Tree::List(items), Target::Index(index)) if *index <= items.len() => Ok(()),
        (Tree::List(items), Target::Index(index)) => Err(beyond(items.len(), *index, before, step, node.place())),
        (tree, _) => Err(mixed_up(tree, before, step, node.place())),
    }
}

fn beyond(length: usize, index: usize, before: &[Step], step: &Step, stands: Option<Place>) -> Diagnostic {
    let has = match length {
        0 => "is empty".to_owned(),
        1 => "has 1 item".to_owned(),
        length => format!("has {length} items"),
    };
    let mistake = Diagnostic::error(format!("index {index} is out of reach: {} {has}", written(before)));
    mistake.at(step.place).with(stands, "the list").hint(format!("the next free index is {length}"))
}

fn mixed_up(tree: &Tree, before: &[Step], step: &Step, stands: Option<Place>) -> Diagnostic {
    let (wanted, hint) = match (tree, &step.to) {
        (Tree::List(_), Target::Key(_)) => ("a key below", "name an item of the list by its index, as in `list[0]`"),
        (_, Target::Key(_)) => ("a key below", "set the whole value instead, or correct the path"),
        (Tree::Map(_), Target::Index(_)) => ("an item of", "name a key of the map, as in `map.key`"),
        (_, Target::Index(_)) => ("an item of", "set the whole value instead, or correct the path"),
    };
    let mistake = Diagnostic::error(format!("cannot set {wanted} {}: it is {}", written(before), tree.kind()));
    mistake.at(step.place).with(stands, "set here").hint(hint)
}

/// A path as the user writes it.
fn written(path: &[Step]) -> String {
    let step = |step: &Step| match &step.to {
        Target::Key(key) => format!(".{}", key.replace('\\', "\\\\").replace('.', "\\.")),
        Target::Index(index) => format!("[{index}]"),
    };
    let steps: Vec<String> = path.iter().map(step).collect();
    if path.is_empty() { "the root".to_owned() } else { format!("`{}`", steps.concat().trim_start_matches('.')) }
}
