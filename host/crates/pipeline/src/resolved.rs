//! The stage after validation: values with everything that follows from them. Objects are made of these, or changed by them.

use render_platform::facts;
use render_platform::resolve;
use render_platform::values::Values;
use render_rules as rules;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::options::{Options, without_errors};
use crate::valid::{Inputs, Valid};

/// Values with what follows from them.
#[derive(Debug)]
pub struct Resolved {
    /// The values.
    pub values: Values,
    /// What the user should know of them.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) inputs: Inputs,
}

impl Valid {
    /// Adds what follows from the values and from the facts of the cluster.
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
