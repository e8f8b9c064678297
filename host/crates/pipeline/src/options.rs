//! The policy of a run: whether a warning counts as an error, and whether facts may be missing.

use render_platform::facts::Need;
use render_text::diagnostic::{Diagnostic, Failure, Severity};

/// The options of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// How a warning counts.
    pub warnings: Warnings,
    /// Whether facts of the cluster may be missing.
    pub facts: Need,
}

/// How a warning counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Warnings {
    /// A warning.
    #[default]
    Told,
    /// An error, as `--strict` asks.
    Denied,
}

impl Options {
    /// The findings as they count.
    #[must_use]
    pub fn counted(self, findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
        match self.warnings {
            Warnings::Told => findings,
            Warnings::Denied => {
                findings.into_iter().map(|finding| Diagnostic { severity: Severity::Error, ..finding }).collect()
            }
        }
    }

    /// The findings of a run that may go on.
    ///
    /// # Errors
    /// [`Failure::Input`] with all findings when an error that counts is among them.
    pub(crate) fn passed(self, findings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Failure> {
        let findings = without_errors(findings)?;
        if findings.iter().all(|finding| finding.silenced.is_some()) {
            return Ok(findings);
        }
        without_errors(self.counted(findings))
    }
}

/// The exit status of a command that prints findings as its output.
#[must_use]
pub fn status(findings: &[Diagnostic]) -> u8 {
    u8::from(!findings.iter().all(Diagnostic::is_bearable))
}

/// The findings, if no error that counts is among them.
///
/// # Errors
/// [`Failure::Input`] with all findings otherwise.
pub(crate) fn without_errors(findings: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Failure> {
    if findings.iter().all(Diagnostic::is_bearable) { Ok(findings) } else { Err(Failure::Input(findings)) }
}
