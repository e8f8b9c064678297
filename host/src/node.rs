//! A tree of values in which each value knows what set it. The loader makes it, the one merge joins
//! it, and every later message about a value finds its places here.

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
#[derive(Debug, Clone, PartialEq)]
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

/// What set a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Text that the user, or the project's own defaults, wrote.
    Written(Place),
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
            Self::Written(place) => Some(*place),
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
            Origin::Written(place) => Some(*place),
            Origin::Derived { inputs, .. } => inputs.first().copied(),
        })
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

    /// The place of the value under a JSON Pointer, or of the nearest thing above it that has one: what
    /// is absent is shown where it could be.
    #[must_use]
    pub fn nearest_place(&self, pointer: &str) -> Option<Place> {
        let ends = pointer.rmatch_indices('/').map(|(end, _)| end);
        std::iter::once(pointer.len()).chain(ends).find_map(|end| self.pointer(&pointer[..end])?.place())
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
