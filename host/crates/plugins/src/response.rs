//! A plugin's answer: the JSON that `schemas/plugin-response.json` describes. An unknown member is an
//! error, because what the host does not understand it cannot do.

use serde::Deserialize;
use serde_json::Value;

use render_objects::manifest::Target;
use render_objects::patch::Operation;
use render_text::diagnostic::Diagnostic;

use super::notes::{Notes, Text};

/// Everything a plugin may answer.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Response {
    /// What it changes, in order.
    pub changes: Vec<Change>,
    /// What is wrong with the values; nothing is rendered.
    pub mistakes: Vec<Finding>,
    /// What is doubtful.
    pub warnings: Vec<Finding>,
    /// What a person has to do elsewhere.
    pub notes: Notes,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Change {
    /// One more manifest.
    Add {
        /// The whole object.
        manifest: Value,
        /// Why, for whoever reads the output.
        reason: Text,
    },
    /// Other contents of a manifest.
    Patch {
        /// Which.
        target: Target,
        /// How.
        patch: Vec<Operation>,
        /// Why.
        reason: Text,
    },
    /// One manifest less.
    Remove {
        /// Which.
        target: Target,
        /// Why.
        reason: Text,
    },
}

/// A mistake or a warning.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The value it is about, as a JSON Pointer into the values.
    pub path: Text,
    /// What is wrong.
    pub message: Text,
    /// What to do.
    #[serde(default)]
    pub hint: Option<Text>,
}

/// Reads an answer.
///
/// # Errors
/// When it is not JSON, or not of this shape; with line and column of the answer.
pub fn parse(answer: &str) -> Result<Response, Diagnostic> {
    serde_json::from_str(answer).map_err(|error| {
        Diagnostic::error(format!("its answer is not what the contract allows: {error}")).hint(
            "the line and column are of the answer; a plugin built for a newer render may say more than this one knows",
        )
    })
}
