//! User information in URLs, as in `redis://user:password@host`. It holds passwords and tokens under keys that no schema
//! calls secret, so it is looked for in the texts themselves.

use std::ops::Range;

/// Where a text has user information: what stands in front of the `@` of a URL.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let length = information(&text[start..])?;
        Some(start..start + length)
    })
}

/// Whether a text has user information in a URL.
pub(super) fn is_in(text: &str) -> bool {
    find(text).next().is_some()
}

/// How long the user information is that a URL has behind its scheme.
fn information(rest: &str) -> Option<usize> {
    let is_end = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>');
    let url = rest.split(is_end).next()?;
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
