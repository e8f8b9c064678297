//! The lines and columns of a text, looked up once: a message about a line of megabytes costs no more than one
//! about a short line.

use std::ops::Range;

/// Every so many bytes the characters before them are counted, so that a column is counted from there on.
const STRIDE: usize = 1024;

/// Where the lines of a text start, and how many characters stand before each stride.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    starts: Vec<usize>,
    characters: Vec<usize>,
}

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        let counts = text.as_bytes().chunks(STRIDE).scan(0, |before, stride| {
            *before += begun(stride);
            Some(*before)
        });
        let characters = std::iter::once(0).chain(counts).collect();
        Self { starts, characters }
    }

    /// Line and column of a byte, both from 1.
    pub(super) fn line_column(&self, text: &str, byte: usize) -> (usize, usize) {
        let byte = text.floor_char_boundary(byte);
        let line = self.line(byte);
        (line + 1, self.before(text, byte) - self.before(text, self.starts[line]) + 1)
    }

    /// The bytes of the line that a byte lies in, without its end.
    pub(super) fn around(&self, text: &str, byte: usize) -> Range<usize> {
        let line = self.line(text.floor_char_boundary(byte));
        let (start, next) = (self.starts[line], self.starts.get(line + 1).copied());
        let end = next.map_or(text.len(), |next| next - 1);
        start..start + text[start..end].trim_end_matches('\r').len()
    }

    fn line(&self, byte: usize) -> usize {
        self.starts.partition_point(|start| *start <= byte) - 1
    }

    /// How many characters stand before a byte.
    fn before(&self, text: &str, byte: usize) -> usize {
        let stride = byte / STRIDE;
        self.characters[stride] + begun(&text.as_bytes()[stride * STRIDE..byte])
    }
}

/// How many characters begin in some bytes of UTF-8.
fn begun(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0b1100_0000) != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_are_those_of_the_characters() {
        let text = format!("a\n{}é{}x\nb\n", "ü".repeat(3000), "z".repeat(3000));
        let lines = Lines::of(&text);
        let counted = |byte: usize| {
            let start = text[..byte].rfind('\n').map_or(0, |newline| newline + 1);
            (text[..byte].matches('\n').count() + 1, text[start..byte].chars().count() + 1)
        };
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(lines.line_column(&text, byte), counted(byte), "{byte}");
        }
        assert_eq!(lines.line_column(&text, 3), lines.line_column(&text, 2), "a byte inside of a character");
        assert_eq!(lines.line_column("", 0), (1, 1));
    }

    #[test]
    fn a_line_is_without_its_end() {
        let text = "a\r\nbc\n\n";
        let lines = Lines::of(text);
        let at = |byte| &text[lines.around(text, byte)];
        assert_eq!([at(0), at(1), at(3), at(5), at(6), at(7)], ["a", "a", "bc", "bc", "", ""]);
    }

    /// In debug builds this takes minutes if each column is counted from the start of its line.
    #[test]
    fn a_column_costs_no_more_than_a_stride() {
        let text = "x".repeat(2 << 20);
        let lines = Lines::of(&text);
        let far: usize = (0..text.len()).step_by(40).map(|byte| lines.line_column(&text, byte).1).max().unwrap();
        assert!(far > 2_000_000);
    }
}
