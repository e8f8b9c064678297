//! Variables for Terraform: the values of the environment that infrastructure has to agree with.

use serde_json::{Map, Value, json};

use render_platform::values::Values;
use render_platform::values::redis::RedisMode;

use super::firewall;

/// Every variable that the values say something about.
pub(super) fn of(values: &Values) -> Map<String, Value> {
    let platform = &values.platform;
    let pool = &platform.cluster.node_pool;
    let turn = platform.livekit.config.turn.as_ref().filter(|turn| turn.enabled == Some(true));
    let redis_host = platform.redis.external.host.as_ref().filter(|_| platform.redis.mode == RedisMode::External);
    let broadcaster = Some(&platform.broadcaster).filter(|one| one.enabled);
    let all = [
        ("environment", json!(values.environment)),
        ("namespace", json!(platform.namespace.name)),
        ("node_pool_name", json!(pool.name)),
        ("machine_type", json!(pool.machine_type)),
        ("total_min_node_count", json!(pool.total_min_node_count)),
        ("total_max_node_count", json!(pool.total_max_node_count)),
        ("spot", json!(pool.spot)),
        ("private_nodes", json!(platform.cluster.private_nodes)),
        // What the firewall opens to everyone: behind an Ingress that is not the port of signalling.
        ("tcp_ports", json!(firewall::public(platform, "TCP"))),
        ("udp_ports", json!(firewall::public(platform, "UDP"))),
        ("signalling_port", json!(platform.livekit.config.port)),
        ("livekit_domain", json!(platform.ingress.host.as_ref().filter(|_| platform.has_signalling()))),
        ("turn_domain", json!(turn.and_then(|turn| turn.domain.as_ref()))),
        ("broadcaster_domain", json!(broadcaster.and_then(|one| one.host.as_ref()))),
        ("broadcaster_global_domain", json!(broadcaster.and_then(|one| one.global_host.as_ref()))),
        ("redis_host", json!(redis_host)),
    ];
    all.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect()
}
