//! What is secret in URLs: user information, as in `redis://user:password@host`, and parameters, as in `?token=x`. It
//! stands under keys that no schema calls secret, so it is looked for in the texts themselves.
//!
//! The user of a URL is no secret, a token in its place is one. What is known of neither is told by its form: a token is
//! long, or a number of letters and digits by turns. A name such as `git` or `deploy2024` is shown.

use std::ops::Range;

use super::names;

/// Longer texts are no URLs, and nobody looks for their end.
const LONGEST: usize = 2048;
/// The name of a user is no secret, and a token is longer than most names.
const LEAST_TOKEN: usize = 16;
/// The same for one in which letters and digits take turns.
const LEAST_MIXED: usize = 8;
/// How often they do.
const LEAST_TURNS: usize = 3;

/// Where a text has user information: what stands in front of the `@` of a URL.
pub fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    urls(text).filter_map(|url| Some(url.start..url.start + information(&text[url])?))
}

/// Where a text has passwords in URLs, in front of the host and behind it, and tokens, which stand there in place of the
/// user. What names a variable is none.
#[must_use]
pub fn passwords(text: &str) -> Vec<Range<usize>> {
    find(text).filter_map(|information| password(text, information)).chain(parameters(text)).collect()
}

fn password(text: &str, information: Range<usize>) -> Option<Range<usize>> {
    let said = &text[information.clone()];
    let (user, password) = said.split_once(':').map_or((said, None), |(user, password)| (user, Some(password)));
    let start = match password {
        Some(_) if !is_token(user) => information.start + user.len() + 1,
        None if !is_token(user) => return None,
        _ => information.start,
    };
    (!is_variable(&text[start..]) && start < information.end).then_some(start..information.end)
}

fn is_token(user: &str) -> bool {
    let is_mixed = || {
        let letters: Vec<char> = user.chars().collect();
        let turns = letters.windows(2).filter(|pair| {
            pair.iter().all(|letter| letter.is_alphanumeric()) && pair[0].is_numeric() != pair[1].is_numeric()
        });
        turns.count() >= LEAST_TURNS
    };
    user.len() >= LEAST_TOKEN || user.len() >= LEAST_MIXED && is_mixed()
}

fn is_variable(value: &str) -> bool {
    ["$(", "${", "{{"].iter().any(|mark| value.starts_with(mark))
}

/// The values of the parameters of URLs that are secret by their names.
fn parameters(text: &str) -> impl Iterator<Item = Range<usize>> {
    urls(text).flat_map(move |url| {
        let query = url.start + text[url.clone()].find('?').map_or(url.len(), |mark| mark + 1);
        let mut at = query;
        text[query..url.end].split(['&', ';', '#']).filter_map(move |parameter| {
            let start = at;
            at += parameter.len() + 1;
            let (name, value) = parameter.split_once('=')?;
            let is_secret = names::is_secret(name) && !value.is_empty() && !is_variable(value);
            is_secret.then(|| start + name.len() + 1..start + parameter.len())
        })
    })
}

/// Where a text has URLs, behind their schemes.
fn urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").map(|(at, mark)| {
        let start = at + mark.len();
        let rest = &text[start..];
        start
            ..start
                + rest[..rest.floor_char_boundary(LONGEST)]
                    .find(is_end)
                    .unwrap_or_else(|| rest.floor_char_boundary(LONGEST))
    })
}

fn is_end(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, '"' | '\'' | '`' | '<' | '>')
}

/// Whether a text has user information in a URL.
#[must_use]
pub fn is_in(text: &str) -> bool {
    find(text).next().is_some()
}

/// How long the user information is that a URL has behind its scheme.
fn information(url: &str) -> Option<usize> {
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
            ("https://0123456789abcdef:x-oauth-basic@github.com", vec!["0123456789abcdef:x-oauth-basic"]),
            ("https://0123456789abcdef:@github.com", vec!["0123456789abcdef:"]),
            ("https://a1b2c3d4@host", vec!["a1b2c3d4"]),
            ("https://deploy2024@host", vec![]),
            ("https://jane.doe@host", vec![]),
            ("git@github.com:a/b.git", vec![]),
            ("https://host/a?user=u&password=pw#top", vec!["pw"]),
            ("https://host/a?access_token=t;x=y", vec!["t"]),
            ("https://u:pw@host/a?api-key=k", vec!["pw", "k"]),
            ("https://host/a?token=$(TOKEN)&passwordPolicy=strict&secret=", vec![]),
            ("a?token=x is no URL", vec![]),
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
