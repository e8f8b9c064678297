//! The last stages: checksums and sync waves are written, then the rules read the finished objects. Each finding is shown at
//! the place where its field was written.

use indexmap::IndexMap;

use render_objects::manifest::ManifestSet;
use render_objects::seal;
use render_platform::phase;
use render_platform::templates;
use render_platform::values::Values;
use render_plugins::notes as plugin;
use render_rules::{self as rules, Finished};
use render_schema::api::Api;
use render_schema::api::custom::{self, Custom};
use render_schema::api::version::Version;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::{SourceId, Sources};

use crate::load::{self, Request};
use crate::notes::{self, Notes};
use crate::objects::{Objects, Places};
use crate::options::Options;
use crate::provenance::{self, Change};
use crate::stream::{Foreign, Stream};
use crate::valid::Inputs;

/// Objects that nothing changes any more.
#[derive(Debug)]
pub struct Sealed {
    pub(crate) manifests: ManifestSet,
    /// The values that they were made or changed with, and the user's own templates.
    pub(crate) values: Option<(Values, IndexMap<String, SourceId>)>,
    pub(crate) version: Version,
    pub(crate) custom: Vec<Custom>,
    /// The maximum number of nodes for LiveKit.
    pub(crate) nodes: Option<u32>,
    pub(crate) places: Places,
    pub(crate) changes: Vec<Change>,
    pub(crate) notes: plugin::Notes,
    pub(crate) findings: Vec<Diagnostic>,
}

/// Objects, and everything that was found in them.
#[derive(Debug)]
pub struct Checked {
    /// The objects.
    pub manifests: ManifestSet,
    /// All findings, with errors and silenced findings.
    pub findings: Vec<Diagnostic>,
    /// The values that the objects were made or changed with.
    pub values: Option<Values>,
    stream: Option<Stream>,
    notes: plugin::Notes,
}

/// Checks objects of another renderer as they are, without an environment.
///
/// # Errors
/// [`Failure::Input`] when they cannot be read.
pub fn check(foreign: &Foreign, sources: &mut Sources) -> Result<Checked, Failure> {
    let version = foreign.kube_version.unwrap_or(Version::DEFAULT);
    let definitions = load::manifests(&foreign.schemas, &foreign.roots, sources)?;
    let custom = custom::read(&definitions, version, sources)?;
    let stream = Stream::read(&foreign.files, &foreign.roots, sources)?;
    let sealed = Sealed {
        manifests: stream.manifests.clone(),
        values: None,
        version,
        custom,
        nodes: foreign.nodes,
        places: Places::Stream(stream),
        changes: Vec::new(),
        notes: plugin::Notes::default(),
        findings: Vec::new(),
    };
    Ok(sealed.check(sources))
}

/// The rule that tells of kinds of which nothing is known.
const UNKNOWN_KIND: &str = "LK032";

impl Objects {
    /// Writes checksums and sync waves. Objects of another renderer are not changed.
    #[must_use]
    pub(crate) fn seal(self) -> Sealed {
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

impl Sealed {
    /// Runs the rules that read finished objects.
    #[must_use]
    pub(crate) fn check(self, sources: &mut Sources) -> Checked {
        let Self { manifests, values, version, custom, nodes, places, changes, notes, mut findings } = self;
        let api = Api::new(version, custom, &manifests);
        // Rules about values are those of an environment's own objects.
        let own = values.as_ref().filter(|_| matches!(places, Places::Templates)).map(|(values, _)| values);
        let finished = Finished { manifests: &manifests, values: own, api: &api, nodes };
        let mut found = rules::check_manifests(&finished, &findings);
        if let (Places::Stream(_), Some((values, _))) = (&places, &values) {
            // Charts bring kinds of their own, and Helm lets them through.
            found.retain(|finding| finding.code != Some(UNKNOWN_KIND));
            rules::silence(&mut found, values);
        }
        if provenance::is_wanted(&found) {
            found = match (&places, &values) {
                (Places::Stream(stream), _) => {
                    provenance::located(found, &manifests, &changes, &stream.written, sources)
                }
                (Places::Templates, Some((values, own))) => {
                    let written = templates::written(values, own, sources);
                    provenance::located(found, &manifests, &changes, &written, sources)
                }
                (Places::Templates, None) => found,
            };
        }
        findings.extend(found);
        let stream = if let Places::Stream(stream) = places { Some(stream) } else { None };
        Checked { manifests, findings, values: values.map(|(values, _)| values), stream, notes }
    }
}

impl Checked {
    /// The same if nothing is wrong.
    ///
    /// # Errors
    /// [`Failure::Input`] with all findings if a finding counts as an error.
    pub fn passed(mut self, options: Options) -> Result<Self, Failure> {
        self.findings = options.passed(self.findings)?;
        Ok(self)
    }

    /// The notes: steps outside the cluster.
    #[must_use]
    pub fn notes(&self, request: &Request) -> Notes {
        self.values
            .as_ref()
            .map_or_else(Notes::default, |values| notes::collect(values, &self.manifests, self.notes.clone(), request))
    }

    /// The text of the stream with the changed objects; unchanged documents are the same bytes. Empty where
    /// they came in none.
    ///
    /// # Errors
    /// [`Failure::Internal`] when an object has no form in YAML.
    pub fn rewritten(&self, sources: &Sources) -> Result<String, Failure> {
        self.stream.as_ref().map_or(Ok(String::new()), |stream| stream.rewritten(&self.manifests, sources))
    }
}
