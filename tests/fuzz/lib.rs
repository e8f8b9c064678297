//! The properties as a crate, for the fuzzer. The ordinary test suite has the same files as a module.

mod properties;

pub use self::properties::*;
