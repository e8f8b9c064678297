//! The choices of options, whose comments are the help: each is the same as a choice of the pipeline.

use clap::ValueEnum;

use render_pipeline::emit;
use render_pipeline::notes;
use render_platform::phase;
use render_report as report;

/// For whom findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
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

impl From<MessageFormat> for report::MessageFormat {
    fn from(format: MessageFormat) -> Self {
        match format {
            MessageFormat::Human => Self::Human,
            MessageFormat::Json => Self::Json,
            MessageFormat::Sarif => Self::Sarif,
            MessageFormat::Github => Self::Github,
        }
    }
}

/// How manifests are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// A YAML stream, as kubectl reads it.
    #[default]
    Yaml,
    /// One JSON List, as kubectl reads it.
    Json,
}

impl From<Format> for emit::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Yaml => Self::Yaml,
            Format::Json => Self::Json,
        }
    }
}

/// How notes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum NotesFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// A terraform.tfvars.json.
    Tfvars,
}

impl From<NotesFormat> for notes::NotesFormat {
    fn from(format: NotesFormat) -> Self {
        match format {
            NotesFormat::Text => Self::Text,
            NotesFormat::Json => Self::Json,
            NotesFormat::Tfvars => Self::Tfvars,
        }
    }
}

/// A phase of applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Phase {
    /// Namespaces, and what brings new kinds.
    Bootstrap,
    /// What operators read: issuers, stores of secrets, gateways.
    Platform,
    /// Everything else.
    App,
}

impl From<Phase> for phase::Phase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Bootstrap => Self::Bootstrap,
            Phase::Platform => Self::Platform,
            Phase::App => Self::App,
        }
    }
}
