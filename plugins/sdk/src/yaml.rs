//! YAML for texts that stand inside an object or a file: the values of a chart, the configuration of a node. What is
//! written here every reader of YAML, 1.1 or 1.2, reads back as the same value: a text is plain only where no reader
//! could take it for anything else.

use std::fmt::Write;

use serde_json::{Map, Value};

/// A value as YAML, in blocks.
///
/// ```
/// let values = serde_json::json!({ "cluster": { "id": 1, "name": "on" }, "ranges": ["10.0.0.0/8"], "labels": {} });
/// assert_eq!(
///     render_plugin_sdk::yaml(&values),
///     "cluster:\n  id: 1\n  name: \"on\"\nlabels: {}\nranges:\n  - \"10.0.0.0/8\"\n"
/// );
/// ```
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut text = String::new();
    block(value, 0, &mut text);
    text
}

fn block(value: &Value, indent: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => members(map, indent, text),
        Value::Array(items) if !items.is_empty() => items.iter().for_each(|one| item(one, indent, text)),
        Value::Object(_) => text.push_str("{}\n"),
        Value::Array(_) => text.push_str("[]\n"),
        Value::String(one) => *text += &(scalar(one) + "\n"),
        // null, booleans and numbers are written as JSON writes them.
        other => {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{other}");
        }
    }
}

fn members(map: &Map<String, Value>, indent: usize, text: &mut String) {
    for (key, value) in map {
        let _ = write!(text, "{:indent$}{}:", "", scalar(key));
        text.push(if is_block(value) { '\n' } else { ' ' });
        block(value, indent + 2, text);
    }
}

/// The first line of an item stands behind its dash.
fn item(value: &Value, indent: usize, text: &mut String) {
    let _ = write!(text, "{:indent$}- ", "");
    let mut own = String::new();
    block(value, indent + 2, &mut own);
    text.push_str(own.trim_start_matches(' '));
}

fn is_block(value: &Value) -> bool {
    match value {
        Value::Object(map) => !map.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    }
}

/// A text on one line.
fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Words that some reader takes for null, a boolean or a number.
const TAKEN: [&str; 14] =
    ["null", "nil", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "nan", "none", "undefined"];

fn is_plain(text: &str) -> bool {
    let inside = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '/' | '-');
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/')
        && text.chars().all(inside)
        && !TAKEN.iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted += "\\n",
            '\t' => quoted += "\\t",
            // Readers refuse control characters, and take some of Unicode's spaces for the end of a line.
            _ if char.is_control()
                || matches!(char, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                // Writing to a String cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(char));
            }
            _ => quoted.push(char),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::yaml;

    #[test]
    fn what_a_reader_could_take_for_something_else_is_quoted() {
        for text in [
            "",
            "yes",
            "No",
            "~",
            "null",
            "0755",
            "1e3",
            "10:20",
            "2026-11-20",
            "- a",
            "a: b",
            "a #b",
            "&a",
            "*",
            "true",
        ] {
            assert_eq!(yaml(&json!(text)), format!("\"{text}\"\n"));
        }
        for text in ["cluster-pool", "a.b/c_d", "/etc/rancher", "v1.35", "wireguard"] {
            assert_eq!(yaml(&json!(text)), format!("{text}\n"));
        }
    }

    #[test]
    fn no_character_ends_a_text() {
        let text = "\"\\\n\t\r\u{7f}\u{85}\u{2028}\u{feff}é😀";
        assert_eq!(yaml(&json!(text)), "\"\\\"\\\\\\n\\t\\u000d\\u007f\\u0085\\u2028\\ufeffé😀\"\n");
    }

    #[test]
    fn lists_of_maps_and_of_lists_are_blocks() {
        let value = json!({ "a": [{ "b": 1, "c": [true, null] }, [[], {}], "x"], "no": {} });
        let text = "a:\n  - b: 1\n    c:\n      - true\n      - null\n  - - []\n    - {}\n  - x\n\"no\": {}\n";
        assert_eq!(yaml(&value), text);
    }
}
