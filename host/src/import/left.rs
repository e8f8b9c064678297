//! What is left to do with an imported environment: it is rendered, what its rules find is told, and what runs is held
//! against it.

use crate::diagnostic::{Diagnostic, Failure};
use crate::facts::Facts;
use crate::load::Request;
use crate::manifest::ManifestSet;
use crate::node::Node;
use crate::plugins::open::Sandbox;
use crate::progress::Progress;
use crate::source::{SourceId, Sources};
use crate::templates;
use crate::{resolve, validate};

use super::identity::Identity;
use super::running::Running;
use super::{as_warning, layer, orphans, unreadable};

/// Everything that is left to do.
///
/// # Errors
/// A selector that would change; [`Failure::Internal`] when the text is no environment file.
pub(super) fn look(
    text: SourceId,
    (running, identity): (Option<&Running>, &Identity),
    sandbox: &Sandbox,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Failure> {
    let layer = layer(text, sources)?;
    let objects = objects(layer.clone(), sandbox, sources)?;
    let mut found = Vec::new();
    if let Some(running) = running {
        let changed = orphans::other_selectors(running, &objects, identity);
        if !changed.is_empty() {
            return Err(changed.into());
        }
        found.extend(orphans::find(running, &objects, identity));
    }
    let rendered = crate::render_with(&Request::default(), Some(layer), sandbox, sources, &mut Progress::default());
    let left = match rendered {
        Ok(rendered) => rendered.findings,
        Err(Failure::Input(found)) => found,
        Err(failure) => return Err(failure),
    };
    found.extend(left.into_iter().filter(|finding| finding.silenced.is_none()).map(as_warning));
    Ok(found)
}

/// The objects of the environment, whatever its rules say of it: also what is not complete yet names what it renders.
fn objects(layer: Node, sandbox: &Sandbox, sources: &mut Sources) -> Result<ManifestSet, Failure> {
    let (loaded, provider, environment) = crate::written(&Request::default(), Some(layer), sandbox, sources)?;
    let sections = provider.sections(&environment);
    let values = validate::validate(environment, &sections, sources).map_err(|failure| match failure {
        Failure::Input(found) => unreadable(found),
        failure @ Failure::Internal(_) => failure,
    })?;
    let (values, _) = resolve::resolve(values, &Facts::default(), None)?;
    let Ok(manifests) = templates::render(&values, &loaded.templates, sources) else {
        return Ok(ManifestSet::default());
    };
    match provider.transform(&values, &sections, manifests.clone(), sandbox) {
        Ok(changed) => Ok(changed.manifests),
        Err(Failure::Input(_)) => Ok(manifests),
        Err(failure) => Err(failure),
    }
}
