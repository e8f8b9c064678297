//! What is said about text that is not YAML: the parser knows the rule that was broken, the words here
//! name what the writer most likely did. What is not common keeps the parser's own words.

use std::ops::Range;

use granit_parser::{ErrorKind, ScanError, Tag};

use super::limits::{MAX_BYTES, MAX_DEPTH, MAX_MISTAKES};
use super::resolve::Mismatch;
use crate::diagnostic::Diagnostic;
use crate::node::Tree;
use crate::source::{Place, SourceId};

/// A scanner's error in words of our own. `reached` is where the last readable part ended.
pub(super) fn explain(source: SourceId, text: &str, reached: usize, error: &ScanError) -> Diagnostic {
    let byte = error.marker().byte_offset().unwrap_or(reached);
    let at = Spot {
        source,
        text,
        byte: text.floor_char_boundary(byte),
        reached: text.floor_char_boundary(reached.min(byte)),
    };
    if let Some(braces) = at.braces() {
        return template(at.place(braces));
    }
    at.common(error.kind()).unwrap_or_else(|| {
        let words = error.kind().to_string();
        let mut letters = words.chars();
        let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
        Diagnostic::error(format!("not readable as YAML: {first}{}", letters.as_str())).at(at.place(at.token()))
    })
}

/// What makes a text unreadable before any scanning: its size, or a character that YAML does not allow.
pub(super) fn unreadable(source: SourceId, text: &str) -> Option<Diagnostic> {
    if text.len() > MAX_BYTES {
        let mistake = Diagnostic::error(format!("the text is longer than {} MiB", MAX_BYTES >> 20));
        return Some(mistake.at(Place::new(source, 0..0)).hint("split it into several files"));
    }
    let suspect =
        |byte: u8| (byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r')) || matches!(byte, 0x7f | 0xc2 | 0xef);
    if !text.bytes().any(suspect) {
        return None;
    }
    let forbidden = |char: char| {
        (char.is_control() && !matches!(char, '\t' | '\n' | '\r' | '\u{85}')) || matches!(char, '\u{fffe}' | '\u{ffff}')
    };
    let (start, char) = text.char_indices().find(|(_, char)| forbidden(*char))?;
    let mistake = Diagnostic::error(format!("the control character U+{:04X} is not allowed in YAML", u32::from(char)));
    let mistake = mistake.at(Place::new(source, start..start + char.len_utf8()));
    Some(mistake.hint("remove it, or write it as an escape in double quotes"))
}

/// What is said when maps and lists nest too deep.
#[must_use]
pub fn too_deep(place: Place) -> Diagnostic {
    let mistake = Diagnostic::error(format!("maps and lists nest deeper than {MAX_DEPTH} levels")).at(place);
    mistake.hint("no Kubernetes object is that deep: look for a bracket too many, or an alias that repeats itself")
}

/// What is said when there is more wrong with a text than anybody would read.
pub(super) fn too_many(place: Place) -> Diagnostic {
    let mistake = Diagnostic::error(format!("{MAX_MISTAKES} mistakes, and the text is not read further than this"));
    mistake.at(place).hint("correct those above first")
}

/// What is said about a key that cannot be one.
pub(super) fn key(text: &str, place: Place, tree: &Tree) -> Diagnostic {
    let start = place.range().start;
    if matches!(tree, Tree::Map(_)) && text[..start].ends_with('{') {
        return template(Place { start: place.start - 1, end: place.start + 1, ..place });
    }
    let mistake = Diagnostic::error(format!("a key must be text, but this one is {}", tree.kind())).at(place);
    mistake.hint("name the key, or quote it if its text is meant")
}

/// What is said about a tag that is unknown, or that its value does not fit.
pub(super) fn tag(mismatch: Mismatch, tag: Option<&Tag>) -> Diagnostic {
    let tag = tag.map(Tag::original).unwrap_or_default();
    let (message, hint) = match mismatch {
        // The tag is not repeated: it may be a password that starts with `!`.
        Mismatch::UnknownTag => (
            "the tag of this value means nothing to Kubernetes".to_owned(),
            "remove it, or quote the text if it is part of the value",
        ),
        Mismatch::NotThatType => (format!("the value is not what its tag `{tag}` says"), "remove the tag"),
        Mismatch::NotBase64 => {
            (format!("the value is tagged `{tag}` but is not base64"), "write base64 with its padding")
        }
        Mismatch::NotText => (
            format!("the bytes behind `{tag}` are not UTF-8 text, and JSON holds only text"),
            "remove the tag to keep the base64 itself, as Secrets want it",
        ),
    };
    Diagnostic::error(message).hint(hint)
}

fn template(place: Place) -> Diagnostic {
    let mistake = Diagnostic::error("a value that starts with `{{` is a map to YAML, not a template").at(place);
    mistake.hint("quote the whole value, as in \"{{ … }}\"")
}

/// Where the scanner stopped.
struct Spot<'text> {
    source: SourceId,
    text: &'text str,
    byte: usize,
    reached: usize,
}

impl Spot<'_> {
    fn common(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        match kind {
            ErrorKind::RecursionLimitExceeded => Some(too_deep(self.place(self.token()))),
            ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabInPlainScalar
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::InvalidBlockEntryWhitespace
            | ErrorKind::InvalidMappingValueWhitespace => Some(self.tab()),
            ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar => Some(self.unclosed_quote()),
            ErrorKind::MappingValueNotAllowed => Some(self.colon()),
            ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
                Some(self.missing_colon(self.line(self.byte)))
            }
            ErrorKind::ExpectedBlockMappingKey
            | ErrorKind::ExpectedBlockSequenceEntry
            | ErrorKind::InvalidIndentation => Some(self.indentation()),
            ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => Some(
                self.error("text follows a closing quote", "quote the whole value, or escape the quotes inside it"),
            ),
            _ => self.bracket(kind).or_else(|| self.word(kind)),
        }
    }

    fn bracket(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        match kind {
            ErrorKind::UnexpectedEofFlowSequence
            | ErrorKind::UnexpectedEofFlowMapping
            | ErrorKind::UnexpectedEofImplicitFlowMapping
            | ErrorKind::UnclosedFlowCollection { .. }
            | ErrorKind::ExpectedFlowMappingSeparator
            | ErrorKind::ExpectedFlowSequenceSeparator
            | ErrorKind::InvalidFlowScalarIndent
            | ErrorKind::InvalidColonPlacement => Some(self.error(
                "a list or map in brackets is not closed before this",
                "close it with `]` or `}`, and separate its items with commas",
            )),
            ErrorKind::MisplacedFlowCollectionEnd => {
                Some(self.error("a closing bracket that nothing opened", "remove it, or quote the value if it is text"))
            }
            ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
                Some(self.error(format!("`{open}` is closed by `{close}`"), "close each bracket with its own kind"))
            }
            _ => None,
        }
    }

    fn word(&self, kind: &ErrorKind) -> Option<Diagnostic> {
        match kind {
            // The name is not repeated: it may be a password that starts with `*`.
            ErrorKind::UnknownAnchor => Some(self.error(
                "an alias for which no value above has an anchor",
                "anchor one in this document as `&name value`, or quote the text if no alias is meant",
            )),
            ErrorKind::UnexpectedCharacter { character } => {
                Some(self.error(format!("a value cannot start with `{character}`"), "quote the value"))
            }
            ErrorKind::BlockSequenceEntryNotAllowed => Some(self.error(
                "a list item cannot start here",
                "start the list on the line below its key, or quote the value if `-` is part of it",
            )),
            ErrorKind::UnknownQuotedScalarEscape => Some(self.error(
                "a backslash in double quotes is followed by a letter that makes no escape",
                "write `\\\\` for a backslash, or use single quotes",
            )),
            _ => None,
        }
    }

    fn error(&self, message: impl Into<String>, hint: &str) -> Diagnostic {
        Diagnostic::error(message).at(self.place(self.token())).hint(hint)
    }

    fn tab(&self) -> Diagnostic {
        let line = self.line(self.byte);
        let blank = self.text[line.clone()].len() - self.text[line.clone()].trim_start_matches([' ', '\t']).len();
        let indented = self.text[line.start..line.start + blank].find('\t').map(|at| line.start + at);
        let start = indented.or_else(|| self.text[self.byte..].find('\t').map(|at| self.byte + at));
        let start = start.unwrap_or(self.byte);
        let place = self.place(start..(start + 1).min(self.text.len()));
        Diagnostic::error("a tab stands where YAML wants spaces").at(place).hint("indent with spaces")
    }

    fn unclosed_quote(&self) -> Diagnostic {
        let opened = self.text[self.reached..].find(['"', '\'']).map_or(self.byte, |at| self.reached + at);
        let place = self.place(opened..self.line(opened).end);
        let hint = "close it with the same quote; if it is, indent its further lines deeper than the key";
        Diagnostic::error("a quote is not closed").at(place).hint(hint)
    }

    /// A colon where none can be: a second one in its line, a line that is too deep, or the line above lacks one.
    fn colon(&self) -> Diagnostic {
        let line = self.line(self.byte);
        if self.text[line.start..self.byte].contains(": ") {
            let hint = "quote the value if the colon is part of it, or start the inner map on a line of its own";
            let place = self.place(self.byte..(self.byte + 1).min(self.text.len()));
            return Diagnostic::error("a second `: ` in one line").at(place).hint(hint);
        }
        let above = self.text[..line.start].trim_end();
        let above = self.line(above.len());
        if self.text[above.clone()].contains(": ") {
            return self.indentation();
        }
        self.missing_colon(above)
    }

    fn missing_colon(&self, line: Range<usize>) -> Diagnostic {
        let text = &self.text[line.clone()];
        let start = line.start + (text.len() - text.trim_start().len());
        let place = self.place(start..(line.start + text.trim_end().len()).max(start));
        let hint = "write `key: value`, with a space after the colon; quote a text that spans lines";
        Diagnostic::error("expected `: ` after this key").at(place).hint(hint)
    }

    fn indentation(&self) -> Diagnostic {
        let line = self.line(self.byte);
        let text = &self.text[line.clone()];
        let start = line.start + (text.len() - text.trim_start().len());
        let place = self.place(start..(line.start + text.trim_end().len()).max(start));
        let hint = "start it in the same column as the keys or items it belongs to";
        Diagnostic::error("this indentation matches no enclosing block").at(place).hint(hint)
    }

    /// An unquoted `{{` that starts a value in the line of the mistake.
    fn braces(&self) -> Option<Range<usize>> {
        let line = self.line(self.byte);
        let text = &self.text[line.clone()];
        let at = text.find("{{")?;
        let before = text[..at].trim_end();
        let starts = before.is_empty() || before.ends_with([':', '-', '[', ',']);
        starts.then(|| line.start + at..line.start + at + 2)
    }

    /// From the spot to the next blank.
    fn token(&self) -> Range<usize> {
        let rest = &self.text[self.byte..];
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.byte..self.byte + length
    }

    /// The line that a byte lies in, without its end.
    fn line(&self, byte: usize) -> Range<usize> {
        let start = self.text[..byte].rfind('\n').map_or(0, |at| at + 1);
        let end = self.text[byte..].find('\n').map_or(self.text.len(), |at| byte + at);
        start..end
    }

    fn place(&self, range: Range<usize>) -> Place {
        Place::new(self.source, range)
    }
}
