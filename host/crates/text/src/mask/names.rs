//! Which keys and which variables hold secrets, by their names.

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
pub const DOCKER_LOGIN: &str = "auth";

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
