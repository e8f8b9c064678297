//! What a description promises beyond its shape: a schema that the host can read as a whole, and defaults that keep it.
//! Whoever writes a plugin hears of it before a user does.

use indexmap::IndexMap;
use serde_json::{Value, json};

use render_plugins::description::Description;
use render_schema::{Schema, check, subset};
use render_text::diagnostic::Diagnostic;
use render_text::node::Node;

/// Looks a description through.
///
/// # Errors
/// The first thing that is wrong with its schema or its defaults.
pub(super) fn keeps_its_promises(description: &Description) -> Result<(), Diagnostic> {
    let Description { name, schema, defaults, .. } = description;
    let schema = Value::Object(schema.clone());
    if let Some(first) = subset::outside(&schema).into_iter().next() {
        return Err(Diagnostic { message: format!("the schema of its section: {}", first.message), ..first });
    }
    let optional = without_required(schema);
    match section_mistakes(&Node::bare(&json!({ name: defaults })), name, optional).into_iter().next() {
        Some(first) => Err(Diagnostic { message: format!("its defaults: {}", first.message), ..first }),
        None => Ok(()),
    }
}

/// Everything in a tree of values that the schema of the section with that name refuses.
pub(super) fn section_mistakes(values: &Node, name: &str, schema: Value) -> Vec<Diagnostic> {
    let everything = json!({});
    let sections = IndexMap::from([(name.to_owned(), schema)]);
    check::check(values, Schema::composed(&everything, &sections))
}

/// The same schema with every key optional: defaults are a layer, and files add to it.
fn without_required(schema: Value) -> Value {
    match schema {
        Value::Object(map) => map
            .into_iter()
            .filter(|(key, value)| key != "required" || !value.is_array())
            .map(|(key, value)| (key, without_required(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_required).collect(),
        plain => plain,
    }
}
