//! Secrets in values: none goes into an environment file. The pods read it from a Secret, and the user is told which
//! one to make.

use indexmap::IndexMap;

use render_platform::values;
use render_schema as schema;
use render_text::diagnostic::Failure;
use render_text::mask::urls;
use render_text::source::Place;

use super::draft::{Draft, Removed};
use super::identity::Identity;

/// Says which Secret to make for a secret.
pub(super) fn tell(
    path: &str,
    at: Option<Place>,
    (secret, entry): (&str, &str),
    identity: &Identity,
    draft: &mut Draft,
) {
    let content = if entry == "password" { "the password, without a line break," } else { "lines of `key: secret`" };
    let hint = format!(
        "put {content} into a file: `kubectl --namespace {} create secret generic {secret} --from-file={entry}=FILE`",
        identity.namespace()
    );
    let message = format!("`{path}` is a secret: the environment file has the Secret `{secret}` in its place");
    draft.tell(message, at, hint);
}

/// Says which variable to set from a Secret, for secrets that have no key of their own here.
pub(super) fn tell_variable(path: &str, at: Option<Place>, variable: &str, draft: &mut Draft) {
    let hint = format!("set {variable} by `livekit.env`, with `valueFrom` and a Secret");
    draft.tell(format!("`{path}` is a secret, and is not carried over"), at, hint);
}

/// Takes out what the schema says is secret and no table knew, and passwords in URLs, of which no schema knows.
pub(super) fn strip(draft: &mut Draft) -> Result<(), Failure> {
    for (path, at) in draft.remove_texts(urls::is_in) {
        let message = format!("`{path}` has a user or a password in a URL, and is not carried over");
        draft.tell(
            message,
            at,
            "write the URL without what stands in front of its `@`: a password belongs in a Secret",
        );
    }
    let none = IndexMap::new();
    let schema = values::schema::merged(&none)?;
    for place in schema::write_only::places(&draft.tree, schema) {
        let (message, hint) = match draft.remove_at(place) {
            Some(Removed::Value) => (
                "a secret of LiveKit's configuration is not carried over",
                "LiveKit reads its path in capitals behind LIVEKIT_, as in LIVEKIT_PROMETHEUS_PASSWORD: set it by \
                 `livekit.env`, with `valueFrom` and a Secret",
            ),
            Some(Removed::Item) => (
                "an item with a secret is not carried over",
                "write it with `secret_file` in place of the secret, and mount a Secret there by `livekit.volumes` and \
                 `livekit.volumeMounts`",
            ),
            None => continue,
        };
        draft.tell(message, Some(place), hint);
    }
    Ok(())
}
