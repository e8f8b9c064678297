//! What LiveKit has to do with the rest of the workplace.

pub(crate) use render_plugin_sdk::platform::{metadata, name, namespace};
use render_plugin_sdk::{Notes, Request, Response, Step};

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
