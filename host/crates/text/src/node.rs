//! A tree of values in which each value knows what set it. The loader makes it, the one merge joins
//! it, and every later message about a value finds its places here.

use std::fmt;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::source::Place;

/// One value and everything that ever set it.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value in force.
    pub tree: Tree,
    /// What set it, oldest first; the last one is in force, the others were overridden.
    pub origins: Vec<Origin>,
}

/// The value itself.
#[derive(Clone, PartialEq)]
pub enum Tree {
    /// `null`: in a layer it deletes what earlier layers said.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer or a float.
    Number(Number),
    /// A string.
    String(String),
    /// A list, replaced as a whole by a later layer.
    List(Vec<Node>),
    /// A map, merged key by key.
    Map(Map),
}

/// A map in the order in which it was written.
pub type Map = IndexMap<String, Member>;

/// One entry of a map.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// Where the key stands; `None` for a key that no text holds.
    pub key: Option<Place>,
    /// What the key leads to.
    pub node: Node,
}

/// Where something stands, and the value there when the message is about one: the message then shows
/// what else set it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spot<'a> {
    /// Where.
    pub place: Option<Place>,
    /// The value that the message is about.
    node: Option<&'a Node>,
}

/// As many overridden layers are shown; the rest is counted.
const MOST_OVERRIDDEN: usize = 3;

/// What set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Text that the user, or the project's own defaults, wrote.
    Written(Place),
    /// The text of a variable or a file that an argument names, as `--set-env` does. It may be a secret, so no message
    /// quotes it.
    Given {
        /// Where the argument names it.
        place: Place,
        /// The variable or the file.
        by: String,
    },
    /// Computed from other values.
    Derived {
        /// One sentence that says why it follows.
        reason: String,
        /// Where the values it follows from were written.
        inputs: Vec<Place>,
    },
}

impl Origin {
    /// Where it was written, if it was.
    #[must_use]
    pub fn written(&self) -> Option<Place> {
        match self {
            Self::Written(place) | Self::Given { place, .. } => Some(*place),
            Self::Derived { .. } => None,
        }
    }
}

impl Node {
    /// A value that stands at `place`.
    #[must_use]
    pub fn written(tree: Tree, place: Place) -> Self {
        Self { tree, origins: vec![Origin::Written(place)] }
    }

    /// A tree of which every part has the same origin.
    #[must_use]
    pub fn derived(value: &Value, origin: &Origin) -> Self {
        let tree = match value {
            Value::Null => Tree::Null,
            Value::Bool(bool) => Tree::Bool(*bool),
            Value::Number(number) => Tree::Number(number.clone()),
            Value::String(string) => Tree::String(string.clone()),
            Value::Array(items) => Tree::List(items.iter().map(|item| Self::derived(item, origin)).collect()),
            Value::Object(map) => {
                let member = |value| Member { key: None, node: Self::derived(value, origin) };
                Tree::Map(map.iter().map(|(key, value)| (key.clone(), member(value))).collect())
            }
        };
        Self { tree, origins: vec![origin.clone()] }
    }

    /// A tree that nobody knows the origins of.
    #[must_use]
    pub fn bare(value: &Value) -> Self {
        let tree = match value {
            Value::Null => Tree::Null,
            Value::Bool(bool) => Tree::Bool(*bool),
            Value::Number(number) => Tree::Number(number.clone()),
            Value::String(string) => Tree::String(string.clone()),
            Value::Array(items) => Tree::List(items.iter().map(Self::bare).collect()),
            Value::Object(map) => {
                let member = |value| Member { key: None, node: Self::bare(value) };
                Tree::Map(map.iter().map(|(key, value)| (key.clone(), member(value))).collect())
            }
        };
        Self { tree, origins: Vec::new() }
    }

    /// The place of the newest origin that has one: where it was written, or the first input of what was derived.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.origins.iter().rev().find_map(|origin| match origin {
            Origin::Written(place) | Origin::Given { place, .. } => Some(*place),
            Origin::Derived { inputs, .. } => inputs.first().copied(),
        })
    }

    /// Where the value, and all that it holds, was written.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let own = self.origins.iter().filter_map(Origin::written);
        match &self.tree {
            Tree::List(items) => own.chain(items.iter().flat_map(Self::places)).collect(),
            Tree::Map(map) => own.chain(map.values().flat_map(|member| member.node.places())).collect(),
            _ => own.collect(),
        }
    }

    /// The variable or the file that the value is the text of, if it is.
    #[must_use]
    pub fn given_by(&self) -> Option<&str> {
        match self.origins.last() {
            Some(Origin::Given { by, .. }) => Some(by),
            _ => None,
        }
    }

    /// The texts of all variables and files in a tree.
    #[must_use]
    pub fn given_texts(&self) -> Vec<String> {
        match &self.tree {
            Tree::String(text) if self.given_by().is_some() => vec![text.clone()],
            Tree::List(items) => items.iter().flat_map(Self::given_texts).collect(),
            Tree::Map(map) => map.values().flat_map(|member| member.node.given_texts()).collect(),
            _ => Vec::new(),
        }
    }

    /// The child under a key, when this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.tree {
            Tree::Map(map) => map.get(key).map(|member| &member.node),
            _ => None,
        }
    }

    /// The value under a path of map keys.
    #[must_use]
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value under a JSON Pointer (RFC 6901), list indices included.
    #[must_use]
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(self, |node, token| {
            let token = token.replace("~1", "/").replace("~0", "~");
            match &node.tree {
                Tree::Map(map) => map.get(&token).map(|member| &member.node),
                Tree::List(items) => items.get(token.parse::<usize>().ok()?),
                _ => None,
            }
        })
    }

    /// The place of the key that a JSON Pointer ends with.
    #[must_use]
    pub fn key(&self, pointer: &str) -> Option<Place> {
        let (above, last) = pointer.rsplit_once('/')?;
        match &self.pointer(above)?.tree {
            Tree::Map(map) => map.get(&last.replace("~1", "/").replace("~0", "~"))?.key,
            _ => None,
        }
    }

    /// The place of the value under a JSON Pointer, or of the nearest thing above it that has one: what
    /// is absent is shown where it could be.
    #[must_use]
    pub fn nearest_place(&self, pointer: &str) -> Option<Place> {
        let ends = pointer.rmatch_indices('/').map(|(end, _)| end);
        std::iter::once(pointer.len()).chain(ends).find_map(|end| self.pointer(&pointer[..end])?.place())
    }

    /// Where the value under a path was written, or the nearest thing above it that was: steps are keys of
    /// maps and indices of lists. A map is shown by its key.
    #[must_use]
    pub fn spot<'n>(&'n self, path: &[&str]) -> Spot<'n> {
        let (mut node, mut nearest) = (self, Spot::default());
        for (depth, step) in path.iter().enumerate() {
            let found = match &node.tree {
                Tree::Map(map) => map.get(*step).map(|member| (member.key, &member.node)),
                Tree::List(items) => {
                    step.parse::<usize>().ok().and_then(|index| items.get(index)).map(|item| (None, item))
                }
                _ => None,
            };
            let Some((key, child)) = found else { break };
            let key = key.filter(|_| matches!(child.tree, Tree::Map(_)));
            if let Some(place) = key.or_else(|| child.place()) {
                nearest = Spot { place: Some(place), node: (depth + 1 == path.len()).then_some(child) };
            }
            node = child;
        }
        nearest
    }

    /// The bare value, without what set it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.tree {
            Tree::Null => Value::Null,
            Tree::Bool(bool) => Value::Bool(*bool),
            Tree::Number(number) => Value::Number(number.clone()),
            Tree::String(string) => Value::String(string.clone()),
            Tree::List(items) => items.iter().map(Node::to_json).collect(),
            Tree::Map(map) => map.iter().map(|(key, member)| (key.clone(), member.node.to_json())).collect(),
        }
    }
}

/// A tree with another one over it: maps merge, lists replace, `null` deletes.
#[must_use]
pub fn overlay(base: Node, over: Node) -> Node {
    let Node { tree, mut origins } = base;
    let (base_map, over_map) = match (tree, over.tree) {
        (Tree::Map(base_map), Tree::Map(over_map)) => (base_map, over_map),
        (_, Tree::Map(over_map)) => (Map::new(), over_map),
        (_, tree) => {
            origins.extend(over.origins);
            return Node { tree, origins };
        }
    };
    origins.extend(over.origins);
    Node { tree: Tree::Map(overlay_map(base_map, over_map)), origins }
}

fn overlay_map(mut base: Map, over: Map) -> Map {
    let empty = || Node { tree: Tree::Map(Map::new()), origins: Vec::new() };
    for (name, member) in over {
        if member.node.tree == Tree::Null {
            base.shift_remove(&name);
            continue;
        }
        let node = match base.get_mut(&name) {
            Some(earlier) => overlay(std::mem::replace(&mut earlier.node, empty()), member.node),
            None => overlay(empty(), member.node),
        };
        base.insert(name, Member { key: member.key, node });
    }
    base
}

/// A tree does not know which of its values are secret, so none is printed.
impl fmt::Debug for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tree::List(items) => formatter.debug_list().entries(items).finish(),
            Tree::Map(map) => {
                formatter.debug_map().entries(map.iter().map(|(key, member)| (key, &member.node))).finish()
            }
            scalar => formatter.write_str(scalar.kind()),
        }
    }
}

impl Spot<'_> {
    /// The places that say how the value came to be: what it follows from, and the layers that it overrides,
    /// the latest first. A map overrides nothing, since maps merge.
    #[must_use]
    pub(crate) fn history(&self) -> Vec<(Place, String)> {
        let Some((newest, earlier)) = self.node.and_then(|node| node.origins.split_last()) else { return Vec::new() };
        let mut history = inputs(newest);
        if !matches!(self.node.map(|node| &node.tree), Some(Tree::Map(_))) {
            history.extend(overridden(earlier));
        }
        history
    }
}

/// What a derived value follows from; the reason stands at the first of it.
fn inputs(origin: &Origin) -> Vec<(Place, String)> {
    let Origin::Derived { reason, inputs } = origin else { return Vec::new() };
    let role = |index| if index == 0 { reason.clone() } else { "this takes part".to_owned() };
    inputs.iter().enumerate().map(|(index, place)| (*place, role(index))).collect()
}

fn overridden(earlier: &[Origin]) -> Vec<(Place, String)> {
    let places: Vec<Place> = earlier.iter().rev().filter_map(Origin::written).collect();
    let more = places.len().saturating_sub(MOST_OVERRIDDEN);
    let role = |index| match more {
        1.. if index + 1 == MOST_OVERRIDDEN => format!("overrides this and {more} more"),
        _ => "overrides this".to_owned(),
    };
    places.into_iter().take(MOST_OVERRIDDEN).enumerate().map(|(index, place)| (place, role(index))).collect()
}

/// Two spots are compared by their places: what was said later is greater.
impl PartialEq for Spot<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl PartialOrd for Spot<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        self.place.partial_cmp(&other.place)
    }
}

impl From<Place> for Spot<'_> {
    fn from(place: Place) -> Self {
        Self { place: Some(place), node: None }
    }
}

impl From<Option<Place>> for Spot<'_> {
    fn from(place: Option<Place>) -> Self {
        Self { place, node: None }
    }
}

impl<'a> From<&'a Node> for Spot<'a> {
    fn from(node: &'a Node) -> Self {
        Self { place: node.place(), node: Some(node) }
    }
}

impl<'a> From<Option<Spot<'a>>> for Spot<'a> {
    fn from(spot: Option<Spot<'a>>) -> Self {
        spot.unwrap_or_default()
    }
}

impl Tree {
    /// What a message calls this kind of value.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Tree::Null => "null",
            Tree::Bool(_) => "a boolean",
            Tree::Number(_) => "a number",
            Tree::String(_) => "a string",
            Tree::List(_) => "a list",
            Tree::Map(_) => "a map",
        }
    }
}
