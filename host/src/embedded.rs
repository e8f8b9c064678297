//! What the binary carries: defaults, templates, environments and plugins. The lists are made by
//! build.rs from the folders, so that adding a file is all there is to adding one.

use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Layer 0 of every environment.
pub const DEFAULTS: &str = include_str!("../defaults.yaml");

/// The text of a template, by its path under templates/.
#[must_use]
pub fn template(name: &str) -> Option<&'static str> {
    find(TEMPLATES, name)
}

/// The text of an environment file, by its file name.
#[must_use]
pub fn environment(file: &Path) -> Option<&'static str> {
    find(ENVIRONMENTS, file.to_str()?)
}

/// Every environment file: its name without `.yaml`.
pub fn environments() -> impl Iterator<Item = &'static str> {
    ENVIRONMENTS.iter().filter_map(|(name, _)| name.strip_suffix(".yaml"))
}

/// A plugin that the binary carries.
#[derive(Debug)]
pub struct BuiltIn {
    /// Its name, which is also that of its section.
    pub name: &'static str,
    /// The component as it was built.
    pub component: &'static [u8],
    /// What `render precompile` made of that component, in a distribution build.
    pub compiled: Option<&'static [u8]>,
}

/// A built-in plugin, by its name.
#[must_use]
pub fn plugin(name: &str) -> Option<&'static BuiltIn> {
    PLUGINS.iter().find(|plugin| plugin.name == name)
}

/// The names of the built-in plugins.
pub fn plugins() -> impl Iterator<Item = &'static str> {
    PLUGINS.iter().map(|plugin| plugin.name)
}

fn find(files: &'static [(&str, &str)], name: &str) -> Option<&'static str> {
    files.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
}
