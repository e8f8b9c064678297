//! What the user hears: one mistake or warning, where it is, and what to do. Stages return these as
//! data; only [`crate::report`] turns them into text.

use std::borrow::Cow;
use std::ops::Range;

use crate::manifest::ResourceId;
use crate::node::Spot;
use crate::source::Place;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is printed on stdout.
    Error,
    /// Told on stderr; an error with `--strict`.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The code of the rule that found it, as in `LK012`.
    pub code: Option<&'static str>,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// Where it is.
    pub place: Option<Place>,
    /// Which field of which finished object it is about. Objects have no places of their own: where one
    /// was written is looked up only when there is something to say about it.
    pub about: Option<Box<About>>,
    /// Other places that take part, each with what it has to do with the finding.
    pub related: Vec<(Place, String)>,
    /// What to do: lower case, no full stop.
    pub hint: Option<String>,
    /// Why the environment wants to hear nothing of it, where it says so.
    pub silenced: Option<String>,
    /// The environments in which it was found, where a run has several.
    pub environments: Vec<String>,
}

/// A field of a finished object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// The object.
    pub object: ResourceId,
    /// The field, as a JSON Pointer (RFC 6901); empty for the object as a whole.
    pub pointer: String,
    /// What of the field counts.
    pub part: Part,
}

/// Which part of a field a finding is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Its value.
    Value,
    /// Its key, which should not be there.
    Key,
    /// Some bytes of a text in which something stands, as a configuration.
    Bytes(Range<usize>),
}

/// Why a run ended without output.
#[derive(Debug)]
pub enum Failure {
    /// The input is wrong: exit 1.
    Input(Vec<Diagnostic>),
    /// The program or its surroundings failed: exit 2.
    Internal(String),
}

/// Warnings that have become errors.
#[must_use]
pub fn strict(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.into_iter().map(|finding| Diagnostic { severity: Severity::Error, ..finding }).collect()
}

/// The result of a stage that may find several mistakes at once.
pub type Found<T> = Result<T, Vec<Diagnostic>>;

impl Diagnostic {
    /// An error with a message; the other parts are added by the methods below.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: None,
            message: short(message.into()),
            place: None,
            about: None,
            related: Vec::new(),
            hint: None,
            silenced: None,
            environments: Vec::new(),
        }
    }

    /// A warning with a message.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(message) }
    }

    /// The same finding at a place, if there is one. At a value, it shows the other places that set it, too.
    #[must_use]
    pub fn at<'a>(mut self, spot: impl Into<Spot<'a>>) -> Self {
        let spot = spot.into();
        self.place = spot.place;
        self.related.splice(0..0, spot.history());
        self
    }

    /// The same finding about a field of a finished object; the pointer is RFC 6901's.
    #[must_use]
    pub fn about(mut self, object: &ResourceId, pointer: impl Into<String>) -> Self {
        self.about = Some(Box::new(About { object: object.clone(), pointer: pointer.into(), part: Part::Value }));
        self
    }

    /// The same finding about a part of its field.
    #[must_use]
    pub fn part(mut self, part: Part) -> Self {
        if let Some(about) = &mut self.about {
            about.part = part;
        }
        self
    }

    /// Whether a run with it may end well: it is a warning, or nobody wants to hear of it.
    #[must_use]
    pub fn is_bearable(&self) -> bool {
        self.severity == Severity::Warning || self.silenced.is_some()
    }

    /// The same finding with one more place that takes part in it.
    #[must_use]
    pub fn with<'a>(mut self, spot: impl Into<Spot<'a>>, role: impl Into<String>) -> Self {
        if let Some(place) = spot.into().place {
            self.related.push((place, short(role.into())));
        }
        self
    }

    /// The same finding with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(short(hint.into()));
        self
    }
}

impl From<Vec<Diagnostic>> for Failure {
    fn from(found: Vec<Diagnostic>) -> Self {
        Self::Input(found)
    }
}

impl From<Diagnostic> for Failure {
    fn from(found: Diagnostic) -> Self {
        Self::Input(vec![found])
    }
}

/// The longest text that is kept as it is. A name has 253 characters at most, and a message some of them.
const MOST_TEXT: usize = 4 << 10;
/// What is kept of a value that such a text quotes, and of a text that is too long without it: both its ends.
const KEPT: usize = 100;

/// A text that somebody can read. What it quotes may be a value of any size.
fn short(text: String) -> String {
    if text.len() <= MOST_TEXT {
        return text;
    }
    let parts: Vec<Cow<'_, str>> = text
        .split('`')
        .enumerate()
        .map(|(index, part)| if index % 2 == 1 { ends(part) } else { part.into() })
        .collect();
    let text = parts.join("`");
    if text.len() <= MOST_TEXT { text } else { ends(&text).into_owned() }
}

/// The beginning and the end of a text, and how much is left out in between.
fn ends(text: &str) -> Cow<'_, str> {
    if text.len() <= 4 * KEPT {
        return text.into();
    }
    let (start, end) = (text.floor_char_boundary(KEPT), text.ceil_char_boundary(text.len() - KEPT));
    format!("{}… ({} bytes) …{}", &text[..start], end - start, &text[end..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_quotes_the_ends_of_a_value_that_is_too_long() {
        let long = "ä".repeat(3_000_000);
        let (start, end) = ("ä".repeat(50), "ä".repeat(50));
        let quoted = Diagnostic::error(format!("`{long}` cannot be the label `a`")).message;
        assert_eq!(quoted, format!("`{start}… (5999800 bytes) …{end}` cannot be the label `a`"));
        let bare = Diagnostic::error(format!("it is {long}")).hint(format!("not {long}"));
        assert!(bare.message.len() < 300 && bare.hint.is_some_and(|hint| hint.len() < 300), "{}", bare.message);
        let names = format!("there are `{}`", ["name"; 500].join("`, `"));
        assert_eq!(Diagnostic::error(names.clone()).message, names);
    }
}
