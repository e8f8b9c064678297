//! The text of an environment file: values in the order of the reference, each with the place that it comes from.

use serde_json::{Value, json};

use render_platform::values;
use render_report::plain::word;
use render_text::diagnostic::Failure;
use render_text::node::{Map, Member, Node, Tree};
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml::emit;

/// What stands in front of the values.
pub(super) struct Head<'a> {
    /// What the file is called.
    pub(super) name: &'a str,
    /// What it was made of.
    pub(super) sources: Vec<String>,
    /// The text with the defaults of the other system, and what a comment calls them.
    pub(super) defaults: (SourceId, &'static str),
}

/// The text of an environment file.
///
/// # Errors
/// [`Failure::Internal`] when a value cannot be written.
pub(super) fn text(tree: &Node, head: &Head, sources: &Sources) -> Result<String, Failure> {
    let mut text = format!(
        "# yaml-language-server: $schema=schema.json\n# Imported from {}: a comment says where a value comes from.\n\
         # `render check -f {}` says what is left to mend, and `render schema > schema.json` writes what an editor reads.\n",
        head.sources.join(", "),
        head.name,
    );
    let Tree::Map(map) = &tree.tree else { return Ok(text) };
    for (key, member) in in_order(map)? {
        text.push('\n');
        Writer { head, sources, text: &mut text }.entry(key, member, Level { depth: 0, explained: false })?;
    }
    Ok(text)
}

/// The sections in the order of the reference; that of a plugin stands behind the cluster.
fn in_order(map: &Map) -> Result<Vec<(&String, &Member)>, Failure> {
    let known = values::schema::described()?.get("properties").and_then(Value::as_object);
    let known: Vec<&String> = known.into_iter().flat_map(|known| known.keys()).collect();
    let at = |key: &str| known.iter().position(|other| *other == key);
    let rank = |key: &str| at(key).map_or((at("cluster"), 1), |at| (Some(at), 0));
    let mut entries: Vec<(&String, &Member)> = map.iter().collect();
    entries.sort_by_key(|(key, _)| rank(key));
    Ok(entries)
}

struct Writer<'a> {
    head: &'a Head<'a>,
    sources: &'a Sources,
    text: &'a mut String,
}

/// Where the writer is.
#[derive(Clone, Copy)]
struct Level {
    depth: usize,
    /// Whether a comment above says where the values come from.
    explained: bool,
}

impl Writer<'_> {
    fn entry(&mut self, key: &str, member: &Member, level: Level) -> Result<(), Failure> {
        let place = if level.explained { None } else { member.key.or_else(|| member.node.place()) };
        let comment = place.map_or_else(String::new, |place| format!(" # {}", self.origin(place)));
        let indent = "  ".repeat(level.depth);
        if let Tree::Map(map) = &member.node.tree
            && !map.is_empty()
        {
            let name = emit::document(&json!({key: {}})).map_err(Failure::Internal)?;
            self.line(&[&indent, name.trim_end_matches(" {}\n"), &comment]);
            let below = Level { depth: level.depth + 1, explained: level.explained || place.is_some() };
            // LiveKit's own configuration is long, and comes last.
            let (last, first): (Vec<_>, Vec<_>) = map.iter().partition(|(key, _)| *key == "config");
            return first.into_iter().chain(last).try_for_each(|(key, member)| self.entry(key, member, below));
        }
        let lines = emit::document(&json!({key: member.node.to_json()})).map_err(Failure::Internal)?;
        for (index, line) in lines.lines().enumerate() {
            let comment = if index == 0 { comment.as_str() } else { "" };
            let indent = if line.is_empty() { "" } else { indent.as_str() };
            self.line(&[indent, line, comment]);
        }
        Ok(())
    }

    fn line(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied().chain(["\n"]));
    }

    fn origin(&self, place: Place) -> String {
        let (defaults, words) = self.head.defaults;
        if place.source == defaults {
            return words.to_owned();
        }
        let (line, _) = self.sources.line_column(place);
        format!("{}:{line}", word(&self.sources.get(place.source).name))
    }
}
