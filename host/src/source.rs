//! Where text came from. Every value and every message points into one of these sources,
//! so that a mistake is shown at the very characters that made it.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// One text that was read: a file, an argument of the command line, or an embedded file.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// What the user would call it: a path as it was given, or `--set livekit.replicas=2`.
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

/// Every source of one run, in the order of reading, and what in them is secret.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    all: Vec<Source>,
    /// Where the lines of each source start, looked for when the first message asks.
    lines: Vec<OnceLock<Vec<usize>>>,
    hidden: Vec<Place>,
    secrets: BTreeSet<Secret>,
}

/// A secret text. Longer ones come first, so that no part of one is left when another is a part of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Secret(Reverse<usize>, String);

/// Shorter texts are part of too many words to be looked for in messages.
const LEAST_SECRET: usize = 6;

impl Sources {
    /// Keeps a text and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(Source { name: name.into(), text: text.into() });
        self.lines.push(OnceLock::new());
        id
    }

    /// The number of a text that is here already under this name, or else the number that it gets.
    pub fn adopt(&mut self, source: &Source) -> SourceId {
        let known = self.iter().find(|(_, known)| *known == source).map(|(id, _)| id);
        known.unwrap_or_else(|| self.add(source.name.clone(), source.text.clone()))
    }

    /// The source of a number that [`Sources::add`] gave out.
    #[must_use]
    pub fn get(&self, id: SourceId) -> &Source {
        &self.all[id.0 as usize]
    }

    /// Every source with its number.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        let numbered = |(index, source)| (SourceId(u32::try_from(index).unwrap_or(u32::MAX)), source);
        self.all.iter().enumerate().map(numbered)
    }

    /// Marks places whose text no message may show.
    pub fn hide(&mut self, places: impl IntoIterator<Item = Place>) {
        self.hidden.extend(places);
    }

    /// The places whose text no message may show.
    #[must_use]
    pub fn hidden(&self) -> &[Place] {
        &self.hidden
    }

    /// Remembers texts that no message may hold, wherever they come from.
    pub fn conceal(&mut self, texts: impl IntoIterator<Item = String>) {
        let long = texts.into_iter().filter(|text| text.len() >= LEAST_SECRET);
        self.secrets.extend(long.map(|text| Secret(Reverse(text.len()), text)));
    }

    /// The texts that no message may hold, the longest first.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().map(|secret| secret.1.as_str())
    }

    /// Line and column of the first character of a place, both from 1; columns count characters.
    #[must_use]
    pub fn line_column(&self, place: Place) -> (usize, usize) {
        let text = &self.get(place.source).text;
        let byte = text.floor_char_boundary(place.start as usize);
        let starts = self.lines[place.source.0 as usize].get_or_init(|| line_starts(text));
        let line = starts.partition_point(|start| *start <= byte);
        (line, text[starts[line - 1]..byte].chars().count() + 1)
    }

    /// `name:line:column` of a place.
    #[must_use]
    pub fn locate(&self, place: Place) -> String {
        let (line, column) = self.line_column(place);
        format!("{}:{line}:{column}", self.get(place.source).name)
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect()
}

/// A source may hold secrets, so only its name and size are told.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source({:?}, {} bytes)", self.name, self.text.len())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
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
