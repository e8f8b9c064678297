//! The stage after validation: values with everything that follows from them. Objects are made of these, or changed by them.

use render_platform::templates;
use render_platform::values::Values;
use render_plugins::notes::Notes;
use render_rules as rules;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::objects::{Objects, Places};
use crate::options::without_errors;
use crate::stream::Stream;
use crate::valid::Inputs;

/// Values with what follows from them.
#[derive(Debug)]
pub struct Resolved {
    /// The values.
    pub values: Values,
    /// What the user should know of them.
    pub(crate) findings: Vec<Diagnostic>,
    pub(crate) inputs: Inputs,
}

impl Resolved {
    /// Runs the rules that read values.
    ///
    /// # Errors
    /// [`Failure::Input`] with all findings when an error that counts is among them.
    pub fn check(self) -> Result<Self, Failure> {
        let findings = without_errors(rules::check_values(&self.values, self.findings))?;
        Ok(Self { findings, ..self })
    }

    /// Makes objects of the values.
    ///
    /// # Errors
    /// As [`templates::render`].
    pub fn template(self, sources: &mut Sources) -> Result<Objects, Failure> {
        let Self { values, findings, inputs } = self;
        let manifests = templates::render(&values, &inputs.templates, sources)?;
        let (changes, notes) = (Vec::new(), Notes::default());
        Ok(Objects { manifests, values, inputs, places: Places::Templates, changes, notes, findings })
    }

    /// Takes the objects of another renderer, and adds those of the user's own templates. The values serve only the changes
    /// to come, so nothing that was found in them is told.
    ///
    /// # Errors
    /// As [`templates::render_own`]; an object that is in the stream already.
    pub fn change(self, stream: Stream, sources: &mut Sources) -> Result<Objects, Failure> {
        let Self { values, inputs, .. } = self;
        let mut manifests = stream.manifests.clone();
        for own in templates::render_own(&values, &inputs.templates, sources)?.iter() {
            manifests.push(own.value.clone(), &own.origin)?;
        }
        let (changes, notes, findings) = (Vec::new(), Notes::default(), Vec::new());
        Ok(Objects { manifests, values, inputs, places: Places::Stream(stream), changes, notes, findings })
    }
}
