//! Rules about ports. TCP and UDP are two spaces; with host networking they are the node's.

use std::ops::RangeInclusive;

use super::{Rule, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::values::{Platform, Values};

pub(super) static DISTINCT: Rule = Rule {
    code: "LK007",
    severity: Severity::Error,
    title: "no two listeners share a port",
    why: "The server starts, one of its listeners does not, and what used it fails in a way that looks like a firewall. On the \
          host's network the node's own ports count too: NodePorts are 30000 to 32767.",
    find: |values| {
        let platform = &values.platform;
        if !platform.livekit.enabled {
            return Vec::new();
        }
        let taken = |listeners: Vec<Listener>| listeners.into_iter().chain(node_ports(platform)).collect::<Vec<_>>();
        let mut found = collisions(values, &taken(tcp(platform)), "TCP");
        found.extend(collisions(values, &taken(udp(platform)), "UDP"));
        found
    },
};

/// A listener: the value that says its ports, and the ports.
type Listener = (&'static str, RangeInclusive<u16>);

/// The ports that the server listens on by TCP.
pub(crate) fn tcp(platform: &Platform) -> Vec<Listener> {
    let config = &platform.livekit.config;
    let turn = config.turn.as_ref().filter(|turn| turn.enabled == Some(true));
    let all = [
        ("livekit.config.port", config.port),
        ("livekit.config.rtc.tcp_port", config.rtc.as_ref().and_then(|rtc| rtc.tcp_port)),
        ("livekit.config.prometheus.port", config.prometheus.as_ref().and_then(|prometheus| prometheus.port)),
        ("livekit.config.debug_handler.port", config.debug_handler.as_ref().and_then(|debug| debug.port)),
        ("livekit.config.turn.tls_port", turn.and_then(|turn| turn.tls_port)),
    ];
    all.into_iter().filter_map(|(path, port)| port.filter(|port| *port > 0).map(|port| (path, port..=port))).collect()
}

/// The ports that the server listens on by UDP.
pub(crate) fn udp(platform: &Platform) -> Vec<Listener> {
    let config = &platform.livekit.config;
    let mut all = Vec::new();
    if let Some(rtc) = &config.rtc {
        let range = rtc.port_range_start.zip(rtc.port_range_end).map(|(start, end)| start..=end);
        match (range, &rtc.udp_port) {
            (Some(range), _) => all.push(("livekit.config.rtc.port_range_start", range)),
            (None, Some(port)) => all.extend(port.range().map(|range| ("livekit.config.rtc.udp_port", range))),
            (None, None) => {}
        }
    }
    if let Some(turn) = config.turn.as_ref().filter(|turn| turn.enabled == Some(true)) {
        all.extend(turn.udp_port.map(|port| ("livekit.config.turn.udp_port", port..=port)));
        let relay = turn.relay_range_start.zip(turn.relay_range_end).map(|(start, end)| start..=end);
        all.extend(relay.map(|range| ("livekit.config.turn.relay_range_start", range)));
    }
    all
}

/// On the host's network, `NodePorts` are taken.
fn node_ports(platform: &Platform) -> Option<Listener> {
    platform.livekit.host_network.then_some(("livekit.hostNetwork", 30000..=32767))
}

fn collisions(values: &Values, listeners: &[Listener], protocol: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, (path, ports)) in listeners.iter().enumerate() {
        for (other, others) in &listeners[index + 1..] {
            if ports.start() > others.end() || others.start() > ports.end() {
                continue;
            }
            let (shown, theirs) = (text(ports), text(others));
            let role =
                if *other == "livekit.hostNetwork" { "Kubernetes' NodePorts".to_owned() } else { format!("`{other}`") };
            let wrong =
                Diagnostic::error(format!("`{path}` ({protocol} {shown}) collides with {role} ({protocol} {theirs})"));
            let hint = format!("move one of them to {protocol} ports that nothing else uses");
            found.push(
                wrong
                    .at(place(values, path))
                    .with(place(values, other), format!("{protocol} {theirs} is taken here"))
                    .hint(hint),
            );
        }
    }
    found
}

/// `7880`, or `50000-60000`.
pub(crate) fn text(ports: &RangeInclusive<u16>) -> String {
    if ports.start() == ports.end() { ports.start().to_string() } else { format!("{}-{}", ports.start(), ports.end()) }
}
