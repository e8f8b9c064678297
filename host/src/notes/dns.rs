//! DNS records: the names that clients and pods look up, and what each must lead to.

use std::net::IpAddr;

use crate::plugins::notes::{Dns, Text};
use crate::values::Platform;
use crate::values::redis::RedisMode;

/// The records that the environment's names need.
pub(super) fn records(platform: &Platform) -> Vec<Dns> {
    let name = &platform.livekit.name;
    let ingress = platform.ingress.host.as_deref().filter(|_| platform.ingress.enabled);
    let turn = platform.turn_over_tls().and_then(|turn| turn.domain.as_deref());
    let redis = platform.redis.external.host.as_deref().filter(|_| platform.redis.mode == RedisMode::External);
    let all = [
        (ingress, format!("the address of the Ingress {name}"), "clients open wss:// to this name"),
        (
            turn,
            format!("the address of the Service {name}-turn"),
            "clients behind strict firewalls open turns:// to this name, on port 443",
        ),
        (
            redis.filter(|host| !is_address(host)),
            "the private address of Redis".to_owned(),
            "LiveKit finds Redis by this name; a private zone serves it",
        ),
    ];
    all.into_iter().filter_map(|(host, target, why)| Some(record(host?, target, why))).collect()
}

fn record(name: &str, target: String, why: &str) -> Dns {
    Dns { name: Text::new(name), kind: Text::new("A"), target: Text::new(target), why: Text::new(why) }
}

fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}
