//! How the reference words a schema: types, bounds, patterns, and values as a file has them.

use serde_json::Value;

use crate::support::anchor;

use super::values::Book;

/// The type in words: what is allowed, its bounds, and whether it is secret.
pub(super) fn kind(book: &Book, property: &Value) -> String {
    let secret = if property["writeOnly"] == true { ", **secret**" } else { "" };
    if let Some(name) = name(property).filter(|_| book.is_shared(property)) {
        return format!("[{name}](#{}){secret}", anchor(name));
    }
    let schema = book.target(property);
    let branches: Vec<String> = list(&schema["anyOf"]).iter().map(|branch| kind(book, branch)).collect();
    let words: Vec<String> = words(schema).into_iter().map(|(word, _)| code(&word)).collect();
    let told = match (branches.is_empty(), words.is_empty()) {
        (false, _) => branches.join(" or "),
        (true, false) => words.join(", "),
        (true, true) => plain(book, schema),
    };
    told + secret
}

/// The type of a value that is neither a choice of words nor of types.
fn plain(book: &Book, schema: &Value) -> String {
    let items = || schema.get("items").map_or_else(|| "anything".to_owned(), |items| many(&kind(book, items)));
    match schema["type"].as_str().unwrap_or_default() {
        "array" if schema["minItems"] == 1 => format!("list of {}, not empty", items()),
        "array" => format!("list of {}", items()),
        "object" if schema["additionalProperties"].is_object() => {
            format!("map of {}", many(&kind(book, &schema["additionalProperties"])))
        }
        "object" => "map".to_owned(),
        "string" => text_kind(schema),
        number => number.to_owned() + &bounds(schema),
    }
}

/// The plural, where a type is one word.
fn many(kind: &str) -> String {
    let word = kind.chars().all(char::is_alphabetic);
    if word { format!("{kind}s") } else { kind.to_owned() }
}

fn bounds(schema: &Value) -> String {
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Null, Value::Null) => String::new(),
        (minimum, Value::Null) => format!(", {minimum} or more"),
        (Value::Null, maximum) => format!(", {maximum} or less"),
        (minimum, maximum) => format!(", {minimum} to {maximum}"),
    }
}

fn text_kind(schema: &Value) -> String {
    let pattern = schema["pattern"].as_str();
    let words = |pattern: &str| PATTERNS.iter().find(|(other, _)| *other == pattern).map(|(_, words)| *words);
    match (pattern, schema["minLength"].as_u64()) {
        (Some(pattern), _) => words(pattern).map_or_else(|| format!("string like `{pattern}`"), str::to_owned),
        (None, Some(1)) => "string, not empty".to_owned(),
        (None, Some(length)) => format!("string of {length} characters or more"),
        (None, None) => "string".to_owned(),
    }
}

/// What patterns mean to a reader. One that is not here is shown as it is.
const PATTERNS: [(&str, &str); 45] = [
    (
        r"^(\*\.)?([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$",
        "DNS name, or a wildcard such as `*.example.com`",
    ),
    (r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", "string (a-z, 0-9, `-`, `.`)"),
    (r"^[A-Za-z0-9]([-.:A-Za-z0-9]*[A-Za-z0-9])?$", "address or DNS name"),
    (r"^wss?://.+", "address that begins with ws:// or wss://"),
    (r"^[0-9A-Fa-f:.]+$", "IP address"),
    (r"^([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}$", "range of IPv4 addresses"),
    (r"\.ya?ml$", "path ending in .yaml"),
    (r"^1\.[0-9]{1,2}$", "string such as `\"1.35\"`"),
    (r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", "name (a-z, 0-9, `-`)"),
    (r"^[a-z]([-a-z0-9]{0,50}[a-z0-9])?$", "name (a-z, 0-9, `-`; at most 52)"),
    (r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", "name (a-z, 0-9, `-`)"),
    (r"^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$", "name (a-z, 0-9, `-`; at most 40)"),
    (r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$", "name (a-z, 0-9, `-`, `.`)"),
    (r"^[-._a-zA-Z0-9]{1,253}$", "string (letters, digits, `-`, `.`, `_`)"),
    (r"^[-._a-zA-Z][-._a-zA-Z0-9]*$", "string (letters, digits, `-`, `.`, `_`)"),
    (r"^[0-9]{1,3}%$", "string such as `25%`"),
    (r"^[0-9A-Fa-f:.]+( *, *[0-9A-Fa-f:.]+)?$", "IP address, or two with a comma"),
    (r"^[0-9]{1,5}( *- *[0-9]{1,5})?$", "string such as `7882-7885`"),
    (r"^(([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*/[0-9]{1,3})$", "CIDR"),
    (r"^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$", "string such as `1h30m`"),
    (r"^([0-9]+(s|m|h))+$", "string such as `1h`"),
    (r"^([0-9]+(ms|s|m|h))+$", "string such as `30s`"),
    (r"^[a-z0-9-]+(\.[a-z0-9-]+)+\.?$", "domain name"),
    (r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$", "domain name"),
    (r"^[A-Za-z0-9]([-.A-Za-z0-9]*[A-Za-z0-9])?$", "host name or IP address"),
    (r"^/", "path starting with /"),
    (r"^sha256:[0-9a-f]{64}$", "`sha256:` and 64 hexadecimal digits"),
    (r"^[^@\s]+@[^@\s]+\.[^@\s]+$", "email address"),
    (r"^(production|staging|https://.+)$", "`production`, `staging` or an https URL"),
    (r"^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$", "name@project.iam.gserviceaccount.com"),
    (r"^[a-z]+-[a-z]+[0-9]+(-[a-z])?$", "region or zone"),
    (r"^([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$", "project ID"),
    (r"^LK[0-9]{3}$", "code such as `LK004`"),
    (r"^[0-9]+(b|k|kb|m|mb|g|gb)?$", "string such as `256mb`"),
    (r"^[a-z0-9]+([._:/-]+[a-z0-9]+)*$", "image name without a tag"),
    (r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", "tag"),
    (
        r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+|m|u|n|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$",
        "string such as `4000m` or `2048Mi`",
    ),
    (r"^[a-z]([-a-z0-9]{0,22}[a-z0-9])?$", "name (a-z, 0-9, `-`; at most 24)"),
    (r"^[a-z0-9]([-a-z0-9]{0,25}[a-z0-9])?$", "name (a-z, 0-9, `-`; at most 27)"),
    (r"^[0-9]{1,5}-[0-9]{1,5}$", "string such as `51000-52000`"),
    (r"^(stun|turns?):[^\s;]+$", "string such as `turn:turn.example.com:3478?transport=udp`"),
    (r"^https?://[^;\s]+$", "URL"),
    (r"^[^;\s]([^;\n]*[^;\s])?$", "string without a semicolon"),
    (r"^(https?:)?//[^;\s]+$", "string such as `//host.example.com`"),
    (r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "time such as `2027-01-01T00:00:00Z`"),
];

/// The words that may stand there, each with its meaning if it has one.
pub(super) fn words(schema: &Value) -> Vec<(Value, Option<&str>)> {
    let variants = list(&schema["oneOf"]).iter().map(|one| (one["const"].clone(), one["description"].as_str()));
    list(&schema["enum"]).iter().map(|word| (word.clone(), None)).chain(variants).collect()
}

/// What a key is for, what each of its words means, and whether it is still of use.
pub(super) fn meaning(book: &Book, property: &Value) -> String {
    let words = words(book.target(property));
    let words = words.iter().filter_map(|(word, meaning)| Some(format!(" {}: {}", code(word), (*meaning)?)));
    let words = if book.is_shared(property) { String::new() } else { words.collect() };
    let deprecated = if property["deprecated"] == true { " Deprecated." } else { "" };
    about(book, property) + &words + deprecated
}

/// The description of a key, or else of its type.
pub(super) fn about(book: &Book, property: &Value) -> String {
    let text = property["description"].as_str().or(book.target(property)["description"].as_str()).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A value as it is written on one line of an environment file.
pub(super) fn code(value: &Value) -> String {
    format!("`{}`", flow(value))
}

fn flow(value: &Value) -> String {
    let entry = |(key, value): (&String, &Value)| format!("{key}: {}", flow(value));
    match value {
        Value::Object(map) => format!("{{{}}}", map.iter().map(entry).collect::<Vec<_>>().join(", ")),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        // In a file, words and numbers that are meant as text have quotes.
        Value::String(text) if text.parse::<f64>().is_ok() || ["true", "false", ""].contains(&&**text) => {
            format!("\"{text}\"")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The name of the definition that a `$ref` leads to.
pub(super) fn name(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// The items of a list, none for anything else.
pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
