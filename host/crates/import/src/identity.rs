//! What a running release is known by: the names of its objects, the labels by which its pods are found, and its
//! namespace. A Deployment's selector cannot change, and another name is another object.

use indexmap::IndexMap;
use serde_json::{Value, json};

use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Place;

use super::draft::Draft;
use super::running::Running;

/// What a release is known by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The name of its Deployment, its Service and most others.
    pub(super) name: String,
    /// The labels by which its pods are found.
    pub(super) selector: IndexMap<String, String>,
    /// Its namespace, where it is known.
    pub(super) namespace: Option<String>,
}

/// The most letters that `livekit.name` takes.
const LONGEST_NAME: usize = 52;
/// Where releases go of which nothing else is known, as in host/defaults.yaml.
const NAMESPACE: &str = "livekit";

impl Identity {
    /// The namespace of the environment file.
    pub(super) fn namespace(&self) -> &str {
        self.namespace.as_deref().unwrap_or(NAMESPACE)
    }

    /// This identity where nothing runs, and that of what runs otherwise. What was named on the command line must be
    /// what runs.
    pub(super) fn or_of(self, running: Option<&Running>, named: &Named) -> Result<Self, Failure> {
        let Some(running) = running else { return Ok(self) };
        let found = running.identity()?;
        if let Some(release) = named.release
            && found.selector != self.selector
        {
            return Err(other_selector(&found, &self, release, running).into());
        }
        match (&found.namespace, &self.namespace) {
            (Some(there), Some(asked)) if there != asked => {
                let wrong = format!("{} is in the namespace `{there}`, not in `{asked}`", running.server());
                Err(Diagnostic::error(wrong)
                    .at(running.place("/metadata/namespace"))
                    .hint("leave --namespace out")
                    .into())
            }
            _ => Ok(Self { namespace: found.namespace.or(self.namespace), ..found }),
        }
    }

    /// Puts it into an environment file.
    pub(super) fn put(&self, draft: &mut Draft, at: Option<Place>) -> Result<(), Failure> {
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
        let starts = self.name.starts_with(|letter: char| letter.is_ascii_lowercase());
        if self.name.len() > LONGEST_NAME || !starts || !self.name.chars().all(fits) {
            let wrong = format!("the objects of the release are named `{}`, which `livekit.name` cannot be", self.name);
            let hint = format!(
                "it has {LONGEST_NAME} lower-case letters, digits and hyphens at most, a letter first: this release needs \
                 another name, and so to be installed anew"
            );
            return Err(Diagnostic::error(wrong).at(at).hint(hint).into());
        }
        // The namespace of what runs is there already, and may be that of others, too.
        draft.set("namespace.name", self.namespace(), None);
        if self.namespace.is_some() {
            draft.set("namespace.create", false, None);
        }
        draft.set("livekit.name", self.name.as_str(), at);
        draft.set("livekit.selectorLabels", json!(self.selector), None);
        Ok(())
    }
}

/// What was named on the command line.
pub(super) struct Named<'a> {
    /// The release.
    pub(super) release: Option<&'a str>,
    /// The namespace.
    pub(super) namespace: Option<&'a str>,
}

impl Running {
    /// What it is known by.
    ///
    /// # Errors
    /// A selector that no environment file can have.
    pub(super) fn identity(&self) -> Result<Identity, Failure> {
        let server = self.objects.get(&self.server).map(|server| &server.value);
        let selector = server.and_then(|server| server.pointer("/spec/selector"));
        if selector.is_some_and(|selector| selector.get("matchExpressions").is_some()) {
            let wrong = format!("{} selects its pods by expressions, and a selector cannot change", self.server);
            let hint = "`livekit.selectorLabels` has labels alone: this release has to be installed anew";
            return Err(Diagnostic::error(wrong).at(self.place("/spec/selector/matchExpressions")).hint(hint).into());
        }
        let labels = selector.and_then(|selector| selector.get("matchLabels")).and_then(Value::as_object);
        let text = |(key, value): (&String, &Value)| Some((key.clone(), value.as_str()?.to_owned()));
        let selector: IndexMap<String, String> = labels.into_iter().flatten().filter_map(text).collect();
        if selector.is_empty() {
            let wrong = format!("{} has no selector", self.server);
            let hint = "give it as `kubectl get` or `helm get manifest` prints it";
            return Err(Diagnostic::error(wrong).at(self.place("/spec")).hint(hint).into());
        }
        Ok(Identity { name: self.server.name.clone(), selector, namespace: self.server.namespace.clone() })
    }
}

fn other_selector(found: &Identity, asked: &Identity, release: &str, running: &Running) -> Diagnostic {
    let differs = asked.selector.iter().find(|(key, value)| found.selector.get(*key) != Some(value));
    let label = differs.map_or_else(String::new, |(key, value)| {
        format!(
            ": `{key}` would be `{value}`, and is `{}`",
            found.selector.get(key).map_or("not there", String::as_str)
        )
    });
    let wrong = format!("{} does not select the pods of a release `{release}`{label}", running.server());
    let hint = "a selector cannot change; name the release as `helm list` does, or leave --release out";
    Diagnostic::error(wrong).at(running.place("/spec/selector/matchLabels")).hint(hint)
}
