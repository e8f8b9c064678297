//! What is known of a LiveKit media platform: the types of its values, their defaults and schemas, values that follow from
//! others, facts of a cluster, templates, and the phases of applying.

pub mod facts;
pub mod phase;
pub mod resolve;
pub mod templates;
pub mod values;
