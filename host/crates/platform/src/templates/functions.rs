//! What templates can call beside minijinja's own filters: labels, and the few shapes that
//! Kubernetes wants and that would otherwise be written in every template.

use std::ops::RangeInclusive;

use indexmap::IndexMap;
use minijinja::value::{Rest, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, Value};

use render_template::{count, spread, weighed};

use super::expansion;
use crate::values::livekit_config::rtc::RtcConfig;
use crate::values::livekit_config::scalars::UdpPorts;

/// Adds the functions and filters.
pub(super) fn add(environment: &mut Environment<'_>) {
    for (name, function) in [
        ("labels", Value::from_function(labels)),
        ("selector", Value::from_function(selector)),
        ("merged", Value::from_function(merged)),
        ("kept", Value::from_function(kept)),
        ("udp_port", Value::from_function(udp_port)),
        ("media_ports", Value::from_function(media_ports)),
        ("container_ports", Value::from_function(container_ports)),
        ("service_ports", Value::from_function(service_ports)),
        ("reference", Value::from_function(expansion::reference)),
        ("with_turn_credentials", Value::from_function(expansion::with_turn_credentials)),
    ] {
        environment.add_function(name, weighed(function));
    }
    for (name, filter) in [
        ("at", Value::from_function(at)),
        ("optional", Value::from_function(optional)),
        ("image", Value::from_function(image)),
        ("yaml", Value::from_function(text)),
        ("expanding", Value::from_function(expanding)),
    ] {
        environment.add_filter(name, weighed(filter));
    }
    environment.add_filter("spread", spread);
}

/// The standard labels of an object of a capability, and further ones.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn labels(state: &State, component: &str, further: Rest<Value>) -> Result<Value, Error> {
    let mut all = standard(state, component)?;
    all.extend(version(state, component).map(|version| ("app.kubernetes.io/version".to_owned(), version)));
    all.push(("app.kubernetes.io/part-of".to_owned(), Value::from("livekit")));
    all.push(("app.kubernetes.io/managed-by".to_owned(), Value::from("render")));
    for map in std::iter::once(&written_selector(state, component)?).chain(further.iter()) {
        put(&mut all, map)?;
    }
    Ok(Value::from_pairs(all))
}

/// Adds the labels of a map, which win; what is no map is passed over.
fn put(all: &mut Vec<(String, Value)>, map: &Value) -> Result<(), Error> {
    if map.kind() == ValueKind::Map {
        for key in map.try_iter()? {
            let value = map.get_item(&key)?;
            match all.iter_mut().find(|(other, _)| key.as_str() == Some(other.as_str())) {
                Some((_, there)) => *there = value,
                None => all.push((key.to_string(), value)),
            }
        }
    }
    Ok(())
}

/// The labels by which a Service or a workload finds the pods of a capability. They never change,
/// because a workload's selector cannot.
fn selector(state: &State, component: &str) -> Result<Value, Error> {
    let written = written_selector(state, component)?;
    if written.is_undefined() { Ok(Value::from_pairs(standard(state, component)?)) } else { Ok(written) }
}

/// The labels that the values give for finding the server's pods, as an import of a running Deployment does.
fn written_selector(state: &State, component: &str) -> Result<Value, Error> {
    match state.lookup("livekit").filter(|_| component == "livekit") {
        Some(livekit) => livekit.get_attr("selectorLabels"),
        None => Ok(Value::UNDEFINED),
    }
}

/// The version of what runs, for the capabilities that run something.
fn version(state: &State, component: &str) -> Option<Value> {
    let workload = match component {
        "livekit" => state.lookup("livekit")?,
        "livekit-ingress" => state.lookup("livekitIngress")?,
        "livekit-egress" => state.lookup("livekitEgress")?,
        "broadcaster" => state.lookup("broadcaster")?,
        "redis" => state.lookup("redis")?.get_attr("embedded").ok()?,
        _ => return None,
    };
    let tag = workload.get_attr("image").ok()?.get_attr("tag").ok()?;
    // A label holds 63 characters, a tag up to 128.
    if tag.len().unwrap_or(0) <= 63 { Some(tag) } else { None }
}

fn standard(state: &State, component: &str) -> Result<Vec<(String, Value)>, Error> {
    let of = |path: &str| {
        state.lookup(path).ok_or_else(|| Error::new(ErrorKind::UndefinedError, format!("{path} is not set")))
    };
    let (name, instance) = match component {
        "redis" => ("redis", of("redis")?.get_attr("embedded")?.get_attr("name")?),
        "livekit-ingress" => ("livekit-ingress", of("livekitIngress")?.get_attr("name")?),
        "livekit-egress" => ("livekit-egress", of("livekitEgress")?.get_attr("name")?),
        "broadcaster" => ("broadcaster", of("broadcaster")?.get_attr("name")?),
        "gateway" => ("gateway", of("gateway")?.get_attr("name")?),
        "stunner" => ("stunner", of("stunner")?.get_attr("gateway")?.get_attr("name")?),
        _ => ("livekit-server", of("livekit")?.get_attr("name")?),
    };
    Ok(vec![
        ("app.kubernetes.io/name".to_owned(), Value::from(name)),
        ("app.kubernetes.io/instance".to_owned(), instance),
        ("app.kubernetes.io/component".to_owned(), Value::from(component)),
    ])
}

/// The annotations by which Argo CD, Flux and Helm leave an object alone that is no longer rendered.
fn kept() -> Value {
    Value::from_pairs([
        ("argocd.argoproj.io/sync-options", "Prune=false,Delete=false"),
        ("kustomize.toolkit.fluxcd.io/prune", "disabled"),
        ("helm.sh/resource-policy", "keep"),
    ])
}

/// Several maps as one, later keys win; what is no map is passed over.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn merged(maps: Rest<Value>) -> Result<Value, Error> {
    let mut all: IndexMap<String, Value> = IndexMap::new();
    for map in maps.iter().filter(|map| map.kind() == ValueKind::Map) {
        for key in map.try_iter()? {
            all.insert(key.to_string(), map.get_item(&key)?);
        }
    }
    Ok(Value::from_pairs(all))
}

/// The port, or the ports, of `livekit.config.rtc.udp_port` as a `NetworkPolicy` names them.
fn udp_port(value: &Value) -> Result<Value, Error> {
    let range = udp_range(value)?;
    let last = (range.start() != range.end()).then(|| ("endPort", Value::from(*range.end())));
    let first = [("port", Value::from(*range.start()))];
    Ok(Value::from_pairs(first.into_iter().chain(last).chain([("protocol", Value::from("UDP"))])))
}

/// Every UDP port of media in LiveKit's configuration: a Service lists them one by one.
fn media_ports(config: &Value) -> Result<Vec<u16>, Error> {
    let wrong = |error: serde_json::Error| Error::new(ErrorKind::InvalidOperation, error.to_string());
    let rtc = serde_json::to_value(at(config.clone(), "rtc")?).map_err(wrong)?;
    let rtc: Option<RtcConfig> = serde_json::from_value(rtc).map_err(wrong)?;
    Ok(rtc.and_then(|rtc| rtc.media_ports()).map(Iterator::collect).unwrap_or_default())
}

/// The same as a container declares them, each by a name: Kubernetes knows no ranges there.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn container_ports(name: &str, value: Value) -> Result<Vec<Value>, Error> {
    let port = |port: u16, name: String| {
        [("name", Value::from(name)), ("containerPort", Value::from(port)), ("protocol", Value::from("UDP"))]
    };
    Ok(named_ports(name, &value)?.map(|(number, name)| Value::from_pairs(port(number, name))).collect())
}

/// The same as a Service leads to them.
#[expect(clippy::needless_pass_by_value, reason = "minijinja hands arguments over")]
fn service_ports(name: &str, value: Value) -> Result<Vec<Value>, Error> {
    let port = |port: u16, name: String| {
        [
            ("name", Value::from(name.clone())),
            ("port", Value::from(port)),
            ("targetPort", Value::from(name)),
            ("protocol", Value::from("UDP")),
        ]
    };
    Ok(named_ports(name, &value)?.map(|(number, name)| Value::from_pairs(port(number, name))).collect())
}

/// The ports with a name for each: the one that is given, and with several ports their number behind it.
fn named_ports(name: &str, value: &Value) -> Result<impl Iterator<Item = (u16, String)>, Error> {
    let range = udp_range(value)?;
    let (several, name) = (range.start() != range.end(), name.to_owned());
    Ok(range.map(move |port| (port, if several { format!("{name}-{port}") } else { name.clone() })))
}

fn udp_range(value: &Value) -> Result<RangeInclusive<u16>, Error> {
    let wrong = |error: String| Error::new(ErrorKind::InvalidOperation, error);
    let json = serde_json::to_value(value).map_err(|error| wrong(error.to_string()))?;
    let ports: UdpPorts = serde_json::from_value(json).map_err(|error| wrong(error.to_string()))?;
    ports.range().ok_or_else(|| wrong("udp_port names no port".to_owned()))
}

/// The value under a path of keys, or nothing when a part of the way is not set: LiveKit's own
/// configuration may leave out whatever LiveKit has a default for.
fn at(value: Value, path: &str) -> Result<Value, Error> {
    let found = path.split('.').try_fold(value, |value, key| match value.kind() {
        ValueKind::Map => value.get_attr(key),
        _ => Ok(Value::UNDEFINED),
    })?;
    Ok(if found.is_undefined() { Value::from(()) } else { found })
}

/// The value, or nothing when it is not set or empty: its key then does not appear.
fn optional(value: Value) -> Value {
    if value.is_undefined() || value.len() == Some(0) { Value::from(()) } else { value }
}

/// `repository:tag`, with the digest when there is one.
fn image(image: &Value) -> Result<String, Error> {
    let digest = image.get_attr("digest")?;
    let name = format!("{}:{}", image.get_attr("repository")?, image.get_attr("tag")?);
    Ok(if digest.is_undefined() { name } else { format!("{name}@{digest}") })
}

/// Writing a value as YAML takes more time than to make it.
const WRITING: usize = 4;

fn text(state: &mut State, value: &Value) -> Result<String, Error> {
    count(state, value, WRITING)?;
    expansion::text_of(value)
}

fn expanding(state: &mut State, value: Value) -> Result<String, Error> {
    count(state, &value, WRITING)?;
    expansion::expanding(value)
}
