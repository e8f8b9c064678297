//! `render schema`: what an editor has to know of environment files, plugins of the user's included.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

use render_pipeline::load;
use render_pipeline::plugins;
use render_platform::values;
use render_platform::values::schema::ENVIRONMENT;
use render_plugins::store::Store;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::args::schema::SchemaArgs;

/// The schema of environment files with the sections of all plugins, those of the lock included, or that of the section
/// of one. `cache` is the user's folder for plugins, where no other is named.
///
/// # Errors
/// A name that no plugin has; a plugin of the lock that cannot be had, or is not what was accepted.
pub(super) fn print(arguments: &SchemaArgs, cache: Option<PathBuf>, sources: &mut Sources) -> Result<String, Failure> {
    let SchemaArgs { plugin, environments, runtime: options, .. } = arguments;
    let lock = load::lock(options.lock.lock.as_deref(), environments.as_deref(), &options.lock.root.roots(), sources)?;
    let runtime = options.runtime(cache)?;
    let store = Store { cache: runtime.cache.clone(), access: options.store.access() };
    let section = |name: &str| -> Result<Value, Diagnostic> {
        let plugin = plugins::named(name, None, &lock, &store, &runtime)?;
        Ok(Value::Object(plugin.description.schema))
    };
    if let Some(name) = plugin {
        return Ok(format!("{:#}\n", section(name)?));
    }
    if lock.plugins.is_empty() {
        return Ok(ENVIRONMENT.to_owned());
    }
    let sections: Result<IndexMap<String, Value>, Diagnostic> =
        plugins::known(&lock).into_iter().map(|name| section(&name).map(|schema| (name, schema))).collect();
    Ok(format!("{:#}\n", values::schema::generated_environment(&sections?)))
}
