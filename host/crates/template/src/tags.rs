//! The tags of a template's text. Minijinja keeps what a template does and little of where it says so; a message
//! about a line needs the line's own words.

use std::ops::Range;

/// What a tag is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `{{ … }}`.
    Output,
    /// `{% … %}`.
    Block,
    /// `{# … #}`.
    Comment,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// What it is.
    pub(super) kind: Kind,
    /// Its bytes, braces included.
    pub(super) range: Range<usize>,
    /// The bytes of what it says, without the marks that take blanks away.
    pub(super) inner: Range<usize>,
}

/// Every tag, in order. A tag that is not closed ends the search: minijinja refuses the template.
pub(super) fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(tag) = next(text, at) {
        at = tag.range.end;
        tags.push(tag);
    }
    tags
}

fn next(text: &str, from: usize) -> Option<Tag> {
    let (start, kind) = text[from..].match_indices('{').find_map(|(at, _)| {
        let kind = match text.as_bytes().get(from + at + 1)? {
            b'{' => Kind::Output,
            b'%' => Kind::Block,
            b'#' => Kind::Comment,
            _ => return None,
        };
        Some((from + at, kind))
    })?;
    let end = match kind {
        Kind::Comment => start + 2 + text[start + 2..].find("#}")?,
        Kind::Block => close(text, start + 2, "%}")?,
        Kind::Output => close(text, start + 2, "}}")?,
    };
    let blanks = |letter| matches!(letter, '-' | '+');
    let inner = &text[start + 2..end];
    let first = start + 2 + inner.len() - inner.strip_prefix(blanks).unwrap_or(inner).len();
    let last = if inner.ends_with('-') && end > first { end - 1 } else { end };
    Some(Tag { kind, range: start..end + 2, inner: first..last })
}

/// Where a tag closes: not inside a string, nor inside the braces of a map.
fn close(text: &str, from: usize, close: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    let mut open = 0_usize;
    for (at, letter) in text[from..].char_indices().map(|(at, letter)| (from + at, letter)) {
        match (quote, letter) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), letter) if letter == mark => quote = None,
            (None, '"' | '\'') => quote = Some(letter),
            (None, _) if open == 0 && text[at..].starts_with(close) => return Some(at),
            (None, '{') => open += 1,
            (None, '}') => open = open.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_end_where_minijinja_ends_them() {
        for (text, inner) in [
            ("a: {{ b }}", vec![" b "]),
            ("a: {{- b -}}", vec![" b "]),
            ("{{ {'a': {'b': 1}} }}{{ c }}", vec![" {'a': {'b': 1}} ", " c "]),
            ("{{ '}}' ~ \"a\\\"}}\" }}", vec![" '}}' ~ \"a\\\"}}\" "]),
            ("{% if a %}{# {{ no }} #}{{ b }}", vec![" if a ", " {{ no }} ", " b "]),
            ("{{ open", vec![]),
        ] {
            assert_eq!(tags(text).iter().map(|tag| &text[tag.inner.clone()]).collect::<Vec<_>>(), inner, "{text}");
        }
    }
}
