//! A fixture: a folder with values.yaml (what an environment says), manifests.yaml (what templates made of it) and
//! response.yaml (what the plugin answers). The name of the folder is that of the environment.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde_json::{Value, json};

use render_files::{By, Roots};
use render_objects::manifest::ManifestSet;
use render_objects::stream;
use render_pipeline::load;
use render_pipeline::plugins;
use render_platform::values;
use render_platform::values::schema::VOCABULARY;
use render_plugins::description::Description;
use render_plugins::transform::Input;
use render_schema as schema;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Node, Origin, Tree, overlay};
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use crate::commands::plugin::described;

/// The file that makes a folder a fixture.
pub(super) const VALUES: &str = "values.yaml";
const MANIFESTS: &str = "manifests.yaml";
const RESPONSE: &str = "response.yaml";

/// What a fixture holds.
pub(super) struct Fixture {
    /// The name of the folder.
    environment: String,
    /// The values as the plugin is shown them: its defaults beneath, secrets masked.
    shown: Value,
    /// The same with their places.
    values: Node,
    /// What the plugin may change.
    pub(super) manifests: ManifestSet,
    /// What it is expected to answer.
    pub(super) expected: Option<Expected>,
    /// Where that is written.
    pub(super) response: PathBuf,
}

/// What a plugin is expected to answer, and where that begins.
pub(super) struct Expected {
    /// The answer.
    pub(super) value: Value,
    /// Its first line.
    pub(super) place: Place,
}

impl Fixture {
    /// Reads a folder.
    ///
    /// # Errors
    /// A file that cannot be read, and what the plugin's schema refuses of its section.
    pub(super) fn read(folder: &Path, description: &Description, sources: &mut Sources) -> Result<Self, Failure> {
        let values = values(&folder.join(VALUES), description, sources)?;
        let sections = IndexMap::from([(description.name.clone(), Value::Object(description.schema.clone()))]);
        let shown = plugins::shown(values.to_json(), &values, &sections)?;
        schema::write_only::mask_in(sources, &values, values::schema::merged(&sections)?);
        let manifests = match folder.join(MANIFESTS) {
            file if file.symlink_metadata().is_ok() => {
                let text = load::file(&file, By::Other, &Roots::default(), sources)?;
                stream::read(&[text], sources)?.0
            }
            _ => ManifestSet::default(),
        };
        let response = folder.join(RESPONSE);
        let expected = if response.symlink_metadata().is_ok() { Some(expected(&response, sources)?) } else { None };
        let environment = std::path::absolute(folder).unwrap_or_default();
        let environment = environment.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { environment, shown, values, manifests, expected, response })
    }

    /// What the plugin is told of the environment.
    pub(super) fn input(&self) -> Input<'_> {
        Input { environment: &self.environment, values: &self.shown, origins: &self.values, vocabulary: &VOCABULARY }
    }
}

/// The values of a fixture over the plugin's defaults, as a run has them.
fn values(file: &Path, description: &Description, sources: &mut Sources) -> Result<Node, Failure> {
    let source = load::file(file, By::Other, &Roots::default(), sources)?;
    let written = one_document(source, sources)?;
    let Description { name, defaults, schema, .. } = description;
    let origin = Origin::Derived { reason: format!("it is a default of the plugin {name}"), inputs: Vec::new() };
    let values = overlay(Node::derived(&json!({ name: defaults }), &origin), written);
    let mistakes = described::section_mistakes(&values, name, Value::Object(schema.clone()));
    if mistakes.is_empty() { Ok(values) } else { Err(Failure::Input(mistakes)) }
}

fn expected(file: &Path, sources: &mut Sources) -> Result<Expected, Failure> {
    let source = load::file(file, By::Other, &Roots::default(), sources)?;
    let value = one_document(source, sources)?.to_json();
    Ok(Expected { value, place: Place::new(source, 0..0) })
}

/// The one map that a file holds; an empty file is an empty map.
fn one_document(source: SourceId, sources: &Sources) -> Result<Node, Failure> {
    let mut documents = yaml::read(source, &sources.get(source).text)?;
    let document = documents.pop().filter(|document| document.tree != Tree::Null);
    match document {
        _ if !documents.is_empty() => Err(not_a_map(source, "several documents")),
        None => Ok(Node::bare(&json!({}))),
        Some(node) if matches!(node.tree, Tree::Map(_)) => Ok(node),
        Some(node) => Err(not_a_map(source, node.tree.kind())),
    }
}

fn not_a_map(source: SourceId, found: &str) -> Failure {
    let wrong = Diagnostic::error(format!("this file of a fixture is a map, and not {found}"));
    wrong.at(Place::new(source, 0..0)).hint("write `key: value` lines").into()
}
