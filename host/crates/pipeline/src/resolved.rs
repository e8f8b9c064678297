//! The stage that adds derived values. Templates make objects of the result, plugins and patches change objects by it.

use render_platform::facts;
use render_platform::resolve;
use render_platform::values::Values;
use render_rules as rules;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::options::{Options, without_errors};
use crate::valid::{Inputs, Valid};

/// Values with their derived values.
#[derive(Debug)]
pub struct Resolved {
    /// The values.
    pub values: Values,
    /// Findings about the derived values, then those of the rules on values.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) inputs: Inputs,
}

impl Valid {
    /// Adds the values that follow from others and from the facts of the cluster.
    ///
    /// # Errors
    /// Facts that cannot be read; [`Failure::Internal`] when a derived value does not fit its type.
    pub fn resolve(self, options: Options, sources: &mut Sources) -> Result<Resolved, Failure> {
        let facts = facts::read(&self.facts, sources)?;
        let (values, findings) = resolve::resolve(self.values, &facts, options.facts)?;
        Ok(Resolved { values, findings, inputs: self.inputs })
    }
}

impl Resolved {
    /// Runs the rules that read values.
    ///
    /// # Errors
    /// [`Failure::Input`] with all findings when an error that counts is among them.
    pub(crate) fn check(self) -> Result<Self, Failure> {
        let findings = without_errors(rules::check_values(&self.values, self.findings))?;
        Ok(Self { findings, ..self })
    }
}
