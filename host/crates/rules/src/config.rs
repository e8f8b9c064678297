//! Rules about LiveKit's configuration as a whole: what the server makes of what it is given.

use render_platform::values;
use render_platform::values::Values;
use render_schema::check;
use render_text::diagnostic::{Diagnostic, Kind, Part, Severity};

use super::finished::secrets::{are_seen, keys};
use super::servers::Server;
use super::{Find, Rule, place};

pub(super) static RULES: &[&Rule] = &[&WEBHOOK_KEY, &KNOWN_KEYS, &HEEDED_KEYS];

static WEBHOOK_KEY: Rule = Rule {
    code: "LK061",
    severity: Severity::Error,
    title: "webhooks are signed with one of the API keys",
    why: "LiveKit exits when it has addresses for webhooks and no key of its own to sign them with.",
    find: Find::Both(
        |values| {
            let Some(webhook) = &values.platform.livekit.config.webhook else { return Vec::new() };
            let keys = values.platform.livekit.keys.value.as_deref();
            let is_known = |key: &str| {
                keys.is_none_or(|keys| keys.lines().any(|line| line.split(':').next().map(str::trim) == Some(key)))
            };
            let key = webhook.api_key.as_deref();
            if webhook.urls.is_empty() || key.is_some_and(is_known) {
                return Vec::new();
            }
            vec![signed_with(values, key)]
        },
        |servers| servers.each(unsigned),
    ),
};

static KNOWN_KEYS: Rule = Rule {
    code: "LK062",
    severity: Severity::Error,
    title: "LiveKit can read its configuration",
    why: "LiveKit exits at a key that it does not know and at a value of another type, so that every pod restarts for ever. \
          The manifests are accepted all the same: to Kubernetes it is text.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let broken = server.settings.file.as_ref().and_then(|file| {
                let broken = file.broken.as_ref()?;
                let wrong =
                    Diagnostic::error(format!("LiveKit cannot read the configuration in {}: {broken}", file.object));
                Some(wrong.about(&file.object, file.pointer.clone()).hint("it is YAML: mend it"))
            });
            let is_lenient = server.settings.is_lenient;
            let mistakes = mistakes(server).into_iter().filter(move |mistake| !(is_lenient && is_unknown(mistake)));
            broken
                .into_iter()
                .chain(mistakes.filter_map(|mistake| in_config(server, &mistake, "does not start")))
                .collect::<Vec<_>>()
        })
    }),
};

static HEEDED_KEYS: Rule = Rule {
    code: "LK063",
    severity: Severity::Warning,
    title: "LiveKit heeds every key of its configuration",
    why: "With --disable-strict-config LiveKit passes over keys that it does not know, and says nothing: a misspelt limit is no \
          limit. Charts use the flag because they keep keys of their own beside LiveKit's.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let unknown = mistakes(server).into_iter().filter(|one| server.settings.is_lenient && is_unknown(one));
            unknown.filter_map(|mistake| in_config(server, &mistake, "passes over it")).collect::<Vec<_>>()
        })
    }),
};

fn signed_with(values: &Values, key: Option<&str>) -> Diagnostic {
    let path = "livekit.config.webhook";
    let hint = "set livekit.config.webhook.api_key to one of the keys in livekit.keys";
    match key {
        None => Diagnostic::error(format!("`{path}.urls` is set, and `{path}.api_key` is not"))
            .at(place(values, &format!("{path}.urls"))),
        Some(key) => Diagnostic::error(format!("`{path}.api_key` is {key}, which `livekit.keys.value` does not have"))
            .at(place(values, &format!("{path}.api_key")))
            .with(place(values, "livekit.keys.value"), "the keys"),
    }
    .hint(hint)
}

fn unsigned(server: &Server) -> Option<Diagnostic> {
    let settings = &server.settings;
    if !settings.is_set("webhook.urls") {
        return None;
    }
    let message = match settings.text("webhook.api_key") {
        None if settings.is_set("webhook.api_key") || settings.is_partial => return None,
        None => format!("{} has addresses for webhooks, and no `webhook.api_key`", server.id()),
        Some(key) => {
            let is_missing = are_seen(server) && !keys(server).iter().any(|(known, _)| *known == key);
            is_missing
                .then(|| format!("`webhook.api_key` of {} is {key}, which is none of its API keys", server.id()))?
        }
    };
    let hint = "set webhook.api_key to one of the API keys";
    Some(server.about(Diagnostic::error(message), "webhook.api_key").hint(hint))
}

/// Everything that LiveKit does not take in a server's configuration.
fn mistakes(server: &Server) -> Vec<Diagnostic> {
    let file = server.settings.file.as_ref().filter(|file| !file.value.is_null());
    let Some((file, schema)) = file.zip(values::schema::livekit_config()) else { return Vec::new() };
    check::check(&file.tree, schema)
}

fn is_unknown(mistake: &Diagnostic) -> bool {
    mistake.kind == Some(Kind::UnknownKey)
}

/// A mistake in a text as one in the object that holds it: its own places count inside the text.
fn in_config(server: &Server, mistake: &Diagnostic, then: &str) -> Option<Diagnostic> {
    let file = server.settings.file.as_ref()?;
    let message = format!("{} (in {}): LiveKit {then}", mistake.message, file.object);
    let part = mistake.place.map_or(Part::Value, |place| Part::Bytes(place.range()));
    let wrong = Diagnostic::error(message).about(&file.object, file.pointer.clone()).part(part);
    Some(match &mistake.hint {
        Some(hint) => wrong.hint(hint.clone()),
        None => wrong,
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, in_values, livekit};

    #[test]
    fn values_sign_webhooks_with_a_key_that_there_is() {
        let set = |keys: &str, webhook: &str| format!("livekit: {{{keys} config: {{webhook: {{{webhook}}}}}}}");
        let (keys, urls) = ("keys: {value: 'a: secret'},", "urls: ['https://example.com']");
        in_values(
            "LK061",
            &[
                (&set(keys, &format!("{urls}, api_key: a")), &[]),
                (&set(keys, &format!("{urls}, api_key: b")), &["is b, which `livekit.keys.value` does not have"]),
                (&set(keys, urls), &["`livekit.config.webhook.api_key` is not"]),
                (&set("", &format!("{urls}, api_key: b")), &[]),
                (&set(keys, "urls: []"), &[]),
            ],
        );
    }

    #[test]
    fn manifests_sign_webhooks_with_a_key_that_there_is() {
        let urls = "urls: ['https://example.com']";
        let keys = "{name: LIVEKIT_KEYS, value: 'a: secret'}";
        let hidden = "{name: LIVEKIT_KEYS, valueFrom: {secretKeyRef: {name: a, key: b}}}";
        let set = |webhook: &str, env: &str| {
            LiveKit { config: &format!("webhook: {{{webhook}}}"), env, ..LiveKit::default() }.yaml()
        };
        in_objects(
            "LK061",
            &[
                (&set(&format!("{urls}, api_key: a"), keys), &[]),
                (&set(&format!("{urls}, api_key: b"), keys), &["is b, which is none of its API keys"]),
                (&set(&format!("{urls}, api_key: b"), hidden), &[]),
                (&set(urls, keys), &["and no `webhook.api_key`"]),
                (&set("api_key: b", keys), &[]),
            ],
        );
    }

    #[test]
    fn livekit_stops_at_a_key_that_it_does_not_know_unless_it_is_told_not_to() {
        let lenient = |config: &str| {
            LiveKit { config, container: "args: [--disable-strict-config]", ..LiveKit::default() }.yaml()
        };
        let (unknown, mistyped) = ("rtc: {udp_prot: 1}", "rtc: {tcp_port: a}");
        in_objects(
            "LK062",
            &[
                (&livekit("rtc: {udp_port: 7882}"), &[]),
                (&livekit(unknown), &["unknown key"]),
                (&livekit(mistyped), &["LiveKit does not start"]),
                (&lenient(unknown), &[]),
                (&lenient(mistyped), &["LiveKit does not start"]),
                (&livekit("port: [7880"), &["LiveKit cannot read the configuration"]),
            ],
        );
        in_objects(
            "LK063",
            &[
                (&lenient(unknown), &["LiveKit passes over it"]),
                (&livekit(unknown), &[]),
                (&lenient("rtc: {udp_port: 7882}"), &[]),
            ],
        );
    }
}
