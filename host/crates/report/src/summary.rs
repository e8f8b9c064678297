//! What findings add up to: how much was looked at, how much was found, and what the environment silences.

use schemars::JsonSchema;
use serde::Serialize;

use render_text::diagnostic::{Diagnostic, Severity};
use render_text::source::Sources;

use super::plain::clean;

/// What the findings add up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Errors that are not silenced.
    pub errors: usize,
    /// Warnings that are not silenced.
    pub warnings: usize,
    /// What the environment silences, by code.
    pub silenced: Vec<Silenced>,
    /// How much `render check` looked at; other commands do not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked: Option<Coverage>,
}

/// Findings of one rule that the environment silences.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Silenced {
    /// The rule's code.
    pub code: String,
    /// How many.
    pub count: usize,
    /// Why, in the words of the environment.
    pub reason: String,
}

/// How much was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Coverage {
    /// How many environments, where a run has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environments: Option<usize>,
    /// How many finished objects.
    pub objects: usize,
    /// How many rules.
    pub rules: usize,
    /// How many more rules there are, which read the values that manifests alone do not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules_on_values: Option<usize>,
    /// What was not looked at, because of errors before it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
}

impl Summary {
    /// The sum of findings.
    #[must_use]
    pub fn new(found: &[Diagnostic], checked: Option<Coverage>) -> Self {
        let count = |severity| {
            found.iter().filter(|finding| finding.severity == severity && finding.silenced.is_none()).count()
        };
        Self { errors: count(Severity::Error), warnings: count(Severity::Warning), silenced: silenced(found), checked }
    }

    /// The sum in words, one line or a few.
    #[must_use]
    pub(crate) fn text(&self, sources: &Sources) -> String {
        let silenced: usize = self.silenced.iter().map(|silenced| silenced.count).sum();
        let found =
            format!("{}, {}, {silenced} silenced", counted(self.errors, "error"), counted(self.warnings, "warning"));
        let mut lines = match &self.checked {
            Some(checked) => checked.lines(&found),
            None => vec![found],
        };
        let one = |silenced: &Silenced| format!("silenced {} ({}): {}", silenced.code, silenced.count, silenced.reason);
        lines.extend(self.silenced.iter().map(one));
        lines.iter().map(|line| clean(line, sources) + "\n").collect()
    }

    /// The same with texts that are fit for showing.
    pub(super) fn cleaned(&self, sources: &Sources) -> Self {
        let mut cleaned = self.clone();
        cleaned.silenced.iter_mut().for_each(|silenced| silenced.reason = clean(&silenced.reason, sources));
        cleaned
    }
}

impl Coverage {
    fn lines(&self, found: &str) -> Vec<String> {
        let rules = counted(self.rules, "rule");
        let several = self.environments.map_or_else(String::new, |count| counted(count, "environment") + ", ");
        let mut lines = vec![format!("{several}{}, {rules}: {found}", counted(self.objects, "object"))];
        let values = self.rules_on_values.filter(|more| *more > 0);
        let more = |more| format!("{}, which manifests alone do not have", reading(more));
        lines.extend(values.map(more));
        if !self.waiting.is_empty() {
            lines.push(format!("the later checks wait until these errors are mended: {}", self.waiting.join(", ")));
        }
        lines
    }
}

fn silenced(found: &[Diagnostic]) -> Vec<Silenced> {
    let mut all: Vec<Silenced> = Vec::new();
    for finding in found {
        let (Some(code), Some(reason)) = (finding.code, &finding.silenced) else { continue };
        match all.iter_mut().find(|other| other.code == code && other.reason == *reason) {
            Some(same) => same.count += 1,
            None => all.push(Silenced { code: code.to_owned(), count: 1, reason: reason.clone() }),
        }
    }
    all.sort_by(|one, other| one.code.cmp(&other.code));
    all
}

/// How many of something, in words: `1 error`, `2 errors`.
#[must_use]
pub fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn reading(rules: usize) -> String {
    if rules == 1 { "1 more rule reads values".to_owned() } else { format!("{rules} more rules read values") }
}
