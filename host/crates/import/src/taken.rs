//! Values as templates of Go take them: to those a switch is on unless it is empty, whatever its type, and a number
//! where a name is due is its text.

use serde_json::Number;

use render_text::diagnostic::Diagnostic;
use render_text::node::{Map, Member, Node, Tree};

use super::System;
use super::table::place;

/// What a system's templates ask with `if`.
fn switches(system: System) -> &'static [&'static str] {
    match system {
        System::Helm => &[
            "podHostNetwork",
            "serviceAccount.create",
            "storeKeysInSecret.enabled",
            "turnLoadbalancer.enable",
            "autoscaling.enabled",
            "serviceMonitor.create",
        ],
        System::MijnBureau => {
            &["cache.livekit.isInternal", "global.tls.enabled", "autoscaling.horizontal.livekit.enabled"]
        }
    }
}

/// Where a name is due.
fn names(system: System) -> &'static [&'static str] {
    match system {
        System::Helm => &[
            "nameOverride",
            "fullnameOverride",
            "image.repository",
            "image.tag",
            "serviceAccount.name",
            "storeKeysInSecret.existingSecret",
            "loadBalancer.type",
            "loadBalancer.staticIpName",
            "loadBalancer.certificateName",
            "loadBalancer.clusterIssuer",
            "livekit.key_file",
            "livekit.turn.secretName",
        ],
        System::MijnBureau => &[
            "application.livekit.namespace",
            "application.livekit.turnTLSecretName",
            "container.livekit_server.repository",
            "container.livekit_server.tag",
            "container.kubectl.tag",
            "container.redis.tag",
            "global.hostname.livekit",
        ],
    }
}

/// Makes switches and names of what the templates take as such, and says what is none.
pub(super) fn settle(values: &mut Node, system: System) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for path in switches(system) {
        let Some(member) = map_of(values, path).and_then(|(map, key)| map.get_mut(key)) else { continue };
        found.extend(switch(path, member, system));
    }
    for path in names(system) {
        let Some((map, key)) = map_of(values, path) else { continue };
        let Some(member) = map.get_mut(key) else { continue };
        match &member.node.tree {
            Tree::String(_) => {}
            // To the templates no name is given.
            tree if !is_on(tree) => member.node.tree = Tree::String(String::new()),
            Tree::Number(number) => member.node.tree = Tree::String(printed(number, system)),
            other => {
                let wrong = format!("`{path}` must be a string, not {}, and is not carried over", other.kind());
                found.push(Diagnostic::warning(wrong).at(place(member)).hint("write a name, or leave it out"));
                map.shift_remove(key);
            }
        }
    }
    found
}

/// The map that an entry is in, and its key there.
fn map_of<'v, 'p>(values: &'v mut Node, path: &'p str) -> Option<(&'v mut Map, &'p str)> {
    let (mut node, mut rest) = (values, path);
    loop {
        let Tree::Map(map) = &mut node.tree else { return None };
        let Some((key, below)) = rest.split_once('.') else { return Some((map, rest)) };
        node = &mut map.get_mut(key)?.node;
        rest = below;
    }
}

/// Takes a value for a switch, and says so where it is no boolean.
fn switch(path: &str, member: &mut Member, system: System) -> Option<Diagnostic> {
    let (on, kind) = (is_on(&member.node.tree), member.node.tree.kind());
    if matches!(member.node.tree, Tree::Bool(_)) {
        return None;
    }
    member.node.tree = Tree::Bool(on);
    let reader = if system == System::Helm { "the chart" } else { "MijnBureau" };
    let meaning = if on { "on" } else { "off" };
    let message = format!("`{path}` is {kind}, which {reader} takes for {meaning}: so does the environment file");
    let hint = "to a template of Go false, 0, null and what is empty are off, and all else is on: write true or false";
    Some(Diagnostic::warning(message).at(place(member)).hint(hint))
}

/// Whether a template of Go takes a value for true.
fn is_on(tree: &Tree) -> bool {
    match tree {
        Tree::Null => false,
        Tree::Bool(on) => *on,
        Tree::Number(number) => number.as_f64() != Some(0.0),
        Tree::String(text) => !text.is_empty(),
        Tree::List(items) => !items.is_empty(),
        Tree::Map(map) => !map.is_empty(),
    }
}

/// A number as a template prints it. Helm reads all numbers as floats, which Go prints with an exponent from a million
/// on.
fn printed(number: &Number, system: System) -> String {
    let Some(float) = number.as_f64().filter(|_| system == System::Helm) else { return number.to_string() };
    let shortest = format!("{float:e}");
    let Some((digits, exponent)) = shortest.split_once('e') else { return shortest };
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => float.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_helm_does() {
        for (number, expected) in [
            ("5", "5"),
            ("1.10", "1.1"),
            ("999999", "999999"),
            ("1000000", "1e+06"),
            ("20240101", "2.0240101e+07"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("1e21", "1e+21"),
        ] {
            assert_eq!(printed(&number.parse().unwrap(), System::Helm), expected);
        }
        assert_eq!(printed(&"20240101".parse().unwrap(), System::MijnBureau), "20240101");
    }
}
