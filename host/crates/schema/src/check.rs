//! The strict walker: values against a schema, in one pass, with nothing compiled first. It says everything
//! that is wrong, at the characters that are wrong. The keywords it knows are listed in [`super::subset`].

use std::cell::OnceCell;

use serde_json::{Map as Object, Value};

use render_text::diagnostic::{Diagnostic, Part};
use render_text::node::{Map, Member, Node, Origin, Tree};
use render_text::resource::ResourceId;
use render_text::source::Place;
use render_text::suggest::closest;

use super::bounds::{cost, number_fits, sized};
use super::distinct::distinct;
use super::message::Shown;
use super::path::Path;
use super::pattern::Pattern;
use super::value::{accepts, canonical, equals};
use super::walk::{Keyword, Walk};
use super::{Schema, choice, kubernetes, list, message};

/// Schemas nested in schemas and references followed, for one value. Plugins bring schemas: a circle of
/// references must end in a message, not in a full stack.
const MOST_NESTED: usize = 192;

/// Whoever has mended as many mistakes knows how the keys are called.
const MOST_SUGGESTED: usize = 100;

/// Everything in `tree` that `schema` does not allow, in the order of the places. A section that is absent
/// is checked as if it were empty, since its document may require keys.
#[must_use]
pub fn check(tree: &Node, schema: Schema<'_>) -> Vec<Diagnostic> {
    let mut walk = Walk::new(tree, schema);
    fits(&mut walk, tree, schema, &Path::Root);
    let absent = Node { tree: Tree::Map(Map::new()), origins: tree.origins.clone() };
    for (name, section) in schema.sections() {
        let path = Path::Key(&Path::Root, name);
        let member = if let Tree::Map(map) = &tree.tree { map.get(name) } else { None };
        match member {
            Some(member) => member_fits(&mut walk, member, section, &path),
            None => fits(&mut walk, &absent, section, &path),
        }
    }
    walk.finish()
}

/// Everything in an object of Kubernetes that its schema does not allow. Here the keywords of Kubernetes count,
/// and null is as good as nothing: the API server drops it. Of a Secret no value is shown.
#[must_use]
pub(crate) fn check_object(tree: &Node, schema: Schema<'_>, object: &ResourceId) -> Vec<Diagnostic> {
    let mut walk = Walk { object: Some(object), ..Walk::new(tree, schema) };
    fits(&mut walk, tree, schema, &Path::Root);
    let named = |found: Diagnostic| Diagnostic { message: format!("{object}: {}", found.message), ..found };
    walk.finish().into_iter().map(named).collect()
}

impl<'s> Walk<'_, 's> {
    /// The mistakes of a value against one of several branches, kept apart.
    pub(super) fn trial(&mut self, node: &Node, branch: Schema<'s>, path: &Path<'_>) -> Vec<Diagnostic> {
        let outside = std::mem::take(&mut self.found);
        fits(self, node, branch, path);
        std::mem::replace(&mut self.found, outside)
    }
}

/// Checks a member of a map. What lacks a key is shown at the key that leads to it.
fn member_fits<'s>(walk: &mut Walk<'_, 's>, member: &Member, schema: Schema<'s>, path: &Path<'_>) {
    let outside = std::mem::replace(&mut walk.key, member.key);
    fits(walk, &member.node, schema, path);
    walk.key = outside;
}

/// Checks one value against one schema: the type first, for a value of the wrong kind breaks every other rule.
fn fits<'s>(walk: &mut Walk<'_, 's>, node: &Node, schema: Schema<'s>, path: &Path<'_>) {
    if !walk.spend(1, node, path) {
        return;
    }
    if walk.nested >= MOST_NESTED {
        return walk.stop(node, format!("the schema of {} nests deeper than {MOST_NESTED} levels", path.subject()));
    }
    walk.nested += 1;
    match schema.node {
        Value::Bool(true) => {}
        Value::Bool(false) => walk.report(node, path, message::forbidden(path)),
        Value::Object(keywords) => fits_keywords(walk, node, (schema, keywords), path),
        _ => walk.stop(node, format!("the schema of {} is neither a map nor a boolean", path.subject())),
    }
    walk.nested -= 1;
}

fn fits_keywords<'s>(
    walk: &mut Walk<'_, 's>,
    node: &Node,
    (schema, keywords): (Schema<'s>, &'s Object<String, Value>),
    path: &Path<'_>,
) {
    let types = schema.types();
    if !types.is_empty() && !types.iter().any(|name| accepts(name, &node.tree)) {
        let mistake = message::wrong_type(path, &types, &node.tree, walk.shown(node));
        return walk.report(node, path, mistake);
    }
    for (keyword, argument) in keywords {
        if !walk.spend(cost(&node.tree, argument), node, path) {
            return;
        }
        match &node.tree {
            Tree::Map(map) => map_fits(walk, (node, map), (schema, keyword, argument), path),
            Tree::List(items) => list_fits(walk, (node, items), (schema, keyword, argument), path),
            Tree::String(text) => text_fits(walk, (node, text), (schema, keyword, argument), path),
            Tree::Number(number) => number_fits(walk, (node, number), (keyword, argument), path),
            Tree::Null | Tree::Bool(_) => {}
        }
        any_fits(walk, node, (schema, keyword, argument), path);
        if walk.object.is_some() {
            kubernetes::fits(walk, node, (schema, keyword, argument), path);
        }
    }
}

/// Keywords that apply to every kind of value.
fn any_fits<'s>(walk: &mut Walk<'_, 's>, node: &Node, (schema, keyword, argument): Keyword<'s>, path: &Path<'_>) {
    match keyword {
        "$ref" => match argument.as_str().and_then(|reference| schema.target(reference)) {
            Some(target) => fits(walk, node, target, path),
            None => walk.stop(node, format!("the schema of {} refers to {argument}, which it lacks", path.subject())),
        },
        "allOf" => schema.branches("allOf").for_each(|branch| fits(walk, node, branch, path)),
        "anyOf" => choice::any_of(walk, node, schema, path),
        "oneOf" => choice::one_of(walk, node, schema, path),
        "not" => lacks(walk, node, argument, path),
        "enum" => equals_one(walk, node, &list(Some(argument)).iter().collect::<Vec<_>>(), path),
        "const" => equals_one(walk, node, &[argument], path),
        _ => {}
    }
}

fn equals_one(walk: &mut Walk<'_, '_>, node: &Node, allowed: &[&Value], path: &Path<'_>) {
    if !allowed.iter().any(|value| equals(node, value)) {
        let mistake = message::not_allowed(path, allowed, walk.shown(node));
        walk.report(node, path, mistake);
    }
}

/// `not: {required: […]}`: the keys are not all there at once.
fn lacks(walk: &mut Walk<'_, '_>, node: &Node, argument: &Value, path: &Path<'_>) {
    let keys: Vec<_> = list(argument.get("required")).iter().filter_map(Value::as_str).collect();
    let Tree::Map(map) = &node.tree else {
        return walk.report(node, path, message::wrong_type(path, &["object"], &node.tree, Shown::Nothing));
    };
    let members: Vec<_> = keys.iter().filter_map(|key| Some((*key, map.get(*key)?))).collect();
    match members.as_slice() {
        [(key, member)] if keys.len() == 1 => {
            let path = Path::Key(path, key);
            walk.keep(&path, message::forbidden(&path).at(key_place(member)));
        }
        [.., (_, last)] if members.len() == keys.len() => {
            let others = members.iter().rev().skip(1).rev();
            let mistake = message::together(path, &keys).at(key_place(last));
            let mistake = others.fold(mistake, |mistake, (_, member)| mistake.with(key_place(member), "set here"));
            walk.keep(path, mistake);
        }
        _ => {}
    }
}

/// Keywords for maps.
fn map_fits<'s>(
    walk: &mut Walk<'_, 's>,
    (node, map): (&Node, &Map),
    (schema, keyword, argument): Keyword<'s>,
    path: &Path<'_>,
) {
    match keyword {
        "properties" => {
            for (key, member) in map {
                if let Some(property) = argument.get(key).filter(|_| !walk.drops(member)) {
                    member_fits(walk, member, schema.below(property), &Path::Key(path, key));
                }
            }
        }
        "additionalProperties" => others_fit(walk, map, (schema, argument), path),
        "propertyNames" => {
            for (key, member) in map {
                let origins = key_place(member).map(Origin::Written).into_iter().collect();
                let name = Node { tree: Tree::String(key.clone()), origins };
                fits(walk, &name, schema.below(argument), &Path::Name(path, key));
            }
        }
        "required" => {
            let is_there = |key: &&str| map.get(*key).is_some_and(|member| !walk.drops(member));
            let keys = list(Some(argument)).iter().filter_map(Value::as_str);
            for key in keys.filter(|key| !is_there(key)).collect::<Vec<_>>() {
                let property = schema.properties().and_then(|known| known.get(key)).map(|known| schema.below(known));
                walk.keep(path, message::missing(path, key, property).at(walk.key.or_else(|| node.place())));
            }
        }
        "minProperties" | "maxProperties" => sized(walk, node, (keyword, argument, map.len(), "key"), path),
        _ => {}
    }
}

/// The members that neither `properties` nor a section names.
fn others_fit<'s>(walk: &mut Walk<'_, 's>, map: &Map, (schema, argument): (Schema<'s>, &'s Value), path: &Path<'_>) {
    let named = |key: &str| schema.properties().is_some_and(|known| known.contains_key(key));
    // Gathered for the first mistake, and not for each.
    let known = OnceCell::new();
    for (key, member) in map.iter().filter(|(key, _)| !named(key) && schema.section(key).is_none()) {
        if *argument != Value::Bool(false) {
            if !walk.drops(member) {
                member_fits(walk, member, schema.below(argument), &Path::Key(path, key));
            }
        } else if walk.spend(1, &member.node, path) {
            let known: &Vec<&str> = known.get_or_init(|| {
                let own = schema.properties().into_iter().flat_map(Object::keys).map(String::as_str);
                own.chain(schema.sections().map(|(name, _)| name)).collect()
            });
            let near = if walk.found.len() < MOST_SUGGESTED { closest(key, known.iter().copied()) } else { None };
            let mistake = message::unknown_key(path, (key, near), known, walk.object);
            walk.keep_part(&Path::Key(path, key), Part::Key, mistake.at(key_place(member)));
        }
    }
}

/// Keywords for lists.
fn list_fits<'s>(
    walk: &mut Walk<'_, 's>,
    (node, items): (&Node, &[Node]),
    (schema, keyword, argument): Keyword<'s>,
    path: &Path<'_>,
) {
    match keyword {
        "items" => {
            for (index, item) in items.iter().enumerate() {
                let outside = walk.key.take();
                fits(walk, item, schema.below(argument), &Path::Item(path, index));
                walk.key = outside;
            }
        }
        "minItems" | "maxItems" => sized(walk, node, (keyword, argument, items.len(), "item"), path),
        "uniqueItems" if *argument == Value::Bool(true) => {
            distinct(walk, items, (&|item| Some(canonical(&item.to_json())), "remove one of them"), path);
        }
        _ => {}
    }
}

/// Keywords for strings.
fn text_fits<'s>(
    walk: &mut Walk<'_, 's>,
    (node, text): (&Node, &str),
    (schema, keyword, argument): Keyword<'s>,
    path: &Path<'_>,
) {
    match (keyword, argument) {
        ("minLength" | "maxLength", _) => {
            sized(walk, node, (keyword, argument, text.chars().count(), "character"), path);
        }
        ("pattern", Value::String(source)) => {
            let is_new = !walk.patterns.contains_key(source.as_str());
            let Some(pattern) = walk.patterns.entry(source).or_insert_with(|| Pattern::new(source)) else {
                let why =
                    format!("the schema of {} has the pattern `{source}`, which is not supported", path.subject());
                return walk.stop(node, why);
            };
            let kept = if is_new { pattern.cost_to_keep() } else { 0 };
            let (cost, found) = (kept + pattern.cost(text), pattern.is_in(text));
            if walk.spend(cost, node, path) && !found {
                let mistake = message::mismatch(path, source, schema, walk.shown(node));
                walk.report(node, path, mistake);
            }
        }
        _ => {}
    }
}

fn key_place(member: &Member) -> Option<Place> {
    member.key.or_else(|| member.node.place())
}
