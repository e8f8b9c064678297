//! User information in URLs, as in `redis://user:password@host`. It holds passwords and tokens under keys that no schema
//! calls secret, so it is looked for in the texts themselves.

use std::ops::Range;

/// Longer texts are no URLs, and nobody looks for their end.
const LONGEST: usize = 2048;
/// The name of a user is no secret, and a token is longer than most names.
const LEAST_TOKEN: usize = 16;

/// Where a text has user information: what stands in front of the `@` of a URL.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let length = information(&text[start..])?;
        Some(start..start + length)
    })
}

/// Where a text has passwords in URLs, and tokens, which stand there without a user. What names a variable is none.
pub fn passwords(text: &str) -> Vec<Range<usize>> {
    let password = |range: Range<usize>| {
        let information = &text[range.clone()];
        let start = information.find(':').map_or(range.start, |colon| range.start + colon + 1);
        let is_token = information.len() >= LEAST_TOKEN || information.contains(':');
        let is_variable = ["$(", "${", "{{"].iter().any(|mark| text[start..].starts_with(mark));
        (is_token && !is_variable && start < range.end).then_some(start..range.end)
    };
    find(text).filter_map(password).collect()
}

/// Whether a text has user information in a URL.
pub fn is_in(text: &str) -> bool {
    find(text).next().is_some()
}

/// How long the user information is that a URL has behind its scheme.
fn information(rest: &str) -> Option<usize> {
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>');
    let url = rest[..rest.floor_char_boundary(LONGEST)].split(is_end).next()?;
    let length = url.rfind('@').filter(|length| *length > 0)?;
    let authority = url.split(['/', '?', '#']).next()?;
    // A password with a slash in it is written as it is more often than not; what is no port then gives it away.
    let is_no_port = |(_, port): (&str, &str)| !port.chars().all(|digit| digit.is_ascii_digit());
    let is_cut = !authority.starts_with('[') && authority.split_once(':').is_some_and(is_no_port);
    (authority.contains('@') || is_cut).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_masked_and_a_user_is_not() {
        for (text, expected) in [
            ("redis://user:pw@host:6379", vec!["pw"]),
            ("redis://:pw@host", vec!["pw"]),
            ("ssh://git@github.com/a/b", vec![]),
            ("https://0123456789abcdef@github.com", vec!["0123456789abcdef"]),
            ("redis://user:$(PASSWORD)@host", vec![]),
            ("redis://user:{{ custom.x }}@host", vec![]),
        ] {
            let found = passwords(text);
            assert_eq!(found.into_iter().map(|range| &text[range]).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn user_information_is_what_stands_in_front_of_the_host() {
        for (text, expected) in [
            ("redis://user:pw@host:6379", vec!["user:pw"]),
            ("https://token@host/path", vec!["token"]),
            ("a redis://:p@w@h, b https://u:p@h", vec![":p@w", "u:p"]),
            ("redis://u:p/w@host", vec!["u:p/w"]),
            ("rediss://u:p?w#x@host", vec!["u:p?w#x"]),
            ("https://host:443/@scope/name", vec![]),
            ("https://[::1]:443/a@b", vec![]),
            ("https://host/a@b and c@d", vec![]),
            ("https://@host", vec![]),
            ("livekit/livekit-server:v1@sha256:0", vec![]),
        ] {
            assert_eq!(find(text).map(|range| &text[range]).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(is_in(text), !expected.is_empty(), "{text}");
        }
    }
}
