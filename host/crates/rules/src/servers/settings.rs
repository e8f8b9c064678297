//! LiveKit's configuration as the process would read it: a text from a variable or a mounted file, then
//! the variables and flags that win over it. A value that comes from a Secret is known to be set, and
//! nothing more is known of it.

use std::ops::Range;

use serde_json::Value;

use render_objects::manifest::ManifestSet;
use render_text::node::{Node, Tree};
use render_text::resource::ResourceId;
use render_text::source::{Place, Sources};
use render_text::yaml;

use super::{Mounted, Server, list, text};
use crate::view::of_kind;

/// How a server is configured.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    /// The text, where the manifests hold one.
    pub(crate) file: Option<ConfigText>,
    /// Whether a part of the settings stands where it cannot be seen.
    pub(crate) is_partial: bool,
    /// Whether unknown keys are passed over.
    pub(crate) is_lenient: bool,
    /// What variables and flags set.
    overrides: Vec<Override>,
}

/// A text of LiveKit's configuration.
#[derive(Debug)]
pub(crate) struct ConfigText {
    /// The object that it stands in.
    pub(crate) object: ResourceId,
    /// The field of the object.
    pub(crate) pointer: String,
    /// What it says; null where it cannot be read.
    pub(crate) value: Value,
    /// The same as a tree, for a schema to be held against.
    pub(crate) tree: Node,
    /// Why it cannot be read.
    pub(crate) broken: Option<String>,
}

/// What a variable or a flag sets.
#[derive(Debug)]
struct Override {
    /// The setting, as in `redis.address`.
    path: String,
    /// The value; none where it comes from somewhere else.
    value: Option<String>,
    /// Where it stands in the workload.
    pointer: String,
}

/// Variables with names of their own. Every scalar setting has one more: `LIVEKIT_RTC_TCP_PORT`.
const VARIABLES: [(&str, &str); 6] = [
    ("NODE_IP", "rtc.node_ip"),
    ("UDP_PORT", "rtc.udp_port"),
    ("REDIS_HOST", "redis.address"),
    ("REDIS_PASSWORD", "redis.password"),
    ("LIVEKIT_TURN_CERT", "turn.cert_file"),
    ("LIVEKIT_TURN_KEY", "turn.key_file"),
];

/// Flags with names of their own.
const FLAGS: [(&str, &str); 10] = [
    ("key-file", "key_file"),
    ("keys", "keys"),
    ("node-ip", "rtc.node_ip"),
    ("redis-host", "redis.address"),
    ("redis-password", "redis.password"),
    ("turn-cert", "turn.cert_file"),
    ("turn-key", "turn.key_file"),
    ("udp-port", "rtc.udp_port"),
    ("config", CONFIG),
    ("config-body", BODY),
];

const CONFIG: &str = "--config";
const BODY: &str = "--config-body";

impl Settings {
    /// The value of a setting, as in `turn.tls_port`; none where it is not set, or not to be seen.
    pub(crate) fn get(&self, path: &str) -> Option<Value> {
        match self.set_by(path) {
            Some(set) => set.value.clone().map(Value::String),
            None => self.in_file(path).cloned(),
        }
    }

    /// A setting that is a text.
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        match self.get(path)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// A setting that is a number.
    pub(crate) fn port(&self, path: &str) -> Option<u16> {
        let number = match self.get(path)? {
            Value::String(text) => text.parse().ok()?,
            other => other.as_u64()?,
        };
        u16::try_from(number).ok().filter(|port| *port > 0)
    }

    /// Whether a switch is on.
    pub(crate) fn is_on(&self, path: &str) -> bool {
        matches!(self.get(path), Some(Value::Bool(true))) || self.text(path).as_deref() == Some("true")
    }

    /// Whether anything that is not empty sets it, to be seen or not.
    pub(crate) fn is_set(&self, path: &str) -> bool {
        match self.set_by(path) {
            Some(set) => set.value.as_ref().is_none_or(|value| !value.is_empty()),
            None => self.in_file(path).is_some_and(|value| !is_empty(value)),
        }
    }

    /// What the text says, whatever wins over it.
    pub(crate) fn in_file(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.file.as_ref()?.value, |value, key| value.get(key))
    }

    /// The text that a variable or a flag gives a setting, and where it stands in the workload.
    pub(crate) fn overridden(&self, path: &str) -> Option<(&str, &str)> {
        self.set_by(path).and_then(|set| Some((set.value.as_deref()?, set.pointer.as_str())))
    }

    /// Whether a setting that is absent here may be set where it cannot be seen.
    pub(crate) fn may_set(&self, path: &str) -> bool {
        self.is_partial || self.set_by(path).is_some_and(|set| set.value.is_none())
    }

    /// What sets a setting: a variable, a flag, the text, or else the container.
    pub(super) fn place(&self, path: &str, server: &Server) -> (ResourceId, String) {
        match (self.set_by(path), &self.file) {
            (Some(set), _) => (server.id().clone(), set.pointer.clone()),
            (None, Some(file)) => (file.object.clone(), file.pointer.clone()),
            (None, None) => (server.id().clone(), server.container.pointer.clone()),
        }
    }

    /// The bytes of the text that say a setting, where it is the text that says it.
    pub(super) fn bytes(&self, path: &str) -> Option<Range<usize>> {
        let file = self.file.as_ref().filter(|_| self.set_by(path).is_none())?;
        let steps: Vec<&str> = path.split('.').collect();
        (1..=steps.len()).rev().find_map(|length| file.tree.at(&steps[..length])?.place()).map(Place::range)
    }

    fn set_by(&self, path: &str) -> Option<&Override> {
        self.overrides.iter().find(|set| set.path == path)
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// How a server is configured, as far as the manifests say it.
pub(super) fn read(server: &Server, manifests: &ManifestSet) -> Settings {
    let mut overrides = variables(server);
    overrides.extend(flags(server));
    let is_inline = |set: &&Override| set.path == BODY && set.value.as_ref().is_none_or(|text| !text.is_empty());
    let body = overrides.iter().find(is_inline);
    let path = overrides.iter().find(|set| set.path == CONFIG).and_then(|set| set.value.as_deref());
    let (file, is_hidden) = match (body, path) {
        (Some(body), _) => inline(server, body, manifests),
        (None, Some(path)) => (mounted(server, path, manifests), true),
        (None, None) => (None, false),
    };
    // A shell in between may do anything to what is written here.
    let is_scripted = list(server.container.value.get("command"))
        .iter()
        .any(|word| matches!(word.as_str(), Some("/bin/sh" | "sh" | "/bin/bash" | "bash")));
    let has_more = !list(server.container.value.get("envFrom")).is_empty();
    let is_broken = file.as_ref().is_some_and(|file| file.broken.is_some());
    // An image may bring a configuration of its own.
    let is_silent = file.is_none() && overrides.is_empty();
    Settings {
        is_partial: has_more || is_broken || is_silent || is_scripted || (is_hidden && file.is_none()),
        is_lenient: words(server).any(|(_, word)| word == "--disable-strict-config"),
        file,
        overrides,
    }
}

/// The text of a variable or a flag: its own value, or the key that it names.
fn inline(server: &Server, body: &Override, manifests: &ManifestSet) -> (Option<ConfigText>, bool) {
    if let Some(text) = &body.value {
        return (Some(parsed(server.id().clone(), body.pointer.clone(), text)), false);
    }
    let variable = server.workload().value.pointer(&body.pointer);
    let reference = |field: &str| {
        let source = variable?.pointer(&format!("/valueFrom/{field}"))?;
        Some((self::text(source, "/name")?, self::text(source, "/key")?))
    };
    let found = reference("configMapKeyRef")
        .and_then(|(name, key)| held(server, ("ConfigMap", name), ("data", key), manifests))
        .or_else(|| {
            reference("secretKeyRef")
                .and_then(|(name, key)| held(server, ("Secret", name), ("stringData", key), manifests))
        });
    (found, true)
}

fn mounted(server: &Server, path: &str, manifests: &ManifestSet) -> Option<ConfigText> {
    match server.mounted(path)? {
        Mounted::ConfigMap { name, key } => held(server, ("ConfigMap", name), ("data", &key), manifests),
        Mounted::Secret { name, key, .. } => held(server, ("Secret", name), ("stringData", &key), manifests),
        Mounted::Other => None,
    }
}

/// The text under a key of an object in the server's namespace.
fn held(
    server: &Server,
    (kind, name): (&str, &str),
    (field, key): (&str, &str),
    manifests: &ManifestSet,
) -> Option<ConfigText> {
    let mut holders = of_kind(manifests, "", kind).map(|field| field.manifest);
    let holder = holders.find(|holder| holder.id.name == name && server.is_beside(holder))?;
    let pointer = format!("/{field}/{}", key.replace('~', "~0").replace('/', "~1"));
    Some(parsed(holder.id.clone(), pointer.clone(), text(&holder.value, &pointer)?))
}

fn parsed(object: ResourceId, pointer: String, text: &str) -> ConfigText {
    let source = Sources::default().add("", "");
    let (tree, broken) = match yaml::read(source, text) {
        Ok(documents) => (documents.into_iter().next(), None),
        Err(mistakes) => (None, mistakes.into_iter().next().map(|mistake| mistake.message)),
    };
    let tree = tree.unwrap_or(Node { tree: Tree::Null, origins: Vec::new() });
    ConfigText { object, pointer, value: tree.to_json(), tree, broken }
}

fn variables(server: &Server) -> Vec<Override> {
    let variables = list(server.container.value.get("env")).iter().enumerate();
    let read = |(index, variable): (usize, &Value)| {
        let name = text(variable, "/name")?;
        let path = match VARIABLES.iter().find(|(known, _)| *known == name) {
            Some((_, path)) => (*path).to_owned(),
            None if name == "LIVEKIT_CONFIG" => BODY.to_owned(),
            None => setting(name.strip_prefix("LIVEKIT_")?),
        };
        let at = format!("{}/env/{index}", server.container.pointer);
        let is_given = variable.get("valueFrom").is_none();
        let value = is_given.then(|| text(variable, "/value").unwrap_or_default().to_owned());
        // The kubelet fills `$(NAME)` in when the pod starts, so only a whole configuration can be read around it.
        let value = value.filter(|value| path == BODY || !value.contains("$("));
        Some(Override { path, pointer: if is_given { at + "/value" } else { at }, value })
    };
    variables.filter_map(read).collect()
}

/// The setting of a generated variable. Only the sections that rules ask about are told apart from keys
/// that have an underscore themselves.
fn setting(name: &str) -> String {
    const SECTIONS: [&str; 7] = ["redis_tls", "redis", "rtc", "turn", "prometheus", "debug_handler", "webhook"];
    let name = name.to_lowercase();
    let section = SECTIONS.iter().find_map(|section| Some((*section, name.strip_prefix(section)?.strip_prefix('_')?)));
    match section {
        Some(("redis_tls", key)) => format!("redis.tls.{key}"),
        Some((section, key)) => format!("{section}.{key}"),
        None => name,
    }
}

fn flags(server: &Server) -> Vec<Override> {
    let all: Vec<(String, &str)> = words(server).collect();
    let read = |(index, (pointer, word)): (usize, &(String, &str))| {
        let flag = word.strip_prefix("--")?;
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, all.get(index + 1).map(|(_, next)| *next)),
        };
        let (_, path) = FLAGS.iter().find(|(known, _)| *known == name)?;
        Some(Override { path: (*path).to_owned(), value: value.map(str::to_owned), pointer: pointer.clone() })
    };
    all.iter().enumerate().filter_map(read).collect()
}

/// Every word of the container's command line, and where it stands.
fn words<'a>(server: &Server<'a>) -> impl Iterator<Item = (String, &'a str)> {
    let (container, at) = (server.container.value, server.container.pointer.clone());
    ["command", "args"].into_iter().flat_map(move |field| {
        let at = at.clone();
        let words = list(container.get(field)).iter().enumerate();
        words
            .filter_map(move |(index, word)| Some((format!("{at}/{field}/{index}"), word.as_str()?)))
            .collect::<Vec<_>>()
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, livekit};

    /// A configuration that LK010 finds, where all of it is read.
    const BOTH: &str = "rtc: {use_external_ip: true, node_ip: 192.0.2.1}";
    const FOUND: &[&str] = &["`rtc.node_ip` of"];

    fn with(env: &str, container: &str, pod: &str, beside: &str) -> String {
        LiveKit { env, container, pod, beside, ..LiveKit::default() }.yaml()
    }

    fn held(kind: &str, namespace: &str) -> String {
        let field = if kind == "Secret" { "stringData" } else { "data" };
        format!(
            "---\n{{apiVersion: v1, kind: {kind}, metadata: {{name: c, namespace: {namespace}}}, {field}: {{k.yaml: '{BOTH}'}}}}"
        )
    }

    #[test]
    fn a_configuration_is_read_where_the_process_reads_it() {
        let mounted = |source: &str| format!("volumes: [{{name: v, {source}}}]");
        let mount = "volumeMounts: [{name: v, mountPath: /etc/lk}], args: [--config, /etc/lk/k.yaml]";
        let (map, secret) = (mounted("configMap: {name: c}"), mounted("secret: {secretName: c}"));
        let by_key = "{name: LIVEKIT_CONFIG, valueFrom: {configMapKeyRef: {name: c, key: k.yaml}}}";
        in_objects(
            "LK010",
            &[
                (&livekit(BOTH), FOUND),
                (&with("", &format!("args: ['--config-body={BOTH}']"), "", ""), FOUND),
                (&with("", &format!("args: [--config-body, '{BOTH}']"), "", ""), FOUND),
                (&with(by_key, "", "", &held("ConfigMap", "media")), FOUND),
                (&with(by_key, "", "", &held("ConfigMap", "other")), &[]),
                (&with("", mount, &map, &held("ConfigMap", "media")), FOUND),
                (&with("", mount, &secret, &held("Secret", "media")), FOUND),
                (&with("", mount, &secret, &held("ConfigMap", "media")), &[]),
                (&with("", mount, &mounted("emptyDir: {}"), &held("ConfigMap", "media")), &[]),
                (
                    &with(
                        "",
                        mount,
                        &mounted("configMap: {name: c, items: [{key: k.yaml, path: other.yaml}]}"),
                        &held("ConfigMap", "media"),
                    ),
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn variables_and_flags_win_over_the_text() {
        let over = |env: &str, container: &str| LiveKit { config: BOTH, env, container, ..LiveKit::default() }.yaml();
        in_objects(
            "LK010",
            &[
                (&over("{name: LIVEKIT_RTC_USE_EXTERNAL_IP, value: 'false'}", ""), &[]),
                (&over("{name: NODE_IP, value: ''}", ""), &[]),
                (&over("{name: NODE_IP, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}", ""), FOUND),
                (&over("", "args: [--node-ip, 192.0.2.2]"), FOUND),
                (&over("{name: LIVEKIT_RTC_USE_EXTERNAL_IP, value: $(A)}", ""), &[]),
            ],
        );
    }
}
