//! The stages that make and change objects: templates or the stream of another renderer, plugins, then the user's patches.

use render_objects::manifest::ManifestSet;
use render_platform::templates;
use render_platform::values::Values;
use render_plugins::notes::Notes;
use render_plugins::open::Runtime;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::patches;
use crate::provenance::Change;
use crate::resolved::Resolved;
use crate::stream::Stream;
use crate::valid::Inputs;

/// Objects on their way, and the values that change them.
#[derive(Debug)]
pub struct Objects {
    pub(crate) manifests: ManifestSet,
    pub(crate) values: Values,
    pub(crate) inputs: Inputs,
    pub(crate) places: Places,
    /// Every change by a plugin or a patch, in order.
    pub(crate) changes: Vec<Change>,
    /// The notes of the plugins.
    pub(crate) notes: Notes,
    pub(crate) findings: Vec<Diagnostic>,
}

/// Where the fields of objects were written.
#[derive(Debug)]
pub(crate) enum Places {
    /// In templates, which are rendered once more with marks when a finding asks.
    Templates,
    /// In a stream of another renderer.
    Stream(Stream),
}

impl Resolved {
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
    pub(crate) fn change(self, stream: Stream, sources: &mut Sources) -> Result<Objects, Failure> {
        let Self { values, inputs, .. } = self;
        let mut manifests = stream.manifests.clone();
        for own in templates::render_own(&values, &inputs.templates, sources)?.iter() {
            manifests.push(own.value.clone(), &own.origin)?;
        }
        let (changes, notes, findings) = (Vec::new(), Notes::default(), Vec::new());
        Ok(Objects { manifests, values, inputs, places: Places::Stream(stream), changes, notes, findings })
    }
}

impl Objects {
    /// The objects.
    #[must_use]
    pub fn manifests(&self) -> &ManifestSet {
        &self.manifests
    }

    /// The objects alone.
    #[must_use]
    pub fn into_manifests(self) -> ManifestSet {
        self.manifests
    }

    /// Asks the plugins for their changes, and applies those that were granted.
    ///
    /// # Errors
    /// Mistakes that a plugin finds in the values, and whatever is wrong with its answer.
    pub fn transform(mut self, runtime: &Runtime) -> Result<Self, Failure> {
        let Inputs { plugins, sections, .. } = &self.inputs;
        let changed = plugins.transform(&self.values, sections, self.manifests, runtime)?;
        self.findings.extend(changed.warnings);
        self.changes.extend(changed.changes);
        Ok(Self { manifests: changed.manifests, notes: changed.notes, ..self })
    }

    /// Applies the user's patches.
    ///
    /// # Errors
    /// As [`patches::apply`].
    pub(crate) fn patch(mut self) -> Result<Self, Failure> {
        let patched = patches::apply(self.manifests, &self.values)?;
        self.changes.extend(patched.changes);
        Ok(Self { manifests: patched.manifests, ..self })
    }
}
