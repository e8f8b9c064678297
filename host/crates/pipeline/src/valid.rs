//! The stage that validates: it turns the merged tree into [`Values`]. Only `resolve`, which adds derived values, makes others.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use render_platform::values::{self, Platform, Values};
use render_schema as schema;
use render_schema::api::custom::{self, Custom};
use render_schema::api::version::Version;
use render_schema::message::QUOTE;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::mask;
use render_text::node::Node;
use render_text::source::{SourceId, Sources};

use crate::merge::Environment;
use crate::merged::Merged;
use crate::plugins::Plugins;

/// An environment whose values fit all schemas.
#[derive(Debug)]
pub struct Valid {
    pub(crate) values: Values,
    /// The documents of the cluster's facts.
    pub(crate) facts: Vec<Node>,
    pub(crate) inputs: Inputs,
}

/// The inputs of later stages, apart from the values.
#[derive(Debug)]
pub(crate) struct Inputs {
    pub(crate) plugins: Plugins,
    /// The schemas of the plugins' sections.
    pub(crate) sections: IndexMap<String, Value>,
    /// The user's own templates by the path that names them.
    pub(crate) templates: IndexMap<String, SourceId>,
    /// The Kubernetes that the objects are for.
    pub(crate) version: Version,
    /// The kinds that the user's CustomResourceDefinitions define.
    pub(crate) custom: Vec<Custom>,
}

impl Merged {
    /// Checks the values against the schemas of the platform and of the plugins.
    ///
    /// # Errors
    /// Everything that the schemas refuse; CustomResourceDefinitions that cannot be read.
    pub fn validate(self, sources: &mut Sources) -> Result<Valid, Failure> {
        fits(&self, sources)?;
        let Self { environment, plugins, sections, templates, definitions, facts } = self;
        let values = values(environment)?;
        let version = values.kubernetes_version()?;
        let custom = custom::read(&definitions, version, sources)?;
        Ok(Valid { values, facts, inputs: Inputs { plugins, sections, templates, version, custom } })
    }
}

/// Checks the values against the schemas. Descriptions are read only for messages.
fn fits(merged: &Merged, sources: &Sources) -> Result<(), Failure> {
    let schema = values::schema::merged(&merged.sections)?;
    if schema::check::check(&merged.environment.tree, schema).is_empty() {
        return Ok(());
    }
    let mistakes = merged.mistakes()?;
    Err(Failure::Input(mistakes.into_iter().map(|mistake| for_arguments(mistake, sources)).collect()))
}

fn values(environment: Environment) -> Result<Values, Failure> {
    let json = environment.tree.to_json();
    let platform = Platform::deserialize(&json).map_err(|error| {
        let gap = Diagnostic::error(format!("the values do not fit: {}", mask::without_values(&error)));
        Failure::Input(vec![gap.hint("the schema lets this pass, which is a mistake of render: please report it")])
    })?;
    Ok(Values { environment: environment.name, tree: environment.tree, json, platform })
}

/// The same mistake with what to do about it where the value is an argument: a shell takes quotes away.
fn for_arguments(mistake: Diagnostic, sources: &Sources) -> Diagnostic {
    let argument = mistake.place.is_some_and(|place| sources.get(place.source).name == "--set");
    if argument && mistake.hint.as_deref() == Some(QUOTE) {
        return mistake.hint("give it to `--set-string`, which takes everything for text");
    }
    mistake
}
