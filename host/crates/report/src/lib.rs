//! What was found, in the form that the reader asked for: a person, a program, or the service that shows
//! findings beside the code. Every form says the same, in the same order, and none holds a secret.

mod excerpt;
mod finding;
mod github;
mod human;
mod json;
pub mod plain;
mod sarif;
mod summary;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use render_text::diagnostic::{Diagnostic, Severity};
use render_text::source::Sources;

pub use self::finding::{Document, Finding};
pub use self::human::human;
pub use self::plain::clean;
pub use self::summary::{Coverage, Summary, counted};

pub(crate) use render_text::mask::MASK;

/// For whom findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MessageFormat {
    /// For a person: excerpts of the files, with what is wrong and what to do.
    #[default]
    Human,
    /// One JSON document, described by schemas/findings.json.
    Json,
    /// One SARIF 2.1.0 document, for services that show findings beside the code.
    Sarif,
    /// Workflow commands of GitHub Actions, which become annotations.
    Github,
}

impl MessageFormat {
    /// Whether the output is one document, to which nothing can be added.
    #[must_use]
    pub fn is_document(self) -> bool {
        match self {
            Self::Human | Self::Github => false,
            Self::Json | Self::Sarif => true,
        }
    }
}

/// Whether the reader is a terminal that knows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Text and nothing else.
    Plain,
    /// Text with ANSI colours.
    Colored,
}

/// How findings are written.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// For whom.
    pub format: MessageFormat,
    /// With or without colours.
    pub style: Style,
    /// Describes the rules that a format for programs explains beside the findings.
    pub rules: fn() -> Vec<Rule>,
}

/// A rule as a report describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Its code, as in `LK012`.
    pub code: &'static str,
    /// How much a finding of it matters.
    pub severity: Severity,
    /// What it says, in a few words.
    pub title: &'static str,
    /// Why: what happens in a cluster otherwise.
    pub why: &'static str,
}

/// Findings and what they add up to, as one text. What is silenced is heard only by programs, and by people in
/// the summary.
#[must_use]
pub fn text(found: &[Diagnostic], summary: &Summary, sources: &Sources, form: Form) -> String {
    let Form { format, style, rules } = form;
    match format {
        MessageFormat::Human => human(&heard(found), sources, style),
        MessageFormat::Github => github::text(&Document::new(&heard(found), summary, sources)),
        MessageFormat::Json => json::text(&Document::new(found, summary, sources)),
        MessageFormat::Sarif => sarif::text(&Document::new(found, summary, sources), &rules()),
    }
}

/// The report of `render check`: the findings, and for people their sum in words.
#[must_use]
pub fn checked(found: &[Diagnostic], summary: &Summary, sources: &Sources, form: Form) -> String {
    let findings = text(found, summary, sources, form);
    let gap = if findings.is_empty() { "" } else { "\n" };
    match form.format {
        MessageFormat::Human => format!("{findings}{gap}{}", summary.text(sources)),
        MessageFormat::Github => findings + &summary.text(sources),
        MessageFormat::Json | MessageFormat::Sarif => findings,
    }
}

/// The JSON Schema of what `--message-format json` prints.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Document>().to_value()
}

fn heard(found: &[Diagnostic]) -> Vec<Diagnostic> {
    found.iter().filter(|finding| finding.silenced.is_none()).cloned().collect()
}

/// Findings in the order of their places, those without a place last.
fn ordered(found: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut found: Vec<_> = found.iter().collect();
    sort(&mut found);
    found
}

fn sort(found: &mut [&Diagnostic]) {
    found.sort_by_key(|finding| (finding.place.is_none(), finding.place));
}
