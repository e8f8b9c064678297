//! The program as its user meets it: every test of the workspace in one binary, so that it is linked once.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test reads its fixtures, and a panic is how it fails"
)]

/// Builds components from a few lines of WebAssembly text.
mod component;
/// Plugins that misbehave, and the whole message that each of them earns.
mod hostile;
/// Paths with selectors, and what is said when they lead nowhere.
mod patch;
/// Plugins that behave: what they are shown, what becomes of their changes, and where their code comes from.
mod plugins;
