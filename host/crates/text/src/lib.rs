//! Texts and what is known of them: sources and places, trees whose values know what set them, YAML in and out, what may
//! not be shown, and diagnostics.

pub mod diagnostic;
pub mod hex;
pub mod mask;
pub mod node;
pub mod resource;
pub mod source;
pub mod suggest;
pub mod yaml;
