//! Manifests that something else rendered, as they come out of `helm template` or stand in files. They
//! join the road of our own at the manifest set, and keep where each of their fields was written.

mod rewrite;

use indexmap::IndexMap;

use render_text::diagnostic::{Diagnostic, Found};
use render_text::node::{Node, Tree};
use render_text::resource::ResourceId;
use render_text::source::{SourceId, Sources};
use render_text::yaml;

use crate::manifest::ManifestSet;

pub use self::rewrite::rewrite;

/// Where the fields of finished objects were written.
pub type Written = IndexMap<ResourceId, Node>;

/// What tells two copies of one object apart in a stream of Helm's: hooks run at other times, and Helm 4
/// says of each document which file it came from, as kustomize does.
const SLOTS: [&str; 4] = [
    "helm.sh/hook",
    "postrenderer.helm.sh/postrender-filename",
    "internal.config.kubernetes.io/path",
    "internal.config.kubernetes.io/index",
];

/// Every object of several texts. A document without content is none, and a List is its items.
///
/// # Errors
/// What is no YAML, no object, or the same object twice.
pub fn read(texts: &[SourceId], sources: &Sources) -> Found<(ManifestSet, Written)> {
    let (mut set, mut written, mut mistakes) = (ManifestSet::default(), Written::new(), Vec::new());
    for text in texts {
        match yaml::read(*text, &sources.get(*text).text) {
            Ok(documents) => {
                let objects = documents.into_iter().flat_map(objects);
                mistakes.extend(objects.filter_map(|object| add(object, &mut set, &mut written, sources).err()));
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if mistakes.is_empty() { Ok((set, written)) } else { Err(mistakes) }
}

/// The items of a list.
///
/// # Errors
/// What is no object, or the same object twice.
pub fn items(list: &Node, sources: &Sources) -> Found<(ManifestSet, Written)> {
    let (mut set, mut written, mut mistakes) = (ManifestSet::default(), Written::new(), Vec::new());
    if let Some(Tree::List(items)) = list.get("items").map(|items| &items.tree) {
        let added = items.iter().filter_map(|item| add(item.clone(), &mut set, &mut written, sources).err());
        mistakes.extend(added);
    }
    if mistakes.is_empty() { Ok((set, written)) } else { Err(mistakes) }
}

/// The objects of a document.
#[must_use]
pub fn objects(document: Node) -> Vec<Node> {
    let kind = document.get("kind").map(|kind| &kind.tree);
    let is_list = kind == Some(&Tree::String("List".to_owned()));
    match (document.get("items").map(|items| &items.tree), &document.tree) {
        (Some(Tree::List(items)), _) if is_list => items.clone(),
        (_, Tree::Null) => Vec::new(),
        _ => vec![document],
    }
}

fn add(object: Node, set: &mut ManifestSet, written: &mut Written, sources: &Sources) -> Result<(), Diagnostic> {
    let value = object.to_json();
    let origin = object.place().map_or_else(String::new, |place| sources.locate(place));
    let made = set.push_in_slot(value, origin, &slot(&object));
    let id = made.map(|manifest| manifest.id.clone()).map_err(|mistake| mistake.at(object.place()))?;
    written.insert(id, object);
    Ok(())
}

fn slot(object: &Node) -> String {
    let annotation = |key: &&str| match &object.at(&["metadata", "annotations", key])?.tree {
        Tree::String(text) => Some(text.clone()),
        _ => None,
    };
    SLOTS.iter().filter_map(annotation).collect::<Vec<_>>().join(" ")
}
