//! The Secrets that pods read and that nothing in the set makes: someone has to create them.

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::values::Platform;
use render_platform::values::ingress::IngressType;
use render_platform::values::issuers::Issuer;
use render_platform::values::redis::RedisMode;
use render_platform::values::stunner::StunnerAuthType;
use render_plugins::notes::{Secret, Text};

/// Each Secret to create, with its command.
pub(super) fn missing(platform: &Platform, set: &ManifestSet) -> Vec<Secret> {
    let mut missing = needed(platform);
    missing.retain(|need| !set.iter().any(|manifest| makes(manifest, &need.namespace, &need.name)));
    missing.iter().map(entry).collect()
}

/// A Secret that pods or operators read.
struct Need {
    namespace: String,
    name: String,
    /// The entries of an opaque Secret; none for a certificate.
    entries: Vec<Entry>,
    why: &'static str,
}

/// An entry of a Secret, and where its content comes from.
enum Entry {
    /// From a file, which the command names.
    File(String, &'static str),
    /// A word that is no secret.
    Word(&'static str, &'static str),
    /// What a command prints, which makes it up.
    Made(&'static str, &'static str),
}

impl Entry {
    fn key(&self) -> &str {
        match self {
            Self::File(key, _) => key,
            Self::Word(key, _) | Self::Made(key, _) => key,
        }
    }
}

fn needed(platform: &Platform) -> Vec<Need> {
    let mut all = Vec::new();
    all.extend(api_keys(platform));
    all.extend(redis(platform));
    all.extend(stunner(platform));
    all.extend(broadcaster(platform));
    all.extend(certificates(platform));
    all.extend(platform.issuers.values().filter_map(|issuer| account_key(platform, issuer)));
    all.extend(platform.issuers.values().filter_map(|issuer| cloudflare(platform, issuer)));
    all
}

/// A Secret of the environment's namespace.
fn need(platform: &Platform, name: &str, entries: Vec<Entry>, why: &'static str) -> Need {
    Need { namespace: platform.namespace.name.clone(), name: name.to_owned(), entries, why }
}

fn api_keys(platform: &Platform) -> Option<Need> {
    let livekit = &platform.livekit;
    let keys = &livekit.keys.secret_key_ref;
    if let Some(credentials) = &livekit.api_credentials {
        let key = Entry::File(credentials.api_key_key.clone().unwrap_or_default(), "API_KEY_FILE");
        let secret = Entry::File(credentials.api_secret_key.clone().unwrap_or_default(), "API_SECRET_FILE");
        let why = "the API key of the server and its workers, and its secret of 32 characters or more, in files that do not end in \
                   a newline";
        return Some(need(platform, &credentials.secret_name, vec![key, secret], why));
    }
    let why = "the API keys, as lines of `key: secret` with 32 characters or more; to change one, let the old and the new line \
               stand together until all pods have restarted";
    livekit.enabled.then(|| need(platform, &keys.name, vec![Entry::File(keys.key.clone(), "KEYS_FILE")], why))
}

fn redis(platform: &Platform) -> Vec<Need> {
    let redis = &platform.redis;
    let mut all = Vec::new();
    if redis.mode != RedisMode::None && redis.auth.enabled {
        let password = &redis.auth.source.secret_key_ref;
        let why = "the password of Redis, in a file that does not end in a newline";
        let entry = Entry::File(password.key.clone(), "PASSWORD_FILE");
        all.push(need(platform, &password.name, vec![entry], why));
    }
    if let Some(ca) = redis.external.tls.ca_secret_key_ref.as_ref().filter(|_| redis.mode == RedisMode::External) {
        let entry = Entry::File(ca.key.clone(), "CA.pem");
        all.push(need(platform, &ca.name, vec![entry], "the authority that signed Redis' certificate"));
    }
    all
}

/// The credentials of TURN, where STUNner reads them and where LiveKit does.
fn stunner(platform: &Platform) -> Vec<Need> {
    let stunner = &platform.stunner;
    let of = |namespace: &String, why| {
        let file = |key: &str, file| Entry::File(key.to_owned(), file);
        let mut entries = vec![Entry::Word("type", stunner.auth.kind.word())];
        entries.extend(match stunner.auth.kind {
            StunnerAuthType::Static => {
                vec![file("username", "TURN_USERNAME_FILE"), file("password", "TURN_PASSWORD_FILE")]
            }
            StunnerAuthType::Ephemeral => vec![file("secret", "TURN_SECRET_FILE")],
        });
        Need { namespace: namespace.clone(), name: stunner.auth.secret_ref.name.clone(), entries, why }
    };
    let own = of(&stunner.namespace, "STUNner checks clients by it; the files do not end in a newline");
    let copy =
        of(&platform.namespace.name, "LiveKit tells its clients what STUNner checks: the same files as STUNner's own");
    let behind = stunner.livekit.enabled && platform.livekit.enabled;
    let all = [(stunner.enabled, own), (behind && stunner.namespace != platform.namespace.name, copy)];
    all.into_iter().filter_map(|(needed, need)| needed.then_some(need)).collect()
}

/// The secrets of the Broadcaster. Those of TURN are STUNner's, from the same files.
fn broadcaster(platform: &Platform) -> Option<Need> {
    let secret = platform.broadcaster.credentials.secret_ref.as_ref().filter(|_| platform.broadcaster.enabled)?;
    let entries = vec![
        Entry::File("ice-server-username".to_owned(), "TURN_USERNAME_FILE"),
        Entry::File("ice-server-credential".to_owned(), "TURN_PASSWORD_FILE"),
        Entry::Made("secret-key-base", "openssl rand -hex 32"),
        Entry::Word("admin-username", "admin"),
        Entry::Made("admin-password", "openssl rand -hex 24"),
        Entry::Made("whip-token", "openssl rand -hex 24"),
        Entry::Made("release-cookie", "openssl rand -hex 24"),
    ];
    let why = "make it once, with bash, and copy it into every cluster: sessions, and the nodes of Erlang, are known by it in each. The \
               TURN files are STUNner's own. Without release-cookie the nodes use the cookie of the image, which everybody has who pulled it";
    Some(need(platform, &secret.name, entries, why))
}

fn certificates(platform: &Platform) -> Vec<Need> {
    let certificate = |name: &str, why| need(platform, name, Vec::new(), why);
    let turn = platform.turn_over_tls().filter(|turn| turn.external_tls != Some(true));
    let turn = turn.map(|_| certificate(&platform.turn.certificate.secret_name, "the certificate of TURN's domain"));
    let by_ingress = platform.has_signalling() && platform.ingress.kind == IngressType::Ingress;
    let ingress = platform.ingress.tls.as_ref().filter(|_| by_ingress);
    let ingress = ingress.map(|tls| certificate(&tls.secret_name, "the certificate of signalling's name"));
    let gateway = platform.gateway.enabled.then(|| Need {
        namespace: platform.gateway.namespace.clone(),
        ..certificate(&platform.gateway.certificate.secret_name, "the certificate of the Gateway's names")
    });
    let stunner = platform.stunner.certificate.as_ref().filter(|_| platform.stunner.enabled).map(|own| Need {
        namespace: platform.stunner.namespace.clone(),
        ..certificate(&own.secret_name, "the certificate of STUNner's listeners for TLS and DTLS")
    });
    let broadcaster = &platform.broadcaster;
    let by_ingress = broadcaster.enabled && platform.ingress.kind == IngressType::Ingress;
    let names = [
        (broadcaster.host.as_ref(), &broadcaster.tls.secret_name, "the certificate of the region's name"),
        (broadcaster.global_host.as_ref(), &broadcaster.tls.global_secret_name, "the certificate of the global name"),
    ];
    let names = names.into_iter().filter(|(host, ..)| by_ingress && host.is_some());
    let names = names.map(|(_, secret, why)| certificate(secret, why));
    [turn, ingress, gateway, stunner].into_iter().flatten().chain(names).collect()
}

/// The token by which cert-manager proves a domain at Cloudflare.
fn cloudflare(platform: &Platform, issuer: &Issuer) -> Option<Need> {
    let token = &issuer.dns01.as_ref()?.cloudflare.as_ref()?.api_token_secret_ref;
    let entry = Entry::File(token.key.clone(), "CLOUDFLARE_TOKEN_FILE");
    let mut need = need(
        platform,
        &token.name,
        vec![entry],
        "cert-manager proves domains by records that it writes with this token",
    );
    of_issuer(&mut need, issuer);
    Some(need)
}

/// The key of the account at the authority, where cert-manager is told not to make one.
fn account_key(platform: &Platform, issuer: &Issuer) -> Option<Need> {
    let secret =
        issuer.private_key_secret_ref.as_ref().filter(|_| issuer.disable_account_key_generation == Some(true))?;
    let why = "the account at the authority, one for all clusters: make the key once with `openssl genrsa -out ACCOUNT_KEY.pem 2048`, \
               and put it into each; cert-manager takes no other kind than RSA";
    let mut need = need(platform, &secret.name, vec![Entry::File("tls.key".to_owned(), "ACCOUNT_KEY.pem")], why);
    of_issuer(&mut need, issuer);
    Some(need)
}

/// Puts a Secret where cert-manager looks for it: what serves the cluster has its Secrets beside cert-manager.
fn of_issuer(need: &mut Need, issuer: &Issuer) {
    if issuer.kind.as_deref() != Some("Issuer") {
        "cert-manager".clone_into(&mut need.namespace);
    }
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

fn entry(need: &Need) -> Secret {
    let Need { namespace, name, entries, why } = need;
    let create = format!("kubectl --namespace {namespace} create secret");
    let (keys, command) = if entries.is_empty() {
        (vec!["tls.crt", "tls.key"], format!("{create} tls {name} --cert=FULLCHAIN.pem --key=KEY.pem"))
    } else {
        let keys = entries.iter().map(Entry::key);
        (keys.collect(), format!("{create} generic {name}{}", entries.iter().map(argument).collect::<String>()))
    };
    Secret {
        namespace: Text::new(namespace),
        name: Text::new(name),
        keys: keys.into_iter().map(Text::new).collect(),
        command: Text::new(command),
        why: Text::new(*why),
    }
}

/// What the command says about an entry.
fn argument(entry: &Entry) -> String {
    match entry {
        Entry::File(key, file) => format!(" --from-file={key}={file}"),
        Entry::Word(key, word) => format!(" --from-literal={key}={word}"),
        Entry::Made(key, command) => format!(" --from-file={key}=<({command} | tr -d '\\n')"),
    }
}
