//! YAML is read and written as kubectl does. The tables beside this file hold kubectl's own answers
//! (`tests/yaml/bless.py` asks it again); what the two do differently on purpose has a column of its own.

mod places;

use render_text::source::Sources;
use render_text::yaml::{emit, read};
use serde_json::{Map, Value, json};

const SCALARS: &str = include_str!("yaml/read.tsv");
const DOCUMENTS: &str = include_str!("yaml/documents.tsv");
const STRINGS: &str = include_str!("yaml/emit.tsv");

/// One row: what is read, what kubectl makes of it, and what render makes of it when that differs.
struct Row {
    input: String,
    kubectl: String,
    render: Option<String>,
}

#[test]
fn scalars_mean_what_kubectl_reads() {
    let wrong = wrong(rows(SCALARS), |scalar| format!("v: {scalar}\n"), |value| value.get("v").cloned());
    assert!(wrong.is_empty(), "{} scalars differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn documents_mean_what_kubectl_reads() {
    let rows = rows(DOCUMENTS).map(|row| Row { input: string(&row.input), ..row });
    let wrong = wrong(rows, |text| format!("spec:\n{text}"), |value| value.get("spec").cloned());
    assert!(wrong.is_empty(), "{} documents differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Each text in emit.tsv was read by kubectl as its string, so writing the same text is enough.
#[test]
fn strings_are_written_as_kubectl_reads_them() {
    let rows: Vec<(String, String)> = rows(STRINGS).map(|row| (string(&row.input), string(&row.kubectl))).collect();
    assert!(rows.len() >= 300, "the table lost its rows");
    let written: Vec<String> = rows.iter().map(|(string, _)| emit::document(&everywhere(string)).unwrap()).collect();
    leave_for_bless(&rows, &written);
    let wrong: Vec<String> = rows
        .iter()
        .zip(&written)
        .filter(|((_, expected), written)| expected != *written)
        .map(|((string, expected), written)| {
            format!("{string:?}\n  kubectl read {expected:?}\n  written is   {written:?}")
        })
        .collect();
    assert!(wrong.is_empty(), "run tests/yaml/bless.py if these are right:\n{}", wrong.join("\n"));
}

#[test]
fn what_is_written_is_read_as_the_same_value() {
    let strings: Vec<String> = rows(STRINGS).map(|row| string(&row.input)).collect();
    for string in &strings {
        same_again(&everywhere(string));
    }
    let mut numbers = Numbers(0x5eed);
    for _ in 0..3000 {
        same_again(&any_value(&mut numbers, &strings, 0));
    }
}

#[test]
fn no_long_line_is_folded() {
    let long = "all work and no play ".repeat(100);
    let text = emit::document(&json!({"v": long, "w": format!("{long}\n{long}\n"), "x": [long]})).unwrap();
    assert_eq!(text.lines().filter(|line| line.len() > 2000).count(), 4, "{text}");
    same_again(&json!({"v": long}));
}

/// A string as a value, a list item, a nested value and a key.
fn everywhere(string: &str) -> Value {
    let as_key = Map::from_iter([(string.to_owned(), json!(string))]);
    json!({"value": string, "list": [string, as_key, [string]]})
}

fn same_again(value: &Value) {
    let text = emit::document(value).unwrap();
    let mut sources = Sources::default();
    let source = sources.add("written", text.as_str());
    let documents = read(source, &text).unwrap_or_else(|found| panic!("{value}\n{text}\n{found:#?}"));
    assert_eq!(documents.len(), 1, "{text}");
    assert_eq!(&documents[0].to_json(), value, "{text}");
}

/// The rows that render reads otherwise than its table says.
fn wrong(
    rows: impl Iterator<Item = Row>,
    document: impl Fn(&str) -> String,
    part: impl Fn(&Value) -> Option<Value>,
) -> Vec<String> {
    let told = |row: Row| {
        let expected = row.render.as_ref().unwrap_or(&row.kubectl);
        let found = one(&document(&row.input)).and_then(|value| part(&value));
        let same = match (&found, expected.as_str()) {
            (None, "error") => true,
            (Some(found), expected) => serde_json::from_str::<Value>(expected).is_ok_and(|value| equal(found, &value)),
            (None, _) => false,
        };
        (!same).then(|| format!("{:?}: expected {expected}, read {found:?}", row.input))
    };
    rows.filter_map(told).collect()
}

/// The one document of a text; `None` when it is not readable.
fn one(text: &str) -> Option<Value> {
    let mut sources = Sources::default();
    let source = sources.add("text", text);
    let documents = read(source, text).ok()?;
    documents.first().map(render_text::node::Node::to_json)
}

/// Equal values, whatever the order of keys and however a number is stored.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            _ => one.as_f64() == other.as_f64(),
        },
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| equal(one, other)))
        }
        _ => one == other,
    }
}

fn rows(table: &str) -> impl Iterator<Item = Row> {
    table.lines().filter(|line| !line.starts_with("//")).map(|line| {
        let mut cells = line.split('\t').map(str::to_owned);
        let mut cell = || cells.next();
        Row { input: cell().unwrap(), kubectl: cell().unwrap_or_default(), render: cell() }
    })
}

/// A cell that is a JSON string; empty when bless.py has not filled it yet.
fn string(json: &str) -> String {
    if json.is_empty() {
        return String::new();
    }
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// What is written now, where bless.py finds it to ask kubectl.
fn leave_for_bless(rows: &[(String, String)], written: &[String]) {
    let line = |((string, _), text): (&(String, String), &String)| format!("{}\t{}\n", json!(string), json!(text));
    let table: String = rows.iter().zip(written).map(line).collect();
    #[expect(clippy::disallowed_methods, reason = "bless.py reads it; nothing else does")]
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/emit.tsv"), table).unwrap();
}

/// A small generator (xorshift): the same values in each run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    pub(crate) fn pick<'from, T>(&mut self, from: &'from [T]) -> &'from T {
        &from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }
}

/// Any JSON value that YAML keeps as it is: a float without a fraction comes back as an integer.
pub(crate) fn any_value(numbers: &mut Numbers, strings: &[String], depth: u64) -> Value {
    match numbers.below(if depth > 4 { 6 } else { 10 }) {
        0 => Value::Null,
        1 => json!(numbers.below(2) == 0),
        2 => json!(numbers.0.cast_signed()),
        3 => json!(f64::from(u32::try_from(numbers.below(1 << 30)).unwrap()) + 0.125),
        4 => json!(numbers.pick(strings)),
        5 => json!(any_string(numbers)),
        6 | 7 => (0..numbers.below(4)).map(|_| any_value(numbers, strings, depth + 1)).collect(),
        _ => (0..numbers.below(4)).map(|_| (any_string(numbers), any_value(numbers, strings, depth + 1))).collect(),
    }
}

/// Short strings of the characters that YAML gives a meaning to.
pub(crate) fn any_string(numbers: &mut Numbers) -> String {
    let alphabet: Vec<char> =
        "aby01_-?:,[]{}#&*!|>'\"%@`~<=.+eExon \n\t\r\\/\u{7}\u{7f}\u{85}\u{a0}\u{2028}\u{feff}é日😀".chars().collect();
    (0..numbers.below(12)).map(|_| *numbers.pick(&alphabet)).collect()
}
