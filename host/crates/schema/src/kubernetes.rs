//! The keywords that Kubernetes adds to JSON Schema. Only the schemas of its objects may use them: those of the
//! values and of plugins keep to [`super::subset`].

use std::fmt::Write;

use serde_json::Value;

use render_text::node::{Node, Tree};
use render_text::yaml::base64::decode;

use super::distinct::distinct;
use super::path::Path;
use super::value::{accepts, canonical, integer};
use super::walk::{Keyword, Walk};
use super::{Schema, list, message};

/// Suffixes of quantities; an exponent is the other form that a suffix may take.
const UNITS: [&str; 16] = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/// Lists of pods whose items may come twice for all the API server cares, though the keys tell them apart where
/// changes are merged: other rules know what comes of it.
const MAY_REPEAT: [(&str, &[&str]); 4] = [
    ("env", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("ports", &["containerPort", "protocol"]),
];

/// Checks one value against one keyword of Kubernetes'.
pub(super) fn fits(walk: &mut Walk<'_, '_>, node: &Node, (schema, keyword, argument): Keyword<'_>, path: &Path<'_>) {
    match (keyword, argument.as_str(), &node.tree) {
        ("format", Some(format), tree) => formatted(walk, (node, tree), format, path),
        ("x-kubernetes-int-or-string", _, tree) => {
            let types = ["integer", "string"];
            if *argument == Value::Bool(true) && !types.iter().any(|name| accepts(name, tree)) {
                let mistake = message::wrong_type(path, &types, tree, walk.shown(node));
                walk.report(node, path, mistake);
            }
        }
        ("x-kubernetes-list-map-keys", _, Tree::List(items)) => keyed(walk, items, (schema, argument), path),
        ("x-kubernetes-list-type", Some("set"), Tree::List(items)) => {
            distinct(walk, items, (&|item| Some(canonical(&item.to_json())), "remove one of them"), path);
        }
        _ => {}
    }
}

fn formatted(walk: &mut Walk<'_, '_>, (node, tree): (&Node, &Tree), format: &str, path: &Path<'_>) {
    let mistake = match (format, tree) {
        ("quantity", Tree::Number(_)) => None,
        ("quantity", Tree::String(text)) if is_quantity(text) => None,
        ("quantity", _) => Some(message::no_quantity(path, tree, walk.shown(node))),
        ("byte", Tree::String(text)) if decode(text).is_none() => Some(message::no_base64(path, walk.object)),
        ("int32", Tree::Number(number)) => integer(number).and_then(|number| {
            outside(number, (i32::MIN.into(), i32::MAX.into()))
                .map(|(side, bound)| message::out_of_bounds(path, side, &bound, walk.shown(node)))
        }),
        ("int64", Tree::Number(number)) => integer(number).and_then(|number| {
            outside(number, (i64::MIN.into(), i64::MAX.into()))
                .map(|(side, bound)| message::out_of_bounds(path, side, &bound, walk.shown(node)))
        }),
        _ => None,
    };
    if let Some(mistake) = mistake {
        walk.report(node, path, mistake);
    }
}

/// Which bound a number breaks.
fn outside(number: i128, (least, most): (i128, i128)) -> Option<(&'static str, Value)> {
    let bound = |bound: i128| Value::from(i64::try_from(bound).unwrap_or_default());
    match number {
        _ if number < least => Some(("at least", bound(least))),
        _ if number > most => Some(("at most", bound(most))),
        _ => None,
    }
}

/// Items that some of their keys tell apart.
fn keyed(walk: &mut Walk<'_, '_>, items: &[Node], (schema, argument): (Schema<'_>, &Value), path: &Path<'_>) {
    let keys: Vec<&str> = list(Some(argument)).iter().filter_map(Value::as_str).collect();
    if MAY_REPEAT.iter().any(|(name, by)| matches!(path, Path::Key(_, key) if key == name) && keys == *by) {
        return;
    }
    let defaults: Vec<Option<String>> = keys.iter().map(|key| default(schema, key)).collect();
    let identity = |item: &Node| {
        let mut all = String::new();
        for (key, default) in keys.iter().zip(&defaults) {
            let value = item.get(key).map(|value| canonical(&value.to_json()));
            let _ = write!(all, "{};", value.or_else(|| default.clone())?);
        }
        Some(all)
    };
    let hint = format!("items of this list are told apart by {}: change or remove one of them", keys.join(" and "));
    distinct(walk, items, (&identity, &hint), path);
}

/// What the API server puts in the place of an absent key. The schemas of its own kinds do not say it; of
/// their keys only the protocol of a port has one.
fn default(list: Schema<'_>, key: &str) -> Option<String> {
    let item = list.below(list.get("items")?).resolved();
    let said = item.properties().and_then(|known| known.get(key)?.get("default")).map(canonical);
    said.or_else(|| (key == "protocol").then(|| canonical(&Value::from("TCP"))))
}

/// Whether a text is a quantity: a decimal number, and a unit or an exponent.
fn is_quantity(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let end = unsigned.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at(end);
    let digits = number.chars().filter(char::is_ascii_digit).count();
    let exponent =
        suffix.strip_prefix(['e', 'E']).map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    let is_exponent =
        exponent.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits > 0 && number.len() - digits <= 1 && (UNITS.contains(&suffix) || is_exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_those_of_kubernetes() {
        for text in ["0", "500Mi", "0.5", ".5", "5.", "1e3", "1E3", "1E", "-1", "+2k", "100m", "1e-3", "12Ei"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", ".", "1.2.3", "512MB", "1K", "1mi", "1 Gi", "e3", "1e", "1e+", "Mi", "--1", "1e3Mi", "٣"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
