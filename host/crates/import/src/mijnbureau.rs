//! An environment of MijnBureau's helmfile: what of it is about LiveKit.

mod keys;
mod media;
mod redis;
mod signalling;
mod workload;

use indexmap::IndexMap;

use render_text::diagnostic::Failure;
use render_text::node::{Node, Tree};
use render_text::source::SourceId;

use super::draft::Draft;
use super::identity::{Identity, Named};
use super::running::Running;
use super::table::{self, at, member};

/// What MijnBureau takes when an environment does not say it.
pub(super) const DEFAULTS: &str = include_str!("mijnbureau/defaults.yaml");

/// The name of its release, of its objects, and of what they are.
const SERVER: &str = "livekit-server";

/// What a release of this environment is known by.
pub(super) fn identity(values: &Node, named: &Named) -> Identity {
    let labels = [("name", SERVER), ("instance", named.release.unwrap_or(SERVER)), ("component", SERVER)];
    let selector = labels.map(|(label, value)| (format!("app.kubernetes.io/{label}"), value.to_owned()));
    let namespace = named.namespace.or_else(|| text(values, "application.livekit.namespace"));
    let namespace = namespace.filter(|namespace| !namespace.is_empty()).map(str::to_owned);
    Identity { name: SERVER.to_owned(), selector: IndexMap::from(selector), namespace }
}

/// An environment file of this environment.
pub(super) fn draft(
    values: &Node,
    defaults: SourceId,
    identity: &Identity,
    running: Option<&Running>,
) -> Result<Draft, Failure> {
    let mut draft = Draft::new(defaults);
    draft.set("provider", "mijnbureau", None);
    identity.put(&mut draft, running.and_then(|running| running.place("/metadata/name")))?;
    table::carry(values, &keys::ENVIRONMENT, &mut draft);
    workload::carry(values, identity, &mut draft);
    media::carry(values, &mut draft);
    signalling::carry(values, &mut draft);
    redis::carry(values, identity, &mut draft);
    Ok(draft)
}

/// A text that is set to something.
fn text<'v>(values: &'v Node, path: &str) -> Option<&'v str> {
    match &member(values, path)?.node.tree {
        Tree::String(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}
