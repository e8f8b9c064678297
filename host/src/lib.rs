//! `render`: from a schema-checked environment file to a complete, checked Kubernetes manifest set.

pub mod diagnostic;
pub mod node;
pub mod set;
pub mod source;
pub mod yaml;
