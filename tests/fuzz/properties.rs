//! Properties that hold for any input, one file a target. The fuzzer looks for an input that breaks one; the ordinary
//! test suite runs the same functions over every seed and over all that the fuzzer ever found.

/// Changes of plugins, against permissions.
pub mod apply;
/// What bytes choose.
mod choices;
/// Components, opened, compiled and called.
pub mod component;
/// Lock files, read and written.
pub mod lock;
/// Layers, merged, beside another implementation of RFC 7386.
pub mod merge;
/// Patches of the user's own, applied.
pub mod patches;
/// What a registry answers.
pub mod registry;
/// Environments, from values to manifests.
pub mod render;
/// `--set` and its relatives.
pub mod set;
/// Templates of the user's own, with values.
pub mod template;
/// YAML, read and written.
pub mod yaml;

use ::render_report::{Style, human};
use ::render_text::diagnostic::Diagnostic;
use ::render_text::source::Sources;

/// What is found can be told: a message that panics tells nobody, and one that is empty tells nothing.
fn told(found: &[Diagnostic], sources: &Sources) {
    assert!(!found.is_empty(), "refused without a word");
    let text = human(found, sources, Style::Plain);
    assert!(text.starts_with("error") || text.starts_with("warning"), "{text}");
}
