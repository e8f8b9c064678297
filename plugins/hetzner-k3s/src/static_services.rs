//! What `STUNner` may relay to beside pods: itself, for two clients that both are behind it, and the nodes of every
//! cluster, this one's too. The addresses are those of the fleet, so that none is written twice.

use render_plugin_sdk::platform::metadata;
use render_plugin_sdk::{Change, Request, Response};
use serde_json::{Value, json};

use crate::fleet;

/// The nodes of every cluster.
const NODES: &str = "static-svc";

/// Adds the `StaticService` of the nodes, and the routes to it and to the Gateway itself.
pub(crate) fn transform(request: &Request) -> Response {
    if !request.is_on("/stunner/enabled") {
        return Response::default();
    }
    let gateway = request.text("/stunner/gateway/name").unwrap_or_default();
    let namespace = request.text("/stunner/namespace").unwrap_or_default();
    let prefixes: Vec<String> = fleet::rows(request).iter().map(|row| format!("{}/32", row.node_ip)).collect();
    let hairpin = json!({ "name": gateway, "namespace": namespace });
    let nodes = json!({ "group": "stunner.l7mp.io", "kind": "StaticService", "name": NODES });
    let changes = [
        object(
            request,
            "StaticService",
            NODES,
            &json!({ "prefixes": prefixes }),
            "media of one cluster is relayed to the nodes of every cluster, this one's too",
        ),
        object(
            request,
            "UDPRoute",
            "stunner-hairpin",
            &route(gateway, &hairpin),
            "two clients that both relay through STUNner reach each other through it",
        ),
        object(
            request,
            "UDPRoute",
            "static-services",
            &route(gateway, &nodes),
            "clients may be relayed to the nodes of every cluster",
        ),
    ];
    Response { changes: changes.into_iter().flatten().collect(), ..Response::default() }
}

fn route(gateway: &str, backend: &Value) -> Value {
    json!({ "parentRefs": [{ "name": gateway }], "rules": [{ "backendRefs": [backend] }] })
}

/// An object beside `STUNner`'s Gateway, unless the values bring one of that name themselves.
fn object(request: &Request, kind: &str, name: &str, spec: &Value, reason: &str) -> Option<Change> {
    let api_version =
        format!("stunner.l7mp.io/{}", request.text("/cluster/servedAPIs/stunner.l7mp.io").unwrap_or("v1"));
    let mut metadata = metadata(request, name, "stunner");
    metadata["namespace"] = json!(request.text("/stunner/namespace"));
    // As on STUNner's other objects: it belongs to no LiveKit server.
    metadata["labels"]["app.kubernetes.io/name"] = json!("stunner");
    metadata["labels"]["app.kubernetes.io/instance"] = json!(request.text("/stunner/gateway/name"));
    let manifest = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "spec": spec });
    request.find(&api_version, kind, name).is_none().then(|| Change::add(manifest, reason))
}
