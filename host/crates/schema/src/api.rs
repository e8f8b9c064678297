//! The API that manifests are for: a version of Kubernetes, the custom resources that the binary knows, and those
//! that the user or the manifests themselves bring. It answers whether there is a kind, and what an object of it
//! may hold. Nobody asks a cluster.

pub mod custom;
mod kinds;
mod structural;
pub mod version;

use std::cmp::Reverse;

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::Diagnostic;
use render_text::node::Node;
use render_text::suggest::closest;

use crate::Schema;
use crate::check::check_object;
use crate::definitions::{Definitions, KUBERNETES};

use self::custom::Custom;
use self::kinds::{KINDS, Kind};
use self::version::Version;

pub use self::kinds::Scope;

/// What a cluster serves.
#[derive(Debug)]
pub struct Api {
    version: Version,
    /// Custom resources that come before those of the binary.
    custom: Vec<Custom>,
}

/// Whether an API serves a kind.
#[derive(Debug)]
pub enum Answer<'a> {
    /// It does.
    Served(Served<'a>),
    /// It does not, and nothing else could: why, and what to write instead.
    Refused(Diagnostic),
    /// Nobody knows: what is said about it.
    Unknown(Diagnostic),
}

/// A kind that is served.
#[derive(Debug)]
pub struct Served<'a> {
    /// Whether its objects are in a namespace.
    pub scope: Scope,
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
    #[must_use]
    pub fn answer(&self, manifest: &Manifest) -> Answer<'_> {
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
        ))
        .about(&manifest.id, "/apiVersion");
        let versions: Vec<String> =
            custom.versions.keys().map(|version| format!("{}/{version}", custom.group)).collect();
        let versions = either(versions.iter().map(String::as_str));
        Answer::Refused(
            versions.into_iter().fold(refused, |refused, versions| refused.hint(format!("write {versions}"))),
        )
    }

    /// What is said of an object of a group of Kubernetes' own that this version does not serve.
    fn refusal(&self, manifest: &Manifest) -> Diagnostic {
        let (api_version, kind) = (manifest.api_version(), &manifest.id.kind);
        let minor = self.version.minor();
        let built_in: Vec<&Kind> = kinds::named(kind).iter().filter(|entry| entry.built_in).collect();
        let here = built_in.iter().filter(|entry| entry.holds_in(minor)).map(|entry| entry.api_version);
        let of_the_group = KINDS.iter().filter(|entry| entry.api_version == api_version).map(|entry| entry.name);
        let (what, field) = match built_in.as_slice() {
            [] => (format!("has no kind `{kind}` in `{api_version}`"), "/kind"),
            _ => (format!("does not serve it as `{api_version}`"), "/apiVersion"),
        };
        let elsewhen = built_in.iter().find(|entry| entry.api_version == api_version);
        let hint = match (either(here), elsewhen, closest(kind, of_the_group)) {
            (Some(here), ..) => format!("write {here}"),
            (None, Some(entry), _) if entry.minors.0 > minor => {
                format!("1.{} is the first that does: `--kube-version` says what the cluster is", entry.minors.0)
            }
            (None, Some(entry), _) => {
                format!("1.{} is the last that does: `--kube-version` says what the cluster is", entry.minors.1)
            }
            (None, None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None, None) => "`kubectl api-resources` lists what a cluster serves".to_owned(),
        };
        let refused = Diagnostic::error(format!("{}: Kubernetes {} {what}", manifest.id, self.version));
        refused.about(&manifest.id, field).hint(hint)
    }

    /// What is said of an object that nothing is known of.
    fn ignorance(&self, manifest: &Manifest) -> Diagnostic {
        let (api_version, id) = (manifest.api_version(), &manifest.id);
        let custom = self.custom.iter().filter(|custom| custom.group == id.group).map(|custom| custom.kind.as_str());
        let of_the_group = KINDS.iter().filter(|entry| entry.group() == id.group).map(|entry| entry.name).chain(custom);
        let known = || kinds::named(&id.kind).iter().filter(|entry| entry.holds_in(self.version.minor()));
        let same_group = known().filter(|entry| entry.group() == id.group).map(|entry| entry.api_version);
        let near =
            closest(api_version, known().map(|entry| entry.api_version)).or_else(|| closest(&id.kind, of_the_group));
        let hint = match (either(same_group), near) {
            (Some(versions), _) => {
                format!("write {versions}, or give its CustomResourceDefinition with `--schema-dir`")
            }
            (None, Some(near)) => format!("did you mean `{near}`?"),
            (None, None) => "give its CustomResourceDefinition with `--schema-dir`, and it is checked".to_owned(),
        };
        Diagnostic::warning(format!("{id}: nothing is known of {} `{api_version}`", id.kind)).hint(hint)
    }
}

/// Everything in an object that the API server would not accept.
#[must_use]
pub fn check(served: &Served<'_>, manifest: &Manifest) -> Vec<Diagnostic> {
    check_object(&Node::bare(&manifest.value), served.schema, &manifest.id)
}

/// API versions as a choice, those first that are there to stay: `a`, `a or b`, `a, b or c`.
fn either<'v>(versions: impl Iterator<Item = &'v str>) -> Option<String> {
    let mut versions: Vec<&str> = versions.collect();
    versions.sort_by_key(|version| Reverse((!version.contains("alpha"), !version.contains("beta"), *version)));
    versions.dedup();
    let (last, others) = versions.split_last()?;
    let others: Vec<String> = others.iter().map(|version| format!("`{version}`")).collect();
    Some(if others.is_empty() { format!("`{last}`") } else { format!("{} or `{last}`", others.join(", ")) })
}

/// A text in a value.
fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}
