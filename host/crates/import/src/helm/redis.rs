//! Redis: an address in LiveKit's configuration is the environment's `redis`, and the password is a Secret.

use render_text::node::{Node, Tree};

use super::super::draft::Draft;
use super::super::identity::Identity;
use super::super::secret;
use super::super::table::{member, place};

/// What of `livekit.redis` is said elsewhere.
const SAID_ELSEWHERE: [&str; 4] = ["address", "password", "use_tls", "sentinel_password"];

/// Carries over which Redis LiveKit uses.
pub(super) fn carry(values: &Node, identity: &Identity, draft: &mut Draft) {
    let Some(redis) = member(values, "livekit.redis") else { return };
    let Tree::Map(map) = &redis.node.tree else {
        let wrong = format!("`livekit.redis` must be a map, not {}, and is not carried over", redis.node.tree.kind());
        return draft.tell(wrong, place(redis), "say which Redis it is under `redis`");
    };
    let is_external = external(&redis.node, draft);
    password(&redis.node, identity, is_external, draft);
    for (key, member) in map.iter().filter(|(key, _)| !SAID_ELSEWHERE.contains(&key.as_str())) {
        if let ("tls", true, Tree::Map(tls)) = (key.as_str(), is_external, &member.node.tree) {
            for (key, member) in tls.iter().filter(|(key, _)| *key != "enabled") {
                draft.put(&["livekit", "config", "redis", "tls", key], member.clone());
            }
            continue;
        }
        draft.put(&["livekit", "config", "redis", key], member.clone());
    }
}

/// One Redis at an address; whether there is one.
fn external(redis: &Node, draft: &mut Draft) -> bool {
    let Some(address) = member(redis, "address") else { return false };
    let at = address.node.place();
    let written = if let Tree::String(text) = &address.node.tree { text.as_str() } else { "" };
    let (host, port) =
        written.rsplit_once(':').map_or((written, None), |(host, port)| (host, port.parse::<u16>().ok()));
    let is_port = port.is_some() || host == written;
    if host.is_empty() || !is_port || host.contains([':', '/', '@', '[']) {
        let wrong = "`livekit.redis.address` is not of the form `host:port`, and is not carried over";
        draft.tell(wrong, at, "set `redis.external.host` and `redis.external.port`, with `redis.mode: external`");
        return false;
    }
    draft.set("redis.mode", "external", at);
    draft.set("redis.external.host", host, at);
    if let Some(port) = port {
        draft.set("redis.external.port", port, at);
    }
    let tls = [member(redis, "use_tls"), member(redis, "tls.enabled")];
    if let Some(on) = tls.into_iter().flatten().find(|on| on.node.tree == Tree::Bool(true)) {
        draft.set("redis.external.tls.enabled", true, on.node.place());
    }
    true
}

/// The password, which comes from a Secret wherever it was.
fn password(redis: &Node, identity: &Identity, is_external: bool, draft: &mut Draft) {
    let name = format!("{}-redis-auth", identity.name);
    let password = member(redis, "password").filter(|member| member.node.tree != Tree::String(String::new()));
    match (password, is_external) {
        (Some(password), true) => {
            draft.set("redis.auth.secretKeyRef.name", name.as_str(), place(password));
            draft.set("redis.auth.secretKeyRef.key", "password", place(password));
            secret::tell("livekit.redis.password", place(password), (&name, "password"), identity, draft);
        }
        (Some(password), false) => {
            secret::tell_variable("livekit.redis.password", place(password), "REDIS_PASSWORD", draft);
        }
        (None, true) => draft.set("redis.auth.enabled", false, None),
        (None, false) => {}
    }
    if let Some(password) = member(redis, "sentinel_password") {
        let variable = "LIVEKIT_REDIS_SENTINEL_PASSWORD";
        secret::tell_variable("livekit.redis.sentinel_password", place(password), variable, draft);
    }
}
