//! A finding as programs read it: places are files, lines and columns, and every text is fit for showing.

use schemars::JsonSchema;
use serde::Serialize;

use render_text::diagnostic::{About, Diagnostic, Severity};
use render_text::resource::ResourceId;
use render_text::source::{Place, Sources};

use super::plain::{clean, word};
use super::summary::Summary;

/// What `--message-format json` prints: everything that was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(title = "Findings of render")]
pub struct Document {
    /// What was found, in the order of the places; what has no place comes last.
    pub findings: Vec<Finding>,
    /// What the findings add up to.
    pub summary: Summary,
}

/// One finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Whether it stops the run.
    pub severity: Level,
    /// The code of the rule that found it, as in LK012; `render rules` lists them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Where it is.
    #[serde(flatten)]
    pub location: Option<Location>,
    /// Other places that take part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The object that it is about, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// Why the environment silences it; such a finding is no failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silenced: Option<String>,
    /// The environments in which it was found, where a run has several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<String>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The run fails.
    Error,
    /// The run fails only with `--strict`.
    Warning,
}

/// A range of characters in a file; lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The file as the command line or another file names it; `stdin`, and an option such as `--set`, where
    /// the text is no file's.
    pub file: String,
    /// The first line.
    pub line: usize,
    /// The first character of the range, as its number in its line.
    pub column: usize,
    /// The last line.
    pub end_line: usize,
    /// The first character behind the range, as its number in its line.
    pub end_column: usize,
}

/// A place that takes part in a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Related {
    /// What it has to do with it.
    pub message: String,
    /// Where it is.
    #[serde(flatten)]
    pub location: Location,
}

/// A Kubernetes object, and a field of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Object {
    /// Its API group; empty for the core group.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// The field, as a JSON Pointer (RFC 6901); empty for the object as a whole.
    pub path: String,
}

impl Document {
    /// The findings in order, as programs read them.
    pub(super) fn new(found: &[Diagnostic], summary: &Summary, sources: &Sources) -> Self {
        let findings = super::ordered(found).into_iter().map(|finding| Finding::new(finding, sources)).collect();
        Self { findings, summary: summary.cleaned(sources) }
    }
}

impl Finding {
    fn new(finding: &Diagnostic, sources: &Sources) -> Self {
        let shown = |text: &String| clean(text, sources);
        let related = |(place, role): &(Place, String)| Related {
            message: clean(role, sources),
            location: Location::new(*place, sources),
        };
        Self {
            severity: if finding.severity == Severity::Error { Level::Error } else { Level::Warning },
            code: finding.code.map(str::to_owned),
            message: shown(&finding.message),
            location: finding.place.map(|place| Location::new(place, sources)),
            related: finding.related.iter().map(related).collect(),
            help: finding.hint.as_ref().map(shown),
            object: finding.about.as_ref().map(|about| Object::new(about, sources)),
            silenced: finding.silenced.as_ref().map(shown),
            environments: finding.environments.iter().map(shown).collect(),
        }
    }
}

impl Location {
    fn new(place: Place, sources: &Sources) -> Self {
        let (line, column) = sources.line_column(place);
        let end = Place { start: place.end, ..place };
        let (end_line, end_column) = sources.line_column(end);
        Self { file: word(&sources.get(place.source).name), line, column, end_line, end_column }
    }
}

impl Object {
    fn new(About { object, pointer, .. }: &About, sources: &Sources) -> Self {
        let ResourceId { group, kind, namespace, name, .. } = object;
        let shown = |text: &str| clean(text, sources);
        Self {
            group: shown(group),
            kind: shown(kind),
            namespace: namespace.as_deref().map(shown),
            name: shown(name),
            path: shown(pointer),
        }
    }
}
