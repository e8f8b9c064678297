//! From a value to YAML text that kubectl reads back as the same value. The writing is serde-saphyr's;
//! tests/yaml/emit.tsv holds texts of which kubectl has said what it reads.

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_saphyr::{DoubleQuoted, SerializerOptions};

/// One document, without `---` and with a line break at its end: two spaces a level, list items below
/// their key's column, block scalars for text of several lines, and no line ever folded.
///
/// # Errors
/// When the value cannot be written; the text says why.
pub fn document(value: &Value) -> Result<String, String> {
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, &Written(value), options())
        .map_err(|error| error.to_string())?;
    Ok(if text.contains(" \n") { without_blanks(&text) } else { text })
}

fn options() -> SerializerOptions {
    serde_saphyr::ser_options! {
        indent_step: 2,
        compact_list_indent: true,
        empty_as_braces: true,
        prefer_block_scalars: true,
        folded_wrap_chars: usize::MAX,
    }
}

/// A value, with quotes where serde-saphyr's own choice is not read by kubectl: go-yaml refuses a tab where it
/// still looks for the indentation of a block scalar, which is in front of its first text.
struct Written<'value>(&'value Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) if text.trim_start_matches('\n').starts_with('\t') => {
                DoubleQuoted(text).serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Written)),
            Value::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, Written(value)))),
            plain => plain.serialize(serializer),
        }
    }
}

/// serde-saphyr indents the empty lines of a block scalar, and kubectl does not. Editors strip such blanks, so
/// a snapshot would not survive one; here an empty line is empty. A line of the text's own blanks is longer, and stays.
fn without_blanks(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut block: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        let indent = content.len() - content.trim_start_matches(' ').len();
        let blank = indent == content.len();
        if !blank && block.is_none_or(|within| indent < within) {
            block = block_indent(content);
        }
        clean.push_str(if blank && block == Some(indent) { "\n" } else { line });
    }
    clean
}

/// How far the lines of a block scalar are indented, when a line opens one.
fn block_indent(line: &str) -> Option<usize> {
    let mut rest = line.trim_start_matches(' ');
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item;
    }
    let column = line.len() - rest.len();
    let opening = rest.trim_end_matches(['+', '-']).trim_end_matches(|char: char| char.is_ascii_digit());
    match opening {
        "|" => Some(column),
        _ => opening.ends_with(": |").then_some(column + 2),
    }
}
