//! DNS records: the names that clients and pods look up, and what each must lead to.

use std::net::IpAddr;

use render_platform::values::Platform;
use render_platform::values::ingress::IngressType;
use render_platform::values::redis::RedisMode;
use render_plugins::notes::{Dns, Text};

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
    let others = stunner(platform).into_iter().chain(publishers(platform)).chain(broadcaster(platform));
    all.into_iter().chain(others).filter_map(record).collect()
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

/// The names of the Broadcaster. The one of the region serves its page and, where STUNner is on the same node, TURN.
fn broadcaster(platform: &Platform) -> Vec<Name<'_>> {
    let broadcaster = &platform.broadcaster;
    if !broadcaster.enabled {
        return Vec::new();
    }
    let served = match platform.ingress.kind {
        IngressType::Ingress => format!("the address of the Ingress {}", broadcaster.name),
        IngressType::HttpRoute => signalling(platform),
    };
    let region =
        "clients open this region's page by it, and its TURN server unless broadcaster.iceServer.url names another";
    let all = "clients are led to the nearest region by it: one such record for each region, chosen by latency, with a \
               probe of HTTP / on port 80, a TTL of 30 s, and 200 to 399 as good answers";
    vec![
        (broadcaster.host.as_deref(), served.clone(), region),
        (broadcaster.global_host.as_deref(), format!("in each region, {served}"), all),
    ]
}

/// The record of a name; an address needs none.
fn record((name, target, why): Name<'_>) -> Option<Dns> {
    let name = name.filter(|name| name.parse::<IpAddr>().is_err())?;
    let (name, target, why) = (Text::new(name), Text::new(target), Text::new(why));
    Some(Dns { name, kind: Text::new("A"), target, ttl: None, routing: None, why })
}
