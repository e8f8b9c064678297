//! A fresh pair of LiveKit's API key and secret, as the command that puts it into the cluster: so the secret is
//! in no file, and the keys have the shape and the length that LiveKit's own generator gives them.

use render_pipeline::emit;
use render_pipeline::merged::Merged;
use render_platform::values::Platform;
use render_platform::values::livekit::ApiCredentials;
use render_platform::values::secret::NamedSecretKeyRef;
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use crate::args::InputArgs;
use crate::surroundings::runtime;

/// Letters and digits: what stands in a line of `key: secret` without quotes, and in a URL.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// What follows `API` in a key: as unguessable as it has to be for a name.
const KEY_LETTERS: usize = 12;
/// 43 letters of 62 are 256 bits; LiveKit refuses fewer than 32 letters.
const SECRET_LETTERS: usize = 43;

/// Prints the command for an environment.
pub(super) fn keys(input: &InputArgs, sources: &mut Sources) -> Result<(), Failure> {
    let merged = Merged::load(&input.request(), &*runtime(input)?, sources)?;
    let values = merged.validate(sources)?.resolve(input.without_facts(), sources)?.values;
    emit::stdout(&command(&values.platform)?)
}

/// The command that creates the Secret with a fresh pair, where an environment's LiveKit looks for it.
///
/// # Errors
/// [`Failure::Internal`] when the system has no random bytes.
fn command(platform: &Platform) -> Result<String, Failure> {
    let (key, secret) = (format!("API{}", letters(KEY_LETTERS)?), letters(SECRET_LETTERS)?);
    let (name, entries) = platform.livekit.api_credentials.as_ref().map_or_else(
        || in_one_entry(&platform.livekit.keys.secret_key_ref, &key, &secret),
        |credentials| in_two_entries(credentials, &key, &secret),
    );
    let namespace = &platform.namespace.name;
    Ok(format!("kubectl --namespace {namespace} create secret generic {name} {entries}\n"))
}

/// The Secret that holds lines of `key: secret`.
fn in_one_entry(reference: &NamedSecretKeyRef, key: &str, secret: &str) -> (String, String) {
    (reference.name.clone(), format!("--from-literal={}='{key}: {secret}'", reference.key))
}

/// The Secret that holds the key in one entry and its secret in another.
fn in_two_entries(credentials: &ApiCredentials, key: &str, secret: &str) -> (String, String) {
    let entry =
        |name: &Option<String>, value| format!("--from-literal={}={value}", name.as_deref().unwrap_or_default());
    let entries = [entry(&credentials.api_key_key, key), entry(&credentials.api_secret_key, secret)];
    (credentials.secret_name.clone(), entries.join(" "))
}

/// Random letters, each as likely as any other: a byte past the last multiple of 62 is thrown away.
fn letters(count: usize) -> Result<String, Failure> {
    let mut letters = String::with_capacity(count);
    let mut bytes = [0; 64];
    while letters.len() < count {
        let failed = |error| Failure::Internal(format!("the system has no random bytes: {error}"));
        getrandom::fill(&mut bytes).map_err(failed)?;
        let fair = bytes.iter().filter(|byte| usize::from(**byte) < 256 / ALPHABET.len() * ALPHABET.len());
        let wanted = count - letters.len();
        letters.extend(fair.take(wanted).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    }
    Ok(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_as_many_as_asked_for_and_no_two_texts_are_the_same() {
        let (one, other) = (letters(200).unwrap(), letters(200).unwrap());
        assert_eq!(one.len(), 200);
        assert!(one.bytes().all(|letter| ALPHABET.contains(&letter)));
        assert_ne!(one, other);
    }
}
