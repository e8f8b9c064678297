//! Where each field of the objects that templates made was written: the line of the template and, where a value
//! went into it, the line of the environment.

use indexmap::IndexMap;
use minijinja::Value;
use serde_json::Value as Json;

use render_objects::identity;
use render_objects::stream::Written;
use render_text::node::{Map, Member, Node, Origin, Tree};
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use super::marks::{self, Marked};
use super::names::{aliases, names, read, steps};
use super::placeholders::{self, Placeholders};
use super::trace::{shown_name, source_of};
use super::{Input, Template, templates};

/// The objects of all templates as trees. The newest origin of each part is its place in a template; the one
/// before it, where there is one, is the place of the value.
pub fn written(input: &Input, sources: &mut Sources) -> Written {
    let context = Value::from(minijinja::value::Serde(input.json));
    let mut written = Written::new();
    for template in templates(input, sources) {
        let Some(marked) = marks::render(&template, &context) else { continue };
        let shown = sources.add_unread(format!("{} (rendered)", template.name), placeholders::shown(&marked.text));
        let Ok(documents) = yaml::read(shown, &marked.text) else { continue };
        let mut tracer = Tracer::new(&template, &marked, input.tree, sources);
        for document in documents {
            let Some(object) = tracer.node(&document) else { continue };
            if let Ok(id) = identity::of(&object.to_json()) {
                written.insert(id, object);
            }
        }
    }
    written
}

/// What leads from a place in the output back to the template.
struct Tracer<'a> {
    template: &'a Template,
    marked: &'a Marked,
    placeholders: Placeholders,
    values: &'a Node,
    sources: &'a mut Sources,
    known: IndexMap<String, SourceId>,
}

impl<'a> Tracer<'a> {
    fn new(template: &'a Template, marked: &'a Marked, values: &'a Node, sources: &'a mut Sources) -> Self {
        let placeholders = Placeholders(marked.values.clone());
        Self { template, marked, placeholders, values, sources, known: IndexMap::new() }
    }

    /// A part of the output with its values in it; `None` when nothing is left of it, as when it was made.
    fn node(&mut self, node: &Node) -> Option<Node> {
        let tree = match &node.tree {
            Tree::Map(map) => self.map(map)?,
            Tree::List(items) => {
                let filled: Vec<Node> = items.iter().flat_map(|item| self.item(item)).collect();
                if filled.is_empty() && !items.is_empty() {
                    return None;
                }
                Tree::List(filled)
            }
            Tree::String(text) => match placeholders::number(text) {
                Some(number) => return self.value(number),
                None => node.tree.clone(),
            },
            Tree::Null => return None,
            other => other.clone(),
        };
        let place = node.place().and_then(|place| self.place(place));
        Some(Node { tree, origins: place.map(Origin::Written).into_iter().collect() })
    }

    fn map(&mut self, map: &Map) -> Option<Tree> {
        let mut filled = Map::new();
        for (key, member) in map {
            let Some(node) = self.node(&member.node) else { continue };
            let (name, place) = match placeholders::number(key) {
                Some(number) => (self.json(number)?.as_str()?.to_owned(), self.origin(number)),
                None => (key.clone(), member.key.and_then(|place| self.place(place))),
            };
            filled.insert(name, Member { key: place, node });
        }
        (map.is_empty() || !filled.is_empty()).then_some(Tree::Map(filled))
    }

    /// An item of a list, or the items that are spread in its place.
    fn item(&mut self, item: &Node) -> Vec<Node> {
        let node = self.node(item);
        let number = if let Tree::String(text) = &item.tree { placeholders::number(text) } else { None };
        let spread = number.is_some_and(|number| self.placeholders.is_spread(number));
        match node {
            Some(Node { tree: Tree::List(items), .. }) if spread => items,
            node => node.into_iter().collect(),
        }
    }

    fn json(&self, number: usize) -> Option<Json> {
        self.placeholders.json(number)
    }

    /// What stands in the place of a placeholder, with the place of its tag and that of the value.
    fn value(&mut self, number: usize) -> Option<Node> {
        let json = self.json(number)?;
        let tag = self.origin(number)?;
        let origin = self.marked.origins.get(number)?;
        let text = self.text(&origin.template)?;
        let all = aliases(&self.template.text, self.template.text.len());
        let names = names(&text[origin.range.clone()]);
        let read = names.iter().find_map(|name| {
            let steps = steps(&name.parts, &all);
            let read = read(self.values, &steps, None);
            read.node.map(|node| (read.place, node.clone()))
        });
        let (place, node) = read.map_or((None, None), |(place, node)| (place, Some(node)));
        Some(grafted(&json, tag, place, node.filter(|node| node.to_json() == json).as_ref()))
    }

    fn origin(&mut self, number: usize) -> Option<Place> {
        let origin = self.marked.origins.get(number)?.clone();
        Some(Place::new(self.source(&origin.template)?, origin.range))
    }

    /// The place in the template of what stands at a place of the output: the same text in the line that made it,
    /// or else the whole line.
    fn place(&mut self, place: Place) -> Option<Place> {
        let start = place.range().start;
        let number = self.marked.starts.partition_point(|line| *line <= start) - 1;
        let (name, line) = self.marked.lines.get(number)?.clone()?;
        let said = self.marked.text[place.range()].lines().next().unwrap_or_default().to_owned();
        let text = self.text(&name)?;
        let line_start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        let content = text[line_start..].lines().next()?;
        let indentation = content.len() - content.trim_start().len();
        let found =
            Some(said).filter(|said| !said.is_empty()).and_then(|said| Some((content.find(&said)?, said.len())));
        let (at, length) = found.unwrap_or((indentation, content.trim().len()));
        Some(Place::new(self.source(&name)?, line_start + at..line_start + at + length))
    }

    fn text(&self, name: &str) -> Option<String> {
        if name == self.template.name {
            return Some(self.template.text.clone());
        }
        self.template.library.get(name).map(str::to_owned)
    }

    fn source(&mut self, name: &str) -> Option<SourceId> {
        if let Some(known) = self.known.get(name) {
            return Some(*known);
        }
        let source = if name == self.template.name {
            source_of(self.template, self.sources)
        } else {
            self.sources.add(shown_name(name), self.template.library.get(name)?)
        };
        self.known.insert(name.to_owned(), source);
        Some(source)
    }
}

/// A value as a tree: each part knows the tag that it came through, and where it was written.
fn grafted(json: &Json, tag: Place, place: Option<Place>, node: Option<&Node>) -> Node {
    let place = node.and_then(Node::place).or(place);
    let tree = match json {
        Json::Array(items) => {
            let items = items.iter().enumerate();
            Tree::List(items.map(|(index, item)| grafted(item, tag, place, child(node, &index.to_string()))).collect())
        }
        Json::Object(map) => {
            let member = |(key, value): (&String, &Json)| {
                let node = grafted(value, tag, place, child(node, key));
                (key.clone(), Member { key: None, node })
            };
            Tree::Map(map.iter().map(member).collect())
        }
        scalar => Node::derived(scalar, &Origin::Written(tag)).tree,
    };
    let origins = place.into_iter().chain([tag]).map(Origin::Written).collect();
    Node { tree, origins }
}

fn child<'n>(node: Option<&'n Node>, step: &str) -> Option<&'n Node> {
    match &node?.tree {
        Tree::Map(map) => map.get(step).map(|member| &member.node),
        Tree::List(items) => items.get(step.parse::<usize>().ok()?),
        _ => None,
    }
}
