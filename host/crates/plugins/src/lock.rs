//! `render.lock`: the plugins that are not built in, each with the content that was looked at and the permissions
//! that were granted. Commands write it, people read it in a review, and a render uses nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use render_files::Roots;
use render_schema::{self as schema, Schema, generate};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::Node;
use render_text::source::{Place, SourceId, Sources};
use render_text::yaml;

use crate::built_in;
use crate::description::{Description, Kind, NAME_PATTERN, Permissions, VERSION_PATTERN};

/// The name of the file.
pub const NAME: &str = "render.lock";
/// What its first line says.
const HEAD: &str = "# Written by `render plugin add`, `update` and `remove`; only `limits` is changed by hand.\n";

/// The lock of a run, empty where there is none.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// Where it is, or would be.
    pub path: PathBuf,
    /// Its plugins, by name.
    pub plugins: BTreeMap<String, Locked>,
    /// Where files may be that it names.
    pub roots: Roots,
    /// The same with places.
    tree: Option<Node>,
}

/// The whole file.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The version of this format.
    #[schemars(range(min = 1, max = 1))]
    version: u32,
    /// Plugins by name.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {
        "pattern": NAME_PATTERN,
        "maxLength": 63,
        "patternHint": "the name of a plugin: words of a-z and 0-9 with `-` between them, a letter first",
    }))]
    plugins: BTreeMap<String, Locked>,
}

/// One plugin: what was accepted.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Locked {
    /// Where it is from: a path relative to the lock, or `oci://` and a reference.
    pub source: String,
    /// The digest of the manifest in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^sha256:[0-9a-f]{64}$"), extend("patternHint" = "sha256: and 64 hexadecimal digits"))]
    pub digest: Option<String>,
    /// The sha256 of the component.
    #[schemars(regex(pattern = r"^[0-9a-f]{64}$"), extend("patternHint" = "64 hexadecimal digits"))]
    pub sha256: String,
    /// Its version (semver).
    #[schemars(length(max = 64), regex(pattern = VERSION_PATTERN), extend("patternHint" = "a version, as in 1.2.3 or 1.2.3-rc.1"))]
    pub version: String,
    /// What it is granted.
    pub permissions: Permissions,
    /// Who must have signed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signed>,
    /// Limits of its own, as in `memory: 128MiB`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<String, LimitValue>,
}

/// Who must have signed a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Signed {
    /// The public key in PEM, or the path of a file that holds it, relative to the lock.
    pub key: String,
}

/// The value of a limit: a number, or a number with a unit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum LimitValue {
    /// As in `changes: 2000`.
    Count(u64),
    /// As in `memory: 128MiB`.
    Text(String),
}

/// Reads the text of a lock, which stands at `path`.
///
/// # Errors
/// What is no lock, at the characters that make it none.
pub fn read(path: PathBuf, source: SourceId, sources: &Sources) -> Result<Lock, Failure> {
    let mut documents = yaml::read(source, &sources.get(source).text).map_err(by_commands)?;
    let whole = Place::new(source, 0..0);
    let (Some(tree), None) = (documents.pop(), documents.pop()) else {
        return Err(by_commands(vec![Diagnostic::error("a lock is one document").at(Some(whole))]).into());
    };
    let mistakes = schema::check::check(&tree, Schema::of(description()?));
    if !mistakes.is_empty() {
        return Err(by_commands(mistakes).into());
    }
    let gap = |error: serde_json::Error| Diagnostic::error(format!("the lock does not fit: {error}")).at(Some(whole));
    let file = File::deserialize(tree.to_json()).map_err(|error| by_commands(vec![gap(error)]))?;
    let lock = Lock { path, plugins: file.plugins, roots: Roots::default(), tree: Some(tree) };
    match lock.plugins.keys().find(|name| built_in::plugin(name).is_some()) {
        Some(name) => Err(Diagnostic::error(format!("`{name}` is built in, and cannot be another plugin, too"))
            .at(lock.place(name))
            .hint("take its entry out of the file")
            .into()),
        None => Ok(lock),
    }
}

impl Lock {
    /// A lock without plugins, which would stand at `path`.
    #[must_use]
    pub fn empty(path: PathBuf) -> Self {
        Self { path, ..Self::default() }
    }

    /// The same, of which only files below these roots are read.
    #[must_use]
    pub fn below(self, roots: Roots) -> Self {
        Self { roots, ..self }
    }

    /// The text of the file: plugins in the order of their names, so that the same lock is the same text.
    ///
    /// # Errors
    /// [`Failure::Internal`] when it has no form in YAML.
    pub fn text(&self) -> Result<String, Failure> {
        let unwritable = |reason: String| Failure::Internal(format!("{NAME} cannot be written as YAML: {reason}"));
        let file = File { version: 1, plugins: self.plugins.clone() };
        let value = serde_json::to_value(file).map_err(|error| unwritable(error.to_string()))?;
        Ok(HEAD.to_owned() + &yaml::emit::document(&value).map_err(unwritable)?)
    }

    /// The folder that paths of the lock are relative to.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Where a plugin stands in the file.
    #[must_use]
    pub fn place(&self, plugin: &str) -> Option<Place> {
        self.tree.as_ref()?.key(&format!("/plugins/{plugin}"))
    }

    /// Where a limit of a plugin stands in the file.
    #[must_use]
    pub fn limit_place(&self, plugin: &str, limit: &str) -> Option<Place> {
        self.tree.as_ref()?.at(&["plugins", plugin, "limits", limit])?.place()
    }
}

impl Locked {
    /// What of a description is not what was accepted, each as a line.
    #[must_use]
    pub fn changes(&self, description: &Description) -> Vec<String> {
        let version = description.version.as_str();
        let version =
            (self.version != version).then(|| format!("its version was {}, and is {version} now", self.version));
        let (had, has) = (listed(&self.permissions), listed(&description.permissions));
        let more = has.iter().filter(|one| !had.contains(one)).map(|one| format!("it now asks to {one}"));
        let less = had.iter().filter(|one| !has.contains(one)).map(|one| format!("it no longer asks to {one}"));
        version.into_iter().chain(more).chain(less).collect()
    }

    /// The limits as texts, by name.
    pub fn limits(&self) -> impl Iterator<Item = (&str, String)> {
        self.limits.iter().map(|(name, value)| match value {
            LimitValue::Count(count) => (name.as_str(), count.to_string()),
            LimitValue::Text(text) => (name.as_str(), text.clone()),
        })
    }
}

/// Permissions as people read them, one thing to a line: `add v1 ConfigMap`, `patch v1 Service at /metadata`.
#[must_use]
pub fn listed(permissions: &Permissions) -> Vec<String> {
    let Permissions { read, add, patch, remove } = permissions;
    let kind = |verb: &'static str| move |Kind { api_version, kind }: &Kind| format!("{verb} {api_version} {kind}");
    let patches = patch.iter().flat_map(|grant| {
        grant.paths.iter().map(|path| format!("patch {} {} at {path}", grant.api_version, grant.kind))
    });
    let others = read.iter().map(kind("read")).chain(add.iter().map(kind("add")));
    others.chain(patches).chain(remove.iter().map(kind("remove"))).collect()
}

/// The schema of the file, made from the types. A test keeps schemas/lock.json equal to it.
#[must_use]
pub fn schema() -> Value {
    generate::of::<File>()
}

/// The schema of the file.
fn description() -> Result<&'static Value, Failure> {
    static LOCK: OnceLock<Result<Value, String>> = OnceLock::new();
    let read =
        || serde_json::from_str(include_str!("../../../../schemas/lock.json")).map_err(|error| error.to_string());
    let read = LOCK.get_or_init(read);
    read.as_ref().map_err(|error| Failure::Internal(format!("the embedded schema cannot be read: {error}")))
}

/// Whoever edited a lock by hand is told what is wrong with it, and how it is written.
fn by_commands(found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let by_commands = |wrong: Diagnostic| match wrong.hint {
        Some(_) => wrong,
        None => wrong.hint("restore the file, or write the plugin anew with `render plugin add`"),
    };
    found.into_iter().map(by_commands).collect()
}
