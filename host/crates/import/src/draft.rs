//! An environment file in the making: values with the places that they come from, and what there is to say about
//! them.

use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::node::{Map, Member, Node, Origin, Tree, overlay};
use render_text::source::{Place, SourceId};

/// An environment file in the making.
pub(super) struct Draft {
    /// Its values. What is null takes back a default.
    pub(super) tree: Node,
    /// What the user should know.
    pub(super) findings: Vec<Diagnostic>,
    /// The text with the defaults of the other system.
    pub(super) defaults: SourceId,
}

impl Draft {
    /// Nothing yet.
    pub(super) fn new(defaults: SourceId) -> Self {
        Self { tree: map(), findings: Vec::new(), defaults }
    }

    /// Puts a value where a path of keys leads; maps merge.
    pub(super) fn put(&mut self, path: &[&str], member: Member) {
        let Some((last, above)) = path.split_last() else { return };
        let mut node = &mut self.tree;
        for key in above {
            let Some(below) = entries(node) else { return };
            node = &mut below.entry((*key).to_owned()).or_insert_with(|| Member { key: None, node: map() }).node;
        }
        let Some(below) = entries(node) else { return };
        match below.get_mut(*last) {
            Some(there) => {
                let earlier = std::mem::replace(&mut there.node, map());
                *there = Member { key: member.key.or(there.key), node: overlay(earlier, member.node) };
            }
            None => {
                below.insert((*last).to_owned(), member);
            }
        }
    }

    /// Puts a value under one that is there, which wins.
    pub(super) fn put_below(&mut self, path: &[&str], member: Member) {
        let there = self.tree.at(path).cloned();
        self.put(path, member);
        if let Some(node) = there {
            self.put(path, Member { key: None, node });
        }
    }

    /// Sets a value that follows from what stands at a place.
    pub(super) fn set(&mut self, path: &str, value: impl Into<Value>, at: Option<Place>) {
        let path: Vec<&str> = path.split('.').collect();
        let bare = Node::bare(&value.into());
        let node = Node { origins: at.map(Origin::Written).into_iter().collect(), ..bare };
        self.put(&path, Member { key: at, node });
    }

    /// Takes a value away.
    pub(super) fn remove(&mut self, path: &[&str]) {
        let Some((last, above)) = path.split_last() else { return };
        let mut node = &mut self.tree;
        for key in above {
            let Tree::Map(map) = &mut node.tree else { return };
            let Some(member) = map.get_mut(*key) else { return };
            node = &mut member.node;
        }
        if let Tree::Map(map) = &mut node.tree {
            map.shift_remove(*last);
        }
    }

    /// Whether a value is set.
    pub(super) fn has(&self, path: &str) -> bool {
        self.tree.at(&path.split('.').collect::<Vec<_>>()).is_some()
    }

    /// Whether a value is one that nobody wrote.
    pub(super) fn has_default(&self, path: &str) -> bool {
        self.tree.at(&path.split('.').collect::<Vec<_>>()).is_none_or(|node| self.is_default(node))
    }

    /// A text that is set, and where it comes from.
    pub(super) fn text(&self, path: &str) -> Option<(String, Option<Place>)> {
        let node = self.tree.at(&path.split('.').collect::<Vec<_>>())?;
        if let Tree::String(text) = &node.tree { Some((text.clone(), node.place())) } else { None }
    }

    /// Keeps something that the user should know.
    pub(super) fn tell(&mut self, message: impl Into<String>, at: Option<Place>, hint: impl Into<String>) {
        self.findings.push(Diagnostic::warning(message).at(at).hint(hint));
    }

    /// Whether a value is a default of the other system, which nobody wrote.
    pub(super) fn is_default(&self, node: &Node) -> bool {
        node.place().is_some_and(|place| place.source == self.defaults)
    }

    /// Leaves out the other system's defaults that are render's own, too.
    pub(super) fn without_common_defaults(&mut self, own: &Node) {
        let mut tree = std::mem::replace(&mut self.tree, map());
        prune(&mut tree, Some(own), self.defaults);
        self.tree = tree;
    }

    /// Takes away the value at a place: the deepest that is there. Of a list it is a whole item, since half of one would
    /// say something else.
    pub(super) fn remove_at(&mut self, place: Place) -> Option<Removed> {
        remove_at(&mut self.tree, place)
    }

    /// Takes away all texts of a kind, and tells their paths and places. Of a list it is the whole item here, too.
    pub(super) fn remove_texts(&mut self, is_of_kind: fn(&str) -> bool) -> Vec<(String, Option<Place>)> {
        let mut removed = Vec::new();
        remove_texts(&mut self.tree, "", is_of_kind, &mut removed);
        removed
    }

    /// Leaves out what says nothing.
    pub(super) fn without_empty(&mut self) {
        without_empty(&mut self.tree);
    }
}

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    /// A value.
    Value,
    /// An item of a list.
    Item,
}

fn map() -> Node {
    Node { tree: Tree::Map(Map::new()), origins: Vec::new() }
}

/// The entries of a map; whatever else it is gives way to one.
fn entries(node: &mut Node) -> Option<&mut Map> {
    if !matches!(node.tree, Tree::Map(_)) {
        *node = map();
    }
    if let Tree::Map(map) = &mut node.tree { Some(map) } else { None }
}

fn prune(node: &mut Node, own: Option<&Node>, defaults: SourceId) {
    let Tree::Map(map) = &mut node.tree else { return };
    map.retain(|key, member| {
        let own = own.and_then(|own| own.get(key));
        let written = !is_empty(&member.node);
        prune(&mut member.node, own, defaults);
        let is_default =
            member.node.origins.iter().all(|origin| origin.written().is_none_or(|at| at.source == defaults));
        let is_common = own.is_some_and(|own| own.to_json() == member.node.to_json()) || is_empty(&member.node);
        let has_emptied = written && is_empty(&member.node);
        !(has_emptied || is_default && is_common && member.node.place().is_some())
    });
}

fn is_empty(node: &Node) -> bool {
    match &node.tree {
        Tree::Map(map) => map.is_empty(),
        Tree::List(items) => items.is_empty(),
        _ => false,
    }
}

fn without_empty(node: &mut Node) {
    let Tree::Map(map) = &mut node.tree else { return };
    map.retain(|_, member| {
        without_empty(&mut member.node);
        !is_empty(&member.node)
    });
}

fn remove_at(node: &mut Node, place: Place) -> Option<Removed> {
    match &mut node.tree {
        Tree::Map(map) => {
            if let Some(removed) = map.values_mut().find_map(|member| remove_at(&mut member.node, place)) {
                return Some(removed);
            }
            let found = map.iter().find(|(_, member)| member.key == Some(place) || member.node.place() == Some(place));
            let key = found.map(|(key, _)| key.clone())?;
            map.shift_remove(&key).map(|_| Removed::Value)
        }
        Tree::List(items) => {
            let holds = |item: &mut Node| item.place() == Some(place) || remove_at(item, place).is_some();
            let found = items.iter_mut().position(holds)?;
            items.remove(found);
            Some(Removed::Item)
        }
        _ => None,
    }
}

fn remove_texts(node: &mut Node, path: &str, is_of_kind: fn(&str) -> bool, removed: &mut Vec<(String, Option<Place>)>) {
    match &mut node.tree {
        Tree::Map(map) => map.retain(|key, member| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let is_found = matches!(&member.node.tree, Tree::String(text) if is_of_kind(text));
            if is_found {
                removed.push((path, member.node.place().or(member.key)));
            } else {
                remove_texts(&mut member.node, &path, is_of_kind, removed);
            }
            !is_found
        }),
        Tree::List(items) => {
            let mut index = 0;
            items.retain(|item| {
                let found = first_text(item, is_of_kind);
                removed.extend(found.map(|text| (format!("{path}[{index}]"), text.place())));
                index += 1;
                found.is_none()
            });
        }
        _ => {}
    }
}

/// The first text of a kind, if there is one.
fn first_text(node: &Node, is_of_kind: fn(&str) -> bool) -> Option<&Node> {
    match &node.tree {
        Tree::String(text) => is_of_kind(text).then_some(node),
        Tree::List(items) => items.iter().find_map(|item| first_text(item, is_of_kind)),
        Tree::Map(map) => map.values().find_map(|member| first_text(&member.node, is_of_kind)),
        _ => None,
    }
}
