//! MijnBureau's Redis: one of its own, or one that is there already.

use render_text::node::{Node, Tree};

use super::super::draft::Draft;
use super::super::identity::Identity;
use super::super::secret::tell;
use super::super::table::{member, place};
use super::workload::{image, security};
use super::{at, text};

/// Carries over which Redis LiveKit uses.
pub(super) fn carry(values: &Node, identity: &Identity, draft: &mut Draft) {
    let from = at(values, "cache.livekit.isInternal");
    if is_internal(values, draft) {
        draft.set("redis.mode", "embedded", from);
        embedded(values, draft);
    } else {
        draft.set("redis.mode", "external", from);
        if let Some(host) = text(values, "cache.livekit.host") {
            draft.set("redis.external.host", host, at(values, "cache.livekit.host"));
        }
        if let Some(port) = member(values, "cache.livekit.port") {
            draft.put(&["redis", "external", "port"], port.clone());
        }
    }
    let secret = format!("{}-redis-auth", identity.name);
    draft.set("redis.auth.secretKeyRef.name", secret.as_str(), None);
    draft.set("redis.auth.secretKeyRef.key", "password", None);
    if let Some(password) = member(values, "cache.livekit.password") {
        tell("cache.livekit.password", place(password), (&secret, "password"), identity, draft);
        return;
    }
    let hint = format!(
        "`render notes` prints the command that makes the Secret `{secret}`; a new Redis may have a new password"
    );
    draft.tell(
        "MijnBureau derives the password of Redis from its master password, and the environment file has a Secret",
        None,
        hint,
    );
}

/// Whether MijnBureau installs it. A host of the user's own says that it does not.
fn is_internal(values: &Node, draft: &Draft) -> bool {
    let written = |path: &str| member(values, path).filter(|member| !draft.is_default(&member.node));
    match written("cache.livekit.isInternal") {
        Some(internal) => internal.node.tree != Tree::Bool(false),
        None => written("cache.livekit.host").is_none(),
    }
}

fn embedded(values: &Node, draft: &mut Draft) {
    draft.set("redis.embedded.name", "livekit-redis", None);
    image(values, ("redis", "redis"), ["redis.embedded.image", "redis.embedded.imagePullSecrets"], draft);
    if let Some(tag) = member(values, "container.redis.tag") {
        draft.put(&["redis", "embedded", "image", "tag"], tag.clone());
    }
    if let Some(resources) = member(values, "resource.livekit.redis") {
        draft.put(&["redis", "embedded", "resources"], resources.clone());
    }
    security(values, "redis.embedded", draft);
    draft.set("redis.embedded.persistence.enabled", true, None);
    for (key, name) in [("size", "size"), ("storageClass", "storageClassName"), ("accessModes", "accessModes")] {
        let found = member(values, &format!("pvc.livekit.redis.{key}"))
            .or_else(|| member(values, &format!("pvc.default.{key}")));
        if let Some(found) = found.filter(|found| found.node.tree != Tree::Null) {
            draft.put(&["redis", "embedded", "persistence", name], found.clone());
        }
    }
}
