//! The part of a line that a finding is about, made ready for showing: without secrets, without what drives a terminal,
//! and of a long line only what is around the place, so that a finding costs no more than what is shown of it.

use std::ops::Range;

use render_text::source::{Place, Sources};

use super::MASK;
use super::plain::{acts, is_mark};

/// Longer lines are cut around what they are about; the renderer cuts those that are wider than the screen.
const LONGEST: usize = 400;
/// How many bytes of a longer line are shown in front of a place, and behind its start.
const BEFORE: usize = 40;
const BEHIND: usize = 80;
/// What stands where a line was cut.
const CUT: &str = "...";

/// A line, or a part of it, and where each of its bytes went.
pub(super) struct Excerpt {
    /// The number of the line.
    pub(super) number: usize,
    /// What is shown.
    pub(super) text: String,
    /// For each character that is shown, and each mask, where it starts in the source, and where in `text`.
    starts: Vec<(usize, usize)>,
    /// The bytes of the source that it is about.
    range: Range<usize>,
}

impl Excerpt {
    pub(super) fn around(place: Place, sources: &Sources) -> Self {
        let source = &sources.get(place.source).text;
        let line = sources.line_of(place);
        let range = window(source, &line, place);
        let (mut text, mut starts) = (String::new(), Vec::new());
        if range.start > line.start {
            text.push_str(CUT);
        }
        let mut at = range.start;
        for masked in masked(sources.masked(place.source), &range) {
            show(source, at..masked.start, &mut text, &mut starts);
            starts.push((masked.start, text.len()));
            text.push_str(MASK);
            at = masked.end;
        }
        show(source, at..range.end, &mut text, &mut starts);
        if range.end < line.end {
            starts.push((range.end, text.len()));
            text.push_str(CUT);
        }
        Self { number: sources.line_column(place).0, text, starts, range }
    }

    /// Whether it shows the start of a place.
    pub(super) fn covers(&self, place: Place) -> bool {
        self.range.contains(&place.range().start)
    }

    /// Where a place lies in the text that is shown; what goes beyond it is left out.
    pub(super) fn span(&self, place: Place) -> Range<usize> {
        let place = place.range();
        let first = self.starts.partition_point(|(from, _)| *from <= place.start).saturating_sub(1);
        let after = self.starts.partition_point(|(from, _)| *from < place.end);
        let shown = |index: usize| self.starts.get(index).map_or(self.text.len(), |(_, to)| *to);
        let start = if place.start >= self.range.end { self.text.len() } else { shown(first) };
        start..shown(after).max(start)
    }
}

/// The part of a line that is shown.
fn window(source: &str, line: &Range<usize>, place: Place) -> Range<usize> {
    if line.len() <= LONGEST {
        return line.clone();
    }
    let at = place.range().start.clamp(line.start, line.end);
    let start = source.floor_char_boundary(at.saturating_sub(BEFORE).max(line.start));
    start..source.ceil_char_boundary((at + BEHIND).min(line.end))
}

/// The masked ranges inside of a range.
fn masked<'m>(all: &'m [Range<usize>], within: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'m> {
    let (start, end) = (within.start, within.end);
    let first = all.partition_point(|masked| masked.end <= start);
    let here = all[first..].iter().take_while(move |masked| masked.start < end);
    here.map(move |masked| masked.start.max(start)..masked.end.min(end))
}

/// Adds characters of a source to a text.
fn show(source: &str, range: Range<usize>, text: &mut String, starts: &mut Vec<(usize, usize)>) {
    for (offset, letter) in source[range.clone()].char_indices() {
        let at = range.start + offset;
        starts.push((at, text.len()));
        let breaks = letter == '#' && is_mark(&source[..at], behind(source, at + 1));
        text.push(if breaks { char::REPLACEMENT_CHARACTER } else { shown(letter) });
    }
}

/// As much behind a byte as a mark of a CI takes.
fn behind(source: &str, at: usize) -> &str {
    &source[at..source.floor_char_boundary(at + BEHIND)]
}

/// A character of an excerpt: one that a terminal would act on becomes a single visible one, so that the
/// columns stay those of the file. The renderer does this itself for most, not for all.
fn shown(letter: char) -> char {
    match letter {
        '\t' => letter,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ if acts(letter) => char::REPLACEMENT_CHARACTER,
        _ => letter,
    }
}
