//! `render rules`: every rule with its reason.

use render_rules::{self as rules, Rule};
use render_text::diagnostic::Severity;

/// The rules, by code.
#[must_use]
pub(super) fn text() -> String {
    let severity = |severity| if severity == Severity::Error { "error" } else { "warning" };
    let rule = |rule: &Rule| format!("{} ({}) {}\n  {}\n", rule.code, severity(rule.severity), rule.title, rule.why);
    rules::all().into_iter().map(rule).collect::<Vec<_>>().join("\n")
}
