//! The one merge. Layers come in, later wins: maps merge, lists replace, `null` deletes (RFC 7386),
//! then `--set` edits by path. Provenance is not a second walk beside it: it is what the merge returns.

use render_text::diagnostic::{Diagnostic, Found};
use render_text::node::{Map, Member, Node, Tree, overlay};
use render_text::source::{Place, Sources};

use crate::load::Loaded;
use crate::set::{self, Assignment, Step, Target};

/// What was written and merged: nothing is known yet about whether it is right.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The environment's name.
    pub name: String,
    /// The merged tree.
    pub tree: Node,
}

/// Merges layer 0, the plugins' defaults if there are any, the files, Terraform's outputs and `--set`.
///
/// # Errors
/// An output of Terraform that is named and missing; a `--set` path that leads nowhere.
pub fn merge(loaded: &Loaded, plugin_defaults: Option<Node>, sources: &Sources) -> Found<Environment> {
    let mut layers = loaded.layers.iter().cloned();
    let mut tree = layers.next().unwrap_or_else(empty);
    for layer in plugin_defaults.into_iter().chain(layers) {
        tree = overlay(tree, layer);
    }
    let mut mistakes = Vec::new();
    let from_terraform = terraform_assignments(&tree, loaded.terraform.as_ref(), sources, &mut mistakes);
    for assignment in from_terraform.into_iter().chain(loaded.assignments.iter().cloned()) {
        if let Err(mistake) = set::apply(&mut tree, assignment) {
            mistakes.push(mistake);
        }
    }
    if mistakes.is_empty() { Ok(Environment { name: loaded.environment.clone(), tree }) } else { Err(mistakes) }
}

/// The plugins that the layers name, and where each is named: the provider's, then those of `plugins`, in their order.
/// Their defaults lie beneath every file, so they are needed before the merge.
#[must_use]
pub(crate) fn plugins(loaded: &Loaded) -> Vec<(String, Option<Place>)> {
    let provider = last_word(loaded, "provider");
    let plugins = last_word(loaded, "plugins");
    let listed = plugins.iter().filter_map(|node| if let Tree::List(items) = &node.tree { Some(items) } else { None });
    let named = provider.iter().chain(listed.flatten());
    named
        .filter_map(|node| if let Tree::String(name) = &node.tree { Some((name.clone(), node.place())) } else { None })
        .collect()
}

/// What the merge will make of a key that holds no map. What does not fit is told by the merge.
fn last_word(loaded: &Loaded, key: &str) -> Option<Node> {
    let target = Target::Key(key.to_owned());
    let written = loaded.layers.iter().rev().find_map(|layer| layer.get(key));
    let member = |node: &Node| (key.to_owned(), Member { key: None, node: node.clone() });
    let map = written.filter(|node| node.tree != Tree::Null).map(member).into_iter().collect();
    let mut tree = Node { tree: Tree::Map(map), origins: Vec::new() };
    for assignment in loaded.assignments.iter().filter(|set| set.path.first().is_some_and(|step| step.to == target)) {
        // It is told where everything is merged.
        let _ = set::apply(&mut tree, assignment.clone());
    }
    tree.get(key).cloned()
}

fn empty() -> Node {
    Node { tree: Tree::Map(Map::new()), origins: Vec::new() }
}

fn terraform_assignments(
    tree: &Node,
    outputs: Option<&Node>,
    sources: &Sources,
    mistakes: &mut Vec<Diagnostic>,
) -> Vec<Assignment> {
    let (Some(outputs), Some(Tree::Map(wanted))) = (outputs, tree.at(&["terraform", "outputs"]).map(|node| &node.tree))
    else {
        return Vec::new();
    };
    let mut assignments = Vec::new();
    for (output, member) in wanted {
        let Tree::String(path) = &member.node.tree else { continue };
        match outputs.get(output).and_then(|entry| entry.get("value")) {
            Some(value) => assignments.extend(member.node.place().map(|place| Assignment {
                path: path.split('.').map(|key| Step { to: Target::Key(key.to_owned()), place }).collect(),
                value: value.clone(),
                place,
            })),
            None => mistakes.push(missing_output(output, member, outputs, sources)),
        }
    }
    assignments
}

fn missing_output(output: &str, member: &Member, outputs: &Node, sources: &Sources) -> Diagnostic {
    let file = outputs.place().map_or_else(String::new, |place| format!(" in {}", sources.get(place.source).name));
    Diagnostic::error(format!("Terraform has no output `{output}`{file}"))
        .at(member.key.or_else(|| member.node.place()))
        .hint("add the output to the Terraform module and write the file again with `terraform output -json`, or take the line away")
}
