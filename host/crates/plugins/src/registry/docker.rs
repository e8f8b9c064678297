//! The file in which `docker login` keeps credentials.

use std::path::{Path, PathBuf};

use render_files::{By, Roots};

/// How long the file may be; it has some hundred bytes for each registry.
const MAX_BYTES: usize = 1 << 20;

/// The file, if it is one that may be read: a regular file.
#[expect(clippy::disallowed_methods, reason = "the variables are those of docker, for its own file")]
pub(super) fn config() -> Option<Vec<u8>> {
    let below_home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".docker"));
    let folder = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from).or_else(below_home)?;
    Roots::default().read(&folder.join("config.json"), By::Other, MAX_BYTES).ok()
}
