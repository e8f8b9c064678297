//! What finished manifests show of the rules about secrets.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::Diagnostic;

use super::super::servers::{Server, Servers, list};

/// The settings that are secret, each with what carries it out of sight.
const SECRETS: [(&str, &str); 5] = [
    ("keys", "LIVEKIT_KEYS from a Secret, or key_file with a mounted one"),
    ("redis.password", "REDIS_PASSWORD from a Secret"),
    ("redis.sentinel_password", "LIVEKIT_REDIS_SENTINEL_PASSWORD from a Secret"),
    ("prometheus.password", "LIVEKIT_PROMETHEUS_PASSWORD from a Secret"),
    ("rtc.turn_servers", "secret_file with a mounted Secret"),
];

/// What a finding about a secret shows in place of it: the lines around it could hold others.
const NAME: &str = "/metadata/name";

/// LK011: secrets where everybody reads them.
pub(crate) fn readable(servers: &Servers) -> Vec<Diagnostic> {
    let mut found = servers.each(|server| SECRETS.iter().filter_map(|secret| readable_setting(server, secret)));
    found.extend(servers.all("", "ConfigMap").flat_map(private_keys));
    found
}

fn readable_setting(server: &Server, (path, instead): &(&str, &str)) -> Option<Diagnostic> {
    let settings = &server.settings;
    if let Some((value, _)) = settings.overridden(path) {
        let wrong = Diagnostic::error(format!("`{path}` of LiveKit stands in {}, and it is a secret", server.id()));
        let hint = format!("use {instead}");
        return (!value.is_empty()).then(|| wrong.about(server.id(), NAME).hint(hint));
    }
    let file = settings.file.as_ref().filter(|file| file.object.kind != "Secret")?;
    let is_there = match (*path, settings.in_file(path)?) {
        ("rtc.turn_servers", servers) => {
            list(Some(servers)).iter().any(|one| ["credential", "secret"].iter().any(|key| is_filled(one.get(key))))
        }
        (_, value) => is_filled(Some(value)),
    };
    let wrong = Diagnostic::error(format!("`{path}` stands in {}, and it is a secret", file.object));
    is_there.then(|| wrong.about(&file.object, NAME).hint(format!("use {instead}")))
}

/// Whether something stands there. `$(NAME)` is nothing yet: the kubelet puts a variable in its place.
fn is_filled(value: Option<&Value>) -> bool {
    match value {
        Some(Value::String(text)) => !text.is_empty() && !is_variable(text),
        Some(Value::Object(map)) => !map.is_empty(),
        Some(Value::Number(_)) => true,
        _ => false,
    }
}

fn is_variable(text: &str) -> bool {
    text.starts_with("$(") && text.trim_end().ends_with(')')
}

/// Private keys in a `ConfigMap`, whoever reads it.
fn private_keys(config_map: &Manifest) -> Vec<Diagnostic> {
    let data = config_map.value.get("data").and_then(Value::as_object).into_iter().flatten();
    let private = data.filter(|(_, text)| text.as_str().is_some_and(|text| text.contains(" PRIVATE KEY-----")));
    let finding = |(key, _): (&String, _)| {
        let wrong = Diagnostic::error(format!("`{key}` of {} holds a private key, and it is a secret", config_map.id));
        wrong.about(&config_map.id, NAME).hint("put it into a Secret")
    };
    private.map(finding).collect()
}

/// LK016: API keys that are missing or short.
pub(crate) fn api_keys(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let settings = &server.settings;
        let is_given =
            ["keys", "key_file", "development"].iter().any(|path| settings.is_set(path) || settings.may_set(path));
        if !is_given && !is_development(server) {
            let wrong = Diagnostic::error(format!("{} has no API keys, so that LiveKit exits", server.id()));
            let hint = "give LIVEKIT_KEYS from a Secret with lines of `key: secret`, or key_file with a mounted one";
            return vec![server.about(wrong, "keys").hint(hint)];
        }
        let short = keys(server).into_iter().filter(|(_, secret)| secret.chars().count() < 32);
        let finding = |(key, _): (String, String)| {
            let wrong = Diagnostic::error(format!(
                "the secret of the API key `{key}` of {} is shorter than 32 characters",
                server.id()
            ));
            wrong.about(server.id(), NAME).hint("make one with `openssl rand -base64 32`")
        };
        short.map(finding).collect()
    })
}

fn is_development(server: &Server) -> bool {
    ["command", "args"].iter().any(|field| list(server.container.value.get(field)).iter().any(|word| word == "--dev"))
}

/// The API keys of a server that are written in the manifests, each with its secret.
pub(crate) fn keys(server: &Server) -> Vec<(String, String)> {
    if let Some((text, _)) = server.settings.overridden("keys") {
        let pair =
            |line: &str| line.split_once(':').map(|(key, secret)| (key.trim().to_owned(), secret.trim().to_owned()));
        return text.lines().filter_map(pair).collect();
    }
    let written = server.settings.in_file("keys").and_then(Value::as_object).into_iter().flatten();
    written.map(|(key, secret)| (key.clone(), secret.as_str().unwrap_or_default().to_owned())).collect()
}

/// Where the keys of a server stand, when they stand in an object.
pub(crate) fn are_seen(server: &Server) -> bool {
    !keys(server).is_empty() && !server.settings.is_set("key_file") && !server.settings.may_set("keys")
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, livekit};

    /// A secret of as few characters as LiveKit takes without a word.
    const LONG: &str = "0123456789abcdef0123456789abcdef";

    fn with(config: &str, env: &str, container: &str) -> String {
        LiveKit { config, env, container, ..LiveKit::default() }.yaml()
    }

    #[test]
    fn a_setting_that_is_secret_is_in_no_text_that_everybody_reads() {
        let held = |kind: &str, field: &str| {
            let beside = format!(
                "---\n{{apiVersion: v1, kind: {kind}, metadata: {{name: c, namespace: media}}, {field}: {{k: 'keys: {{a: {LONG}}}'}}}}"
            );
            let source = if kind == "Secret" { "secretKeyRef" } else { "configMapKeyRef" };
            let env = format!("{{name: LIVEKIT_CONFIG, valueFrom: {{{source}: {{name: c, key: k}}}}}}");
            LiveKit { env: &env, beside: &beside, ..LiveKit::default() }.yaml()
        };
        in_objects(
            "LK011",
            &[
                (&held("Secret", "stringData"), &[]),
                (&held("ConfigMap", "data"), &["`keys` stands in ConfigMap"]),
                (&livekit("redis: {password: a}"), &["`redis.password` stands in Deployment"]),
                (&livekit("redis: {password: ''}"), &[]),
                (&livekit("redis: {password: $(PASSWORD)}"), &[]),
                (&livekit("rtc: {turn_servers: [{credential: a}]}"), &["`rtc.turn_servers` stands in"]),
                (&livekit("rtc: {turn_servers: [{host: a, secret_file: /a}]}"), &[]),
                (&with("", "{name: REDIS_PASSWORD, value: a}", ""), &["`redis.password` of LiveKit stands in"]),
                (&with("", "{name: REDIS_PASSWORD, value: $(A)}", ""), &[]),
                (&with("", "{name: REDIS_PASSWORD, valueFrom: {secretKeyRef: {name: a, key: b}}}", ""), &[]),
            ],
        );
    }

    #[test]
    fn a_config_map_holds_no_private_key() {
        let config_map =
            |text: &str| format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a}}, data: {{k: '{text}'}}}}");
        in_objects(
            "LK011",
            &[
                (&config_map("-----BEGIN EC PRIVATE KEY-----"), &["`k` of ConfigMap"]),
                (&config_map("-----BEGIN CERTIFICATE-----"), &[]),
                (&config_map("-----BEGIN PUBLIC KEY-----"), &[]),
            ],
        );
    }

    #[test]
    fn api_keys_are_there_and_have_32_characters() {
        in_objects(
            "LK016",
            &[
                (&livekit(&format!("keys: {{a: {LONG}}}")), &[]),
                (&livekit(&format!("keys: {{a: {}}}", &LONG[1..])), &["the API key `a` of"]),
                (&with("", &format!("{{name: LIVEKIT_KEYS, value: 'a: {LONG}'}}"), ""), &[]),
                (&with("", "{name: LIVEKIT_KEYS, value: 'a: short'}", ""), &["the API key `a` of"]),
                (&livekit("port: 7880"), &["has no API keys, so that LiveKit exits"]),
                (&livekit("key_file: /keys"), &[]),
                (&livekit("development: true"), &[]),
                (&with("port: 7880", "", "args: [--dev]"), &[]),
                (&with("port: 7880", "{name: LIVEKIT_KEYS, valueFrom: {secretKeyRef: {name: a, key: b}}}", ""), &[]),
                (&with("port: 7880", "", "envFrom: [{secretRef: {name: a}}]"), &[]),
            ],
        );
    }
}
