//! What is left to do with an imported environment: it is rendered, what its rules find is told, and what runs is held
//! against it.

use render_objects::manifest::ManifestSet;
use render_pipeline::merged::Merged;
use render_pipeline::options::Options;
use render_pipeline::{Origin, run};
use render_plugins::open::Runtime;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::Node;
use render_text::source::{SourceId, Sources};

use super::identity::Identity;
use super::running::Running;
use super::{as_warning, layer, orphans, request, unreadable};

/// Everything that is left to do.
///
/// # Errors
/// A selector that would change; [`Failure::Internal`] when the text is no environment file.
pub(super) fn look(
    text: SourceId,
    (running, identity): (Option<&Running>, &Identity),
    runtime: &Runtime,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Failure> {
    let layer = layer(text, sources)?;
    let objects = objects(layer.clone(), runtime, sources)?;
    let mut found = Vec::new();
    if let Some(running) = running {
        let changed = orphans::other_selectors(running, &objects, identity);
        if !changed.is_empty() {
            return Err(changed.into());
        }
        found.extend(orphans::find(running, &objects, identity));
    }
    let left = match run(&request(layer), Origin::Templates, Options::default(), runtime, sources).result {
        Ok(checked) => checked.findings,
        Err(Failure::Input(found)) => found,
        Err(failure) => return Err(failure),
    };
    found.extend(left.into_iter().filter(|finding| finding.silenced.is_none()).map(as_warning));
    Ok(found)
}

/// The objects of the environment, whatever its rules say of it: also what is not complete yet names what it renders.
fn objects(layer: Node, runtime: &Runtime, sources: &mut Sources) -> Result<ManifestSet, Failure> {
    let merged = Merged::load(&request(layer), runtime, sources)?;
    let valid = merged.validate(sources).map_err(|failure| match failure {
        Failure::Input(found) => unreadable(found),
        failure @ Failure::Internal(_) => failure,
    })?;
    let Ok(objects) = valid.resolve(Options::default(), sources)?.template(sources) else {
        return Ok(ManifestSet::default());
    };
    let before = objects.manifests().clone();
    match objects.transform(runtime) {
        Ok(changed) => Ok(changed.into_manifests()),
        Err(Failure::Input(_)) => Ok(before),
        Err(failure) => Err(failure),
    }
}
