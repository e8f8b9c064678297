//! Manifests that something else rendered: they join the road of our own at the manifest set, to be checked,
//! or to be changed by plugins and patches and handed on.

use std::path::PathBuf;

use indexmap::IndexMap;
use serde_json::Value;

use crate::api::custom::Custom;
use crate::api::version::Version;
use crate::api::{self, Api};
use crate::diagnostic::{Diagnostic, Failure};
use crate::files::Roots;
use crate::load::{self, Request};
use crate::manifest::ManifestSet;
use crate::mask::objects;
use crate::node::Node;
use crate::plugins::open::Sandbox;
use crate::provider::Provider;
use crate::rules::{self, Finished};
use crate::source::{Place, SourceId, Sources};
use crate::stream::{self, Written};
use crate::templates;
use crate::values::Values;
use crate::{facts, patches, provenance, resolve, validate};

/// Manifests of another renderer, and what they cannot say themselves.
#[derive(Debug, Clone, Default)]
pub struct Foreign {
    /// Their files, folders of files, and `-` for stdin.
    pub files: Vec<PathBuf>,
    /// The most nodes that there can be for LiveKit.
    pub nodes: Option<u32>,
    /// The Kubernetes that they are for.
    pub kube_version: Option<Version>,
    /// Folders of CustomResourceDefinitions.
    pub schemas: Vec<PathBuf>,
    /// Where what lies in folders may lead.
    pub roots: Roots,
}

/// Manifests of another renderer, checked.
#[derive(Debug)]
pub struct Checked {
    /// The manifests.
    pub manifests: ManifestSet,
    /// Everything that is wrong with them.
    pub findings: Vec<Diagnostic>,
}

/// A stream of another renderer after the changes.
#[derive(Debug)]
pub struct PostRendered {
    /// The stream; what nobody changed is as it came.
    pub text: String,
    /// What is wrong with it, errors too.
    pub findings: Vec<Diagnostic>,
}

/// The checks of our own manifests for those that another renderer made.
///
/// # Errors
/// [`Failure::Input`] when they cannot be read.
pub fn check(foreign: &Foreign, sources: &mut Sources) -> Result<Checked, Failure> {
    let version = foreign.kube_version.unwrap_or(Version::DEFAULT);
    let schemas = load::manifests(&foreign.schemas, &foreign.roots, sources)?;
    let custom = api::custom::read(&schemas, version, sources)?;
    let (manifests, written, _) = read(&foreign.files, &foreign.roots, sources)?;
    let api = Api::new(version, custom, &manifests);
    let finished = Finished { manifests: &manifests, values: None, api: &api, nodes: foreign.nodes };
    let findings = provenance::located(rules::check_manifests(&finished, &[]), &manifests, &[], &written, sources);
    Ok(Checked { manifests, findings })
}

/// Changes the stream on stdin by the templates of the user's own, the plugins and the patches of an environment,
/// and checks what comes out. The values serve only these: no template of the program is rendered, so rules
/// about values are not asked.
///
/// # Errors
/// [`Failure::Input`] when the values or the stream cannot be read, or a change cannot be made.
pub fn post_render(request: &Request, sandbox: &Sandbox, sources: &mut Sources) -> Result<PostRendered, Failure> {
    stdin_is_free(request)?;
    let changes = Changes::read(request, None, sandbox, sources)?;
    let (before, written, texts) = read(&[PathBuf::from("-")], &request.roots, sources)?;
    let (after, findings) = changes.make(&before, &written, sandbox, sources)?;
    let stream: String = texts.into_iter().map(|text| sources.get(text).text.as_str()).collect();
    Ok(PostRendered { text: stream::rewrite(&stream, &before, &written, &after)?, findings })
}

/// What is to be done to manifests of another renderer: the values, and who reads them.
#[derive(Debug)]
pub(crate) struct Changes {
    values: Values,
    sections: IndexMap<String, Value>,
    provider: Provider,
    templates: IndexMap<String, SourceId>,
    version: Version,
    custom: Vec<Custom>,
}

impl Changes {
    /// Reads and validates the values, with one more layer over the files if there is one.
    pub(crate) fn read(
        request: &Request,
        layer: Option<Node>,
        sandbox: &Sandbox,
        sources: &mut Sources,
    ) -> Result<Self, Failure> {
        let (loaded, provider, environment) = crate::written(request, layer, sandbox, sources)?;
        let sections = provider.sections(&environment);
        let values = validate::validate(environment, &sections, sources)?;
        let version = values.kubernetes_version()?;
        let custom = api::custom::read(&loaded.schemas, version, sources)?;
        let facts = facts::read(&loaded.facts, sources)?;
        let (values, _) = resolve::resolve(values, &facts, request.phase)?;
        Ok(Self { values, sections, provider, templates: loaded.templates, version, custom })
    }

    /// The manifests after all changes, and what is wrong with them.
    pub(crate) fn make(
        self,
        before: &ManifestSet,
        written: &Written,
        sandbox: &Sandbox,
        sources: &mut Sources,
    ) -> Result<(ManifestSet, Vec<Diagnostic>), Failure> {
        let values = &self.values;
        let mut manifests = before.clone();
        for own in templates::render_own(values, &self.templates, sources)?.iter() {
            manifests.push(own.value.clone(), &own.origin)?;
        }
        let changed = self.provider.transform(values, &self.sections, manifests, sandbox)?;
        let patched = patches::apply(changed.manifests, values)?;
        let manifests = patched.manifests;
        let api = Api::new(self.version, self.custom, &manifests);
        let nodes = values.platform.cluster.node_pool.total_max_node_count;
        let finished = Finished { manifests: &manifests, values: None, api: &api, nodes };
        let mut findings = rules::check_manifests(&finished, &[]);
        // Charts bring kinds of their own, and Helm lets them through.
        findings.retain(|finding| finding.code != Some(UNKNOWN_KIND));
        rules::silence(&mut findings, values);
        let made = [changed.changes, patched.changes].concat();
        let mut findings = provenance::located(findings, &manifests, &made, written, sources);
        findings.extend(changed.warnings);
        Ok((manifests, findings))
    }
}

/// The rule that tells of kinds of which nothing is known.
const UNKNOWN_KIND: &str = "LK032";

/// Manifests with their places, and the texts that hold them. What is secret in them is masked in all messages.
pub(crate) fn read(
    files: &[PathBuf],
    roots: &Roots,
    sources: &mut Sources,
) -> Result<(ManifestSet, Written, Vec<SourceId>), Failure> {
    let texts = load::manifests(files, roots, sources)?;
    let (manifests, written) = stream::read(&texts, sources)?;
    if manifests.is_empty() {
        let nothing = Diagnostic::error("there are no manifests to check");
        return Err(nothing.hint("whatever was to render them printed nothing: look whether it failed").into());
    }
    mask(&written, sources);
    for text in &texts {
        sources.classified(*text);
    }
    Ok((manifests, written, texts))
}

/// Masks what is secret in manifests, and what may be: a configuration in a `ConfigMap` can hold secrets that do not
/// belong there.
pub(crate) fn mask(written: &Written, sources: &mut Sources) {
    let places: Vec<Place> = written.values().flat_map(|object| objects::places(object, sources)).collect();
    sources.mask(places);
    sources.mask_texts(written.values().flat_map(objects::texts));
}

/// Stdin is the stream, so it can be nothing else.
pub(crate) fn stdin_is_free(request: &Request) -> Result<(), Failure> {
    if request.reads_stdin() {
        let taken = Diagnostic::error("stdin is the manifests, and cannot be a file of values or facts as well");
        return Err(taken.hint("write these to a file").into());
    }
    Ok(())
}
