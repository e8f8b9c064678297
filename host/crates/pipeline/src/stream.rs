//! Objects of another renderer. They enter the pipeline after the templates: to be checked, or to be changed by plugins and
//! patches and printed.

use std::path::PathBuf;

use render_files::Roots;
use render_objects::manifest::ManifestSet;
use render_objects::secret_places;
use render_objects::stream::{self, Written};
use render_schema::api::version::Version;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::{Place, SourceId, Sources};

use crate::load::{self, Request};

/// The objects of another renderer.
#[derive(Debug)]
pub struct Stream {
    /// The objects.
    pub manifests: ManifestSet,
    /// The same with the places of their fields.
    pub written: Written,
    /// The texts that hold them.
    texts: Vec<SourceId>,
}

/// Objects of another renderer to be checked without changes, and facts that manifests do not contain.
#[derive(Debug, Clone, Default)]
pub struct Foreign {
    /// Their files, folders of files, and `-` for stdin.
    pub files: Vec<PathBuf>,
    /// The maximum number of nodes for LiveKit.
    pub nodes: Option<u32>,
    /// The Kubernetes that they are for.
    pub kube_version: Option<Version>,
    /// Folders of CustomResourceDefinitions.
    pub schemas: Vec<PathBuf>,
    /// Where what lies in folders may lead.
    pub roots: Roots,
}

/// Refuses a request that reads stdin, where stdin is the stream.
///
/// # Errors
/// A file of values or facts is stdin.
pub fn stdin_is_free(request: &Request) -> Result<(), Failure> {
    if request.reads_stdin() {
        let taken = Diagnostic::error("stdin is the manifests, and cannot be a file of values or facts as well");
        return Err(taken.hint("write these to a file").into());
    }
    Ok(())
}

impl Stream {
    /// Reads files of objects. Secrets in them are masked in all messages.
    ///
    /// # Errors
    /// A file that cannot be read, a document that is no object, or files without objects.
    pub fn read(files: &[PathBuf], roots: &Roots, sources: &mut Sources) -> Result<Self, Failure> {
        let texts = load::manifests(files, roots, sources)?;
        let (manifests, written) = stream::read(&texts, sources)?;
        if manifests.is_empty() {
            let nothing = Diagnostic::error("there are no manifests to check");
            return Err(nothing.hint("whatever was to render them printed nothing: look whether it failed").into());
        }
        let stream = Self::of(manifests, written, sources);
        for text in &texts {
            sources.classified(*text);
        }
        Ok(Self { texts, ..stream })
    }

    /// Takes objects that were read before. Secrets in them, and values that may be secret, are masked in all messages: a configuration in
    /// a `ConfigMap` can hold secrets that do not belong there.
    pub fn of(manifests: ManifestSet, written: Written, sources: &mut Sources) -> Self {
        let places: Vec<Place> = written.values().flat_map(|object| secret_places::places(object, sources)).collect();
        sources.mask(places);
        sources.mask_texts(written.values().flat_map(secret_places::texts));
        Self { manifests, written, texts: Vec::new() }
    }

    /// The texts with the objects as they are after their changes.
    pub(crate) fn rewritten(&self, after: &ManifestSet, sources: &Sources) -> Result<String, Failure> {
        let stream: String = self.texts.iter().map(|text| sources.get(*text).text.as_str()).collect();
        stream::rewrite(&stream, &self.manifests, &self.written, after)
    }
}
