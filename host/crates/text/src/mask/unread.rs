//! What excerpts show of texts that nobody has read to the end: broken YAML, bytes that are no text, a file that is given
//! to the wrong option. Nothing in them is known to be what it looks like, so whatever could be a secret is masked, and
//! the structure stays: keys, indentation, and the marks that open something.

use std::ops::Range;

use super::Known;
use super::names;
use super::vocabulary::Vocabulary;

/// Keys of an object of Kubernetes whose values tell what it is.
const PUBLIC: [&str; 3] = ["apiVersion", "kind", "type"];

/// What is masked in a text of which no more than this is known. Without a vocabulary only the structure is shown.
pub(crate) fn ranges(text: &str, known: Known, vocabulary: Option<&Vocabulary>) -> Vec<Range<usize>> {
    match known {
        Known::Classified => Vec::new(),
        Known::Foreign => structure(text, 0).collect(),
        // The file of a token or of passwords, given in place of a file of values.
        Known::Nothing if !has_keys(text) => structure(text, 0).collect(),
        Known::Nothing | Known::Argument => match vocabulary {
            Some(words) => unread(text, words),
            None => structure(text, 0).collect(),
        },
    }
}

/// Of a document that speaks of a Secret only the structure is shown, of others all but what stands behind secret keys.
fn unread(text: &str, words: &Vocabulary) -> Vec<Range<usize>> {
    let mut masked = Vec::new();
    for Range { start, end } in documents(text) {
        let document = &text[start..end];
        if speaks_of_secrets(document) {
            masked.extend(structure(document, start));
        } else {
            masked.extend(behind_secret_keys(document, words).into_iter().map(|at| start + at.start..start + at.end));
        }
    }
    masked
}

/// What stands behind keys that lead to secrets.
#[must_use]
pub fn in_text(text: &str, words: &Vocabulary) -> Vec<Range<usize>> {
    behind_secret_keys(text, words)
}

/// What stands behind the names of secrets in comments: a value that somebody switched off is as secret as before. A
/// comment is no part of what was read, so nothing else says which of it is secret.
#[must_use]
pub(crate) fn in_comments(text: &str) -> Vec<Range<usize>> {
    let secret = |(start, line): (usize, &str)| {
        let comment = comment(line)?;
        let value = comment + secret_value(&line[comment..], names::is_secret)?;
        (!is_template(line[value..].trim_end())).then(|| start + value..start + line.trim_end().len().max(value))
    };
    lines(text).filter_map(secret).collect()
}

/// Where a line has a comment: behind the first `#` that starts it or follows a blank.
fn comment(line: &str) -> Option<usize> {
    let is_start = |(at, _): &(usize, &str)| line[..*at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(is_start).map(|(at, mark)| at + mark.len())
}

/// The documents of a stream. Their mark ends whatever is open above it, so it counts in broken YAML, too.
fn documents(text: &str) -> Vec<Range<usize>> {
    let is_mark = |line: &str| {
        line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
    };
    let marks = lines(text).filter(|(_, line)| is_mark(line)).map(|(start, _)| start).filter(|start| *start > 0);
    let starts: Vec<usize> = std::iter::once(0).chain(marks).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

/// The lines of a text with the bytes that they start at; a carriage return ends a line for some readers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive(['\n', '\r']).map(move |line| {
        let at = start;
        start += line.len();
        (at, line)
    })
}

/// Whether a line has a key, or a template could write one.
fn has_keys(text: &str) -> bool {
    ["{{", "{%"].iter().any(|tag| text.contains(tag)) || lines(text).any(|(_, line)| first_key(line).is_some())
}

/// Whether the word Secret is in a text, or could be behind an escape; a private key is one without a word.
fn speaks_of_secrets(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_alphanumeric();
    let is_word = |at: usize| {
        let rest = &text[at + "Secret".len()..];
        let rest = rest.strip_prefix("List").unwrap_or(rest);
        !text[..at].ends_with(is_letter) && !rest.starts_with(|letter| is_letter(letter) || letter == '_')
    };
    let is_kind = |(at, kind): (usize, &str)| {
        let value = text[at + kind.len()..].trim_start_matches(|letter: char| !is_letter(letter));
        value.get(.."secret".len()).is_some_and(|word| word.eq_ignore_ascii_case("secret"))
            && !value["secret".len()..].starts_with(is_letter)
    };
    let is_escape = |(at, _): (usize, &str)| text[at + 1..].starts_with(['u', 'U', 'x']);
    text.match_indices("Secret").any(|(at, _)| is_word(at))
        || text.match_indices("kind").any(is_kind)
        || text.match_indices('\\').any(is_escape)
        || ["PRIVATE KEY", "stringData"].iter().any(|mark| text.contains(mark))
        || !text.contains("kind") && lines(text).any(|(_, line)| first_key(line).is_some_and(|key| key.name == "data"))
}

/// Of each line all but its structure.
fn structure(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    lines(text).filter_map(move |(start, line)| {
        let value = value(line)?;
        Some(offset + start + value.start..offset + start + value.end)
    })
}

/// What of a line is no structure: all that stands behind its first key, or all of it where it has none.
fn value(line: &str) -> Option<Range<usize>> {
    let key = first_key(line);
    let from = key.as_ref().map_or_else(|| opened(line), |key| key.end);
    let to = line.trim_end().len().max(from);
    let text = &line[from..to];
    let is_plain = || text.chars().all(|letter| letter.is_alphanumeric() || "./-".contains(letter));
    let is_public = key.is_some_and(|key| PUBLIC.contains(&key.name)) && is_plain();
    let is_structure = text.chars().all(|letter| " \t{}[],|>".contains(letter));
    (!is_public && !is_structure && !is_template(text)).then_some(from..to)
}

/// Whether a value is filled in by a template: it is somewhere else.
fn is_template(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'']);
    value.starts_with("{{") && value.trim_end_matches(['"', '\'']).ends_with("}}") && value.matches("}}").count() == 1
}

/// A key, and where its value starts.
struct Key<'l> {
    name: &'l str,
    end: usize,
}

/// Where a line starts behind its indentation and the marks that open lists and maps.
fn opened(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-', '{', '[', '?', ',']).len()
}

/// The key that a line starts with.
fn first_key(line: &str) -> Option<Key<'_>> {
    let start = opened(line);
    let quote = line[start..].chars().next().filter(|letter| matches!(letter, '"' | '\''));
    let start = start + quote.map_or(0, char::len_utf8);
    let length = line[start..].find(|letter: char| !letter.is_alphanumeric() && !"_./-".contains(letter))?;
    let name = &line[start..start + length];
    let behind = &line[start + length..];
    let behind = if let Some(quote) = quote { behind.strip_prefix(quote)? } else { behind };
    let value = behind.trim_start_matches([' ', '\t']).strip_prefix(':')?;
    let is_key = quote.is_some() || value.is_empty() || value.starts_with(char::is_whitespace);
    let is_name = (1..=63).contains(&name.len());
    (is_key && is_name).then(|| Key { name, end: line.len() - value.trim_start_matches([' ', '\t']).len() })
}

/// Behind a secret key the rest of the line, and the lines below it up to one that is not deeper and has a known key: a
/// text that is pasted in may be indented like nothing around it.
fn behind_secret_keys(text: &str, words: &Vocabulary) -> Vec<Range<usize>> {
    let mut outside = None;
    let mut masked = Vec::new();
    for (start, line) in lines(text) {
        let trimmed = line.trim();
        let indentation = line.len() - line.trim_start_matches([' ', '\t']).len();
        let is_deeper = outside.is_some_and(|outside| indentation > outside);
        let ends = || first_key(line).is_some_and(|key| words.is_known(key.name)) || trimmed.starts_with("---");
        if outside.is_some() && !is_deeper && !trimmed.is_empty() && ends() {
            outside = None;
        }
        let from = match (outside, secret_value(line, |name| words.is_secret(name))) {
            (Some(_), _) => value(line),
            (None, Some(from)) if !is_template(line[from..].trim_end()) => {
                outside = Some(indentation);
                // A value that reads like a secret key is one, unless a bracket opens a map.
                let first = first_key(line).map(|key| key.end).filter(|end| !line[*end..].starts_with(['{', '[', '"']));
                let from = first.filter(|first| *first < from).unwrap_or(from);
                Some(from..line.trim_end().len().max(from))
            }
            (None, _) => None,
        };
        masked.extend(from.map(|at| start + at.start..start + at.end));
    }
    masked
}

/// Where the value of the first secret key of a line starts, whether of YAML, of JSON or of `--set`.
fn secret_value(line: &str, is_secret: impl Fn(&str) -> bool) -> Option<usize> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    let last_equals = line.rfind('=');
    let mut at = 0;
    while let Some(found) = line[at..].find(is_part) {
        let start = at + found;
        at = line[start..].find(|letter| !is_part(letter)).map_or(line.len(), |length| start + length);
        let name = &line[start..at];
        if (is_secret(name) || is_docker_login(name, &line[at..]))
            && let Some(value) = value_behind(line, at, last_equals)
        {
            return Some(value);
        }
    }
    None
}

/// Whether a key of JSON holds what `docker login` writes: a text. A map of that name is a section of the values.
fn is_docker_login(name: &str, behind: &str) -> bool {
    name == names::DOCKER_LOGIN && behind.strip_prefix("\":").is_some_and(|value| value.trim_start().starts_with('"'))
}

fn value_behind(line: &str, key_end: usize, last_equals: Option<usize>) -> Option<usize> {
    let behind = &line[key_end..];
    let rest = behind.trim_start_matches(['"', '\'']).trim_start();
    match rest.strip_prefix([':', '=']) {
        Some(value) => Some(line.len() - value.trim_start_matches([' ', '\t']).len()),
        // A path of `--set` that goes on: what is behind it, or all of an index that is none.
        None if behind.starts_with('[') => Some(key_end),
        None if behind.starts_with('.') && last_equals.is_some_and(|last| last > key_end) => {
            Some(key_end + behind.find('=')? + 1)
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static WORDS: Vocabulary = Vocabulary::new(
        r#"{"properties": {"keys": {"properties": {"value": {"writeOnly": true}, "name": {}}}, "replicas": {}, "name": {}}}"#,
    );

    /// The text with a mask in the place of what is not shown.
    fn shown(text: &str) -> String {
        super::super::replaced(text, &super::super::joined(unread(text, &WORDS)))
    }

    #[test]
    fn behind_a_secret_key_nothing_is_shown_until_a_known_key_comes() {
        for (text, expected) in [
            ("keys:\n  value: canary\n  name: x\n", "keys:\n  value: ***\n  name: x\n"),
            ("value: |\n  a: canary\n\n  b\nname: x\n", "value: ***\n  a: ***\n\n  ***\nname: x\n"),
            ("  value: |\nAPIabc: canary: c\ncanary\nreplicas: 3\n", "  value: ***\nAPIabc: ***\n***\nreplicas: 3\n"),
            ("{\"value\": \"canary\", \"name\": 1}", "{\"value\": ***"),
            ("redis.auth.value={canary", "redis.auth.value=***"),
            ("redis.auth.value[canary", "redis.auth.value***"),
            ("redis.auth.value.x=canary", "redis.auth.value.x=***"),
            ("value: canary\rb: canary\rname: x\r", "value: ***\rb: ***\rname: x\r"),
            ("external: {host: h, password: canary", "external: {host: h, password: ***"),
            ("keys:\n  value: a\n  APIabc: canarysecret: 00\n", "keys:\n  value: ***\n  APIabc: ***\n"),
            ("APIabc: canarysecret: 00\n", "APIabc: ***\n"),
            ("{\"auths\": {\"h\": {\"auth\": \"canary\"}}}", "{\"auths\": {\"h\": {\"auth\": ***"),
            ("valued: a\nmy_value: b\nname: value\n", "valued: a\nmy_value: b\nname: value\n"),
            ("value: \"{{ custom.x }}\"\nb: c\n", "value: \"{{ custom.x }}\"\nb: c\n"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn a_document_that_speaks_of_a_secret_shows_only_its_structure() {
        for text in [
            "kind: Secret\ndata:\n  a: canary\n  canary\n",
            "apiVersion: v1\nstringData:\n  a: canary: x\n",
            "kind: Secert\nstringData: {a: \"canary\" x}\n",
            "data:\n  a: canary: x\n",
            "kind: &k Secret\nstringData: {a: \"canary\" x}\n",
            "kind: !!str Secret\na: canary\n",
            "\"kind\":\n  Secret\na: canary\n",
            "kind: SecretList\nitems:\n- stringData: {p: canary}\n",
            "kind: secret\na: canary\n",
            "{\"kind\":\"\\u0053ecret\",\"stringData\":{\"b\":\"canary\" \"x\"}}",
            "kind: Secret\ra: canary\r",
            "{\"kind\":\"Secret\",\"data\":{\"a\":\"canary\"}}",
            "a: 1\n---\nkind: Secret\na: |\n-----BEGIN KEY-----\ncanary\n",
            "tls.key: |\n-----BEGIN PRIVATE KEY-----\ncanary\n",
        ] {
            assert!(!shown(text).contains("canary"), "{text}: {}", shown(text));
        }
        let shown_of = |text| shown(text);
        assert_eq!(shown_of("kind: Secret\nmetadata:\n  name: a\n"), "kind: Secret\nmetadata:\n  name: ***\n");
        assert_eq!(shown_of("kind: Secret\n---\na: b\n"), "kind: Secret\n---\na: b\n");
        assert_eq!(shown_of("kind: SecretStore\na: b\nsecretName: c\n"), "kind: SecretStore\na: b\nsecretName: c\n");
    }

    #[test]
    fn of_a_comment_the_value_of_a_secret_is_not_shown() {
        let shown = |text: &str| super::super::replaced(text, &in_comments(text));
        for (text, expected) in [
            ("replicas: 3 # password: canary\nb: c\n", "replicas: 3 # password: ***\nb: c\n"),
            ("# API_SECRET=canary x\n", "# API_SECRET=***\n"),
            ("a: b#c # {\"token\": \"canary\"}", "a: b#c # {\"token\": ***"),
            ("a: b # the password is rotated\n", "a: b # the password is rotated\n"),
            ("a: b # secretName: c, the default value: 3\n", "a: b # secretName: c, the default value: 3\n"),
            ("password: {{ custom.x }} # token: {{ custom.y }}", "password: {{ custom.x }} # token: {{ custom.y }}"),
            ("url: http://h/#token:x\n", "url: http://h/#token:x\n"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn of_a_text_without_keys_nothing_is_shown() {
        let shown = |text: &str| {
            super::super::replaced(text, &super::super::joined(ranges(text, Known::Nothing, Some(&WORDS))))
        };
        for text in
            ["eyJ.canary.sig", "host:5432:db:user:canary\n", "machine h login u password canary\n", "- canary\n"]
        {
            assert!(!shown(text).contains("canary"), "{}", shown(text));
        }
        assert_eq!(shown("livekit:\n  replicas 3\n"), "livekit:\n  replicas 3\n");
        assert_eq!(shown("{% if a %}\n"), "{% if a %}\n");
    }

    #[test]
    fn of_a_foreign_text_only_the_keys_are_shown() {
        let shown =
            |text: &str| super::super::replaced(text, &super::super::joined(ranges(text, Known::Foreign, None)));
        assert_eq!(shown("{\"db_password\": \"canary\"}"), "{\"db_password\": ***");
        assert_eq!(shown("a:\n  - b: canary\n  - canary\n"), "a:\n  - b: ***\n  - ***\n");
    }
}
