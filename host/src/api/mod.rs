//! The API that manifests are for: a version of Kubernetes, the custom resources that the binary knows, and those
//! that the user or the manifests themselves bring. It answers whether there is a kind, and what an object of it
//! may hold. Nobody asks a cluster.

pub mod custom;
mod kinds;
mod secret;
mod structural;
pub mod version;

use serde_json::Value;

use self::custom::Custom;
use self::kinds::{KINDS, Kind};
use self::version::Version;
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, ManifestSet};
use crate::node::Node;
use crate::schema::Schema;
use crate::schema::check::check_object;
use crate::schema::definitions::{Definitions, KUBERNETES};
use crate::suggest::closest;

pub(crate) use self::kinds::Scope;
pub use self::secret::places as secret_places;

/// What a cluster serves.
#[derive(Debug)]
pub struct Api {
    version: Version,
    /// Custom resources that come before those of the binary.
    custom: Vec<Custom>,
}

/// Whether an API serves a kind.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    /// It does.
    Served(Served<'a>),
    /// It does not, and nothing else could: why, and what to write instead.
    Refused(Diagnostic),
    /// Nobody knows: what is said about it.
    Unknown(Diagnostic),
}

/// A kind that is served.
#[derive(Debug)]
pub(crate) struct Served<'a> {
    pub(crate) scope: Scope,
    schema: Schema<'a>,
}

impl Api {
    /// The API of a version with the user's own resources. The resources that the manifests define come first:
    /// they are what is applied.
    #[must_use]
    pub fn new(version: Version, custom: Vec<Custom>, manifests: &ManifestSet) -> Self {
        let is_definition = |manifest: &&Manifest| custom::is_definition(&manifest.value);
        let defined = manifests.iter().filter(is_definition).filter_map(|manifest| Custom::of(&manifest.value).ok());
        Self { version, custom: defined.chain(custom).collect() }
    }

    /// Whether the kind of an object is served.
    pub(crate) fn answer(&self, manifest: &Manifest) -> Answer<'_> {
        let (api_version, group, kind) = (manifest.api_version(), &manifest.id.group, &manifest.id.kind);
        if let Some(custom) = self.custom.iter().find(|custom| custom.group == *group && custom.kind == *kind) {
            return self.answer_custom(custom, manifest);
        }
        let same = kinds::named(kind).iter().filter(|entry| entry.api_version == api_version);
        match same.into_iter().find(|entry| entry.holds_in(self.version.minor())).and_then(|entry| self.served(entry)) {
            Some(served) => Answer::Served(served),
            None if kinds::is_built_in(group) => Answer::Refused(self.refusal(manifest)),
            None => Answer::Unknown(self.ignorance(manifest)),
        }
    }

    fn served(&self, entry: &Kind) -> Option<Served<'static>> {
        let definition = Definitions { table: &KUBERNETES, version: self.version.minor() }.get(entry.definition)?;
        Some(Served { scope: entry.scope, schema: Schema::kubernetes(definition, self.version.minor()) })
    }

    fn answer_custom<'a>(&'a self, custom: &'a Custom, manifest: &Manifest) -> Answer<'a> {
        let (_, version) = manifest.api_version().split_once('/').unwrap_or_default();
        if let Some(schema) = custom.versions.get(version) {
            let schema = Schema::kubernetes(schema, self.version.minor());
            return Answer::Served(Served { scope: custom.scope, schema });
        }
        let refused = Diagnostic::error(format!(
            "{}: its CustomResourceDefinition does not serve `{}`",
            manifest.id,
            manifest.api_version()
        ));
        let versions = custom.versions.keys().map(|version| format!("`{}/{version}`", custom.group));
        Answer::Refused(refused.hint(format!("write {}", or(versions.collect()))))
    }

    /// What is said of an object of a group of Kubernetes' own that this version does not serve.
    fn refusal(&self, manifest: &Manifest) -> Diagnostic {
        let (api_version, id) = (manifest.api_version(), &manifest.id);
        let refused =
            Diagnostic::error(format!("{id}: Kubernetes {} does not serve {} `{api_version}`", self.version, id.kind));
        let built_in = || kinds::named(&id.kind).iter().filter(|entry| entry.built_in);
        let here = built_in().filter(|entry| entry.holds_in(self.version.minor()));
        let here: Vec<String> = here.map(|entry| format!("`{}`", entry.api_version)).collect();
        let of_the_group = KINDS.iter().filter(|entry| entry.api_version == api_version).map(|entry| entry.kind);
        let elsewhen = built_in().find(|entry| entry.api_version == api_version);
        let hint = match (elsewhen, closest(&id.kind, of_the_group)) {
            _ if !here.is_empty() => format!("write {}", or(here)),
            (Some(entry), _) if entry.minors.0 > self.version.minor() => {
                format!("1.{} is the first that does: `--kube-version` says what the cluster is", entry.minors.0)
            }
            (Some(entry), _) => {
                format!("1.{} is the last that does: `--kube-version` says what the cluster is", entry.minors.1)
            }
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => {
                "check `apiVersion` and `kind`: `kubectl api-resources` lists what a cluster serves".to_owned()
            }
        };
        refused.hint(hint)
    }

    /// What is said of an object that nothing is known of.
    fn ignorance(&self, manifest: &Manifest) -> Diagnostic {
        let (api_version, id) = (manifest.api_version(), &manifest.id);
        let unknown = Diagnostic::warning(format!("{id}: nothing is known of {} `{api_version}`", id.kind));
        let custom = self.custom.iter().filter(|custom| custom.group == id.group).map(|custom| custom.kind.as_str());
        let of_the_group = KINDS.iter().filter(|entry| entry.group() == id.group).map(|entry| entry.kind).chain(custom);
        let known = kinds::named(&id.kind).iter().filter(|entry| entry.holds_in(self.version.minor()));
        let versions: Vec<&str> = known.map(|entry| entry.api_version).collect();
        let other_versions = versions.iter().filter(|version| kinds::group(version) == id.group);
        let other_versions: Vec<String> = other_versions.map(|version| format!("`{version}`")).collect();
        let hint = match (closest(&id.kind, of_the_group), closest(api_version, versions.iter().copied())) {
            _ if !other_versions.is_empty() => format!(
                "write {}, or give the CustomResourceDefinition that the cluster has with `--schema-dir`",
                or(other_versions)
            ),
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "give its CustomResourceDefinition with `--schema-dir`, and it is checked".to_owned(),
        };
        unknown.hint(hint)
    }
}

/// Everything in an object that the API server would not accept.
pub(crate) fn check(served: &Served<'_>, manifest: &Manifest) -> Vec<Diagnostic> {
    check_object(&Node::bare(&manifest.value), served.schema, &manifest.id)
}

/// `a`, `a or b`, `a, b or c`.
fn or(mut words: Vec<String>) -> String {
    words.dedup();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A text in a value.
fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}
