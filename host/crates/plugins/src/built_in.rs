//! The plugins that the binary carries. The list is made by build.rs from their folder, so that adding a plugin there is
//! all there is to adding one.

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

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
pub fn names() -> impl Iterator<Item = &'static str> {
    PLUGINS.iter().map(|plugin| plugin.name)
}
