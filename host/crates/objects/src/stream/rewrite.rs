//! A stream after its objects were changed: what nobody changed leaves byte for byte, comments included,
//! so that a reader sees what was done to it and nothing else.

use std::ops::Range;

use render_text::diagnostic::Failure;
use render_text::node::Node;
use render_text::resource::ResourceId;
use render_text::yaml;

use super::Written;
use crate::manifest::{Manifest, ManifestSet};

/// The text of a stream in which `before` was written, with the objects of `after`: changed ones in the place of
/// the old ones and under the comments that stood above them, new ones at the end. `written` says where in the
/// text each object of `before` stands.
///
/// # Errors
/// [`Failure::Internal`] when an object has no form in YAML.
pub fn rewrite(text: &str, before: &ManifestSet, written: &Written, after: &ManifestSet) -> Result<String, Failure> {
    let mut rewritten = String::with_capacity(text.len());
    for range in documents(text) {
        let inside = |id: &ResourceId| start(written, id).is_some_and(|start| range.contains(&start));
        let objects: Vec<&Manifest> = before.iter().filter(|manifest| inside(&manifest.id)).collect();
        rewritten.push_str(&document(&text[range.clone()], &objects, after)?);
    }
    for manifest in after.iter().filter(|manifest| before.get(&manifest.id).is_none()) {
        if !rewritten.is_empty() && !rewritten.ends_with('\n') {
            rewritten.push('\n');
        }
        rewritten.push_str("---\n");
        rewritten.push_str(&written_out(manifest)?);
    }
    Ok(rewritten)
}

/// One document with what has become of its objects. A List of which one item was changed becomes its items.
fn document(text: &str, objects: &[&Manifest], after: &ManifestSet) -> Result<String, Failure> {
    let is_same = |manifest: &&&Manifest| after.get(&manifest.id).is_some_and(|now| now.value == manifest.value);
    if objects.iter().filter(is_same).count() == objects.len() {
        return Ok(text.to_owned());
    }
    let left = objects.iter().filter_map(|manifest| after.get(&manifest.id));
    let left: Result<Vec<String>, Failure> = left.map(written_out).collect();
    let left = left?;
    Ok(if left.is_empty() { String::new() } else { head(text) + &left.join("---\n") })
}

/// The lines above a document's content: its marker and its comments.
fn head(text: &str) -> String {
    let is_head = |line: &&str| matches!(line.trim(), "" | "---") || line.trim_start().starts_with('#');
    let head: String = text.split_inclusive('\n').take_while(is_head).collect();
    if head.is_empty() && is_marker(text) { "---\n".to_owned() } else { head }
}

/// The bytes of every document, each with its marker. YAML allows no line that begins with the marker inside
/// one, not even in a text of several lines.
fn documents(text: &str) -> Vec<Range<usize>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && is_marker(line) {
            starts.push(at);
        }
        at += line.len();
    }
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn is_marker(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']))
}

fn start(written: &Written, id: &ResourceId) -> Option<usize> {
    written.get(id).and_then(Node::place).map(|place| place.range().start)
}

fn written_out(manifest: &Manifest) -> Result<String, Failure> {
    yaml::emit::document(&manifest.value)
        .map_err(|error| Failure::Internal(format!("{} cannot be written as YAML: {error}", manifest.id)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream;
    use render_text::source::Sources;

    const STREAM: &str = "# all of it\n---\n# Source: a/b.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a} # kept\n\
                          ---\n# nothing\n---\n# Source: a/c.yaml\napiVersion:   v1\nkind: ConfigMap\nmetadata: {name: b}";

    /// The stream after `change`.
    fn after(change: impl Fn(&mut ManifestSet)) -> String {
        let mut sources = Sources::default();
        let source = sources.add("stdin", STREAM);
        let (before, written) = stream::read(&[source], &sources).unwrap();
        let mut now = before.clone();
        change(&mut now);
        rewrite(STREAM, &before, &written, &now).unwrap()
    }

    fn id(set: &ManifestSet, name: &str) -> ResourceId {
        set.iter().find(|manifest| manifest.id.name == name).unwrap().id.clone()
    }

    #[test]
    fn what_nobody_changed_is_the_same_to_the_last_byte() {
        assert_eq!(after(|_| ()), STREAM);
    }

    #[test]
    fn a_changed_object_keeps_the_comments_above_it_and_the_others_all_of_theirs() {
        let changed = after(|set| {
            let id = id(set, "b");
            let mut value = set.get(&id).unwrap().value.clone();
            value["data"] = serde_json::json!({"a": "yes"});
            set.replace(&id, value).unwrap();
        });
        let (first, second) = changed.split_once("# Source: a/c.yaml\n").unwrap();
        assert!(STREAM.starts_with(first));
        assert_eq!(second, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b\ndata:\n  a: \"yes\"\n");
    }

    #[test]
    fn a_removed_object_takes_its_document_with_it_and_a_new_one_is_the_last() {
        let changed = after(|set| {
            let id = id(set, "a");
            set.remove(&id);
            let new = serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}});
            set.push(new, "test").unwrap();
        });
        assert!(!changed.contains("name: a"));
        assert!(changed.ends_with("{name: b}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n"));
    }
}
