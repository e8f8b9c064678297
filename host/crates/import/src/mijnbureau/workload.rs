//! The pod of MijnBureau's LiveKit: its image, its size, its rights, and its keys.

use serde_json::json;

use render_text::node::{Node, Tree};

use super::super::draft::Draft;
use super::super::identity::Identity;
use super::super::image::pin;
use super::super::secret::tell;
use super::super::table::{member, place};
use super::{at, text};

/// The registry of images that name none.
const REGISTRY: &str = "docker.io";

/// Carries over what the pod is.
pub(super) fn carry(values: &Node, identity: &Identity, draft: &mut Draft) {
    draft.set("livekit.hostNetwork", false, None);
    draft.set("livekit.replicas", 1, None);
    draft.set("livekit.strategy.type", "Recreate", None);
    image(values, ("livekit_server", "livekit/livekit-server"), ["livekit.image", "livekit.imagePullSecrets"], draft);
    pin(draft);
    let job = ["livekit.externalAddress.job.image", "livekit.externalAddress.job.imagePullSecrets"];
    image(values, ("kubectl", "alpine/kubectl"), job, draft);
    let preset = ["global.resourcesPresetPerApp.livekit", "global.resourcesPreset"];
    if let Some(path) = preset.into_iter().find(|path| text(values, path).is_some()) {
        draft.set("mijnbureau.resourcesPreset", text(values, path).unwrap_or_default(), at(values, path));
    }
    security(values, "livekit", draft);
    keys(values, identity, draft);
}

/// An image by its parts. The registry may be that of all images.
pub(super) fn image(values: &Node, (name, usual): (&str, &str), [target, secrets]: [&str; 2], draft: &mut Draft) {
    let of = |part: &str| {
        let own = format!("container.{name}.{part}");
        if text(values, &own).is_some() { own } else { format!("container.default.{part}") }
    };
    let (registry, repository, secret) =
        (of("registry"), format!("container.{name}.repository"), of("imagePullSecret"));
    if let Some(at) = at(values, &repository).or_else(|| at(values, &registry)) {
        let registry = text(values, &registry).unwrap_or(REGISTRY);
        let repository = text(values, &repository).unwrap_or(usual);
        draft.set(&format!("{target}.repository"), format!("{registry}/{repository}"), Some(at));
    }
    if let Some(name) = text(values, &secret) {
        draft.set(secrets, json!([{"name": name}]), at(values, &secret));
    }
}

/// The rights of the pod and of its container. Bitnami's switch beside them is none of Kubernetes' keys.
pub(super) fn security(values: &Node, target: &str, draft: &mut Draft) {
    for (key, name) in [("podSecurityContext", "podSecurityContext"), ("containerSecurityContext", "securityContext")] {
        let Some(found) = member(values, &format!("security.default.{key}")) else { continue };
        let mut found = found.clone();
        if let Tree::Map(map) = &mut found.node.tree {
            map.shift_remove("enabled");
        }
        let path: Vec<&str> = target.split('.').chain([name]).collect();
        draft.put(&path, found);
    }
}

/// The API keys, which MijnBureau derives from its master password unless they are written.
fn keys(values: &Node, identity: &Identity, draft: &mut Draft) {
    let secret = format!("{}-keys", identity.name);
    draft.set("livekit.keys.secretKeyRef.name", secret.as_str(), None);
    draft.set("livekit.keys.secretKeyRef.key", "keys.yaml", None);
    if let Some(keys) = member(values, "application.livekit.keys") {
        tell("application.livekit.keys", place(keys), (&secret, "keys.yaml"), identity, draft);
        return;
    }
    let namespace = identity.namespace();
    let hint = format!(
        "copy them from the Secret of the release: `kubectl --namespace {namespace} get secret {} -o jsonpath='{{.data.keyfile\\.txt}}' | \
         base64 -d > FILE`, then `kubectl --namespace {namespace} create secret generic {secret} --from-file=keys.yaml=FILE`",
        identity.name
    );
    draft.tell(format!("MijnBureau derives the API keys from its master password, and the environment file has the Secret `{secret}`"), None, hint);
}
