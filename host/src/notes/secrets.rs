//! The Secrets that pods read and that nothing in the set makes: someone has to create them.

use serde_json::Value;

use crate::manifest::{Manifest, ManifestSet};
use crate::plugins::notes::{Secret, Text};
use crate::values::Platform;
use crate::values::redis::RedisMode;
use crate::values::secret::SecretKeyRef;

/// Each Secret to create, with its command.
pub(super) fn missing(platform: &Platform, set: &ManifestSet) -> Vec<Secret> {
    let namespace = &platform.namespace.name;
    let mut missing = needed(platform);
    missing.retain(|need| !set.iter().any(|manifest| makes(manifest, namespace, &need.name)));
    missing.iter().map(|need| entry(namespace, need)).collect()
}

/// A Secret that pods read.
struct Need {
    name: String,
    /// The key of an opaque Secret and the file that brings its content; none for a certificate.
    content: Option<(String, &'static str)>,
    why: &'static str,
}

fn needed(platform: &Platform) -> Vec<Need> {
    let key = |reference: &SecretKeyRef, file, why| Need {
        name: reference.name.clone(),
        content: Some((reference.key.clone(), file)),
        why,
    };
    let mut all = Vec::new();
    if platform.livekit.enabled {
        let why = "the API keys, as lines of `key: secret` with 32 characters or more; to change one, let the old and the new line \
                   stand together until all pods have restarted";
        all.push(key(&platform.livekit.keys.secret_key_ref, "KEYS_FILE", why));
    }
    let redis = &platform.redis;
    if redis.mode != RedisMode::None && redis.auth.enabled {
        let why = "the password of Redis, in a file that does not end in a newline";
        all.push(key(&redis.auth.source.secret_key_ref, "PASSWORD_FILE", why));
    }
    if let Some(ca) = redis.external.tls.ca_secret_key_ref.as_ref().filter(|_| redis.mode == RedisMode::External) {
        all.push(key(ca, "CA.pem", "the authority that signed Redis' certificate"));
    }
    all.extend(certificates(platform));
    all
}

fn certificates(platform: &Platform) -> Vec<Need> {
    let certificate = |name: &str, why| Need { name: name.to_owned(), content: None, why };
    let turn = platform.turn_over_tls().filter(|turn| turn.external_tls != Some(true));
    let turn = turn.map(|_| certificate(&platform.turn.certificate.secret_name, "the certificate of TURN's domain"));
    let ingress = platform.ingress.tls.as_ref().filter(|_| platform.ingress.enabled);
    let ingress = ingress.map(|tls| certificate(&tls.secret_name, "the certificate of signalling's name"));
    turn.into_iter().chain(ingress).collect()
}

/// Whether an object is a Secret of this name, or makes one.
fn makes(manifest: &Manifest, namespace: &str, secret: &str) -> bool {
    let own = manifest.id.name.as_str();
    let text = |pointer: &str| manifest.value.pointer(pointer).and_then(Value::as_str);
    let name = match manifest.id.kind.as_str() {
        "Secret" => Some(own),
        "ExternalSecret" => Some(text("/spec/target/name").unwrap_or(own)),
        "Certificate" => text("/spec/secretName"),
        _ => None,
    };
    name == Some(secret) && manifest.id.namespace.as_deref().is_none_or(|other| other == namespace)
}

fn entry(namespace: &str, need: &Need) -> Secret {
    let name = &need.name;
    let create = format!("kubectl --namespace {namespace} create secret");
    let (keys, command) = match &need.content {
        Some((key, file)) => (vec![key.as_str()], format!("{create} generic {name} --from-file={key}={file}")),
        None => (vec!["tls.crt", "tls.key"], format!("{create} tls {name} --cert=FULLCHAIN.pem --key=KEY.pem")),
    };
    Secret {
        namespace: Text::new(namespace),
        name: Text::new(name),
        keys: keys.into_iter().map(Text::new).collect(),
        command: Text::new(command),
        why: Text::new(need.why),
    }
}
