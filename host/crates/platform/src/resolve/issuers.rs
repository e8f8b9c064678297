//! What follows for cert-manager's issuers.

use serde_json::{Value, json};

use super::{Derived, Given};

pub(super) fn derive(given: &Given) -> Vec<Derived> {
    let mut all = Vec::new();
    for (name, issuer) in &given.platform.issuers {
        let mut add = |key: &str, value: Value, reason| {
            all.push(Derived::at(&["issuers", name, key], value, reason));
        };
        add(
            "kind",
            json!(issuer.kind.as_deref().unwrap_or("ClusterIssuer")),
            "an issuer serves the cluster unless it says otherwise",
        );
        let server = match issuer.server.as_deref().unwrap_or("production") {
            "production" => "https://acme-v02.api.letsencrypt.org/directory",
            "staging" => "https://acme-staging-v02.api.letsencrypt.org/directory",
            url => url,
        };
        add("server", json!(server), "Let's Encrypt's directory");
        if issuer.private_key_secret_ref.is_none() {
            let secret = json!({"name": format!("{name}-account-key")});
            add("privateKeySecretRef", secret, "the account's key is named as the issuer");
        }
    }
    all
}
