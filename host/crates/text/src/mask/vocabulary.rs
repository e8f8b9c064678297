//! The words of the program's own documentation: the keys of the values, of which a schema says whether they are secret,
//! and words that are no secret although somebody has chosen one as a password.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::OnceLock;

use serde_json::Value;

use super::names;

/// The words of a schema. It is read when the first message asks.
pub struct Vocabulary {
    schema: &'static str,
    keys: OnceLock<Keys>,
    words: OnceLock<BTreeSet<&'static str>>,
}

/// The keys of the values.
#[derive(Debug, Default)]
struct Keys {
    /// Those that are secret somewhere.
    secret: BTreeSet<String>,
    /// All of them.
    known: BTreeSet<String>,
}

impl Vocabulary {
    /// The words of a schema with its descriptions; a schema that cannot be read has no keys.
    #[must_use]
    pub const fn new(schema: &'static str) -> Self {
        Self { schema, keys: OnceLock::new(), words: OnceLock::new() }
    }

    /// Whether a key may lead to a secret.
    pub(super) fn is_secret(&self, key: &str) -> bool {
        self.keys().secret.contains(key) || !self.keys().known.contains(key) && names::is_secret(key)
    }

    /// Whether a key is one that a file of values or an object of Kubernetes has at its top.
    pub(super) fn is_known(&self, key: &str) -> bool {
        self.keys().known.contains(key) || ["apiVersion", "kind", "metadata", "spec", "items"].contains(&key)
    }

    /// Whether a text is a word of the documentation, such as `livekit` or `secret`. Masked wherever it occurs, it would
    /// spoil every message, and the gaps would tell the word.
    #[must_use]
    pub fn has_word(&self, text: &str) -> bool {
        is_word(text) && self.words().contains(text)
    }

    fn keys(&self) -> &Keys {
        self.keys.get_or_init(|| {
            let mut keys = Keys::default();
            keys.collect(&serde_json::from_str(self.schema).unwrap_or_default());
            keys
        })
    }

    fn words(&self) -> &BTreeSet<&'static str> {
        self.words.get_or_init(|| {
            let words = self.schema.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-');
            words.filter(|word| is_word(word)).collect()
        })
    }
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vocabulary({} bytes)", self.schema.len())
    }
}

impl Keys {
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

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_the_documentation_are_known_and_others_not() {
        let vocabulary = Vocabulary::new(r#"{"description": "The livekit-server's secret, a Redis of its own"}"#);
        for word in ["livekit-server", "secret", "own"] {
            assert!(vocabulary.has_word(word), "{word}");
        }
        for word in ["Redis", "hunter2", "live"] {
            assert!(!vocabulary.has_word(word), "{word}");
        }
    }
}
