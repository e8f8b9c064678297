//! What JSON Schema calls the same: `1` and `1.0` are one number, the order of keys does not count, and integers
//! are compared as they are, not as the floats that they may be too large for.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Number, Value};

use render_text::node::{Member, Node, Tree};

/// Whether a value is of a type that JSON Schema names; `1.0` is an integer.
pub(super) fn accepts(name: &str, tree: &Tree) -> bool {
    match (name, tree) {
        ("integer", Tree::Number(number)) => {
            integer(number).is_some() || number.as_f64().is_some_and(|n| n.fract() == 0.0)
        }
        ("number", Tree::Number(_))
        | ("string", Tree::String(_))
        | ("boolean", Tree::Bool(_))
        | ("array", Tree::List(_))
        | ("object", Tree::Map(_))
        | ("null", Tree::Null) => true,
        _ => false,
    }
}

/// Whether a value is the one that a schema names; `1` and `1.0` are the same, as in JSON Schema.
pub(super) fn equals(node: &Node, value: &Value) -> bool {
    match (&node.tree, value) {
        (Tree::Null, Value::Null) => true,
        (Tree::Bool(one), Value::Bool(other)) => one == other,
        (Tree::Number(one), Value::Number(other)) => compare(one, other) == Some(Ordering::Equal),
        (Tree::String(one), Value::String(other)) => one == other,
        (Tree::List(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equals(one, other))
        }
        (Tree::Map(one), Value::Object(other)) => {
            let same = |(key, value)| one.get(key).is_some_and(|member: &Member| equals(&member.node, value));
            one.len() == other.len() && other.iter().all(same)
        }
        _ => false,
    }
}

/// A text that two values share exactly when they are equal.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        Value::Object(map) => {
            let entries: BTreeSet<_> = map.iter().map(|(key, value)| format!("{key:?}:{}", canonical(value))).collect();
            format!("{{{}}}", entries.into_iter().collect::<Vec<_>>().join(","))
        }
        Value::Number(number) => integer(number).map_or_else(|| number.to_string(), |integer| integer.to_string()),
        scalar => scalar.to_string(),
    }
}

/// The order of two numbers, exact for integers, which floats would round.
pub(super) fn compare(one: &Number, other: &Number) -> Option<Ordering> {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

/// The number as an integer, also when it was written as `1.0`.
pub(super) fn integer(number: &Number) -> Option<i128> {
    let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    exact.or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9.0e15)?;
        format!("{float:.0}").parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_values_share_a_canonical_text_and_others_do_not() {
        for (one, other, same) in [
            (json!(1), json!(1.0), true),
            (json!({"a": [1], "b": null}), json!({"b": null, "a": [1.0]}), true),
            (json!("1"), json!(1), false),
            (json!([1, 2]), json!([12]), false),
            (json!({"a": "x,b:y"}), json!({"a": "x", "b": "y"}), false),
            (json!(9_007_199_254_740_993_u64), json!(9_007_199_254_740_992_u64), false),
        ] {
            assert_eq!(canonical(&one) == canonical(&other), same, "{one} {other}");
        }
    }
}
