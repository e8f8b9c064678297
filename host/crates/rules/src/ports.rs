//! Rules about ports. TCP and UDP are two spaces; with host networking they are the node's.

use std::ops::RangeInclusive;

use render_platform::values::{Platform, Values};
use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, finished, later_first, place};
use crate::port_range::text;

pub(super) static RULES: &[&Rule] = &[&DISTINCT, &RANGES];

static DISTINCT: Rule = Rule {
    code: "LK007",
    severity: Severity::Error,
    title: "no two listeners share a port",
    why: "The server starts, one of its listeners does not, and what used it fails in a way that looks like a firewall. On the \
          host's network the node's own ports count too: NodePorts are 30000 to 32767.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            if !platform.livekit.enabled {
                return Vec::new();
            }
            let taken =
                |listeners: Vec<Listener>| listeners.into_iter().chain(node_ports(platform)).collect::<Vec<_>>();
            let mut found = collisions(values, &taken(tcp(platform)), "TCP");
            found.extend(collisions(values, &taken(udp(platform)), "UDP"));
            found
        },
        finished::ports::distinct,
    ),
};

static RANGES: Rule = Rule {
    code: "LK025",
    severity: Severity::Error,
    title: "media has UDP ports, and a range of them two ends, the lower one first",
    why: "With one end there is no range, and with its ends the wrong way round there is no port in it. Ports that LiveKit \
          chooses by itself are in no NetworkPolicy, no firewall rule and no check for collisions.",
    find: Find::Both(
        |values| {
            let config = &values.platform.livekit.config;
            let rtc = config.rtc.as_ref().map(|rtc| (rtc.port_range_start, rtc.port_range_end));
            let turn = config.turn.as_ref().filter(|turn| turn.enabled == Some(true));
            let relay = turn.map(|turn| (turn.relay_range_start, turn.relay_range_end));
            let ranges = [("livekit.config.rtc.port_range", rtc), ("livekit.config.turn.relay_range", relay)];
            let found = ranges.into_iter().filter_map(|(path, ends)| range_mistake(values, path, ends?));
            if values.platform.livekit.enabled { found.chain(media_mistake(values)).collect() } else { Vec::new() }
        },
        finished::ports::ranges,
    ),
};

/// The path of the value that makes the `NodePorts` of Kubernetes the server's neighbours.
const NODE_PORTS: &str = "livekit.hostNetwork";

/// What is wrong with the range whose ends are `PATH_start` and `PATH_end`.
fn range_mistake(values: &Values, path: &str, ends: (Option<u16>, Option<u16>)) -> Option<Diagnostic> {
    let (start_path, end_path) = (format!("{path}_start"), format!("{path}_end"));
    let (there, missing) = match ends {
        (Some(start), Some(end)) if start > end => {
            let wrong = Diagnostic::error(format!("`{start_path}` {start} is above `{end_path}` {end}"));
            let (later, earlier) = later_first(values, &start_path, &end_path);
            return Some(wrong.at(later).with(earlier, "the other end").hint("begin the range at its lower end"));
        }
        (Some(_), None) => (start_path, end_path),
        (None, Some(_)) => (end_path, start_path),
        _ => return None,
    };
    let wrong = Diagnostic::error(format!("`{there}` is set, and `{missing}` is not"));
    Some(wrong.at(place(values, &there)).hint("set both, or neither"))
}

/// What is wrong with the ports of media where no range says them.
fn media_mistake(values: &Values) -> Option<Diagnostic> {
    let rtc = values.platform.livekit.config.rtc.clone().unwrap_or_default();
    let path = "livekit.config.rtc.udp_port";
    match &rtc.udp_port {
        Some(port) if port.range().is_none() => {
            let wrong = Diagnostic::error(format!("`{path}` names no port or range of ports"));
            let hint = "write one port, as in 7882, or two, the lower one first, as in 7882-7892";
            Some(wrong.at(place(values, path)).hint(hint))
        }
        None if rtc.port_range_start.is_none() && rtc.port_range_end.is_none() && rtc.force_tcp != Some(true) => {
            let wrong = Diagnostic::error("no UDP ports are set for media, so nothing else knows which to let through");
            let hint = "set livekit.config.rtc.port_range_start and port_range_end, or udp_port";
            Some(wrong.at(place(values, path)).hint(hint))
        }
        _ => None,
    }
}

/// A listener: the value that says its ports, and the ports.
type Listener = (&'static str, RangeInclusive<u16>);

/// The ports that the server listens on by TCP.
#[must_use]
pub fn tcp(platform: &Platform) -> Vec<Listener> {
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
#[must_use]
pub fn udp(platform: &Platform) -> Vec<Listener> {
    let config = &platform.livekit.config;
    let mut all = Vec::new();
    if let Some(rtc) = &config.rtc {
        let is_range = rtc.port_range_start.is_some() && rtc.port_range_end.is_some();
        let path = if is_range { "livekit.config.rtc.port_range_start" } else { "livekit.config.rtc.udp_port" };
        all.extend(rtc.media_ports().map(|ports| (path, ports)));
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
    platform.livekit.host_network.then_some((NODE_PORTS, 30000..=32767))
}

fn collisions(values: &Values, listeners: &[Listener], protocol: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, (path, ports)) in listeners.iter().enumerate() {
        for (other, others) in &listeners[index + 1..] {
            if ports.start() > others.end() || others.start() > ports.end() {
                continue;
            }
            found.push(collision(values, (path, ports), (other, others), protocol));
        }
    }
    found
}

fn collision(
    values: &Values,
    (path, ports): (&str, &RangeInclusive<u16>),
    (other, others): (&str, &RangeInclusive<u16>),
    protocol: &str,
) -> Diagnostic {
    let (ports, others) = (text(ports), text(others));
    let them = if other == NODE_PORTS { "Kubernetes' NodePorts".to_owned() } else { format!("`{other}`") };
    let wrong = Diagnostic::error(format!("`{path}` ({protocol} {ports}) collides with {them} ({protocol} {others})"));
    let hint = format!("move one of them to {protocol} ports that nothing else uses");
    let (later, earlier) = later_first(values, path, other);
    let taken = if later == place(values, path) { others } else { ports };
    wrong.at(later).with(earlier, format!("{protocol} {taken} is taken here")).hint(hint)
}

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    fn config(config: &str) -> String {
        format!("livekit: {{config: {{{config}}}}}")
    }

    #[test]
    fn two_listeners_of_one_protocol_have_ports_of_their_own() {
        in_values(
            "LK007",
            &[
                ("{}", &[]),
                (&config("prometheus: {port: 7880}"), &["`livekit.config.port` (TCP 7880) collides with"]),
                (&config("prometheus: {port: 6789}, debug_handler: {port: 6789}"), &["(TCP 6789) collides with"]),
                (&config("turn: {enabled: true, udp_port: 7880}"), &[]),
                (&config("turn: {enabled: true, udp_port: 50000}"), &["(UDP 50000-60000) collides with"]),
                (
                    &config("turn: {enabled: true, udp_port: 49999}"),
                    &["collides with `livekit.config.turn.relay_range_start`"],
                ),
                (&config("turn: {enabled: true, udp_port: 60001}"), &[]),
                (&config("turn: {enabled: false, udp_port: 50000}"), &[]),
            ],
        );
    }

    #[test]
    fn on_the_hosts_network_node_ports_are_taken() {
        let set = |port: u16, host: bool| {
            format!("livekit: {{hostNetwork: {host}, config: {{prometheus: {{port: {port}}}}}}}")
        };
        in_values(
            "LK007",
            &[
                (&set(29999, true), &[]),
                (&set(30000, true), &["collides with Kubernetes' NodePorts"]),
                (&set(32767, true), &["collides with Kubernetes' NodePorts"]),
                (&set(32768, true), &[]),
                (&set(30000, false), &[]),
            ],
        );
    }

    #[test]
    fn a_range_has_two_ends_in_their_order() {
        let range =
            |start: &str, end: &str| config(&format!("rtc: {{port_range_start: {start}, port_range_end: {end}}}"));
        let relay =
            |enabled: bool| config(&format!("turn: {{enabled: {enabled}, udp_port: 3478, relay_range_end: null}}"));
        in_values(
            "LK025",
            &[
                (&range("50000", "50000"), &[]),
                (&range("50001", "50000"), &["50001 is above"]),
                (&range("50000", "null"), &["`livekit.config.rtc.port_range_start` is set, and"]),
                (&range("null", "50000"), &["`livekit.config.rtc.port_range_end` is set, and"]),
                (&relay(true), &["`livekit.config.turn.relay_range_start` is set, and"]),
                (&relay(false), &[]),
            ],
        );
    }

    #[test]
    fn media_has_ports_that_others_know() {
        let shared = |rtc: &str| config(&format!("rtc: {{port_range_start: null, port_range_end: null, {rtc}}}"));
        in_values(
            "LK025",
            &[
                (&shared("udp_port: 7882"), &[]),
                (&shared("udp_port: 7882-7892"), &[]),
                (&shared("udp_port: 7892-7882"), &["names no port or range of ports"]),
                (&shared(""), &["no UDP ports are set for media"]),
                (&shared("force_tcp: true"), &[]),
                ("livekit: {enabled: false, config: {rtc: null}}", &[]),
            ],
        );
    }
}
