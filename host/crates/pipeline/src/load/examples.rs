//! The environments that the binary carries as examples. The list is made by build.rs from their folder.

use std::path::Path;

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// The text of an environment file, by its file name.
pub(super) fn environment(file: &Path) -> Option<&'static str> {
    let name = file.to_str()?;
    ENVIRONMENTS.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
}

/// Every environment file: its name without `.yaml`.
pub(super) fn environments() -> impl Iterator<Item = &'static str> {
    ENVIRONMENTS.iter().filter_map(|(name, _)| name.strip_suffix(".yaml"))
}
