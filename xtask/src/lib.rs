//! Developer commands that cargo alone cannot do: each a file. A library too, so that the host's tests can ask whether
//! the committed plugins are those of the sources.

#[cfg(feature = "bench")]
pub mod bench;
pub mod bless;
pub mod dist;
pub mod fuzz;
pub mod hostile;
pub mod plugins;
pub mod schemas;
pub mod stamp;
