//! The base of all crates: sources and places, trees whose values know their origins, YAML in and out, masking, and
//! diagnostics.

pub mod diagnostic;
pub mod hex;
pub mod mask;
pub mod node;
pub mod resource;
pub mod source;
pub mod suggest;
pub mod yaml;
