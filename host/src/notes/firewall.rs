//! What the firewall in front of the nodes, or of the load balancer of media, must let through: with host
//! networking the server's ports are the node's.

use crate::plugins::notes::{Firewall, Text};
use crate::rules::ports;
use crate::values::Platform;

/// Where clients come from.
const ANYWHERE: &str = "0.0.0.0/0";

/// Where nobody outside should come from.
const INSIDE: &str = "inside the cluster's network only";

/// TURN over TLS, which clients reach by the port of its Service.
const TURN: &str = "livekit.config.turn.tls_port";

/// One opening for each listener of a server on the host's network, or behind a media Service.
pub(super) fn openings(platform: &Platform) -> Vec<Firewall> {
    let livekit = &platform.livekit;
    match (livekit.enabled, livekit.host_network) {
        (true, true) => to_nodes(platform),
        (true, false) if livekit.media_service.enabled => to_media_service(platform),
        _ => Vec::new(),
    }
}

fn to_nodes(platform: &Platform) -> Vec<Firewall> {
    let tcp = ports::tcp(platform).into_iter().map(|(path, range)| {
        let (source, why) = tcp_clients(platform, path);
        let ports = if path == TURN { platform.turn.service.port.to_string() } else { ports::text(&range) };
        opening("TCP", &ports, source, why)
    });
    let udp = ports::udp(platform)
        .into_iter()
        .map(|(path, range)| opening("UDP", &ports::text(&range), ANYWHERE, udp_purpose(path)));
    tcp.chain(udp).collect()
}

fn to_media_service(platform: &Platform) -> Vec<Firewall> {
    let way = if platform.livekit.media_service.is_load_balancer() {
        "to the load balancer of the media Service; most providers open it themselves"
    } else {
        "to the nodes"
    };
    let tcp = ports::tcp(platform).into_iter().filter_map(|(path, range)| match path {
        "livekit.config.rtc.tcp_port" => {
            Some(opening("TCP", &ports::text(&range), ANYWHERE, &format!("media over TCP, {way}")))
        }
        TURN => {
            let (source, why) = tcp_clients(platform, path);
            Some(opening("TCP", &platform.turn.service.port.to_string(), source, why))
        }
        _ => None,
    });
    let udp = ports::udp(platform).into_iter().filter(|(path, _)| *path != "livekit.config.turn.relay_range_start");
    let udp = udp.map(|(path, range)| {
        let what = if path == "livekit.config.turn.udp_port" { "TURN over UDP" } else { "media" };
        opening("UDP", &ports::text(&range), ANYWHERE, &format!("{what}, {way}"))
    });
    udp.chain(tcp).collect()
}

/// The ports of a protocol that are open to everyone.
pub(super) fn public(platform: &Platform, protocol: &str) -> Vec<String> {
    let open = openings(platform).into_iter();
    let open = open.filter(|one| one.protocol.as_str() == protocol && one.source.as_str() == ANYWHERE);
    open.map(|one| one.ports.as_str().to_owned()).collect()
}

/// Who connects to a TCP listener, and what for.
fn tcp_clients(platform: &Platform, path: &str) -> (&'static str, &'static str) {
    match path {
        "livekit.config.port" if platform.ingress.enabled => {
            ("the Ingress controller", "signalling, behind the Ingress")
        }
        "livekit.config.port" if platform.livekit.service.kind == "ClusterIP" => {
            (INSIDE, "signalling has no TLS of its own: reach it through a proxy, or by kubectl port-forward")
        }
        "livekit.config.port" => (ANYWHERE, "signalling, behind its Service"),
        "livekit.config.rtc.tcp_port" => (ANYWHERE, "media over TCP, straight to the node"),
        TURN => (
            "0.0.0.0/0, to the TURN Service",
            "TURN over TLS; most providers open it with the load balancer themselves",
        ),
        _ => (INSIDE, "metrics and debugging listen on the node's public address too: keep it closed"),
    }
}

fn udp_purpose(path: &str) -> &'static str {
    match path {
        "livekit.config.turn.udp_port" => "TURN over UDP, straight to the node",
        "livekit.config.turn.relay_range_start" => "what TURN relays",
        _ => "media, straight to the node",
    }
}

fn opening(protocol: &str, ports: &str, source: &str, why: &str) -> Firewall {
    Firewall { protocol: Text::new(protocol), ports: Text::new(ports), source: Text::new(source), why: Text::new(why) }
}
