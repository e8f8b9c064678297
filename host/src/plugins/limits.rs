//! How much one plugin may use. Every number is a constant with its reason; each breach is told with
//! the number that was passed.

/// The limits of one call and of the component it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory and tables of one call together, in bytes.
    pub memory_bytes: usize,
    /// Units of fuel of one call, instantiation included: about one for each instruction, and one
    /// for each byte that a bulk memory instruction moves. The same call always uses the same.
    pub fuel: u64,
    /// Stack of one call, in bytes.
    pub stack_bytes: usize,
    /// Size of a component, in bytes, before it is compiled.
    pub component_bytes: usize,
    /// Size of a description, in bytes.
    pub description_bytes: usize,
    /// Size of an answer, in bytes, before it is copied out of the sandbox.
    pub response_bytes: usize,
    /// Changes in one answer.
    pub changes: usize,
    /// Manifests added by one answer.
    pub added: usize,
}

/// A request of 70 KB needs about 2 MiB of memory; an interpreter in the component needs 30.
pub const MEMORY_BYTES: usize = 64 << 20;
/// A call of the gke plugin uses 3 million; a loop reaches this in about a second.
pub const FUEL: u64 = 2_000_000_000;
/// What a thread surely has to spare, and enough for a recursive JSON parser.
pub const STACK_BYTES: usize = 512 << 10;
/// A Rust plugin is about 70 KB, one that brings an interpreter up to 18 MB.
pub const COMPONENT_BYTES: usize = 32 << 20;
/// A schema and defaults; the largest schema of the project itself is a tenth of it.
pub const DESCRIPTION_BYTES: usize = 256 << 10;
/// The manifests of a large cluster, several times.
pub const RESPONSE_BYTES: usize = 16 << 20;
/// A change has a reason that a person reads.
pub const CHANGES: usize = 1000;
/// As above; more is a chart of its own.
pub const ADDED: usize = 200;

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: MEMORY_BYTES,
            fuel: FUEL,
            stack_bytes: STACK_BYTES,
            component_bytes: COMPONENT_BYTES,
            description_bytes: DESCRIPTION_BYTES,
            response_bytes: RESPONSE_BYTES,
            changes: CHANGES,
            added: ADDED,
        }
    }
}

/// A number of bytes as a message shows it: whole units where it divides, else bytes.
#[must_use]
pub(super) fn bytes(count: usize) -> String {
    match count {
        0 => "0 bytes".to_owned(),
        _ if count.is_multiple_of(1 << 20) => format!("{} MiB", count >> 20),
        _ if count.is_multiple_of(1 << 10) => format!("{} KiB", count >> 10),
        _ => format!("{count} bytes"),
    }
}
