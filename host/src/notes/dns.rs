//! DNS records: the names that clients and pods look up, and what each must lead to.

use std::net::IpAddr;

use crate::plugins::notes::{Dns, Text};
use crate::values::Platform;
use crate::values::ingress::IngressType;
use crate::values::redis::RedisMode;

/// The records that the environment's names need.
pub(super) fn records(platform: &Platform) -> Vec<Dns> {
    let name = &platform.livekit.name;
    let ingress = platform.ingress.host.as_deref().filter(|_| platform.has_signalling());
    let turn = platform.turn_over_tls().and_then(|turn| turn.domain.as_deref());
    let redis = platform.redis.external.host.as_deref().filter(|_| platform.redis.mode == RedisMode::External);
    let all = [
        (ingress, signalling(platform), "clients open wss:// to this name"),
        (
            turn,
            format!("the address of the Service {name}-turn"),
            "clients behind strict firewalls open turns:// to this name, on port 443",
        ),
        (
            redis,
            "the private address of Redis".to_owned(),
            "LiveKit finds Redis by this name; a private zone serves it",
        ),
    ];
    all.into_iter().chain(stunner(platform)).chain(publishers(platform)).filter_map(record).collect()
}

/// A name, where it leads, and who looks it up.
type Name<'a> = (Option<&'a str>, String, &'static str);

/// What signalling is served by.
fn signalling(platform: &Platform) -> String {
    let gateway = &platform.gateway;
    match platform.ingress.kind {
        IngressType::Ingress => format!("the address of the Ingress {}", platform.livekit.name),
        IngressType::HttpRoute => {
            format!("the address of the Gateway {} in namespace {}", gateway.name, gateway.namespace)
        }
    }
}

fn stunner(platform: &Platform) -> Option<Name<'_>> {
    let stunner = &platform.stunner;
    let host = stunner.livekit.host.as_deref().filter(|_| stunner.livekit.enabled && platform.livekit.enabled);
    let target = format!("the address of the Gateway {} in namespace {}", stunner.gateway.name, stunner.namespace);
    Some((Some(host?), target, "clients are told this name for TURN"))
}

/// The names of those who publish by RTMP and WHIP.
fn publishers(platform: &Platform) -> Vec<Name<'_>> {
    let ingress = &platform.livekit_ingress;
    if !ingress.enabled {
        return Vec::new();
    }
    let service = format!("the address of the Service {}", ingress.name);
    let whip = match platform.ingress.kind {
        IngressType::Ingress => service.clone(),
        IngressType::HttpRoute => signalling(platform),
    };
    let rtmp = ingress.rtmp.host.as_deref().filter(|_| ingress.rtmp.enabled);
    vec![
        (rtmp, service, "publishers stream RTMP to this name"),
        (ingress.whip.host.as_deref().filter(|_| ingress.whip.enabled), whip, "publishers open WHIP at this name"),
    ]
}

/// The record of a name; an address needs none.
fn record((name, target, why): Name<'_>) -> Option<Dns> {
    let name = name.filter(|name| name.parse::<IpAddr>().is_err())?;
    let (name, target, why) = (Text::new(name), Text::new(target), Text::new(why));
    Some(Dns { name, kind: Text::new("A"), target, ttl: None, routing: None, why })
}
