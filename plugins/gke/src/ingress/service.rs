//! The Service behind the Ingress: the load balancer reaches its pods directly, with the `BackendConfig`'s settings.

use render_plugin_sdk::{Manifest, Patch, Remark, Request, pointer};
use serde_json::{Value, json};

use crate::platform;

/// The annotations of LiveKit's Service, or why they would have no effect.
pub(super) fn annotate(request: &Request, ingress: &Manifest) -> (Option<Patch>, Vec<Remark>) {
    let name = platform::name(request);
    let service = request.find("v1", "Service", name);
    match service.and_then(|service| Some((service, served_port(ingress, service)?))) {
        Some((service, port)) => (Some(patch(name, service, &port)), Vec::new()),
        None => (None, vec![unserved(name)]),
    }
}

fn patch(name: &str, service: &Manifest, port: &str) -> Patch {
    let annotation = |key| pointer(&["metadata", "annotations", key]);
    service
        .patch("Google's load balancer reaches the pods directly, and finds the settings for them by the Service")
        .add(&annotation("cloud.google.com/neg"), json!({ "ingress": true }).to_string())
        .add(&annotation("cloud.google.com/backend-config"), json!({ "ports": { port: name } }).to_string())
}

/// The Service's port that the Ingress leads to, by its name if it has one: settings for a port that the Service does
/// not have would be ignored without a word.
fn served_port(ingress: &Manifest, service: &Manifest) -> Option<String> {
    let ports = service.get("/spec/ports")?.as_array()?;
    let wanted: Vec<&Value> = backends(ingress)
        .filter(|backend| backend.pointer("/service/name").and_then(Value::as_str) == Some(service.name()))
        .filter_map(|backend| backend.pointer("/service/port"))
        .collect();
    let is_wanted = |port: &&Value| wanted.iter().any(|wanted| names(wanted, port));
    let port = ports.iter().find(is_wanted)?;
    let name = port.get("name").and_then(Value::as_str).map(str::to_owned);
    name.or_else(|| Some(port.get("port")?.to_string()))
}

fn backends(ingress: &Manifest) -> impl Iterator<Item = &Value> {
    let rules = ingress.get("/spec/rules").and_then(Value::as_array).into_iter().flatten();
    let paths = rules.filter_map(|rule| rule.pointer("/http/paths")?.as_array()).flatten();
    paths.filter_map(|path| path.get("backend")).chain(ingress.get("/spec/defaultBackend"))
}

fn names(wanted: &Value, port: &Value) -> bool {
    match (wanted.get("name"), wanted.get("number")) {
        (Some(name), _) => port.get("name") == Some(name),
        (None, Some(number)) => port.get("port") == Some(number),
        (None, None) => false,
    }
}

fn unserved(name: &str) -> Remark {
    Remark::new("/livekit/service/port", format!("the Ingress leads to no port of Service {name}"))
        .hint("leave the Ingress' backend to the templates, or name a port that the Service has")
}
