//! Where secret material comes from: the same shape for every secret.

use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;

/// A secret: where it is in the cluster, and who puts it there. Without `externalSecret` and
/// `value` it must be there already; `render notes` prints the command that creates it.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretSource {
    /// The Secret and its key that the pods read.
    pub secret_key_ref: NamedSecretKeyRef,
    /// External Secrets writes it from the provider's store. The plugin `gke` renders the `ExternalSecret`; without it this
    /// has no effect.
    pub external_secret: Option<ExternalSecret>,
    /// The secret itself, for `--set-env` and `--set-file`; rendered into a Secret and nowhere else.
    #[schemars(extend("writeOnly" = true), length(min = 1))]
    pub value: Option<String>,
    /// Whether pods restart when the Secret changes, by Stakater Reloader's annotation.
    #[serde(default)]
    pub restart_on_change: bool,
}

/// What holds a secret may be printed where something is debugged; the secret itself may not.
impl fmt::Debug for SecretSource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SecretSource")
            .field("secret_key_ref", &self.secret_key_ref)
            .field("external_secret", &self.external_secret)
            .field("value", &self.value.as_ref().map(|_| ".."))
            .field("restart_on_change", &self.restart_on_change)
            .finish()
    }
}

/// A key of a Secret in the same namespace, which is named after the server unless it says otherwise.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct NamedSecretKeyRef {
    /// The Secret's name; it begins with `livekit.name` when left out.
    #[serde(default)]
    #[schemars(regex(pattern = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"), extend("patternHint" = "the name of a Secret: lower-case letters, digits, hyphens and dots"))]
    pub name: String,
    /// The key in its data.
    #[schemars(regex(pattern = r"^[-._a-zA-Z0-9]{1,253}$"), extend("patternHint" = "a key of a Secret: letters, digits, hyphens, underscores and dots"))]
    pub key: String,
}

/// A key of a Secret in the same namespace.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct SecretKeyRef {
    /// The Secret's name.
    #[schemars(regex(pattern = r"^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$"), extend("patternHint" = "the name of a Secret: lower-case letters, digits, hyphens and dots"))]
    pub name: String,
    /// The key in its data.
    #[schemars(regex(pattern = r"^[-._a-zA-Z0-9]{1,253}$"), extend("patternHint" = "a key of a Secret: letters, digits, hyphens, underscores and dots"))]
    pub key: String,
}

/// What External Secrets reads.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecret {
    /// Where the secret is in the store.
    pub remote_ref: RemoteRef,
}

/// Where a secret is in a store.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct RemoteRef {
    /// Its name in the store.
    #[schemars(length(min = 1))]
    pub key: String,
    /// Its version; the newest when left out.
    pub version: Option<String>,
    /// One property of it, when it is a JSON object.
    pub property: Option<String>,
}

/// How External Secrets finds the store of secrets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExternalSecrets {
    /// The store.
    pub secret_store_ref: SecretStoreRef,
    /// How often secrets are read again, as in 1h.
    #[schemars(regex(pattern = r"^([0-9]+(s|m|h))+$"), extend("patternHint" = "a duration, as in 1h or 30m"))]
    pub refresh_interval: String,
}

/// A store of secrets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub struct SecretStoreRef {
    /// `SecretStore` is of the namespace, `ClusterSecretStore` of the cluster.
    #[schemars(extend("enum" = ["SecretStore", "ClusterSecretStore"]))]
    pub kind: String,
    /// Its name.
    #[schemars(length(min = 1))]
    pub name: String,
}
