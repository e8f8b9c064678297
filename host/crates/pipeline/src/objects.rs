//! The stages that change objects: plugins, then the user's patches, then checksums.

use render_objects::manifest::ManifestSet;
use render_objects::seal;
use render_platform::phase;
use render_platform::values::Values;
use render_plugins::notes::Notes;
use render_plugins::open::Runtime;
use render_text::diagnostic::{Diagnostic, Failure};

use crate::checked::Sealed;
use crate::patches;
use crate::provenance::Change;
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
    /// What the plugins know to be left to do.
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
    pub fn patch(mut self) -> Result<Self, Failure> {
        let patched = patches::apply(self.manifests, &self.values)?;
        self.changes.extend(patched.changes);
        Ok(Self { manifests: patched.manifests, ..self })
    }

    /// Writes what depends on the finished objects. Those of another renderer stay as they are.
    #[must_use]
    pub fn seal(self) -> Sealed {
        let Self { manifests, values, inputs, places, changes, notes, findings } = self;
        let manifests = match places {
            Places::Templates => phase::in_waves(seal::seal(manifests), &values.platform),
            Places::Stream(_) => manifests,
        };
        let Inputs { version, custom, templates, .. } = inputs;
        let nodes = values.platform.cluster.node_pool.total_max_node_count;
        let values = Some((values, templates));
        Sealed { manifests, values, version, custom, nodes, places, changes, notes, findings }
    }
}
