//! `render`: from a schema-checked environment file to a complete, checked Kubernetes manifest set.

pub mod diagnostic;
pub mod manifest;
pub mod node;
pub mod patch;
pub mod plugins;
pub mod source;
