//! Plugins: WebAssembly components that import nothing, get the values and some manifests as JSON and
//! answer with changes. They are read ([`description`]) and compiled ([`open`]) apart, run in a sandbox
//! with limits ([`sandbox`]), and each change is checked against what was granted ([`apply`]).
//!
//! The order of work: [`open::open`] for each plugin before the values are validated, because its
//! description brings a schema and defaults; then one [`transform::transform`] for each environment.

use std::borrow::Cow;
use std::sync::Arc;

use render_text::diagnostic::Diagnostic;

pub mod apply;
pub mod built_in;
mod cache;
mod code;
pub mod description;
mod grants;
pub mod limits;
pub mod lock;
pub mod notes;
pub mod open;
pub mod registry;
mod reserved;
pub mod response;
pub mod sandbox;
mod shape;
pub mod signature;
pub mod store;
pub mod transform;
mod watchdog;

/// A plugin whose description was read. It is compiled when it is first called.
#[derive(Debug)]
pub struct Plugin {
    /// What it says of itself.
    pub description: description::Description,
    /// How much it may use.
    pub limits: limits::Limits,
    /// The exported interface, with the version it was built for.
    export: String,
    /// The component as it was built.
    bytes: Arc<Cow<'static, [u8]>>,
    /// What [`open::precompile`] made of it, if the binary carries that.
    precompiled: Option<&'static [u8]>,
}

impl Plugin {
    /// The name of the interface that it exports, with the version it was built for.
    #[must_use]
    pub fn export(&self) -> &str {
        &self.export
    }

    /// The component as it was built.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The most bytes of a message or a hint that a plugin causes: it may quote what the plugin wrote, megabytes of it.
const LONGEST: usize = 2000;

/// The same finding with the plugin named first, as in `plugin gke: ...`, and no longer than a person reads.
fn blame(plugin: &str, finding: Diagnostic) -> Diagnostic {
    let message = clipped(format!("plugin {plugin}: {}", finding.message));
    Diagnostic { message, hint: finding.hint.map(clipped), ..finding }
}

fn clipped(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let start = &text[..text.floor_char_boundary(LONGEST)];
    format!("{start}... and {} bytes more", text.len() - start.len())
}
