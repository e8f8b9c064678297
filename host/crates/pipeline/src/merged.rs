//! The stage after load and merge: one tree, whose values know what set them, and the plugins that it names. Nothing is known
//! yet about whether the values are right.

use indexmap::IndexMap;
use serde_json::Value;

use render_platform::values;
use render_plugins::open::Runtime;
use render_schema::{self as schema, Schema};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::Node;
use render_text::source::{SourceId, Sources};

use crate::load::{self, Request};
use crate::merge::{self, Environment};
use crate::plugins::{self, Plugins};

/// Everything that a request names, merged.
#[derive(Debug)]
pub struct Merged {
    pub(crate) environment: Environment,
    pub(crate) plugins: Plugins,
    /// The schemas of the plugins' sections.
    pub(crate) sections: IndexMap<String, Value>,
    /// The user's own templates by the path that names them.
    pub(crate) templates: IndexMap<String, SourceId>,
    /// The user's CustomResourceDefinitions.
    pub(crate) definitions: Vec<SourceId>,
    /// The documents of the cluster's facts.
    pub(crate) facts: Vec<Node>,
}

impl Merged {
    /// Loads and merges all layers. After that schemas say which values are secret, and messages show the rest of the files.
    ///
    /// # Errors
    /// As [`load::load`], `plugins::find` and [`merge::merge`].
    pub fn load(request: &Request, runtime: &Runtime, sources: &mut Sources) -> Result<Self, Failure> {
        let loaded = load::load(request, sources)?;
        let plugins = plugins::find(&loaded, request, runtime)?;
        let environment = merge::merge(&loaded, plugins.defaults(), sources)?;
        let sections = plugins.sections(&environment);
        let schema = values::schema::merged(&sections)?;
        // What a later layer replaces is as secret, and messages show it.
        for tree in loaded.layers.iter().chain([&environment.tree]) {
            schema::write_only::mask_in(sources, tree, schema);
        }
        let load::Loaded { templates, schemas: definitions, facts, .. } = loaded;
        Ok(Self { environment, plugins, sections, templates, definitions, facts })
    }

    /// All mistakes that the schemas find; their messages quote descriptions.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the embedded schema cannot be read.
    pub fn mistakes(&self) -> Result<Vec<Diagnostic>, Failure> {
        let described = Schema::composed(values::schema::described()?, &self.sections);
        Ok(schema::check::check(&self.environment.tree, described))
    }
}
