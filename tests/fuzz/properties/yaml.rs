//! Any text is read or refused, and what is read can be written and is then read as the same value.

use render_text::source::Sources;
use render_text::yaml::{emit, read};
use serde_json::Value;

/// Any bytes; those that are not UTF-8 never reach the reader, so they are replaced.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut sources = Sources::default();
    let source = sources.add("text", text.as_ref());
    match read(source, &text) {
        Ok(documents) => same_again(&documents.iter().map(render_text::node::Node::to_json).collect::<Vec<_>>()),
        Err(found) => super::told(&found, &sources),
    }
}

/// Each value as a document of its own, and all of them as one stream.
pub fn same_again(values: &[Value]) {
    let written: Vec<String> = values.iter().map(|value| emit::document(value).unwrap()).collect();
    for (value, text) in values.iter().zip(&written) {
        assert_eq!(&values_of(text), std::slice::from_ref(value), "{text}");
    }
    let stream = written.join("---\n");
    assert_eq!(values_of(&stream), values, "{stream}");
}

/// The documents of a text that must be readable.
pub fn values_of(text: &str) -> Vec<Value> {
    let mut sources = Sources::default();
    let source = sources.add("written", text);
    let documents = read(source, text).unwrap_or_else(|found| panic!("{text}\n{found:#?}"));
    documents.iter().map(render_text::node::Node::to_json).collect()
}
