//! What one text may cost. Values files and YAML on stdin are hostile until proven otherwise, and a few
//! bytes of aliases can ask for more memory than there is.

/// How deep maps and lists may nest, aliases followed. Kubernetes objects stay below 40.
pub const MAX_DEPTH: usize = 64;
/// How many values one text may hold, the copies that anchors and aliases make included.
pub(crate) const MAX_NODES: usize = 1_000_000;
/// How many aliases one text may use.
pub(crate) const MAX_ALIASES: usize = 50_000;
/// How long one text may be, and how much text anchors and aliases may copy.
pub const MAX_BYTES: usize = 64 << 20;
/// How many mistakes of one text are told. Nobody reads more, and each is searched for in the text.
pub(crate) const MAX_MISTAKES: usize = 100;
