//! The plugins of an environment, the provider's first: found before the merge, because their defaults lie beneath
//! every file; asked after the templates, because they change what those made.

use indexmap::IndexMap;
use serde_json::{Value, json};

use render_objects::manifest::ManifestSet;
use render_objects::masked;
use render_platform::values;
use render_platform::values::Values;
use render_platform::values::schema::VOCABULARY;
use render_plugins::apply::Applied;
use render_plugins::description::Description;
use render_plugins::limits::Limits;
use render_plugins::lock::{Lock, Locked};
use render_plugins::notes::{self, Notes};
use render_plugins::open::{self, Runtime};
use render_plugins::store::{self, Store};
use render_plugins::transform::{self, Input};
use render_plugins::{Plugin, built_in};
use render_schema as schema;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::mask::MASKED_VALUE;
use render_text::node::{Map, Member, Node, Origin, Tree};
use render_text::source::Place;
use render_text::suggest::closest;

use crate::load::{Loaded, Request};
use crate::merge::{self, Environment};
use crate::provenance::Change;

/// The plugins that the environment names, in the order in which they are asked.
#[derive(Debug)]
pub struct Plugins {
    used: Vec<Named>,
    /// The names of every plugin that it could name.
    known: Vec<String>,
}

/// A plugin, and where it is named.
#[derive(Debug)]
struct Named {
    plugin: Plugin,
    at: Option<Place>,
}

/// What the plugins made of the manifests.
#[derive(Debug)]
pub struct Changed {
    /// The manifests with their changes.
    pub manifests: ManifestSet,
    /// What they find doubtful.
    pub warnings: Vec<Diagnostic>,
    /// What they know to be left to do.
    pub notes: Notes,
    /// What they changed, in order.
    pub changes: Vec<Change>,
}

/// Finds the plugins of `provider:` and `plugins:` among the built-in ones and those of the lock. Nothing is compiled
/// yet, and nothing pulled that was pulled before.
///
/// # Errors
/// A name that no plugin has, or that is given twice; a plugin of the lock that is not what was accepted.
pub(crate) fn find(loaded: &Loaded, request: &Request, runtime: &Runtime) -> Result<Plugins, Failure> {
    let store = Store { cache: runtime.cache.clone(), access: request.access };
    let mut plugins = Plugins { used: Vec::new(), known: known(&loaded.lock) };
    for (name, at) in merge::plugins(loaded) {
        if let Some(twice) = plugins.used.iter().find(|named| named.plugin.description.name == name) {
            let wrong = Diagnostic::error(format!("the plugin `{name}` is named twice"));
            return Err(wrong.at(at).with(twice.at, "here, too").hint("take one of the two away").into());
        }
        plugins.used.push(Named { plugin: named(&name, at, &loaded.lock, &store, runtime)?, at });
    }
    Ok(plugins)
}

/// The plugin of a name, as it stands in a file or, without a place, on the command line: built in, or of the lock with
/// the limits that are written there.
///
/// # Errors
/// A name that no plugin has; a plugin of the lock that is not what was accepted.
pub fn named(
    name: &str,
    at: Option<Place>,
    lock: &Lock,
    store: &Store,
    runtime: &Runtime,
) -> Result<Plugin, Diagnostic> {
    if let Some(built_in) = built_in::plugin(name) {
        return open::built_in(built_in, &runtime.limits);
    }
    if !lock.plugins.contains_key(name) {
        return Err(unknown(name, lock).at(at));
    }
    let limits = limits(name, lock, runtime)?;
    let pinned = |wrong: Diagnostic| match at {
        Some(_) => wrong.at(at).with(lock.place(name), "it is pinned here"),
        None => wrong.at(lock.place(name)),
    };
    store::accepted(name, lock, store, &limits).map_err(pinned)
}

/// The names of every plugin that there is: the built-in ones, then those of the lock.
pub fn known(lock: &Lock) -> Vec<String> {
    built_in::names().map(str::to_owned).chain(lock.plugins.keys().cloned()).collect()
}

fn unknown(name: &str, lock: &Lock) -> Diagnostic {
    let known = known(lock);
    let hint = match closest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}; `render plugin add` adds others", known.join(", ")),
    };
    Diagnostic::error(format!("there is no plugin `{name}`")).hint(hint)
}

/// The limits of a plugin of the lock.
///
/// # Errors
/// An invalid limit, at its place in the lock.
pub fn limits(name: &str, lock: &Lock, runtime: &Runtime) -> Result<Limits, Diagnostic> {
    let written: Vec<(&str, String)> = lock.plugins.get(name).into_iter().flat_map(Locked::limits).collect();
    for (limit, value) in &written {
        Limits::default().set(limit, value).map_err(|wrong| wrong.at(lock.limit_place(name, limit)))?;
    }
    runtime.limits_with(written.iter().map(|(limit, value)| (*limit, value.as_str())))
}

impl Plugins {
    /// The plugins' defaults as a layer. They stand in no file of the user's, so what is wrong with one
    /// is shown where its plugin is named.
    #[must_use]
    pub(crate) fn defaults(&self) -> Option<Node> {
        let section = |Named { plugin, at }: &Named| {
            let Description { name, defaults, .. } = &plugin.description;
            let reason = format!("it is a default of the plugin {name}");
            let origin = Origin::Derived { reason, inputs: at.iter().copied().collect() };
            (name.clone(), Member { key: None, node: Node::derived(&json!(defaults), &origin) })
        };
        let sections: Map = self.used.iter().map(section).collect();
        (!sections.is_empty()).then_some(Node { tree: Tree::Map(sections), origins: Vec::new() })
    }

    /// The schemas of the plugins' sections: its own for a plugin in use, and one that refuses
    /// nothing for a plugin that is not, whose section a rule warns of.
    #[must_use]
    pub(crate) fn sections(&self, environment: &Environment) -> IndexMap<String, Value> {
        let written = |name: &&String| matches!(&environment.tree.tree, Tree::Map(map) if map.contains_key(*name));
        let unused = self.known.iter().filter(written).map(|name| (name.clone(), json!({})));
        let used = self.used.iter().map(|Named { plugin, .. }| {
            (plugin.description.name.clone(), Value::Object(plugin.description.schema.clone()))
        });
        unused.chain(used).collect()
    }

    /// Asks the plugins in turn for their changes, and makes those that they were granted.
    ///
    /// # Errors
    /// Mistakes that a plugin finds in the values, and whatever is wrong with its answer.
    pub(crate) fn transform(
        &self,
        values: &Values,
        sections: &IndexMap<String, Value>,
        manifests: ManifestSet,
        runtime: &Runtime,
    ) -> Result<Changed, Failure> {
        if self.used.is_empty() {
            return Ok(Changed { manifests, warnings: Vec::new(), notes: Notes::default(), changes: Vec::new() });
        }
        let shown = shown(values.json.clone(), &values.tree, sections)?;
        let input =
            Input { environment: &values.environment, values: &shown, origins: &values.tree, vocabulary: &VOCABULARY };
        let plugins: Vec<&Plugin> = self.used.iter().map(|named| &named.plugin).collect();
        let done = transform::transform(runtime, &plugins, input, manifests)?;
        let notes = joined(done.notes)?;
        let changes = done.applied.into_iter().map(|applied| self.change(applied)).collect();
        Ok(Changed { manifests: done.manifests, warnings: done.warnings, notes, changes })
    }

    /// A change as a finding about its object tells it: it stands in no file, so the line that names the plugin has
    /// to do.
    fn change(&self, applied: Applied) -> Change {
        let Applied { plugin, resource, path, reason, .. } = applied;
        let place = self.used.iter().find(|named| named.plugin.description.name == plugin).and_then(|named| named.at);
        let did = if path.is_empty() { "made" } else { "changed" };
        Change { object: resource, path, place, role: format!("the plugin {plugin} {did} this: {reason}") }
    }
}

/// Values as plugins are shown them: what is secret is masked, and what came from a variable or a file of the command line.
/// `tree` holds the same values, and `sections` the schemas of the plugins' sections.
///
/// # Errors
/// [`Failure::Internal`] when the embedded schema cannot be read.
pub fn shown(mut values: Value, tree: &Node, sections: &IndexMap<String, Value>) -> Result<Value, Failure> {
    schema::write_only::mask(&mut values, values::schema::merged(sections)?, MASKED_VALUE);
    masked::given(&mut values, tree);
    Ok(values)
}

/// The notes of all plugins as one. A variable of Terraform has one value.
fn joined(all: Vec<(String, Notes)>) -> Result<Notes, Diagnostic> {
    let mut notes = Notes::default();
    for (plugin, more) in all {
        let differs = |(name, value): (&String, &Value)| notes.tfvars.get(name).is_some_and(|other| other != value);
        if let Some((name, _)) = more.tfvars.iter().find(|variable| differs(*variable)) {
            return Err(Diagnostic::error(format!(
                "plugin {plugin}: it gives the Terraform variable `{name}` another value than the plugin before it"
            ))
            .hint("use one of the two plugins"));
        }
        notes.extend(more);
        if let Some((file, below)) = notes::in_the_way(&notes.files) {
            let clash = if file == below {
                format!("plugin {plugin}: it notes the file `{file}`, which a plugin before it notes, too")
            } else {
                format!(
                    "plugin {plugin}: of the files that it and the plugins before it note, `{below}` is below `{file}`"
                )
            };
            return Err(Diagnostic::error(clash).hint("use one of the two plugins"));
        }
    }
    Ok(notes)
}
