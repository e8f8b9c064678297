//! Where text came from. Every value and every message points into one of these sources,
//! so that a mistake is shown at the very characters that made it.

mod lines;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use crate::mask::vocabulary::Vocabulary;
use crate::mask::{self, Known, Texts};

use self::lines::Lines;

/// One text that was read: a file, an argument of the command line, or an embedded file.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// What the user would call it: a path as it was given, or `--set`.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// The number of a source in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The source that the range lies in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Every source of one run, in the order of reading, and what of them no output may show.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    all: Vec<Kept>,
    secrets: Texts,
    vocabulary: Option<&'static Vocabulary>,
}

/// A source, and what is known of it.
#[derive(Debug, Clone)]
struct Kept {
    source: Source,
    known: Known,
    /// The places that a stage found to be secret.
    secret: Vec<Range<usize>>,
    /// Everything that no excerpt shows: sorted, and apart from each other. Looked for when the first message asks.
    masked: OnceLock<Vec<Range<usize>>>,
    /// Looked for when the first message asks, too.
    lines: OnceLock<Lines>,
}

impl Sources {
    /// Sources whose keys a vocabulary knows. Without one, of a text that was not read only the structure is shown.
    #[must_use]
    pub fn new(vocabulary: &'static Vocabulary) -> Self {
        Self { vocabulary: Some(vocabulary), ..Self::default() }
    }

    /// The words that are no secrets, and the keys that lead to secrets.
    #[must_use]
    pub fn vocabulary(&self) -> Option<&'static Vocabulary> {
        self.vocabulary
    }

    /// Keeps a text of the program's own or of the command line, and returns its number. What is secret in it is
    /// masked by whoever adds it.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.keep(name.into(), text.into(), Known::Classified)
    }

    /// Keeps an argument, or what a template made. Until [`Sources::classified`], excerpts of it show only what can be no secret.
    pub fn add_unread(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        self.keep(name.into(), text.into(), Known::Argument)
    }

    /// Keeps a text of which as much is known as `known` says.
    pub fn keep(&mut self, name: String, text: String, known: Known) -> SourceId {
        let id = SourceId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let source = Source { name, text };
        self.all.push(Kept { source, known, secret: Vec::new(), masked: OnceLock::new(), lines: OnceLock::new() });
        id
    }

    /// The number of a source of other `Sources`, which comes with its masks. A text that is here already under the
    /// same name keeps its number.
    pub fn adopt(&mut self, other: &Self, id: SourceId) -> SourceId {
        let theirs = &other.all[id.0 as usize];
        let here = self.iter().find(|(_, known)| **known == theirs.source).map(|(id, _)| id);
        let id =
            here.unwrap_or_else(|| self.keep(theirs.source.name.clone(), theirs.source.text.clone(), theirs.known));
        let ours = &mut self.all[id.0 as usize];
        ours.known = ours.known.min(theirs.known);
        ours.secret.extend(theirs.secret.iter().cloned());
        ours.secret.sort_by_key(|range| (range.start, range.end));
        ours.secret.dedup();
        ours.masked.take();
        id
    }

    /// The source of a number that [`Sources::add`] gave out.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.all[id.0 as usize].source
    }

    /// Every source with its number.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        let number = |index: usize| SourceId(u32::try_from(index).unwrap_or(u32::MAX));
        self.all.iter().enumerate().map(move |(index, kept)| (number(index), &kept.source))
    }

    /// Masks places in all excerpts. Of a block scalar all lines are masked, whatever part of it the place is.
    pub fn mask(&mut self, places: impl IntoIterator<Item = Place>) {
        for place in places {
            let line = self.line_of(place).start;
            let kept = &mut self.all[place.source.0 as usize];
            kept.secret.push(mask::extent(&kept.source.text, line, place.range()));
            kept.masked.take();
        }
    }

    /// Masks texts in all messages and excerpts, wherever they come from, but for words of the documentation.
    pub fn mask_texts(&mut self, texts: impl IntoIterator<Item = String>) {
        let vocabulary = self.vocabulary;
        let is_word = |text: &String| vocabulary.is_some_and(|words| words.has_word(text));
        if self.secrets.extend(texts.into_iter().filter(|text| !is_word(text))) {
            self.all.iter_mut().for_each(|kept| drop(kept.masked.take()));
        }
    }

    /// Says that a text was read, and that the places which are masked in it are all that is secret.
    pub fn classified(&mut self, id: SourceId) {
        let kept = &mut self.all[id.0 as usize];
        kept.known = Known::Classified;
        kept.masked.take();
    }

    /// What no excerpt of a source may show: sorted ranges that do not touch each other.
    #[must_use]
    pub fn masked(&self, id: SourceId) -> &[Range<usize>] {
        let kept = &self.all[id.0 as usize];
        kept.masked.get_or_init(|| {
            let text = &kept.source.text;
            let unread = mask::unread::ranges(text, kept.known, self.vocabulary);
            let (secrets, urls) = (self.secrets.find(text), mask::urls::passwords(text));
            let comments = mask::unread::in_comments(text);
            mask::joined(kept.secret.iter().cloned().chain(unread).chain(comments).chain(secrets).chain(urls))
        })
    }

    /// The texts that no output may show.
    #[must_use]
    pub fn secrets(&self) -> &Texts {
        &self.secrets
    }

    /// Line and column of the first character of a place, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let kept = &self.all[place.source.0 as usize];
        let text = &kept.source.text;
        kept.lines.get_or_init(|| Lines::of(text)).line_column(text, place.start as usize)
    }

    /// The bytes of the line that a place begins in, without its end.
    #[must_use]
    pub fn line_of(&self, place: Place) -> Range<usize> {
        let kept = &self.all[place.source.0 as usize];
        let text = &kept.source.text;
        kept.lines.get_or_init(|| Lines::of(text)).around(text, place.start as usize)
    }

    /// `name:line:column` of a place.
    #[must_use]
    pub fn locate(&self, place: Place) -> String {
        let (line, column) = self.line_column(place);
        format!("{}:{line}:{column}", self.get(place.source).name)
    }
}

/// A source may hold secrets, so only its name and size are told.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

impl Place {
    /// A place from a range of bytes.
    #[must_use]
    pub fn new(source: SourceId, range: Range<usize>) -> Self {
        let clamp = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Self { source, start: clamp(range.start), end: clamp(range.end.max(range.start)) }
    }

    /// The bytes that the place covers.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}
