//! Values that may take one of several forms. The hard part is not to decide whether one fits but which
//! one to talk about when none does: a list of every form's complaints helps nobody.

use indexmap::IndexSet;
use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::node::{Node, Tree};

use super::Schema;
use super::message;
use super::path::Path;
use super::value::{accepts, equals};
use super::walk::Walk;

/// `anyOf`: at least one branch fits.
pub(super) fn any_of<'s>(walk: &mut Walk<'_, 's>, node: &Node, schema: Schema<'s>, path: &Path<'_>) {
    let branches: Vec<_> = schema.branches("anyOf").collect();
    if let Some(allowed) = constants(&branches) {
        return one_of_these(walk, node, &allowed, path);
    }
    let mut failed = Vec::new();
    for branch in branches.iter().copied().filter(|branch| admits(*branch, &node.tree)) {
        let mistakes = walk.trial(node, branch, path);
        if mistakes.is_empty() {
            return;
        }
        failed.push((branch, mistakes));
    }
    explain(walk, node, &branches, failed, path);
}

/// `oneOf`: exactly one branch fits.
pub(super) fn one_of<'s>(walk: &mut Walk<'_, 's>, node: &Node, schema: Schema<'s>, path: &Path<'_>) {
    let branches: Vec<_> = schema.branches("oneOf").collect();
    let fitting = |branch: &Schema<'s>| admits(*branch, &node.tree);
    let tried: Vec<_> =
        branches.iter().copied().filter(fitting).map(|branch| (branch, walk.trial(node, branch, path))).collect();
    let (fit, failed): (Vec<_>, Vec<_>) = tried.into_iter().partition(|(_, mistakes)| mistakes.is_empty());
    let fit: Vec<_> = fit.into_iter().map(|(branch, _)| branch).collect();
    match (fit.len(), constants(&branches)) {
        (0, Some(allowed)) => one_of_these(walk, node, &allowed, path),
        (0, None) => explain(walk, node, &branches, failed, path),
        (1, _) => {}
        _ => walk.report(node, path, message::ambiguous(path, &fit)),
    }
}

/// Says what is wrong when no branch fits: that the kind of value is wrong for all of them, that the key
/// which tells them apart has no such value, or else what the branch that was most likely meant says.
fn explain<'s>(
    walk: &mut Walk<'_, 's>,
    node: &Node,
    branches: &[Schema<'s>],
    failed: Vec<(Schema<'s>, Vec<Diagnostic>)>,
    path: &Path<'_>,
) {
    if failed.is_empty() {
        let types: IndexSet<_> = branches.iter().flat_map(|branch| branch.resolved().types()).collect();
        let types: Vec<_> = types.into_iter().collect();
        let mistake = message::wrong_type(path, &types, &node.tree, walk.shown(node));
        return walk.report(node, path, mistake);
    }
    let candidates: Vec<_> = failed.iter().map(|(branch, _)| *branch).collect();
    if let Some((key, value, allowed)) = unmatched_tag(&candidates, node) {
        return one_of_these(walk, value, &allowed, &Path::Key(path, key));
    }
    let nearest = failed.into_iter().min_by_key(|(branch, mistakes)| misfit(*branch, node, mistakes.len()));
    walk.found.extend(nearest.into_iter().flat_map(|(_, mistakes)| mistakes));
}

fn one_of_these(walk: &mut Walk<'_, '_>, node: &Node, allowed: &[&Value], path: &Path<'_>) {
    if !allowed.iter().any(|value| equals(node, value)) {
        let mistake = message::not_allowed(path, allowed, walk.shown(node));
        walk.report(node, path, mistake);
    }
}

/// How badly a branch fits: tags with another value, then keys it does not know, then mistakes of any kind.
fn misfit(branch: Schema<'_>, node: &Node, mistakes: usize) -> (usize, usize, usize) {
    let branch = branch.resolved();
    let other_tag = |key: &str| {
        let tag = branch.properties().and_then(|properties| constant(branch.below(properties.get(key)?)));
        tag.is_some_and(|tag| node.get(key).is_some_and(|value| !tag.iter().any(|one| equals(value, one))))
    };
    let keys: Vec<&str> = match &node.tree {
        Tree::Map(map) => map.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    };
    let unknown = |key: &&&str| branch.properties().is_some_and(|properties| !properties.contains_key(**key));
    (keys.iter().filter(|key| other_tag(key)).count(), keys.iter().filter(unknown).count(), mistakes)
}

/// The key that every branch ties to constants, when the value under it is none of them.
fn unmatched_tag<'n, 's>(branches: &[Schema<'s>], node: &'n Node) -> Option<(&'s str, &'n Node, Vec<&'s Value>)> {
    let keys = branches.first()?.resolved().properties()?.keys();
    keys.into_iter().find_map(|key| {
        let tags = branches.iter().map(|branch| constant(branch.below(branch.resolved().properties()?.get(key)?)));
        let allowed: Vec<_> = tags.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
        let value = node.get(key)?;
        (!allowed.iter().any(|tag| equals(value, tag))).then_some((key.as_str(), value, allowed))
    })
}

/// Every value that the branches allow, when each of them allows constants only.
fn constants<'s>(branches: &[Schema<'s>]) -> Option<Vec<&'s Value>> {
    let each: Option<Vec<_>> = branches.iter().map(|branch| constant(*branch)).collect();
    each.map(|each| each.into_iter().flatten().collect())
}

/// The constants that a schema allows; `None` when it says anything more than that and the type, since
/// then more would have to be checked.
fn constant(schema: Schema<'_>) -> Option<Vec<&Value>> {
    let schema = schema.resolved();
    let notes = ["const", "enum", "type", "title", "description", "default", "deprecated"];
    let keywords = schema.node.as_object()?;
    let allowed: Vec<_> = keywords.get("const").into_iter().chain(super::list(keywords.get("enum"))).collect();
    let one_source = keywords.contains_key("const") != keywords.contains_key("enum");
    (one_source && keywords.keys().all(|keyword| notes.contains(&keyword.as_str()))).then_some(allowed)
}

/// Whether a branch allows this kind of value at all.
fn admits(branch: Schema<'_>, tree: &Tree) -> bool {
    let types = branch.resolved().types();
    types.is_empty() || types.iter().any(|name| accepts(name, tree))
}
