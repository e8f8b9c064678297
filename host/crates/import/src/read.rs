//! The values of another system as they were written: layers over its defaults, with all that is secret in them masked.

use serde_json::json;

use render_files::Roots;
use render_pipeline::load;
use render_platform::values;
use render_schema::{Schema, write_only};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Node, Tree, overlay};
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use super::table::member;
use super::{Asked, System, helm, mijnbureau};

/// The values of another system.
pub(super) struct Values {
    /// Those of all files over the defaults of their system.
    pub(super) tree: Node,
    /// Those of each file.
    pub(super) layers: Vec<Node>,
    /// The text that has the defaults.
    pub(super) defaults: SourceId,
}

/// The values of all files.
///
/// # Errors
/// A file that cannot be read, that holds templates or no map.
pub(super) fn values(asked: &Asked, sources: &mut Sources) -> Result<Values, Failure> {
    let (name, text) = match asked.system {
        System::Helm => ("the chart's defaults", helm::DEFAULTS),
        System::MijnBureau => ("MijnBureau's defaults", mijnbureau::DEFAULTS),
    };
    let defaults = sources.add(name, text);
    let mut values = Values { tree: map(defaults, asked.system, sources)?, layers: Vec::new(), defaults };
    for file in &asked.files {
        // Until it is read, only its keys are shown: no schema says what is secret in it.
        let source = load::foreign_file(file, &Roots::default(), sources)?;
        let layer = map(source, asked.system, sources)?;
        mask(&layer, asked.system, sources);
        values.tree = overlay(values.tree, layer.clone());
        values.layers.push(layer);
    }
    Ok(values)
}

/// The one map of a text.
fn map(source: SourceId, system: System, sources: &mut Sources) -> Result<Node, Failure> {
    let text = &sources.get(source).text;
    let documents = match yaml::read(source, text) {
        Ok(documents) => documents,
        Err(found) => return Err(template_in(source, text, system).map_or(found.into(), Failure::from)),
    };
    if let [_, second, ..] = documents.as_slice() {
        let several = Diagnostic::error("a file of values holds one document, and this one holds several");
        return Err(several.at(second.place()).hint("move what follows `---` to a file of its own").into());
    }
    let Some(document) = documents.into_iter().next() else { return Ok(empty()) };
    if let Some(at) = template_of(&document).filter(|_| system == System::MijnBureau) {
        return Err(is_template(at, system).into());
    }
    match &document.tree {
        Tree::Map(_) => Ok(document),
        Tree::Null => Ok(empty()),
        other => {
            let wrong = Diagnostic::error(format!("a file of values is a map, and this one is {}", other.kind()));
            Err(wrong.at(document.place()).hint("write `key: value` lines").into())
        }
    }
}

fn empty() -> Node {
    Node { tree: Tree::Map(render_text::node::Map::new()), origins: Vec::new() }
}

/// The first template of Go in a text that is no YAML because of it.
fn template_in(source: SourceId, text: &str, system: System) -> Option<Diagnostic> {
    let at = text.find("{{")?;
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end);
    let end = text[at..end].find("}}").map_or(end, |end| at + end + 2);
    Some(is_template(Place::new(source, at..end), system))
}

/// The first text of a tree with a template of Go in it.
fn template_of(node: &Node) -> Option<Place> {
    match &node.tree {
        Tree::String(text) if text.contains("{{") => node.place(),
        Tree::List(items) => items.iter().find_map(template_of),
        Tree::Map(map) => map.values().find_map(|member| template_of(&member.node)),
        _ => None,
    }
}

fn is_template(at: Place, system: System) -> Diagnostic {
    let hint = match system {
        System::Helm => {
            "let what fills in the templates write the values to a file, as `helm get values RELEASE` prints those of a release"
        }
        System::MijnBureau => {
            "let helmfile fill in the templates: `helmfile --environment NAME write-values` writes the values as they are"
        }
    };
    Diagnostic::error("this is a template of Go, and not a value yet").at(at).hint(hint)
}

/// Masks the secrets of a layer, those that a later one takes back too.
fn mask(layer: &Node, system: System, sources: &mut Sources) {
    let paths: &[&str] = match system {
        System::Helm => &["livekit.keys", "storeKeysInSecret.keys", "livekit.redis.password"],
        System::MijnBureau => &["application.livekit.keys", "cache.livekit.password"],
    };
    let all = json!({"writeOnly": true});
    for path in paths {
        if let Some(member) = member(layer, path) {
            write_only::mask_in(sources, &member.node, Schema::of(&all));
        }
    }
    if let (System::Helm, Some(config), Some(schema)) =
        (system, member(layer, "livekit"), values::schema::livekit_config())
    {
        write_only::mask_in(sources, &config.node, schema);
    }
}
