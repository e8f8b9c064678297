//! What somebody has to see of a plugin before it is accepted, and the question whether it is.

use std::path::Path;

use render_pipeline::emit;
use render_pipeline::load;
use render_plugins::Plugin;
use render_plugins::lock::{self, Lock, Locked};
use render_plugins::store::Content;
use render_plugins::{open, store};
use render_report::plain::word;
use render_schema::subset;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::hex;
use render_text::source::Sources;
use render_text::suggest::closest;

use crate::args::plugin::LockArgs;

/// A plugin as it is now, and as it would stand in the lock.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) plugin: Plugin,
    pub(super) locked: Locked,
    size: usize,
}

/// Looks at a component as at one that is to be accepted. Nothing of it is run.
///
/// # Errors
/// It is no plugin, or none that can be used.
pub(super) fn candidate(
    source: &str,
    content: Content,
    name: Option<&str>,
    limits: &render_plugins::limits::Limits,
) -> Result<Candidate, Failure> {
    let Content { component, digest } = content;
    let (size, sha256) = (component.len(), hex::sha256(&component));
    let plugin = open::open(source, component, limits)?;
    store::usable(&plugin, name.unwrap_or(&plugin.description.name))?;
    let description = &plugin.description;
    let outside = subset::outside(&serde_json::Value::Object(description.schema.clone()));
    if !outside.is_empty() {
        let blame = |wrong: Diagnostic| Diagnostic { message: format!("plugin {source}: {}", wrong.message), ..wrong };
        let hint = "the plugin's author has to write the schema of its section without it";
        return Err(outside.into_iter().map(|wrong| blame(wrong).hint(hint)).collect::<Vec<_>>().into());
    }
    let locked = Locked {
        source: source.to_owned(),
        digest,
        sha256,
        version: description.version.to_string(),
        permissions: description.permissions.clone(),
        signature: None,
        limits: std::collections::BTreeMap::new(),
    };
    Ok(Candidate { plugin, locked, size })
}

impl Candidate {
    /// Everything that counts for the decision.
    pub(super) fn text(&self, accepted: Option<&Locked>) -> String {
        let Self { plugin, locked, size } = self;
        let description = &plugin.description;
        let mut text = format!("{} {}: {}\n", description.name, description.version, word(description.about.as_str()));
        let signature = if locked.signature.is_some() { "by the key that is pinned" } else { "not asked for" };
        let size = format!("{size} bytes");
        let facts = [
            ("source", Some(locked.source.as_str())),
            ("digest", locked.digest.as_deref()),
            ("sha256", Some(locked.sha256.as_str())),
            ("size", Some(size.as_str())),
            ("signature", Some(signature)),
        ];
        for (fact, value) in facts.iter().filter_map(|(fact, value)| Some((fact, (*value)?))) {
            text.extend(["  ", &format!("{fact:10}"), " ", &word(value), "\n"]);
        }
        let asks = lock::listed(&description.permissions);
        text += if asks.is_empty() { "  it asks for nothing\n" } else { "  it asks to\n" };
        for one in &asks {
            text.extend(["    ", &word(one), "\n"]);
        }
        if let Some(accepted) = accepted {
            text += &self.since(accepted);
        }
        text
    }

    /// What is new since the plugin was accepted.
    fn since(&self, accepted: &Locked) -> String {
        let mut lines = accepted.changes(&self.plugin.description);
        if accepted.sha256 != self.locked.sha256 {
            lines.insert(0, format!("its sha256 was {}", accepted.sha256));
        }
        if accepted.source != self.locked.source {
            lines.insert(0, format!("its source was {}", accepted.source));
        }
        if lines.is_empty() {
            return "  nothing changed since it was accepted\n".to_owned();
        }
        lines.iter().fold("  since it was accepted\n".to_owned(), |text, line| text + "    " + &word(line) + "\n")
    }
}

/// The lock that a command changes: a file that is named and not there yet is written by `add`.
pub(super) fn lock_of(arguments: &LockArgs, sources: &mut Sources) -> Result<Lock, Failure> {
    let roots = arguments.root.roots();
    let path = load::lock_path(arguments.lock.as_deref(), None, &roots)?;
    if arguments.lock.is_some() && path.symlink_metadata().is_err() {
        return Ok(Lock::empty(path).below(roots));
    }
    load::lock(arguments.lock.as_deref(), None, &roots, sources)
}

/// Writes the lock as a whole.
pub(super) fn save(lock: &Lock) -> Result<(), Failure> {
    emit::file(&lock.path, &lock.text()?)
}

/// The names that a command is about: those that were given, else all of the lock.
pub(super) fn names(given: &[String], lock: &Lock) -> Result<Vec<String>, Failure> {
    let known = || lock.plugins.keys().map(String::as_str);
    if given.is_empty() {
        return Ok(known().map(str::to_owned).collect());
    }
    let unknown = given.iter().filter(|name| !lock.plugins.contains_key(*name)).map(|name| {
        let hint = match closest(name, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if lock.plugins.is_empty() => "it has none; `render plugin add` adds one".to_owned(),
            None => format!("it has: {}", known().collect::<Vec<_>>().join(", ")),
        };
        Diagnostic::error(format!("`{}` has no plugin `{name}`", shown(&lock.path))).hint(hint)
    });
    let unknown: Vec<Diagnostic> = unknown.collect();
    if unknown.is_empty() { Ok(given.to_vec()) } else { Err(unknown.into()) }
}

/// A path as messages show it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
