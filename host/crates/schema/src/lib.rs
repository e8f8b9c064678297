//! The schema as it was written, and how to move in it. There is no compilation: a [`Schema`] is two
//! references, so a run pays only for the parts of a schema that its values touch.

pub mod api;
mod bounds;
pub mod check;
mod choice;
pub mod definitions;
mod distinct;
pub mod generate;
mod kubernetes;
pub mod message;
mod path;
mod pattern;
pub mod subset;
mod value;
mod walk;
pub mod write_only;

use indexmap::IndexMap;
use serde_json::{Map, Value};

use self::definitions::Definitions;

/// How many `$ref` may lead from one to the next before it counts as a circle.
const MOST_HOPS: usize = 32;

/// One schema inside a document: the node that applies, and the document that its `$ref` point into.
#[derive(Debug, Clone, Copy)]
pub struct Schema<'s> {
    document: &'s Value,
    /// Definitions that stand beside the document.
    definitions: Option<Definitions>,
    node: &'s Value,
    /// Documents for keys that `node` itself leaves to others; only the root of a composed schema has them.
    sections: Option<&'s IndexMap<String, Value>>,
}

impl<'s> Schema<'s> {
    /// The schema that a whole document states.
    #[must_use]
    pub fn of(document: &'s Value) -> Self {
        Self { document, definitions: None, node: document, sections: None }
    }

    /// A document whose root also takes the keys in `sections`, each described by a document of its own
    /// (with its own `$defs`). A key that the first document names stays its own: no section can loosen it.
    #[must_use]
    pub fn composed(document: &'s Value, sections: &'s IndexMap<String, Value>) -> Self {
        Self { sections: Some(sections), ..Self::of(document) }
    }

    /// The same schema with definitions that stand beside its document.
    #[must_use]
    pub fn with(self, definitions: Definitions) -> Self {
        Self { definitions: Some(definitions), ..self }
    }

    /// One of the definitions that stand beside the document, as a schema of its own.
    #[must_use]
    pub fn definition(self, name: &str) -> Option<Self> {
        self.definitions?.get(name).map(|node| self.below(node))
    }

    /// A document whose `$ref` lead to the definitions of one minor version of Kubernetes.
    pub(crate) fn kubernetes(document: &'s Value, minor: u8) -> Self {
        let definitions = Some(Definitions { table: &definitions::KUBERNETES, version: minor });
        Self { definitions, ..Self::of(document) }
    }

    /// Another schema for the same value: a target of `$ref`, or a branch.
    fn beside(self, node: &'s Value) -> Self {
        Self { node, ..self }
    }

    /// A schema for a part of the value.
    fn below(self, node: &'s Value) -> Self {
        Self { node, sections: None, ..self }
    }

    /// The schema document of each section.
    fn sections(self) -> impl Iterator<Item = (&'s str, Schema<'s>)> {
        self.sections.into_iter().flatten().map(|(name, document)| (name.as_str(), Schema::of(document)))
    }

    fn section(self, key: &str) -> Option<Self> {
        self.sections?.get(key).map(Schema::of)
    }

    fn get(self, keyword: &str) -> Option<&'s Value> {
        self.node.get(keyword)
    }

    fn text(self, keyword: &str) -> Option<&'s str> {
        self.get(keyword)?.as_str()
    }

    fn properties(self) -> Option<&'s Map<String, Value>> {
        self.get("properties")?.as_object()
    }

    /// The schemas listed under a keyword such as `anyOf`.
    fn branches(self, keyword: &str) -> impl Iterator<Item = Self> {
        list(self.get(keyword)).iter().map(move |branch| self.beside(branch))
    }

    /// Where a `$ref` leads; only places inside the same document are known.
    fn target(self, reference: &str) -> Option<Self> {
        let pointer = reference.strip_prefix('#')?;
        let beside = pointer.strip_prefix("/$defs/").and_then(|name| self.definitions?.get(name));
        Some(self.beside(beside.or_else(|| self.document.pointer(pointer))?))
    }

    /// The schema at the end of a chain of `$ref`, for reading what it says first.
    fn resolved(self) -> Self {
        let next = |schema: &Schema<'s>| schema.target(schema.text("$ref")?);
        std::iter::successors(Some(self), next).take(MOST_HOPS).last().unwrap_or(self)
    }

    /// The types that the value may have; empty when the schema does not say.
    fn types(self) -> Vec<&'s str> {
        match self.get("type") {
            Some(Value::String(one)) => vec![one],
            several => list(several).iter().filter_map(Value::as_str).collect(),
        }
    }
}

/// The items of a list, none for anything else.
fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
