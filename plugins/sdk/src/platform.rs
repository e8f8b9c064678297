//! What every plugin of a LiveKit platform reads of the values, and what every object that one adds carries.

use serde_json::{Value, json};

use crate::Request;

/// The name of LiveKit's objects, `livekit.name`.
#[must_use]
pub fn name(request: &Request) -> &str {
    request.text("/livekit/name").unwrap_or_default()
}

/// The namespace of everything, `namespace.name`.
#[must_use]
pub fn namespace(request: &Request) -> &str {
    request.text("/namespace/name").unwrap_or_default()
}

/// The metadata of an object that a plugin adds for a capability, such as `ingress`: the name, the namespace and the
/// labels that the host's own objects of that capability carry.
#[must_use]
pub fn metadata(request: &Request, name: &str, component: &str) -> Value {
    json!({
        "name": name,
        "namespace": namespace(request),
        "labels": {
            "app.kubernetes.io/name": "livekit-server",
            "app.kubernetes.io/instance": self::name(request),
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": "livekit",
            "app.kubernetes.io/managed-by": "render",
        },
    })
}
