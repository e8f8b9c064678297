//! What finished manifests show of the rules about ports.

use std::ops::RangeInclusive;

use serde_json::Value;

use render_text::diagnostic::Diagnostic;

use super::super::servers::{Server, Servers};
use crate::port_range::text;

/// A setting, and the ports that it takes.
type Listener = (&'static str, RangeInclusive<u16>);

/// What LiveKit relays on where nothing is said.
const RELAY: RangeInclusive<u16> = 30000..=40000;
const NODE_PORTS: RangeInclusive<u16> = 30000..=32767;

/// LK007: two listeners on a port.
pub(crate) fn distinct(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let mut found = collisions(server, &tcp(server), "TCP");
        found.extend(collisions(server, &udp(server), "UDP"));
        found
    })
}

fn collisions(server: &Server, listeners: &[Listener], protocol: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, one) in listeners.iter().enumerate() {
        let others = listeners[index + 1..].iter().filter(|other| overlap(&one.1, &other.1));
        found.extend(others.map(|other| {
            let them = format!("`{}` ({protocol} {})", other.0, text(&other.1));
            collision(server, one, &them, protocol)
        }));
        if server.on_host_network() && overlap(&one.1, &NODE_PORTS) {
            let them = format!("Kubernetes' NodePorts ({protocol} {})", text(&NODE_PORTS));
            found.push(collision(server, one, &them, protocol));
        }
    }
    found
}

fn collision(server: &Server, (path, ports): &Listener, them: &str, protocol: &str) -> Diagnostic {
    let wrong =
        Diagnostic::error(format!("`{path}` of {} ({protocol} {}) collides with {them}", server.id(), text(ports)));
    server.about(wrong, path).hint(format!("move one of them to {protocol} ports that nothing else uses"))
}

fn overlap(one: &RangeInclusive<u16>, other: &RangeInclusive<u16>) -> bool {
    one.start() <= other.end() && other.start() <= one.end()
}

fn tcp(server: &Server) -> Vec<Listener> {
    let settings = &server.settings;
    let turn = settings.is_on("turn.enabled");
    let all = [
        ("port", settings.port("port").or(settings.file.is_some().then_some(7880))),
        ("rtc.tcp_port", settings.port("rtc.tcp_port")),
        ("prometheus.port", settings.port("prometheus.port")),
        ("prometheus_port", settings.port("prometheus_port")),
        ("debug_handler.port", settings.port("debug_handler.port")),
        ("turn.tls_port", settings.port("turn.tls_port").filter(|_| turn)),
    ];
    all.into_iter().filter_map(|(path, port)| port.map(|port| (path, port..=port))).collect()
}

fn udp(server: &Server) -> Vec<Listener> {
    let settings = &server.settings;
    let mut all = media(server).into_iter().collect::<Vec<_>>();
    if settings.is_on("turn.enabled") {
        all.extend(settings.port("turn.udp_port").map(|port| ("turn.udp_port", port..=port)));
        let relay = (settings.port("turn.relay_range_start"), settings.port("turn.relay_range_end"));
        let relay = match relay {
            (Some(start), Some(end)) => start..=end,
            _ => RELAY,
        };
        all.push(("turn.relay_range_start", relay));
    }
    all
}

/// The UDP ports of media.
pub(crate) fn media(server: &Server) -> Option<Listener> {
    let settings = &server.settings;
    if let Some(start) = settings.port("rtc.port_range_start") {
        return Some(("rtc.port_range_start", start..=settings.port("rtc.port_range_end")?));
    }
    let ports = match settings.get("rtc.udp_port") {
        Some(Value::String(ports)) => range(&ports)?,
        Some(port) => {
            let port = port.as_u64().and_then(|port| u16::try_from(port).ok())?;
            port..=port
        }
        None => return None,
    };
    Some(("rtc.udp_port", ports))
}

fn range(ports: &str) -> Option<RangeInclusive<u16>> {
    let (start, end) = ports.split_once('-').unwrap_or((ports, ports));
    Some(start.trim().parse().ok()?..=end.trim().parse().ok()?)
}

/// LK025: ranges with one end, or the wrong way round.
pub(crate) fn ranges(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let ranges =
            [("rtc.port_range_start", "rtc.port_range_end"), ("turn.relay_range_start", "turn.relay_range_end")];
        ranges.into_iter().filter_map(|(start, end)| {
            let settings = &server.settings;
            let (wrong, at) = match (settings.port(start), settings.port(end)) {
                (Some(low), Some(high)) if low > high => {
                    (format!("`{start}` {low} of {} is above `{end}` {high}", server.id()), start)
                }
                (Some(_), None) if !settings.is_set(end) => {
                    (format!("`{start}` of {} is set, and `{end}` is not", server.id()), start)
                }
                (None, Some(_)) if !settings.is_set(start) => {
                    (format!("`{end}` of {} is set, and `{start}` is not", server.id()), end)
                }
                _ => return None,
            };
            Some(server.about(Diagnostic::error(wrong), at).hint("set both ends, the lower one first"))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, livekit};

    #[test]
    fn two_listeners_of_one_protocol_have_ports_of_their_own() {
        let on_host = |config: &str| LiveKit { config, pod: "hostNetwork: true", ..LiveKit::default() }.yaml();
        in_objects(
            "LK007",
            &[
                (&livekit("rtc: {tcp_port: 7881, udp_port: 7881}"), &[]),
                (&livekit("rtc: {tcp_port: 7880}"), &["`port` of"]),
                (&livekit("port: 7000\nrtc: {tcp_port: 7880}"), &[]),
                (&livekit("prometheus: {port: 7880}"), &["collides with `prometheus.port` (TCP 7880)"]),
                (&livekit("turn: {enabled: false, tls_port: 7880}"), &[]),
                (&livekit("turn: {enabled: true, tls_port: 7880}"), &["collides with `turn.tls_port`"]),
                (
                    &livekit("rtc: {udp_port: 3478}\nturn: {enabled: true, udp_port: 3478}"),
                    &["collides with `turn.udp_port` (UDP 3478)"],
                ),
                // Beside the host's network nothing else has node ports.
                (&livekit("rtc: {udp_port: 32767}"), &[]),
                (&on_host("rtc: {udp_port: 32768}"), &[]),
                (&on_host("rtc: {udp_port: 32767}"), &["collides with Kubernetes' NodePorts"]),
                (&on_host("rtc: {udp_port: 29999}"), &[]),
            ],
        );
    }

    #[test]
    fn the_relays_own_range_counts_where_no_other_is_set() {
        let with = |relay: &str, media: &str| {
            livekit(&format!("rtc: {{{media}}}\nturn: {{enabled: true, udp_port: 3478, {relay}}}"))
        };
        in_objects(
            "LK007",
            &[
                (&with("", "port_range_start: 40001, port_range_end: 50000"), &[]),
                (
                    &with("", "port_range_start: 40000, port_range_end: 50000"),
                    &["collides with `turn.relay_range_start`"],
                ),
                (&with("relay_range_start: 30000, relay_range_end: 39999", "udp_port: 40000"), &[]),
            ],
        );
    }

    #[test]
    fn a_range_has_two_ends_in_their_order() {
        in_objects(
            "LK025",
            &[
                (&livekit("rtc: {port_range_start: 50000, port_range_end: 50000}"), &[]),
                (
                    &livekit("rtc: {port_range_start: 50001, port_range_end: 50000}"),
                    &["is above `rtc.port_range_end` 50000"],
                ),
                (&livekit("rtc: {port_range_start: 50000}"), &["`rtc.port_range_start` of"]),
                (&livekit("rtc: {port_range_end: 50000}"), &["`rtc.port_range_end` of"]),
                (&livekit("turn: {relay_range_start: 40000}"), &["`turn.relay_range_start` of"]),
                (&livekit("rtc: {port_range_start: 0, port_range_end: 0}"), &[]),
            ],
        );
    }

    #[test]
    fn an_end_that_a_variable_takes_from_elsewhere_is_set() {
        let env = "{name: LIVEKIT_RTC_PORT_RANGE_END, valueFrom: {configMapKeyRef: {name: a, key: b}}}";
        in_objects(
            "LK025",
            &[(&LiveKit { config: "rtc: {port_range_start: 50000}", env, ..LiveKit::default() }.yaml(), &[])],
        );
    }
}
