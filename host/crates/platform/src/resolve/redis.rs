//! What follows for the Redis that LiveKit uses.

use super::{Derived, Given};
use crate::values::redis::RedisMode;

pub(super) fn derive(given: &Given) -> Vec<Derived> {
    let redis = &given.platform.redis;
    let mut all = Vec::new();
    let reason = "the Redis of the cluster is named after the server";
    all.extend(given.named("redis.embedded.name", &redis.embedded.name, SUFFIX, reason));
    let password = &redis.auth.source.secret_key_ref.name;
    let reason = "the Secret of Redis' password is named after the server";
    all.extend(given.named("redis.auth.secretKeyRef.name", password, "-redis-auth", reason));
    match redis.mode {
        RedisMode::None => {}
        RedisMode::Embedded => all.extend(embedded(given)),
        RedisMode::External => all.extend(external(given)),
    }
    all
}

/// What the name of a Redis in the cluster has behind that of the server.
const SUFFIX: &str = "-redis";

fn embedded(given: &Given) -> Vec<Derived> {
    let platform = given.platform;
    let redis = &platform.redis.embedded;
    let server = format!("{}{SUFFIX}", platform.livekit.name);
    let name = if redis.name.is_empty() { &server } else { &redis.name };
    let address = format!("{name}.{}.svc.{}:{}", platform.namespace.name, platform.cluster.domain, redis.port);
    let reason = "LiveKit uses the Redis of the cluster";
    vec![Derived::new("livekit.config.redis.address", address, reason).from(given.at("redis.mode"))]
}

fn external(given: &Given) -> Vec<Derived> {
    let redis = &given.platform.redis.external;
    let Some(host) = &redis.host else { return Vec::new() };
    let port = redis.port.unwrap_or(if redis.tls.enabled { 6378 } else { 6379 });
    let external = |key: &str| given.tree.at(&["redis", "external", key]);
    let reason = "LiveKit uses the Redis that is named";
    let mut all = vec![
        Derived::new("livekit.config.redis.address", format!("{host}:{port}"), reason)
            .from(external("host"))
            .from(external("port")),
    ];
    if redis.port.is_none() {
        let reason = "6379 is Redis' port, and 6378 Memorystore's with TLS";
        all.push(Derived::new("redis.external.port", port, reason).from(external("tls")));
    }
    if redis.tls.enabled {
        let reason = "Redis is reached over TLS";
        all.push(Derived::new("livekit.config.redis.tls.enabled", true, reason).from(external("tls")));
    }
    if redis.tls.enabled && redis.tls.ca_secret_key_ref.is_some() {
        let reason = "the authority's certificates are mounted there";
        all.push(
            Derived::new("livekit.config.redis.tls.ca_cert_file", "/etc/livekit-redis/ca.crt", reason)
                .from(external("tls")),
        );
    }
    all
}
