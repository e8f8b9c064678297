//! What every capability reads of the values, what every object that the plugin adds carries, and what LiveKit has to
//! do with the rest of the workplace.

use render_plugin_sdk::{Notes, Request, Response, Step};
use serde_json::{Value, json};

/// Says who else needs the API keys.
pub(crate) fn transform(request: &Request) -> Response {
    let secret = request.text("/livekit/keys/secretKeyRef/name").unwrap_or_default();
    let why = format!(
        "Meet and Element sign their tokens with a key that LiveKit knows: one that stands in Secret {secret}. \
         MijnBureau derives its keys from the master password; to keep them, put that key and its secret there"
    );
    let steps = vec![Step::fact("give the components that call LiveKit the same API key", why)];
    let steps = if request.is_on("/livekit/enabled") { steps } else { Vec::new() };
    Response { notes: Notes { steps, ..Notes::default() }, ..Response::default() }
}

/// The name of LiveKit's objects.
pub(crate) fn name(request: &Request) -> &str {
    request.text("/livekit/name").unwrap_or_default()
}

/// The namespace of everything.
pub(crate) fn namespace(request: &Request) -> &str {
    request.text("/namespace/name").unwrap_or_default()
}

/// The metadata of an object that the plugin adds for a capability.
pub(crate) fn metadata(request: &Request, name: &str, component: &str) -> Value {
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
