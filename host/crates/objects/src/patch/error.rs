//! Why an operation of a patch could not be done, and what a message says of it: where the path ended,
//! and what could have been written there instead.

use std::fmt;

use serde_json::Value;

use super::Operation;
use crate::manifest::list;

/// An operation that could not be done.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchError {
    /// Its number in the list, from 0.
    pub index: usize,
    /// Its name, as in `replace`.
    pub operation: &'static str,
    /// Its path as it was written.
    pub path: String,
    /// What stopped it.
    pub problem: Box<Problem>,
}

/// What stopped an operation. `at` is the RFC 6901 pointer of the deepest value that was reached.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// The path cannot be read.
    Syntax(String),
    /// A map has no such member.
    NoMember {
        /// The map.
        at: String,
        /// The missing member.
        name: String,
        /// The members it has.
        there: Vec<String>,
    },
    /// A list has no such item.
    NoItem {
        /// The list.
        at: String,
        /// What was asked for: `name=livekit`, or an index.
        wanted: String,
        /// What could have been asked for instead.
        there: Vec<String>,
    },
    /// A selector fits more than one item.
    Ambiguous {
        /// The list.
        at: String,
        /// The selector.
        wanted: String,
        /// How many items it fits.
        count: usize,
    },
    /// A step needs a map or a list, and something else is there.
    WrongKind {
        /// Where.
        at: String,
        /// What the step needs.
        needed: &'static str,
        /// What is there.
        found: &'static str,
    },
    /// A `test` found another value.
    Differs {
        /// Where.
        at: String,
        /// What is there.
        found: Value,
    },
}

impl PatchError {
    /// The failure of the operation at `index`.
    #[must_use]
    pub fn new(index: usize, operation: &Operation, problem: Problem) -> Self {
        Self { index, operation: operation.name(), path: operation.path().to_owned(), problem: Box::new(problem) }
    }
}

impl std::error::Error for PatchError {}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot {} `{}`: {}", self.operation, self.path, self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(reason) => f.write_str(reason),
            Self::NoMember { at, name, there } => {
                write!(f, "{} has no member `{name}`, {}", place(at), only_has(there))
            }
            Self::NoItem { at, wanted, there } => {
                write!(f, "{} has no item `{wanted}`, {}", place(at), only_has(there))
            }
            Self::Ambiguous { at, wanted, count } => {
                write!(f, "{} has {count} items that `{wanted}` fits", place(at))
            }
            Self::WrongKind { at, needed, found } => write!(f, "{} is {found}, not {needed}", place(at)),
            Self::Differs { at, found } => write!(f, "{} is {found}", place(at)),
        }
    }
}

fn place(at: &str) -> String {
    if at.is_empty() { "the object".to_owned() } else { format!("`{at}`") }
}

fn only_has(there: &[String]) -> String {
    if there.is_empty() { "it is empty".to_owned() } else { format!("only {}", list(there.iter().cloned())) }
}
