//! Placeholders: what stands in a template's text for a value, and how the value takes its place.

use std::path::Path;

use minijinja::value::{Object, ValueKind};
use minijinja::{Error, Output, State, Value};
use serde_json::{Map, Value as Json};

use render_text::node::{Node, Tree};

use super::limits;

/// Characters that open and close a placeholder: two of those that Unicode keeps for a program's own use and bars
/// from every text. No value passes through the text, so only a template itself could contain them.
const OPEN: char = '\u{FDD0}';
const CLOSE: char = '\u{FDD1}';
/// What a message shows in their place; as long in bytes, so that every place stays where it is.
const SHOWN: [char; 2] = ['⟦', '⟧'];

/// The values of one rendering, by the number of their placeholder.
#[derive(Debug, Default)]
pub(super) struct Placeholders(pub(super) Vec<Value>);

/// A list whose items take the place of the one item that it is written as.
#[derive(Debug)]
pub(super) struct Spread(pub(super) Value);

impl Object for Spread {}

/// A placeholder in a place where a value cannot go.
pub(super) struct Misplaced {
    pub(super) placeholder: usize,
    pub(super) message: String,
    /// What to do about it.
    pub(super) hint: &'static str,
}

/// Where a value can go.
const WHOLE: &str =
    "a value must be the whole of a key or of a scalar: join strings inside the braces, as in `{{ a ~ \"-\" ~ b }}`";

/// Writes a placeholder for a value; in text files, as in redis.conf, the value itself.
pub(super) fn format(output: &mut Output, state: &mut State, value: &Value) -> Result<(), Error> {
    let weight = limits::weigh(value)?;
    limits::count(state, weight)?;
    if Path::new(state.name()).extension().is_some_and(|ending| ending == "conf") {
        return minijinja::escape_formatter(output, state, value);
    }
    if value.is_undefined() {
        return Err(Error::new(minijinja::ErrorKind::UndefinedError, "this value is not set"));
    }
    let values = &mut state.get_or_insert_extension(Placeholders::default()).0;
    values.push(value.clone());
    let number = values.len() - 1;
    write!(output, "{OPEN}{number}{CLOSE}")
        .map_err(|error| Error::new(minijinja::ErrorKind::WriteFailure, error.to_string()))
}

/// Rendered text as a message may show it: placeholders are visible.
pub(super) fn shown(text: &str) -> String {
    let [open, close] = SHOWN;
    let visible = |letter| match letter {
        OPEN => open,
        CLOSE => close,
        other => other,
    };
    text.chars().map(visible).collect()
}

impl Placeholders {
    /// A parsed document with every placeholder filled; `None` when nothing is left of it.
    pub(super) fn fill(&self, node: &Node) -> Result<Option<Json>, Misplaced> {
        match &node.tree {
            Tree::Map(map) => {
                let mut filled = Map::new();
                for (key, member) in map {
                    if let Some(value) = self.fill(&member.node)?
                        && filled.insert(self.key(key)?, value).is_some()
                    {
                        return Err(twice(map.keys()));
                    }
                }
                // A map of which every value was optional and absent was not meant to be there.
                Ok((map.is_empty() || !filled.is_empty()).then_some(Json::Object(filled)))
            }
            Tree::List(items) => self.list(items),
            Tree::String(text) => match self.whole(text)? {
                Some(value) => json(value, text),
                None => Ok(Some(Json::String(text.clone()))),
            },
            Tree::Null => Ok(None),
            _ => Ok(Some(node.to_json())),
        }
    }

    /// The value of a placeholder in JSON; `None` when it stands for nothing.
    pub(super) fn json(&self, number: usize) -> Option<Json> {
        let value = self.0.get(number)?;
        let value = value.downcast_object_ref::<Spread>().map_or(value, |Spread(list)| list);
        json(value, "").ok().flatten()
    }

    /// Whether the items of a placeholder's list take the place of its item.
    pub(super) fn is_spread(&self, number: usize) -> bool {
        self.0.get(number).is_some_and(|value| value.downcast_object_ref::<Spread>().is_some())
    }

    fn list(&self, items: &[Node]) -> Result<Option<Json>, Misplaced> {
        let mut filled = Vec::new();
        for item in items {
            match self.spread(item)? {
                Some(items) => filled.extend(items),
                None => filled.extend(self.fill(item)?),
            }
        }
        Ok((items.is_empty() || !filled.is_empty()).then_some(Json::Array(filled)))
    }

    /// The items of a list that takes the place of one item; `None` for every other item.
    fn spread(&self, item: &Node) -> Result<Option<Vec<Json>>, Misplaced> {
        let Tree::String(text) = &item.tree else { return Ok(None) };
        let Some(Spread(list)) = self.whole(text)?.and_then(|value| value.downcast_object_ref()) else {
            return Ok(None);
        };
        match json(list, text)? {
            None => Ok(Some(Vec::new())),
            Some(Json::Array(items)) => Ok(Some(items)),
            Some(_) => Err(not_a_list(text, list.kind())),
        }
    }

    /// Finds a value that did not get into the text: something took the text in which it stood for a value of its own.
    pub(super) fn all_in(&self, text: &str) -> Result<(), Misplaced> {
        let mut standing = text.split(OPEN).skip(1).map(|rest| rest.split_once(CLOSE)?.0.parse().ok());
        match (0..self.0.len()).find(|number| standing.next().flatten() != Some(*number)) {
            None => Ok(()),
            Some(placeholder) => Err(Misplaced {
                placeholder,
                message: "a value stands in a block that becomes a value itself".to_owned(),
                hint: "join strings inside the braces, as in `{% set name = a ~ \"-\" ~ b %}`, and apply filters there",
            }),
        }
    }

    fn key(&self, key: &str) -> Result<String, Misplaced> {
        let Some(value) = self.whole(key)? else { return Ok(key.to_owned()) };
        value.as_str().map(str::to_owned).ok_or_else(|| Misplaced {
            placeholder: number(key).unwrap_or(0),
            message: format!("a key must be a string, and this value is of the kind {}", value.kind()),
            hint: "make a string of it, as in `{{ value ~ \"\" }}`",
        })
    }

    /// The value that a scalar stands for; `None` for ordinary text.
    fn whole(&self, text: &str) -> Result<Option<&Value>, Misplaced> {
        if !text.contains([OPEN, CLOSE]) {
            return Ok(None);
        }
        let placeholder = number(text).unwrap_or(0);
        let whole = text.starts_with(OPEN) && text.find(CLOSE) == Some(text.len() - CLOSE.len_utf8());
        match self.0.get(placeholder) {
            Some(value) if whole => Ok(Some(value)),
            _ => {
                Err(Misplaced { placeholder, message: "a value stands in the middle of text".to_owned(), hint: WHOLE })
            }
        }
    }
}

/// The number of the first placeholder in a text.
pub(super) fn number(text: &str) -> Option<usize> {
    let (_, rest) = text.split_once(OPEN)?;
    rest.split_once(CLOSE)?.0.parse().ok()
}

fn twice<'key>(mut keys: impl Iterator<Item = &'key String>) -> Misplaced {
    Misplaced {
        placeholder: keys.find_map(|key| number(key)).unwrap_or(0),
        message: "a value is a key that the map has already".to_owned(),
        hint: "join a word of your own to it, as in `{{ \"my-\" ~ value }}`, or take the other key away",
    }
}

fn not_a_list(text: &str, kind: ValueKind) -> Misplaced {
    Misplaced {
        placeholder: number(text).unwrap_or(0),
        message: format!("`spread` wants a list, and this value is of the kind {kind}"),
        hint: "leave `|spread` away for a single item",
    }
}

/// A value as it goes in the place of a placeholder; `None` for one that is absent.
fn json(value: &Value, text: &str) -> Result<Option<Json>, Misplaced> {
    let misplaced = |message, hint| Err(Misplaced { placeholder: number(text).unwrap_or(0), message, hint });
    if value.downcast_object_ref::<Spread>().is_some() {
        return misplaced("a list is spread where no list is".to_owned(), "write it as an item: `- {{ list|spread }}`");
    }
    let hint = "read a value, not a function or an iterator";
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(None),
        ValueKind::Plain => misplaced("a value has no form in JSON".to_owned(), hint),
        _ => serde_json::to_value(value)
            .map(Some)
            .or_else(|error| misplaced(format!("a value has no form in JSON: {error}"), hint)),
    }
}
