//! The provider's plugin of an environment: found before the merge, because its defaults lie beneath
//! every file; asked after the templates, because it changes what they made.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Failure};
use crate::embedded;
use crate::load::Loaded;
use crate::manifest::ManifestSet;
use crate::merge::{self, Environment};
use crate::node::{Node, Origin, Tree};
use crate::plugins::apply::Applied;
use crate::plugins::description::Description;
use crate::plugins::limits::Limits;
use crate::plugins::notes::Notes;
use crate::plugins::open::{self, Sandbox};
use crate::plugins::transform::{self, Input};
use crate::plugins::{Plugin, REDACTED};
use crate::provenance::Change;
use crate::schema::{self, Schema};
use crate::source::Place;
use crate::suggest::closest;
use crate::values::Values;

/// The plugin that the environment names, if it names one.
#[derive(Debug)]
pub struct Provider(Option<Named>);

/// A plugin, and where it is named.
#[derive(Debug)]
struct Named {
    plugin: Plugin,
    at: Option<Place>,
}

/// What the plugin made of the manifests.
#[derive(Debug)]
pub struct Changed {
    /// The manifests with its changes.
    pub manifests: ManifestSet,
    /// What it finds doubtful.
    pub warnings: Vec<Diagnostic>,
    /// What it knows to be left to do.
    pub notes: Notes,
    /// What it changed, in order.
    pub changes: Vec<Change>,
}

/// Finds the plugin of `provider:` among the built-in ones. Nothing is compiled yet.
///
/// # Errors
/// A name that no plugin has.
pub fn find(loaded: &Loaded, limits: &Limits) -> Result<Provider, Failure> {
    let Some((name, place)) = merge::provider(loaded) else { return Ok(Provider(None)) };
    let Some(built_in) = embedded::plugin(&name) else {
        let hint = match closest(&name, embedded::plugins()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "there are: {}; leave `provider` out on a cluster without one",
                embedded::plugins().collect::<Vec<_>>().join(", ")
            ),
        };
        return Err(Diagnostic::error(format!("there is no plugin for the provider `{name}`"))
            .at(place)
            .hint(hint)
            .into());
    };
    Ok(Provider(Some(Named { plugin: open::built_in(built_in, limits)?, at: place })))
}

impl Provider {
    /// The plugin's defaults as a layer. They stand in no file of the user's, so what is wrong with one
    /// is shown where the provider is named.
    #[must_use]
    pub fn defaults(&self) -> Option<Node> {
        let Named { plugin, at } = self.0.as_ref()?;
        let Description { name, defaults, .. } = &plugin.description;
        let reason = format!("it is a default of the plugin {name}");
        let origin = Origin::Derived { reason, inputs: at.iter().copied().collect() };
        Some(Node::derived(&json!({ name: defaults }), &origin))
    }

    /// The schemas of the plugins' sections: its own for the plugin in use, and none that refuses
    /// anything for a plugin that is not, whose section a rule warns of.
    #[must_use]
    pub fn sections(&self, environment: &Environment) -> IndexMap<String, Value> {
        let used = self.0.as_ref().map(|Named { plugin, .. }| {
            (plugin.description.name.clone(), Value::Object(plugin.description.schema.clone()))
        });
        let written = |name: &&str| matches!(&environment.tree.tree, Tree::Map(map) if map.contains_key(*name));
        let unused = embedded::plugins().filter(written).map(|name| (name.to_owned(), json!({})));
        unused.chain(used).collect()
    }

    /// Asks the plugin for its changes, and makes those that it was granted.
    ///
    /// # Errors
    /// Mistakes that the plugin finds in the values, and whatever is wrong with its answer.
    pub fn transform(
        &self,
        values: &Values,
        sections: &IndexMap<String, Value>,
        manifests: ManifestSet,
        sandbox: &Sandbox,
    ) -> Result<Changed, Failure> {
        let Some(Named { plugin, at }) = &self.0 else {
            return Ok(Changed { manifests, warnings: Vec::new(), notes: Notes::default(), changes: Vec::new() });
        };
        let mut shown = values.json.clone();
        schema::secret::redact(&mut shown, Schema::values(sections)?, REDACTED);
        let input = Input { environment: &values.environment, values: &shown, origins: &values.tree };
        let done = transform::transform(sandbox, &[plugin], input, manifests)?;
        let notes = done.notes.into_iter().map(|(_, notes)| notes).next().unwrap_or_default();
        let changes = done.applied.into_iter().map(|applied| change(applied, *at)).collect();
        Ok(Changed { manifests: done.manifests, warnings: done.warnings, notes, changes })
    }
}

/// A change as a finding about its object tells it: it stands in no file, so the provider's line has to do.
fn change(applied: Applied, place: Option<Place>) -> Change {
    let Applied { plugin, resource, path, reason, .. } = applied;
    let did = if path.is_empty() { "made" } else { "changed" };
    Change { object: resource, path, place, role: format!("the plugin {plugin} {did} this: {reason}") }
}
