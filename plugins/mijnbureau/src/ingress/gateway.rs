//! Signalling by a route of a Gateway, where a filter of the route sets the header.

use render_plugin_sdk::{Request, Response};
use serde_json::{Value, json};

use super::hsts;
use crate::platform;

/// A filter of this type is allowed once in a rule.
const FILTER: &str = "ResponseHeaderModifier";

/// Tells browsers to come back with HTTPS only. Where HTTP leads is the listener's affair, and so the Gateway's.
pub(super) fn transform(request: &Request) -> Response {
    let route = request.find("gateway.networking.k8s.io/v1", "HTTPRoute", platform::name(request));
    let (Some(route), Some(header)) = (route, hsts(request)) else { return Response::default() };
    let Some(rules) = route.get("/spec/rules").and_then(Value::as_array) else { return Response::default() };
    let rules: Vec<Value> = rules.iter().map(|rule| with_header(rule.clone(), &header)).collect();
    let patch = route.patch("browsers that were here once come back with HTTPS only").replace("/spec/rules", rules);
    Response { changes: vec![patch.into()], ..Response::default() }
}

/// A rule whose answers have the header, beside those that its own filter sets.
fn with_header(mut rule: Value, header: &str) -> Value {
    let header = json!({ "name": "Strict-Transport-Security", "value": header });
    let mut filters = rule["filters"].as_array().cloned().unwrap_or_default();
    let own = filters.iter_mut().find(|filter| filter["type"] == FILTER);
    match own.map(|filter| &mut filter["responseHeaderModifier"]["set"]) {
        Some(Value::Array(headers)) => headers.push(header),
        Some(none) => *none = json!([header]),
        None => filters.push(json!({ "type": FILTER, "responseHeaderModifier": { "set": [header] } })),
    }
    rule["filters"] = filters.into();
    rule
}
