//! Findings for programs: one JSON document, whose shape schemas/findings.json describes.

use super::Document;

/// The document as text.
pub(super) fn text(document: &Document) -> String {
    // The document has text keys and no numbers but integers, so it always has a form in JSON.
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
