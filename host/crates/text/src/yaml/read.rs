//! From text to a tree of values with their places. The scanning is granit-parser's; here its events
//! become [`Node`]s, under budgets that a hostile or broken file cannot outgrow.

use std::borrow::Cow;
use std::collections::BTreeMap;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle, Tag};
use indexmap::map::Entry;

use super::limits::{MAX_ALIASES, MAX_BYTES, MAX_DEPTH, MAX_MISTAKES, MAX_NODES};
use super::mistakes;
use super::places::Places;
use super::resolve::{Mismatch, Scalar, json_number, key_text, resolve};
use crate::diagnostic::{Diagnostic, Found};
use crate::node::{Map, Member, Node, Tree};
use crate::source::{Place, SourceId};

/// Every document of a YAML stream, in order. A document without content is null; a text without
/// content has no document. The place of a scalar is its token (of a block scalar, its first line),
/// the place of a map its first key, the place of a list its first item, and what stands in brackets
/// on one line is its own place.
///
/// # Errors
/// Every mistake up to the first one that leaves the rest of the text unreadable.
pub fn read(source: SourceId, text: &str) -> Found<Vec<Node>> {
    if let Some(mistake) = mistakes::unreadable(source, text) {
        return Err(vec![mistake]);
    }
    let mut reader = Reader::new(source, text);
    match reader.documents() {
        Ok(documents) if reader.found.is_empty() => Ok(documents),
        Ok(_) => Err(reader.found),
        Err(last) => {
            if !reader.found.contains(&last) {
                reader.found.push(last);
            }
            Err(reader.found)
        }
    }
}

/// One pass over the events of a text.
struct Reader<'text> {
    /// The text, and where in it a value stands.
    places: Places<'text>,
    events: Parser<'text, StrInput<'text>>,
    /// Where the last event ended: a scanner error lies behind it.
    reached: usize,
    /// Whether anything can be an alias, so that anchored values must be kept.
    aliased: bool,
    /// Whether the text has one of the characters that [`Reader::refuse_separators`] looks for.
    separators: bool,
    anchors: BTreeMap<usize, Anchored>,
    nodes: usize,
    aliases: usize,
    /// The bytes of text that anchors and aliases copied.
    copied: usize,
    /// Mistakes that do not keep the rest from being read.
    found: Vec<Diagnostic>,
}

/// A value that an alias may repeat.
struct Anchored {
    node: Node,
    size: Size,
}

/// What a copy of a tree costs.
#[derive(Clone, Copy, Default)]
struct Size {
    /// How many values it holds.
    nodes: usize,
    /// How deep its maps and lists nest.
    depth: usize,
    /// The bytes of its keys and texts.
    bytes: usize,
}

/// What stands in front of a map's colon.
enum Key {
    Name(String, Place),
    Merge(Place),
    /// A mistake that is already noted.
    Bad,
}

impl<'text> Reader<'text> {
    fn new(source: SourceId, text: &'text str) -> Self {
        let mut options = Options::default();
        options.set_emit_comments(false);
        options.flow_nesting_limit = MAX_DEPTH;
        options.block_nesting_limit = MAX_DEPTH;
        Self {
            places: Places { source, text },
            events: Parser::new_from_str_with_options(text, options),
            reached: 0,
            aliased: text.contains('*'),
            separators: text.contains(['\u{85}', '\u{2028}', '\u{2029}']),
            anchors: BTreeMap::new(),
            nodes: 0,
            aliases: 0,
            copied: 0,
            found: Vec::new(),
        }
    }

    fn documents(&mut self) -> Result<Vec<Node>, Diagnostic> {
        let mut documents = Vec::new();
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(documents),
                (Event::StreamStart | Event::DocumentStart(..), _) => {}
                (Event::DocumentEnd, _) => self.anchors.clear(),
                (event, span) => documents.push(self.node(event, span, 0)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'text>, Span), Diagnostic> {
        match self.events.next() {
            Some(Ok((event, span))) => {
                self.reached = self.places.range(span).end;
                Ok((event, span))
            }
            Some(Err(error)) => Err(mistakes::explain(self.places.source, self.places.text, self.reached, &error)),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The value that starts with an event, `depth` maps and lists down.
    fn node(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        self.count(1, span)?;
        if self.found.len() >= MAX_MISTAKES {
            return Err(mistakes::too_many(self.places.of(span)));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (self.scalar(text, style, tag.as_deref(), span), anchor),
            Event::SequenceStart(style, anchor, tag) => {
                self.enter(depth + 1, "seq", tag.as_deref(), span)?;
                (self.list(style, span, depth + 1)?, anchor)
            }
            Event::MappingStart(style, anchor, tag) => {
                self.enter(depth + 1, "map", tag.as_deref(), span)?;
                (self.map(style, span, depth + 1)?, anchor)
            }
            Event::Alias(anchor) => (self.alias(anchor, span, depth)?, 0),
            _ => return Err(Diagnostic::error("the YAML parser lost its way").at(self.places.of(span))),
        };
        if anchor != 0 && self.aliased {
            self.keep(anchor, &node, span)?;
        }
        Ok(node)
    }

    fn scalar(&mut self, text: Cow<'text, str>, style: ScalarStyle, tag: Option<&Tag>, span: Span) -> Node {
        let place = self.places.scalar(style, span);
        self.refuse_separators(style, span);
        let tree = match resolve(text, style, tag) {
            Ok(Scalar::Null) => Tree::Null,
            Ok(Scalar::Bool(bool)) => Tree::Bool(bool),
            Ok(Scalar::Integer(number)) => Tree::Number(number),
            Ok(Scalar::Text(text)) => Tree::String(text.into_owned()),
            Ok(Scalar::Float(float)) => json_number(float).map_or_else(|| self.not_in_json(place), Tree::Number),
            Err(mismatch) => {
                self.found.push(mistakes::tag(mismatch, tag).at(self.places.tag(span)));
                Tree::Null
            }
        };
        Node::written(tree, place)
    }

    fn list(&mut self, style: StructureStyle, start: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::SequenceEnd {
                let first = items.first().and_then(Node::place);
                let place = self.places.collection(style, start, span, first);
                return Ok(Node::written(Tree::List(items), place));
            }
            items.push(self.node(event, span, depth)?);
        }
    }

    fn map(&mut self, style: StructureStyle, start: Span, depth: usize) -> Result<Node, Diagnostic> {
        let mut map = Map::new();
        let mut merged = None;
        let mut first = None;
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                let place = self.places.collection(style, start, span, first);
                if let Some((at, sources)) = merged {
                    self.merge(&mut map, at, sources);
                }
                return Ok(Node::written(Tree::Map(map), place));
            }
            first = first.or(Some(self.places.of(span)));
            let key = self.key(event, span, depth)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth)?;
            match key {
                Key::Name(name, place) => self.insert(&mut map, name, place, value),
                Key::Merge(place) => match merged {
                    Some((first, _)) => self.twice("<<", first, place),
                    None => merged = Some((place, value)),
                },
                Key::Bad => {}
            }
        }
    }

    fn key(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Key, Diagnostic> {
        let place = self.places.of(span);
        if let Event::Scalar(text, ScalarStyle::Plain, _, None) = &event
            && text == "<<"
        {
            return Ok(Key::Merge(place));
        }
        let Event::Scalar(text, style, anchor, tag) = event else { return self.other_key(event, span, depth) };
        self.count(1, span)?;
        if anchor != 0 && self.aliased {
            let node = self.scalar(text.clone(), style, tag.as_deref(), span);
            self.keep(anchor, &node, span)?;
        }
        self.refuse_separators(style, span);
        let name = match resolve(text, style, tag.as_deref()) {
            Ok(scalar) => key_text(scalar).ok_or_else(|| mistakes::key(self.places.text, place, &Tree::Null)),
            Err(mismatch) => Err(mistakes::tag(mismatch, tag.as_deref()).at(self.places.tag(span))),
        };
        Ok(self.named(name, place))
    }

    /// A key that is no scalar of its own: an alias to one, or a list or map, which cannot be a key.
    fn other_key(&mut self, event: Event<'text>, span: Span, depth: usize) -> Result<Key, Diagnostic> {
        let place = self.places.of(span);
        let node = self.node(event, span, depth)?;
        let name = match node.tree {
            Tree::Bool(bool) => Ok(bool.to_string()),
            Tree::Number(number) => Ok(number.to_string()),
            Tree::String(string) => Ok(string),
            tree => Err(mistakes::key(self.places.text, place, &tree)),
        };
        Ok(self.named(name, place))
    }

    fn named(&mut self, name: Result<String, Diagnostic>, place: Place) -> Key {
        match name {
            Ok(name) => Key::Name(name, place),
            Err(mistake) => {
                self.found.push(mistake);
                Key::Bad
            }
        }
    }

    fn insert(&mut self, map: &mut Map, name: String, key: Place, mut node: Node) {
        // An empty value has no characters of its own: it is shown at its key.
        if node.place().is_some_and(|place| place.start == place.end) && node.tree == Tree::Null {
            node = Node::written(Tree::Null, key);
        }
        match map.entry(name) {
            Entry::Vacant(entry) => {
                entry.insert(Member { key: Some(key), node });
            }
            Entry::Occupied(entry) => {
                let first = entry.get().key.unwrap_or(key);
                let name = entry.key().clone();
                self.twice(&name, first, key);
            }
        }
    }

    fn twice(&mut self, name: &str, first: Place, second: Place) {
        let mistake = Diagnostic::error(format!("the key `{name}` is given twice"));
        let mistake = mistake.at(second).with(first, "first given here");
        self.found.push(mistake.hint("keep one of the two: kubectl would silently keep the last"));
    }

    /// Adds what `<<` names: what is there already wins, and an earlier source wins over a later one.
    fn merge(&mut self, map: &mut Map, at: Place, sources: Node) {
        let sources = match sources.tree {
            Tree::List(sources) => sources,
            _ => vec![sources],
        };
        for source in sources {
            let Tree::Map(members) = source.tree else {
                let mistake = Diagnostic::error(format!("`<<` merges maps, but this is {}", source.tree.kind()));
                let mistake = mistake.at(source.place().unwrap_or(at));
                self.found.push(mistake.hint("name an anchored map, as in `<<: *defaults`, or quote the key: \"<<\""));
                continue;
            };
            for (name, member) in members {
                map.entry(name).or_insert(member);
            }
        }
    }

    fn alias(&mut self, anchor: usize, span: Span, depth: usize) -> Result<Node, Diagnostic> {
        let place = self.places.of(span);
        self.aliases += 1;
        if self.aliases > MAX_ALIASES {
            let mistake = Diagnostic::error(format!("more than {MAX_ALIASES} aliases")).at(place);
            return Err(mistake.hint("write the values out, or split the file"));
        }
        let Some(anchored) = self.anchors.get(&anchor) else {
            let mistake = Diagnostic::error("the alias stands inside the value that it repeats").at(place);
            return Err(mistake.hint("anchor a value that ends before the alias"));
        };
        let size = anchored.size;
        self.count_copy(size, span)?;
        if depth + size.depth > MAX_DEPTH {
            return Err(mistakes::too_deep(place));
        }
        self.anchors.get(&anchor).map(|anchored| anchored.node.clone()).ok_or_else(|| mistakes::too_deep(place))
    }

    fn keep(&mut self, anchor: usize, node: &Node, span: Span) -> Result<(), Diagnostic> {
        let size = measure(node);
        self.count_copy(size, span)?;
        self.anchors.insert(anchor, Anchored { node: node.clone(), size });
        Ok(())
    }

    fn count_copy(&mut self, size: Size, span: Span) -> Result<(), Diagnostic> {
        self.count(size.nodes, span)?;
        self.copied += size.bytes;
        if self.copied <= MAX_BYTES {
            return Ok(());
        }
        let mistake = Diagnostic::error(format!("aliases copy more than {} MiB of text", MAX_BYTES >> 20));
        Err(mistake.at(self.places.of(span)).hint("write long texts once, or split the file"))
    }

    fn enter(&mut self, depth: usize, kind: &str, tag: Option<&Tag>, span: Span) -> Result<(), Diagnostic> {
        if depth > MAX_DEPTH {
            return Err(mistakes::too_deep(self.places.of(span)));
        }
        let fits = |tag: &Tag| tag.core_suffix() == Some(kind) || (tag.handle().is_empty() && tag.suffix() == "!");
        if tag.is_some_and(|tag| !fits(tag)) {
            let mismatch = match tag.and_then(Tag::core_suffix) {
                Some(_) => Mismatch::NotThatType,
                None => Mismatch::UnknownTag,
            };
            self.found.push(mistakes::tag(mismatch, tag).at(self.places.tag(span)));
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, span: Span) -> Result<(), Diagnostic> {
        self.nodes += nodes;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let mistake = Diagnostic::error(format!("more than {MAX_NODES} values, the copies that aliases make included"));
        Err(mistake.at(self.places.of(span)).hint("split the file, or let fewer aliases repeat large values"))
    }

    /// Notes a float that JSON has no word for.
    fn not_in_json(&mut self, place: Place) -> Tree {
        let mistake = Diagnostic::error("JSON, and so Kubernetes, has no infinity and no NaN").at(place);
        self.found.push(mistake.hint("write a number, or quote it if it is meant as text"));
        Tree::Null
    }

    /// go-yaml ends a line at U+0085, U+2028 and U+2029, YAML 1.2 does not: refuse to guess. In quotes
    /// the last two are kept by both, and JSON allows them there.
    fn refuse_separators(&mut self, style: ScalarStyle, span: Span) {
        if !self.separators {
            return;
        }
        let quoted = matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let range = self.places.range(span);
        let separates = |char| char == '\u{85}' || (!quoted && matches!(char, '\u{2028}' | '\u{2029}'));
        let Some(at) = self.places.text[range.clone()].find(separates) else { return };
        let start = range.start + at;
        let width = self.places.text[start..].chars().next().map_or(0, char::len_utf8);
        let mistake = Diagnostic::error("an invisible line separator, which kubectl would take for a line break");
        let mistake = mistake.at(Place::new(self.places.source, start..start + width));
        self.found.push(mistake.hint("remove it, or write it in double quotes as \\u2028, \\u2029 or \\u0085"));
    }
}

fn measure(node: &Node) -> Size {
    let inner = |own: usize, children: &mut dyn Iterator<Item = &Node>| {
        children.map(measure).fold(Size { nodes: 1, depth: 1, bytes: own }, |all, one| Size {
            nodes: all.nodes + one.nodes,
            depth: all.depth.max(one.depth + 1),
            bytes: all.bytes + one.bytes,
        })
    };
    match &node.tree {
        Tree::List(items) => inner(0, &mut items.iter()),
        Tree::Map(map) => inner(map.keys().map(String::len).sum(), &mut map.values().map(|member| &member.node)),
        Tree::String(text) => Size { nodes: 1, depth: 0, bytes: text.len() },
        _ => Size { nodes: 1, ..Size::default() },
    }
}
