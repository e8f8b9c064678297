//! What no output may show, and what stands in its place: the one way in which secrets are masked, be it in excerpts,
//! messages, notes, snapshots, or what plugins are shown.
//!
//! There are masks by place and masks by text. A *place* is masked in the excerpts of its source: where a schema
//! says so (`render_schema::write_only`), where an object of Kubernetes holds secrets, and, as long as
//! nobody has read a text and said which of its places are secret, wherever they could be (`unread`). A *text* is
//! masked wherever it turns up: the secret values themselves, their parts (`parts`), and whatever came from a
//! variable or a file that `--set-env` or `--set-file` names.

pub mod finder;
pub mod names;
pub mod parts;
pub mod unread;
pub mod urls;
pub mod vocabulary;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use self::finder::Finder;

/// What people see in the place of a secret. It is as long for every secret, so that it does not tell the length.
pub const MASK: &str = "***";

/// What plugins and snapshots have in the place of a secret value: a text that nobody writes by accident, because a
/// change of a plugin that holds it would write it over the secret, and is refused.
pub const MASKED_VALUE: &str = "[redacted by render]";

/// Shorter texts are part of too many words to be looked for in messages.
const LEAST: usize = 6;

/// What is known of a source, and so what excerpts may show of it. Less comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    /// It is something else than it should be: only its keys are shown.
    Foreign,
    /// It was not read, or not to the end: nothing is shown that stands where secrets can.
    Nothing,
    /// The same of an argument, or of the output of a template: it is what it should be, as far as it goes.
    Argument,
    /// It was read, and its secret places are known.
    Classified,
}

/// Texts that no output may show.
#[derive(Clone, Default)]
pub struct Texts {
    all: BTreeSet<String>,
    /// Finds all of them in one pass; made when the first message asks.
    finder: OnceLock<Finder>,
}

impl Texts {
    /// Adds texts that are long enough to be looked for, and says whether there are more now.
    pub(crate) fn extend(&mut self, texts: impl IntoIterator<Item = String>) -> bool {
        let before = self.all.len();
        self.all.extend(texts.into_iter().filter(|text| text.len() >= LEAST));
        let has_more = self.all.len() > before;
        if has_more {
            self.finder.take();
        }
        has_more
    }

    /// The texts themselves.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(String::as_str)
    }

    /// Where a text holds one of these, overlapping ones included.
    #[must_use]
    pub(crate) fn find(&self, text: &str) -> Vec<Range<usize>> {
        self.finder.get_or_init(|| Finder::new(&self.all)).find(text)
    }

    /// The text with a mask in the place of each of these, and of passwords in URLs.
    #[must_use]
    pub fn masked(&self, text: &str) -> String {
        replaced(text, &joined(self.find(text).into_iter().chain(urls::passwords(text))))
    }
}

/// Secrets are not printed where something is debugged.
impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Texts({})", self.all.len())
    }
}

/// What a parser of JSON says, without the text that it quotes.
#[must_use]
pub fn without_values(error: &serde_json::Error) -> String {
    let said = error.to_string();
    let quoted =
        |(start, end): (usize, usize)| (start < end).then(|| format!("{}{MASK}{}", &said[..start], &said[end + 1..]));
    said.find('"').zip(said.rfind('"')).and_then(quoted).unwrap_or(said)
}

/// A text with a mask in the place of each range.
#[must_use]
pub fn replaced(text: &str, ranges: &[Range<usize>]) -> String {
    let (mut masked, mut at) = (String::with_capacity(text.len()), 0);
    for range in ranges {
        masked.extend([&text[at..range.start], MASK]);
        at = range.end;
    }
    masked + &text[at..]
}

/// Ranges in their order, without empty ones, those that touch joined.
pub(crate) fn joined(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// All bytes of the scalar that a place is part of; `line` is where the line of the place starts. The place of a block
/// scalar is its first line, and what stands below it is as secret.
pub fn extent(text: &str, line: usize, place: Range<usize>) -> Range<usize> {
    let (start, end) = (text.floor_char_boundary(place.start), text.ceil_char_boundary(place.end));
    let is_header = text[start..].starts_with(['|', '>']);
    let is_first_line =
        text[line..start].trim().is_empty() && text[..line].lines().next_back().is_some_and(opens_block);
    if !is_header && !is_first_line {
        return start..end;
    }
    let indentation = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let least = if is_header { indentation(&text[line..]) + 1 } else { indentation(&text[line..]) };
    let below = text[start..].split_inclusive('\n').skip(1);
    let inside = below.take_while(|line| line.trim().is_empty() || indentation(line) >= least);
    let first = text[start..].split_inclusive('\n').next().map_or(0, str::len);
    let length = first + inside.map(str::len).sum::<usize>();
    start..end.max(start + text[start..start + length].trim_end().len())
}

/// Whether a line ends with the header of a block scalar, as in `key: |-`.
fn opens_block(line: &str) -> bool {
    let line = line.split(" #").next().unwrap_or_default().trim_end();
    line.trim_end_matches(|letter: char| letter.is_ascii_digit() || matches!(letter, '+' | '-')).ends_with(['|', '>'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Texts {
        let mut all = Texts::default();
        all.extend(texts.iter().map(ToString::to_string));
        all
    }

    #[test]
    fn every_secret_is_masked_those_that_overlap_too() {
        let secrets = texts(&["abcdefgh", "efghijkl", "cdefgh"]);
        assert_eq!(secrets.masked("x abcdefghijkl y cdefgh"), "x *** y ***");
        assert_eq!(secrets.masked("abcdefghabcdefgh"), "***");
        assert_eq!(texts(&[]).masked("abcdefgh"), "abcdefgh");
    }

    #[test]
    fn short_texts_are_not_looked_for() {
        let secrets = texts(&["true", "12345", "hunter2"]);
        assert_eq!(secrets.masked("true 12345 hunter2"), "true 12345 ***");
    }

    #[test]
    fn a_block_scalar_is_masked_to_its_end() {
        for (text, at, expected) in [
            ("a:\n  k: |\n    one\n\n    two\n  l: x\n", "one", "one\n\n    two"),
            ("a:\n  k: |-\n    one\n    two\n  l: x\n", "|-", "|-\n    one\n    two"),
            ("- |2\n  one\n- two\n", "one", "one"),
            ("k: one\nl: two\n", "one", "one"),
            ("k: > # text\n one", "one", "one"),
        ] {
            let start = text.find(at).unwrap();
            let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
            assert_eq!(&text[extent(text, line, start..start + at.len())], expected, "{text}");
        }
    }

    #[test]
    fn a_parser_of_json_does_not_quote() {
        let error = serde_json::from_str::<Vec<bool>>("[\"canary \\\"\"]").unwrap_err();
        assert_eq!(without_values(&error), "invalid type: string ***, expected a boolean at line 1 column 12");
        let error = serde_json::from_str::<Vec<bool>>("[canary]").unwrap_err();
        assert_eq!(without_values(&error), "expected value at line 1 column 2");
    }

    #[test]
    fn ranges_that_touch_are_one() {
        assert_eq!(joined([5..7, 1..2, 2..3, 6..6, 6..9, 20..21]), [1..3, 5..9, 20..21]);
    }
}
