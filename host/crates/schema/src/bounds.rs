//! The keywords that bound a number, or how many there are of something.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use render_text::node::{Node, Tree};

use super::path::Path;
use super::value::{compare, integer};
use super::walk::Walk;
use super::{list, message};

/// Keywords for numbers.
pub(super) fn number_fits(
    walk: &mut Walk<'_, '_>,
    (node, number): (&Node, &Number),
    (keyword, argument): (&str, &Value),
    path: &Path<'_>,
) {
    let (side, allowed): (_, &[Ordering]) = match keyword {
        "minimum" => ("at least", &[Ordering::Equal, Ordering::Greater]),
        "maximum" => ("at most", &[Ordering::Equal, Ordering::Less]),
        "exclusiveMinimum" => ("more than", &[Ordering::Greater]),
        "exclusiveMaximum" => ("less than", &[Ordering::Less]),
        _ => return,
    };
    if argument.as_number().and_then(|bound| compare(number, bound)).is_some_and(|order| !allowed.contains(&order)) {
        let mistake = message::out_of_bounds(path, side, argument, walk.shown(node));
        walk.report(node, path, mistake);
    }
}

/// A count against `min…` or `max…`.
pub(super) fn sized(
    walk: &mut Walk<'_, '_>,
    node: &Node,
    (keyword, argument, size, unit): (&str, &Value, usize, &str),
    path: &Path<'_>,
) {
    let Some(bound) = whole(argument) else { return };
    let size = size as u64;
    let (limit, holds) =
        if keyword.starts_with("min") { ("at least", size >= bound) } else { ("at most", size <= bound) };
    if !holds {
        let size = walk.shown(node).value().map(|_| size);
        walk.report(node, path, message::wrong_size(path, limit, bound, unit, size));
    }
}

fn whole(argument: &Value) -> Option<u64> {
    integer(argument.as_number()?).and_then(|bound| u64::try_from(bound).ok())
}

/// Steps that one keyword counts for: most comparisons go through the value or through the argument.
pub(super) fn cost(tree: &Tree, argument: &Value) -> usize {
    let size = match tree {
        Tree::Map(map) => map.len(),
        Tree::List(items) => items.len(),
        Tree::String(text) => text.len() / 8,
        Tree::Null | Tree::Bool(_) | Tree::Number(_) => 0,
    };
    1 + (size + list(Some(argument)).len()) / 8
}
