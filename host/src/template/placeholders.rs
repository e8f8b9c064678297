//! Placeholders: what stands in a template's text for a value, and how the value takes its place.

use std::path::Path;

use minijinja::value::{Object, ValueKind};
use minijinja::{Error, Output, State, Value};
use serde_json::{Map, Value as Json};

use crate::node::{Node, Tree};

/// Private characters of Unicode that open and close a placeholder: no value passes through the
/// text, so only a template itself could contain them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
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
                    if let Some(value) = self.fill(&member.node)? {
                        filled.insert(self.key(key)?, value);
                    }
                }
                // A map of which every value was optional and absent was not meant to be there.
                Ok((map.is_empty() || !filled.is_empty()).then_some(Json::Object(filled)))
            }
            Tree::List(items) => self.list(items),
            Tree::String(text) => match self.whole(text)? {
                Some(value) => json(value),
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
        json(value).ok().flatten()
    }

    /// Whether the items of a placeholder's list take the place of its item.
    pub(super) fn is_spread(&self, number: usize) -> bool {
        self.0.get(number).is_some_and(|value| value.downcast_object_ref::<Spread>().is_some())
    }

    fn list(&self, items: &[Node]) -> Result<Option<Json>, Misplaced> {
        let mut filled = Vec::new();
        for item in items {
            let spread = match &item.tree {
                Tree::String(text) => self.whole(text)?.and_then(|value| value.downcast_object_ref::<Spread>()),
                _ => None,
            };
            match spread {
                Some(Spread(list)) => {
                    filled.extend(json(list)?.and_then(|list| list.as_array().cloned()).unwrap_or_default());
                }
                None => filled.extend(self.fill(item)?),
            }
        }
        Ok((items.is_empty() || !filled.is_empty()).then_some(Json::Array(filled)))
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
        let Some(placeholder) = number(text) else { return Ok(None) };
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

fn json(value: &Value) -> Result<Option<Json>, Misplaced> {
    if value.is_none() || value.kind() == ValueKind::Undefined {
        return Ok(None);
    }
    serde_json::to_value(value).map(Some).map_err(|error| Misplaced {
        placeholder: 0,
        message: format!("a value has no form in JSON: {error}"),
        hint: "read a value, not a function or an iterator",
    })
}
