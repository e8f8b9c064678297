//! The templates of the platform: from values to manifests.

mod expansion;
mod functions;

use indexmap::IndexMap;

use render_objects::manifest::ManifestSet;
use render_objects::stream::Written;
use render_template::{self as template, Input, Library};
use render_text::diagnostic::Found;
use render_text::source::{SourceId, Sources};

use crate::values::Values;

// `TEMPLATES`: every file below templates/, made by build.rs.
include!(concat!(env!("OUT_DIR"), "/templates.rs"));

static LIBRARY: Library = Library::new(TEMPLATES, functions::add);

/// Renders every template of the program, then the user's own.
///
/// # Errors
/// As [`template::render`].
pub fn render(values: &Values, own: &IndexMap<String, SourceId>, sources: &mut Sources) -> Found<ManifestSet> {
    template::render(&input(values, own), sources)
}

/// Renders the user's own templates alone, to go beside manifests of another renderer.
///
/// # Errors
/// As [`template::render_own`].
pub fn render_own(values: &Values, own: &IndexMap<String, SourceId>, sources: &mut Sources) -> Found<ManifestSet> {
    template::render_own(&input(values, own), sources)
}

/// The objects of all templates with the places that each field was written at.
pub fn written(values: &Values, own: &IndexMap<String, SourceId>, sources: &mut Sources) -> Written {
    template::written(&input(values, own), sources)
}

fn input<'a>(values: &'a Values, own: &'a IndexMap<String, SourceId>) -> Input<'a> {
    Input { library: &LIBRARY, tree: &values.tree, json: &values.json, wanted: &values.platform.templates, own }
}
