//! `render argocd`: a config management plugin of Argo CD.

mod parameters;

use std::process::ExitCode;

use render_pipeline::emit;
use render_pipeline::load::{Request, Set};
use render_pipeline::merged::Merged;
use render_pipeline::options::Options;
use render_platform::values;
use render_plugins::open::Runtime;
use render_schema::api::version::Version;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::render;
use crate::args::RenderArgs;
use crate::args::plugin::RootArgs;
use crate::surroundings::variable;

/// Announces the parameters of an application to Argo CD.
pub(super) fn announce(root: &RootArgs, sources: &mut Sources) -> Result<(), Failure> {
    let request = Request { roots: root.roots().or_repository()?, ..Request::default() };
    let merged = Merged::load(&request, &Runtime::default(), sources)?;
    let defaults = merged.validate(sources)?.resolve(Options::default(), sources)?.values;
    emit::stdout(&format!("{:#}\n", parameters::parameters(values::schema::described()?, &defaults.json)))
}

/// Renders an application of Argo CD, for the Kubernetes that it goes to where this program knows that version.
pub(super) fn generate(arguments: &RenderArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let mut request = arguments.input.request();
    request.roots = request.roots.or_repository()?;
    let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
    if let Some(version) = text("KUBE_VERSION").and_then(|version| Version::parse(&version).ok()) {
        request.sets.insert(0, Set::kubernetes_version("KUBE_VERSION", version));
    }
    if let Some(filled_in) = text(parameters::PARAMETERS) {
        parameters::fill_in(&mut request, &filled_in)?;
    }
    render::one(&request, arguments, sources)
}
