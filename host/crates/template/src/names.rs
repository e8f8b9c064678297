//! Which values a template's expression reads, and where those were written. The names are taken from the text:
//! this is for messages, where a name too few does no harm.

use std::collections::BTreeMap;
use std::ops::Range;

use render_text::node::{Node, Tree};
use render_text::source::Place;
use render_text::yaml::limits::MAX_DEPTH;

use super::tags::{Kind, tags};

/// A step on the way to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// The member of a map.
    Key(String),
    /// Any item of a list: what a loop goes through.
    Each,
}

/// A dotted name in an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// Its bytes in the expression.
    pub(super) range: Range<usize>,
    /// Its parts.
    pub(super) parts: Vec<String>,
}

/// Names that a template gives to values: by `set`, or for each item of a loop.
pub(super) type Aliases = BTreeMap<String, Vec<Step>>;

/// What was found of a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Read<'n, 's> {
    /// The place of the value, or of the nearest thing above it that is there.
    pub(super) place: Option<Place>,
    /// The value, where one was found.
    pub(super) node: Option<&'n Node>,
    /// The first part of the name that leads to nothing.
    pub(super) missing: Option<&'s str>,
}

/// Words that stand where a name could, and are none.
const WORDS: [&str; 14] =
    ["and", "or", "not", "in", "is", "if", "else", "true", "false", "none", "True", "False", "None", "loop"];

/// The dotted names that an expression reads: neither filters, nor tests, nor functions, nor what is in quotes.
pub(super) fn names(expression: &str) -> Vec<Name> {
    let mut found = Vec::new();
    let mut before = String::new();
    let mut at = 0;
    while let Some(letter) = expression[at..].chars().next() {
        let rest = &expression[at..];
        if matches!(letter, '"' | '\'') {
            let closed = rest[1..].find(letter).map_or(rest.len(), |end| end + 2);
            at += closed;
            "text".clone_into(&mut before);
        } else if letter.is_alphanumeric() || letter == '_' {
            let length = rest.find(|other: char| !(other.is_alphanumeric() || matches!(other, '_' | '.')));
            let word = rest[..length.unwrap_or(rest.len())].trim_end_matches('.');
            let behind = rest[word.len()..].trim_start();
            let is_name = letter.is_alphabetic() || letter == '_';
            let value =
                is_name && !WORDS.contains(&word) && !behind.starts_with(['(', '=']) || behind.starts_with("==");
            if value && !matches!(before.as_str(), "|" | "." | "is" | "is not") {
                let parts = word.split('.').map(str::to_owned).collect();
                found.push(Name { range: at..at + word.len(), parts });
            }
            before = if before == "is" && word == "not" { "is not".to_owned() } else { word.to_owned() };
            at += word.len().max(1);
        } else {
            if !letter.is_whitespace() {
                before = letter.to_string();
            }
            at += letter.len_utf8();
        }
    }
    found
}

/// The names that a template gives before a byte.
pub(super) fn aliases(text: &str, before: usize) -> Aliases {
    let mut aliases = Aliases::new();
    let blocks = tags(text).into_iter().filter(|tag| tag.kind == Kind::Block && tag.range.start < before);
    for tag in blocks {
        let says = text[tag.inner].trim();
        let (alias, expression, each) = if let Some((names, list)) = part(says, "for ", " in ") {
            (names.rsplit(',').next().unwrap_or(names), list, Some(Step::Each))
        } else if let Some((name, value)) = part(says, "set ", "=").or_else(|| part(says, "with ", "=")) {
            (name, value, None)
        } else {
            continue;
        };
        let Some(name) = names(expression).into_iter().next() else { continue };
        let steps = steps(&name.parts, &aliases).into_iter().chain(each).collect();
        aliases.insert(alias.trim().to_owned(), steps);
    }
    aliases
}

fn part<'t>(says: &'t str, word: &str, between: &str) -> Option<(&'t str, &'t str)> {
    says.strip_prefix(word)?.split_once(between)
}

/// The way to the value of a name.
pub(super) fn steps(parts: &[String], aliases: &Aliases) -> Vec<Step> {
    let Some((first, rest)) = parts.split_first() else { return Vec::new() };
    let start = aliases.get(first).cloned().unwrap_or_else(|| vec![Step::Key(first.clone())]);
    // Values nest no deeper; names that are made of names of names would grow without end.
    start.into_iter().chain(rest.iter().cloned().map(Step::Key)).take(MAX_DEPTH + 1).collect()
}

/// Follows a way through the values. Of the items of a list it takes the first in which the way ends early.
pub(super) fn read<'n, 's>(node: &'n Node, steps: &'s [Step], place: Option<Place>) -> Read<'n, 's> {
    let Some((step, rest)) = steps.split_first() else { return Read { place, node: Some(node), missing: None } };
    match (step, &node.tree) {
        (Step::Key(key), Tree::Map(map)) => match map.get(key) {
            Some(member) => {
                let key = member.key.filter(|_| matches!(member.node.tree, Tree::Map(_)));
                read(&member.node, rest, key.or_else(|| member.node.place()).or(place))
            }
            None => Read { place, node: None, missing: Some(key) },
        },
        (Step::Key(key), _) => Read { place, node: None, missing: Some(key) },
        (Step::Each, tree) => {
            let items: Vec<&Node> = match tree {
                Tree::List(items) => items.iter().collect(),
                Tree::Map(map) => map.values().map(|member| &member.node).collect(),
                _ => Vec::new(),
            };
            let read = |item: &&'n Node| read(item, rest, item.place().or(place));
            items.iter().map(read).find(|read| read.missing.is_some()).unwrap_or(Read {
                place,
                node: None,
                missing: None,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_an_expression_reads() {
        for (expression, expected) in [
            (" livekit.name ~ \"-x.y\" ", vec!["livekit.name"]),
            ("a.b|optional|default(c.d)", vec!["a.b", "c.d"]),
            ("labels(\"x\", {\"team\": custom.team})", vec!["custom.team"]),
            ("none if a.enabled and b is not defined else c[0].d", vec!["a.enabled", "b", "c"]),
            ("x == 3 or loop.first", vec!["x", "loop.first"]),
            ("'it' in list", vec!["list"]),
        ] {
            let found: Vec<String> = names(expression).iter().map(|name| name.parts.join(".")).collect();
            assert_eq!(found, expected, "{expression}");
        }
    }

    #[test]
    fn loops_and_sets_give_names() {
        let text = "{% set hpa = scaling.auto %}{% for name, team in custom.teams|items %}{{ team.mail }}{% endfor %}";
        let aliases = aliases(text, text.len());
        let key = |key: &str| Step::Key(key.to_owned());
        assert_eq!(steps(&["hpa".to_owned(), "min".to_owned()], &aliases), [key("scaling"), key("auto"), key("min")]);
        assert_eq!(
            steps(&["team".to_owned(), "mail".to_owned()], &aliases),
            [key("custom"), key("teams"), Step::Each, key("mail")]
        );
    }
}
