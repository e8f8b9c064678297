//! What a user may write: the values as types, from which the published schema is made.

pub mod livekit_config;
