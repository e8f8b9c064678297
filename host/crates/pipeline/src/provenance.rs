//! Where the fields of finished objects were written. Objects carry no places; when there is something to say
//! about one, its templates are rendered once more with marks, and the changes since are gone through.

use std::ops::Range;

use serde_json::Value;

use render_objects::manifest::ManifestSet;
use render_objects::patch;
use render_objects::stream::Written;
use render_text::diagnostic::{About, Diagnostic, Part};
use render_text::node::{Node, Origin, Tree};
use render_text::resource::ResourceId;
use render_text::source::{Place, Sources};

/// A change that a plugin or a patch made to an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The object.
    pub object: ResourceId,
    /// Where in it, token by token, and nothing for the whole object. A list item may be named, as in
    /// `[name=livekit]`, because its index changes with the list.
    pub path: Vec<String>,
    /// Where the change, or whoever makes it, is named.
    pub place: Option<Place>,
    /// Who made it, as a label.
    pub role: String,
}

/// Whether some of the findings are about objects and still without a place.
#[must_use]
pub(crate) fn is_wanted(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.about.is_some() && finding.place.is_none())
}

/// The findings about objects, each at the place where its field was written: the latest change that set it, or
/// else the line of the template.
#[must_use]
pub(crate) fn located(
    findings: Vec<Diagnostic>,
    manifests: &ManifestSet,
    changes: &[Change],
    written: &Written,
    sources: &Sources,
) -> Vec<Diagnostic> {
    let one = |finding: Diagnostic| match finding.about.clone().filter(|_| finding.place.is_none()) {
        Some(about) => {
            let value = manifests.get(&about.object).map(|manifest| &manifest.value);
            at_change(finding, &about, value, changes)
                .unwrap_or_else(|finding| at_template(finding, &about, written, sources))
        }
        None => finding,
    };
    findings.into_iter().map(one).collect()
}

/// The finding at the change that set its field. Changes below the field take part in it.
fn at_change(
    finding: Diagnostic,
    about: &About,
    value: Option<&Value>,
    changes: &[Change],
) -> Result<Diagnostic, Diagnostic> {
    let tokens = tokens(&about.pointer);
    let of_object = || changes.iter().rev().filter(|change| change.object == about.object);
    let sets = |change: &&Change| leads_to(&change.path, &tokens, value);
    let below =
        |change: &&Change| change.path.len() > tokens.len() && leads_to(&change.path[..tokens.len()], &tokens, value);
    let Some(set) = of_object().find(sets) else {
        return Err(of_object()
            .filter(below)
            .fold(finding, |finding, change| finding.with(change.place, &change.role)));
    };
    Ok(finding.at(set.place).with(set.place, &set.role))
}

/// The finding at the line of the template, with the value that went into it.
fn at_template(finding: Diagnostic, about: &About, written: &Written, sources: &Sources) -> Diagnostic {
    let About { object, pointer, part } = about;
    let Some(object) = written.get(object) else { return finding };
    let at_part = match part {
        Part::Value => None,
        Part::Key => object.key(pointer),
        Part::Bytes(bytes) => object.pointer(pointer).and_then(|text| inside(text, bytes, sources)),
    };
    if let Some(place) = at_part {
        return finding.at(place);
    }
    let tokens = tokens(pointer);
    let place = object.spot(&tokens.iter().map(String::as_str).collect::<Vec<_>>()).place.or_else(|| object.place());
    let earlier =
        object.pointer(pointer).and_then(|node| node.origins.split_last()).map_or(&[][..], |(_, earlier)| earlier);
    let values = earlier.iter().rev().filter_map(Origin::written);
    values.fold(finding.at(place), |finding, place| finding.with(place, "the value comes from here"))
}

/// Where a part of a text was written, when the text stands in its file line by line, as a block scalar does.
fn inside(node: &Node, bytes: &Range<usize>, sources: &Sources) -> Option<Place> {
    let (Tree::String(text), Some(place)) = (&node.tree, node.place()) else { return None };
    let before = text.get(..bytes.start)?;
    let (line, column) = (before.matches('\n').count(), bytes.start - before.rfind('\n').map_or(0, |at| at + 1));
    let written = text.lines().nth(line)?;
    let source = &sources.get(place.source).text;
    let first = source.get(..place.range().start)?.rfind('\n').map_or(0, |at| at + 1);
    let start = first + source[first..].split_inclusive('\n').take(line).map(str::len).sum::<usize>();
    let shown = source[start..].lines().next()?;
    let at = start + shown.strip_suffix(written)?.len() + column;
    let length = bytes.len().min(written.len().saturating_sub(column));
    Some(Place::new(place.source, at..at + length))
}

/// Whether a path leads to the field of `tokens`, or to something that holds it.
fn leads_to(path: &[String], tokens: &[String], value: Option<&Value>) -> bool {
    let mut here = value;
    path.len() <= tokens.len()
        && path.iter().zip(tokens).all(|(step, token)| {
            here = here.and_then(|here| patch::child(here, token));
            let name = here.and_then(|item| item.get("name")).and_then(Value::as_str);
            step == token || name.is_some_and(|name| *step == format!("[name={name}]"))
        })
}

fn tokens(pointer: &str) -> Vec<String> {
    pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Where a finding about a field of a Service lands when a plugin and a patch changed it.
    fn role(pointer: &str) -> Option<String> {
        let mut sources = Sources::default();
        let text = "provider: gke\npatches: []\n";
        let source = sources.add("prd.yaml", text);
        let (provider, patch) = (Place::new(source, 10..13), Place::new(source, 14..21));
        let mut manifests = ManifestSet::default();
        let service = json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "annotations": {"x/y": "z"}},
            "spec": {"ports": [{"name": "http", "port": 80}, {"name": "tls", "port": 443}]},
        });
        let object = manifests.push(service, "service.yaml").unwrap().id.clone();
        let change = |path: &[&str], place, role: &str| Change {
            object: object.clone(),
            path: path.iter().map(ToString::to_string).collect(),
            place: Some(place),
            role: role.to_owned(),
        };
        let changes = [
            change(&["metadata", "annotations", "x/y"], provider, "the plugin gke changed this: it is Google's"),
            change(&["spec", "ports", "[name=tls]"], provider, "the plugin gke changed this: TLS"),
            change(&["spec", "ports", "1", "port"], patch, "this patch sets it"),
        ];
        let finding = Diagnostic::error("wrong").about(&object, pointer);
        let found = located(vec![finding], &manifests, &changes, &Written::new(), &sources).remove(0);
        assert!(found.place.is_none() || found.place == Some(found.related[0].0));
        found.related.first().map(|(_, role)| role.clone())
    }

    #[test]
    fn the_last_change_that_set_a_field_is_named() {
        let said = |pointer| role(pointer);
        assert_eq!(said("/metadata/annotations/x~1y").unwrap(), "the plugin gke changed this: it is Google's");
        assert_eq!(said("/spec/ports/1/name").unwrap(), "the plugin gke changed this: TLS");
        assert_eq!(said("/spec/ports/1/port").unwrap(), "this patch sets it");
        // What changed below the field takes part in it.
        assert_eq!(said("/spec/ports").unwrap(), "this patch sets it");
        assert_eq!(said("/spec/ports/0/port"), None);
    }
}
