//! What the user hears: one mistake or warning, where it is, and what to do. Stages return these as
//! data; only `render_report` turns them into text.

use std::borrow::Cow;
use std::ops::Range;

use crate::node::Spot;
use crate::resource::ResourceId;
use crate::source::Place;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is printed on stdout.
    Error,
    /// Told on stderr; an error with `--strict`.
    Warning,
}

/// What a finding says, for code that treats it apart: no code reads a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A key that no schema knows.
    UnknownKey,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// The code of the rule that found it, as in `LK012`.
    pub code: Option<&'static str>,
    /// What it says, where code asks.
    pub kind: Option<Kind>,
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

/// The result of a stage that may find several mistakes at once.
pub type Found<T> = Result<T, Vec<Diagnostic>>;

impl Diagnostic {
    /// An error with a message; the other parts are added by the methods below.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: None,
            kind: None,
            message: bounded(message.into()),
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
            self.related.push((place, bounded(role.into())));
        }
        self
    }

    /// The same finding with its kind.
    #[must_use]
    pub fn kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The same finding with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(bounded(hint.into()));
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
/// How many bytes of a quoted value people are shown when it is longer than four times as many.
const SHOWN: usize = 100;
/// Ends a text that was cut, behind the size of the whole.
const CUT: &str = " bytes in all)";

/// A text of bounded size. What it quotes may be a value of any size: its beginning is kept, long enough for secrets in
/// the part that is shown to be recognised as a whole.
fn bounded(text: String) -> String {
    if text.len() <= MOST_TEXT {
        return text;
    }
    let text = in_quotes(&text, |part| beginning(part, MOST_TEXT));
    if text.len() <= 2 * MOST_TEXT { text } else { beginning(&text, MOST_TEXT).into_owned() }
}

/// A text that somebody can read: of a long value that it quotes, the beginning. Secrets are masked before: a part of one
/// would not be recognised.
#[must_use]
pub fn readable(text: &str) -> String {
    let text = in_quotes(text, |part| shown(part, SHOWN));
    if text.len() <= MOST_TEXT { text } else { shown(&text, 4 * SHOWN).into_owned() }
}

/// Changes the parts of a text that stand in backticks.
fn in_quotes(text: &str, change: impl Fn(&str) -> Cow<'_, str>) -> String {
    let parts = text.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { change(part) } else { part.into() }).collect::<Vec<_>>().join("`")
}

/// The beginning of a text that is longer, and how long that is.
fn beginning(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return text.into();
    }
    format!("{}… ({}{CUT}", &text[..text.floor_char_boundary(most)], text.len()).into()
}

/// The same for people, of a text that may have been cut already.
fn shown(text: &str, most: usize) -> Cow<'_, str> {
    match text.strip_suffix(CUT).and_then(|cut| cut.rsplit_once("… (")) {
        Some((start, size)) => format!("{}… ({size}{CUT}", &start[..start.floor_char_boundary(most)]).into(),
        None if text.len() <= 4 * most => text.into(),
        None => beginning(text, most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_quotes_the_beginning_of_a_value_that_is_too_long() {
        let long = "ä".repeat(3_000_000);
        let kept = Diagnostic::error(format!("`{long}` cannot be the label `a`")).message;
        assert!(kept.len() < 2 * MOST_TEXT, "{}", kept.len());
        let start = "ä".repeat(50);
        assert_eq!(readable(&kept), format!("`{start}… (6000000 bytes in all)` cannot be the label `a`"));
        let bare = Diagnostic::error(format!("it is {long}")).hint(format!("not {long}"));
        assert!(readable(&bare.message).len() < 500 && bare.hint.is_some_and(|hint| readable(&hint).len() < 500));
        let names = format!("there are `{}`", ["name"; 500].join("`, `"));
        assert_eq!(readable(&Diagnostic::error(names.clone()).message), names);
    }
}
