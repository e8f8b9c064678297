//! Where a value stands: the part of its text that a message underlines. A list or a map may fill a
//! whole file, so what is shown of one is little enough to be looked at.

use std::ops::Range;

use granit_parser::{ScalarStyle, Span, StructureStyle};

use crate::source::{Place, SourceId};

/// How many bytes a place may cover when it is a whole list or map in brackets; else it is the bracket.
const MAX_SHOWN: usize = 120;

/// The places of one text, by what the parser says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Places<'text> {
    /// The number of the text.
    pub(super) source: SourceId,
    /// The text itself.
    pub(super) text: &'text str,
}

impl Places<'_> {
    /// The bytes of a span, which may reach past the end of the text.
    pub(super) fn range(self, span: Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or_default();
        range.start.min(self.text.len())..range.end.clamp(range.start, self.text.len())
    }

    /// All of a span.
    pub(super) fn of(self, span: Span) -> Place {
        Place::new(self.source, self.range(span))
    }

    /// The tag of a value, or the value when its tag was not written.
    pub(super) fn tag(self, span: Span) -> Place {
        self.of(span.tag_span().unwrap_or(span))
    }

    /// A scalar; of a block scalar its first line.
    pub(super) fn scalar(self, style: ScalarStyle, span: Span) -> Place {
        match style {
            ScalarStyle::Literal | ScalarStyle::Folded => self.first_line(self.range(span)),
            _ => self.of(span),
        }
    }

    /// A list or a map: its first item or key, or what stands in brackets on one short line.
    pub(super) fn collection(self, style: StructureStyle, start: Span, end: Span, first: Option<Place>) -> Place {
        let (start, end) = (self.range(start), self.range(end));
        let shown = match (style, first) {
            (StructureStyle::Block, Some(first)) => first.range(),
            (StructureStyle::Block, None) => start,
            (StructureStyle::Flow, _) if end.end - start.start > MAX_SHOWN => start,
            (StructureStyle::Flow, _) if self.text[start.start..end.end].contains('\n') => start,
            (StructureStyle::Flow, _) => start.start..end.end,
        };
        self.first_line(shown)
    }

    /// The part of a range that lies on its first line.
    fn first_line(self, range: Range<usize>) -> Place {
        let line = self.text[range.clone()].split(['\r', '\n']).next().unwrap_or_default();
        Place::new(self.source, range.start..range.start + line.len())
    }
}
