//! Which keys, by their names, hold secrets, and which words are no secret although somebody has chosen them for one.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use crate::schema;

/// A key with one of these in it holds a secret, whatever its case and its separators.
const SECRET: [&str; 9] =
    ["password", "passwd", "passphrase", "secret", "token", "credential", "apikey", "privatekey", "accesskey"];

/// A key that ends like this says where a secret is, or something else about it.
const ABOUT: [&str; 17] = [
    "ref",
    "refs",
    "name",
    "names",
    "namespace",
    "path",
    "file",
    "dir",
    "store",
    "class",
    "seconds",
    "ttl",
    "type",
    "version",
    "enabled",
    "policy",
    "provider",
];

/// Fields of objects that lead to Secrets and tokens.
const FIELDS: [&str; 6] =
    ["imagePullSecrets", "secrets", "automountServiceAccountToken", "serviceAccountToken", "secretKey", "passwordKey"];

/// The key of what `docker login` writes: a user and a password in base64. Where a schema knows the map around it, the
/// key is a section of the values.
pub(crate) const DOCKER_LOGIN: &str = "auth";

/// Whether a key holds a secret by its name.
#[must_use]
pub fn is_secret(key: &str) -> bool {
    let folded: String = key.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let is_misspelt = || strsim::damerau_levenshtein(&folded, "password") == 1;
    (SECRET.iter().any(|mark| folded.contains(mark)) || (7..=9).contains(&folded.len()) && is_misspelt())
        && !ABOUT.iter().any(|end| folded.ends_with(end))
        && !FIELDS.contains(&key)
}

/// Whether a variable of a container holds a secret by its name.
#[must_use]
pub fn is_secret_variable(name: &str) -> bool {
    let upper = name.to_uppercase();
    is_secret(name) || upper.ends_with("KEYS") || upper.ends_with("_PASS")
}

/// The keys of the values.
#[derive(Debug)]
pub struct Words {
    /// Those that are secret somewhere.
    secret: BTreeSet<String>,
    /// All of them.
    known: BTreeSet<String>,
}

impl Words {
    /// The keys that a schema names.
    #[must_use]
    pub fn of(schema: &Value) -> Self {
        let mut words = Self { secret: BTreeSet::new(), known: BTreeSet::new() };
        words.collect(schema);
        words
    }

    /// Those of the values.
    pub(super) fn of_values() -> &'static Self {
        static WORDS: OnceLock<Words> = OnceLock::new();
        WORDS.get_or_init(|| Self::of(schema::described_values().unwrap_or(&Value::Null)))
    }

    /// Whether a key may lead to a secret.
    pub(super) fn is_secret(&self, key: &str) -> bool {
        self.secret.contains(key) || !self.known.contains(key) && is_secret(key)
    }

    /// Whether a key is one that a file of values or an object of Kubernetes has at its top.
    pub(super) fn is_known(&self, key: &str) -> bool {
        self.known.contains(key) || ["apiVersion", "kind", "metadata", "spec", "items"].contains(&key)
    }

    fn collect(&mut self, schema: &Value) {
        match schema {
            Value::Object(map) => {
                for (name, property) in map.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    self.known.insert(name.clone());
                    if is_write_only(property) {
                        self.secret.insert(name.clone());
                    }
                }
                map.values().for_each(|below| self.collect(below));
            }
            Value::Array(list) => list.iter().for_each(|below| self.collect(below)),
            _ => {}
        }
    }
}

/// Whether a value is secret, or all that it holds under whatever keys.
fn is_write_only(schema: &Value) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true)) || schema.get("additionalProperties").is_some_and(is_write_only)
}

/// Whether a text is a word of the program's own documentation, such as `livekit` or `secret`. Masked wherever it stands,
/// it would spoil every message, and the gaps would tell what it is.
pub(super) fn is_common(text: &str) -> bool {
    static WORDS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    is_word(text)
        && WORDS
            .get_or_init(|| {
                let words = schema::VALUES.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
                words.filter(|word| is_word(word)).collect()
            })
            .contains(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_secrets_are_told_from_keys_about_secrets() {
        for key in [
            "password",
            "dbPassword",
            "api_secret",
            "ACCESS-KEY",
            "auth_token",
            "smtp.passwd",
            "clientSecret",
            "pasword",
        ] {
            assert!(is_secret(key), "{key}");
        }
        for key in [
            "secretName",
            "secretKeyRef",
            "secret_file",
            "tokenTTL",
            "passwordPolicy",
            "imagePullSecrets",
            "keys",
            "name",
        ] {
            assert!(!is_secret(key), "{key}");
        }
        assert!(is_secret_variable("LIVEKIT_KEYS") && is_secret_variable("DB_PASS") && !is_secret_variable("LEVEL"));
    }
}
