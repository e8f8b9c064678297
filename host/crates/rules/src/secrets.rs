//! Rules about secrets.

use render_platform::values::secret::SecretSource;
use render_platform::values::{Platform, Values};
use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, finished, place};

pub(super) static RULES: &[&Rule] = &[&NOT_IN_CONFIG_MAP, &KEYS_WELL_FORMED, &ONE_SOURCE];

static NOT_IN_CONFIG_MAP: Rule = Rule {
    code: "LK011",
    severity: Severity::Error,
    title: "no secret in a ConfigMap",
    why: "LiveKit's configuration is a ConfigMap, which everyone who may read the namespace reads, and which backups, logs and \
          `kubectl describe` show.",
    find: Find::Both(
        |values| {
            let secret = secrets_in_config(&values.platform);
            let finding = |(path, instead): (&str, &str)| {
                let wrong = Diagnostic::error(format!("`{path}` would stand in a ConfigMap, and it is a secret"));
                wrong.at(place(values, path)).hint(format!("use {instead} instead"))
            };
            secret.into_iter().map(finding).collect()
        },
        finished::secrets::readable,
    ),
};

static KEYS_WELL_FORMED: Rule = Rule {
    code: "LK016",
    severity: Severity::Error,
    title: "API keys are lines of `key: secret`, with 32 characters or more",
    why: "LiveKit exits when it has no keys, and only logs it when a secret is short enough to be guessed.",
    find: Find::Both(
        |values| {
            let Some(keys) = &values.platform.livekit.keys.value else { return Vec::new() };
            let path = "livekit.keys.value";
            let mistakes =
                keys.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).filter_map(|(index, line)| {
                    let number = index + 1;
                    match line.split_once(": ") {
                        None => Some(format!("line {number} of `{path}` is not of the form `key: secret`")),
                        Some((_, secret)) if secret.trim().len() < 32 => {
                            Some(format!("the secret in line {number} of `{path}` is shorter than 32 characters"))
                        }
                        Some(_) => None,
                    }
                });
            let hint = "make one with `openssl rand -base64 32`";
            mistakes.map(|message| Diagnostic::error(message).at(place(values, path)).hint(hint)).collect()
        },
        finished::secrets::api_keys,
    ),
};

static ONE_SOURCE: Rule = Rule {
    code: "LK017",
    severity: Severity::Error,
    title: "a secret comes from one place",
    why: "External Secrets and the rendered Secret would overwrite each other for ever.",
    find: Find::Values(|values| {
        let sources: [(&str, &SecretSource); 2] =
            [("livekit.keys", &values.platform.livekit.keys), ("redis.auth", &values.platform.redis.auth.source)];
        let both = sources.into_iter().filter(|(_, source)| source.value.is_some() && source.external_secret.is_some());
        both.map(|(path, _)| two_sources(values, path)).collect()
    }),
};

fn two_sources(values: &Values, path: &str) -> Diagnostic {
    let other = place(values, &format!("{path}.value"));
    let wrong = Diagnostic::error(format!("`{path}` has both `externalSecret` and `value`"));
    wrong.at(place(values, &format!("{path}.externalSecret"))).with(other, "the value").hint("keep one of them")
}

/// Secrets that are set under `livekit.config`, each with the value that is meant for it.
fn secrets_in_config(platform: &Platform) -> Vec<(&'static str, &'static str)> {
    let config = &platform.livekit.config;
    let redis = config.redis.as_ref();
    let turn_servers = config.rtc.as_ref().map(|rtc| rtc.turn_servers.as_slice()).unwrap_or_default();
    let all = [
        (!config.keys.is_empty(), "livekit.config.keys", "livekit.keys"),
        (redis.is_some_and(|redis| redis.password.is_some()), "livekit.config.redis.password", "redis.auth"),
        (
            redis.is_some_and(|redis| redis.sentinel_password.is_some()),
            "livekit.config.redis.sentinel_password",
            "livekit.env with LIVEKIT_REDIS_SENTINEL_PASSWORD from a Secret",
        ),
        (
            config.prometheus.as_ref().is_some_and(|prometheus| prometheus.password.is_some()),
            "livekit.config.prometheus.password",
            "livekit.env with LIVEKIT_PROMETHEUS_PASSWORD from a Secret",
        ),
        (
            turn_servers.iter().any(|server| server.credential.is_some() || server.secret.is_some()),
            "livekit.config.rtc.turn_servers",
            "secret_file with a mounted Secret",
        ),
    ];
    all.into_iter().filter_map(|(set, path, instead)| set.then_some((path, instead))).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    #[test]
    fn no_secret_is_under_the_configuration() {
        let config = |config: &str| format!("livekit: {{config: {{{config}}}}}");
        in_values(
            "LK011",
            &[
                ("livekit: {keys: {value: 'a: b'}}", &[]),
                (&config("keys: {a: b}"), &["`livekit.config.keys` would stand in a ConfigMap"]),
                (&config("redis: {address: a, password: b}"), &["`livekit.config.redis.password`"]),
                (&config("redis: {address: a, sentinel_password: b}"), &["`livekit.config.redis.sentinel_password`"]),
                (&config("prometheus: {port: 1, password: b}"), &["`livekit.config.prometheus.password`"]),
                (&config("prometheus: {port: 1, username: b}"), &[]),
                (
                    &config("rtc: {turn_servers: [{host: a, port: 1, protocol: udp, credential: b}]}"),
                    &["turn_servers` would"],
                ),
                (&config("rtc: {turn_servers: [{host: a, port: 1, protocol: udp, secret_file: /b}]}"), &[]),
            ],
        );
    }

    #[test]
    fn a_secret_of_a_key_has_32_characters() {
        let keys = |keys: &str| format!("livekit: {{keys: {{value: \"{keys}\"}}}}");
        let (long, short) = ("a".repeat(32), "a".repeat(31));
        in_values(
            "LK016",
            &[
                ("{}", &[]),
                (&keys(&format!("k: {long}\\n\\nl: {long}\\n")), &[]),
                (&keys(&format!("k: {short}")), &["the secret in line 1 of `livekit.keys.value` is shorter"]),
                (&keys(&format!("k: {long}\\nl: {short} ")), &["the secret in line 2"]),
                (&keys(&format!("k:{long}")), &["line 1 of `livekit.keys.value` is not of the form"]),
            ],
        );
    }

    #[test]
    fn a_secret_comes_from_one_place() {
        let external = "externalSecret: {remoteRef: {key: a}}";
        in_values(
            "LK017",
            &[
                (&format!("livekit: {{keys: {{{external}}}}}"), &[]),
                (&format!("livekit: {{keys: {{value: 'a: b', {external}}}}}"), &["`livekit.keys` has both"]),
                (&format!("redis: {{auth: {{value: a, {external}}}}}"), &["`redis.auth` has both"]),
            ],
        );
    }
}
