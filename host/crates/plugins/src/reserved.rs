//! The keys of the values that are the program's own, which no plugin can have as its name.

include!(concat!(env!("OUT_DIR"), "/reserved.rs"));

/// Whether a key at the top of the values is the program's own.
pub(super) fn is_own(key: &str) -> bool {
    KEYS.contains(&key)
}

/// Whether an environment file has a key of this name at its top.
pub(super) fn is_taken(key: &str) -> bool {
    key == "extends" || is_own(key)
}
