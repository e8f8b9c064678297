//! The texts that a secret value is made of. A program that reads the value takes it apart, so the same password may
//! stand elsewhere without what is around it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{names, urls};
use crate::yaml::base64;

/// The value itself, its lines, what stands behind a key in a line (`key: value`, `key:value`, `KEY=value`) and behind the
/// scheme of a header (`Bearer x`), the texts in it if it is JSON or XML, passwords in URLs, and all this of what it is
/// the base64 of.
#[must_use]
pub fn of(value: &str) -> BTreeSet<String> {
    let mut parts = BTreeSet::new();
    of_text(value, &mut parts);
    if let Some(decoded) = base64::decode(value.trim()).and_then(|bytes| String::from_utf8(bytes).ok()) {
        of_text(&decoded, &mut parts);
    }
    parts
}

fn of_text(text: &str, parts: &mut BTreeSet<String>) {
    let mut add = |part: &str| {
        let bare = part.trim().trim_matches(['"', '\'']);
        if !is_setting(bare) {
            parts.insert(bare.to_owned());
        }
    };
    add(text);
    for line in text.lines() {
        add(line);
        for value in behind_key(line) {
            add(value);
            behind_scheme(value).into_iter().for_each(&mut add);
        }
        behind_scheme(line).into_iter().for_each(&mut add);
    }
    if text.trim_start().starts_with('<') {
        in_xml(text).into_iter().for_each(&mut add);
    }
    for range in urls::passwords(text) {
        add(&text[range]);
    }
    if text.trim_start().starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str(text)
    {
        of_json(&json, parts);
    }
}

fn of_json(json: &Value, parts: &mut BTreeSet<String>) {
    match json {
        Value::String(text) => parts.extend(of(text)),
        Value::Number(number) if !is_setting(&number.to_string()) => drop(parts.insert(number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| of_json(item, parts)),
        Value::Object(map) => map.values().for_each(|member| of_json(member, parts)),
        _ => {}
    }
}

/// What stands behind the key of a line, and behind the secret keys among several on it, as in `host=a password=b`.
fn behind_key(line: &str) -> Vec<&str> {
    if let Some((_, value)) = line.split_once(": ") {
        return vec![value];
    }
    if let Some((key, value)) = line.split_once(':')
        && is_key(key.trim())
        && !value.starts_with("//")
    {
        return vec![value];
    }
    let words = line.split([' ', ';', '&', '?']).filter_map(assignment).filter(|(key, _)| names::is_secret(key));
    assignment(line).into_iter().chain(words).map(|(_, value)| value).collect()
}

/// The two sides of `KEY=value`.
fn assignment(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let key = key.trim().trim_start_matches("export ").trim_start();
    is_key(key).then_some((key, value))
}

fn is_key(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_alphanumeric() || "_.-".contains(letter))
}

/// What stands behind the scheme of an `Authorization` header.
fn behind_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.trim().trim_matches(['"', '\'']).split_once(' ')?;
    ["bearer", "basic", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known)).then_some(rest)
}

/// The texts between the tags of XML, and the attributes that are secret by their names.
fn in_xml(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for piece in text.split('<') {
        let (tag, content) = piece.split_once('>').unwrap_or((piece, ""));
        found.push(content);
        let quoted: Vec<&str> = tag.split(['"', '\'']).collect();
        let attributes = quoted.windows(2).filter_map(|pair| Some((pair[0].trim().strip_suffix('=')?, pair[1])));
        let name = |before: &str| before.rsplit(char::is_whitespace).next().is_some_and(names::is_secret);
        found.extend(attributes.filter(|(before, _)| name(before.trim())).map(|(_, value)| value));
    }
    found
}

/// Whether a text is a switch, a port or another small number: it stands in too many places to be a secret.
fn is_setting(text: &str) -> bool {
    matches!(text, "" | "true" | "false" | "null" | "none" | "yes" | "no")
        || text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_apart_as_its_readers_do() {
        for (value, part) in [
            ("canary", "canary"),
            ("APIabc: canary\nAPIdef: other", "canary"),
            ("DB_PASSWORD=canary\nPORT=6379", "canary"),
            ("export TOKEN='canary'", "canary"),
            ("host=h password=canary dbname=d", "canary"),
            ("{\"a\": {\"password\": \"canary\"}}", "canary"),
            ("[\"postgres://u:canary@h\"]", "canary"),
            ("redis://:canary@redis:6379/0", "canary"),
            ("REJfUEFTU1dPUkQ9Y2FuYXJ5", "canary"),
            ("spring.datasource.password:canary", "canary"),
            ("Bearer canary", "canary"),
            ("Authorization: Bearer canary", "canary"),
            ("{\"header\": \"Basic canary\"}", "canary"),
            ("<a>\n  <password>canary</password>\n</a>", "canary"),
            ("<server user='u' password=\"canary\"/>", "canary"),
            ("https://host/a?user=u&token=canary&x=y", "canary"),
            ("https://a1b2c3d4@host", "a1b2c3d4"),
        ] {
            assert!(of(value).contains(part), "{value}: {:?}", of(value));
        }
        assert!(!of("PORT=6379\nTLS=true").contains("6379"));
        assert!(!of("PORT=6379\nTLS=true").contains("true"));
        assert!(!of("redis:6379").contains("6379") && !of("https://host/path").contains("//host/path"));
        assert!(!of("<server user='people' password='x'/>").contains("people"));
    }
}
