//! How media reaches MijnBureau's pod: a load balancer that lists every port, and the address that clients are told.

use render_text::node::{Member, Node, Tree};

use super::super::draft::Draft;
use super::super::table::member;
use super::{at, signalling, text};

/// The port of media over TCP, which its chart has no key for.
const TCP_PORT: u32 = 32669;

/// Carries over how media reaches the pod.
pub(super) fn carry(values: &Node, draft: &mut Draft) {
    draft.set("livekit.mediaService.enabled", true, None);
    draft.set("livekit.mediaService.nodePorts", true, None);
    draft.set("livekit.mediaService.externalTrafficPolicy", "Local", None);
    if let Some(address) = text(values, "application.livekit.loadBalancerIP") {
        draft.set("livekit.mediaService.loadBalancerIP", address, at(values, "application.livekit.loadBalancerIP"));
    } else {
        draft.set("livekit.externalAddress.source", "service", None);
        draft.set("livekit.externalAddress.job.schedule", "0 * * * *", None);
    }
    ports(values, draft);
    for (key, number) in [("empty_timeout", 120), ("departure_timeout", 20), ("max_participants", 100)] {
        draft.set(&format!("livekit.config.room.{key}"), number, None);
    }
    turn(values, draft);
}

/// One port carries any number of clients, so the ports are shared and not a range.
fn ports(values: &Node, draft: &mut Draft) {
    let first = at(values, "application.livekit.portRangeStart");
    let number = |key: &str| match &member(values, &format!("application.livekit.{key}"))?.node.tree {
        Tree::Number(number) => number.as_u64(),
        Tree::String(text) => text.parse().ok(),
        _ => None,
    };
    match (number("portRangeStart"), number("portRangeEnd")) {
        (Some(start), Some(end)) if start == end => draft.set("livekit.config.rtc.udp_port", start, first),
        (Some(start), Some(end)) => draft.set("livekit.config.rtc.udp_port", format!("{start}-{end}"), first),
        _ => {
            let hint = "set `livekit.config.rtc.udp_port`, as in 30001-30009";
            draft.tell(
                "`application.livekit.portRangeStart` and `portRangeEnd` are not two ports, and are not carried over",
                first,
                hint,
            );
            draft.set("livekit.config.rtc.udp_port", "30001-30009", None);
        }
    }
    for key in ["port_range_start", "port_range_end"] {
        let null = Node { tree: Tree::Null, origins: Vec::new() };
        draft.put(&["livekit", "config", "rtc", key], Member { key: None, node: null });
    }
    draft.set("livekit.config.rtc.tcp_port", TCP_PORT, None);
}

/// TURN is off in its templates whatever an environment says; a Secret for it shows that it was wanted.
fn turn(values: &Node, draft: &mut Draft) {
    let Some(secret) = text(values, "application.livekit.turnTLSecretName") else { return };
    let from = at(values, "application.livekit.turnTLSecretName");
    draft.set("turn.certificate.secretName", secret, from);
    draft.set("livekit.config.turn.enabled", true, from);
    if let Some(name) = signalling::name(values) {
        draft.set("livekit.config.turn.domain", format!("turn-{name}"), from);
    }
    draft.set("livekit.config.turn.tls_port", 5349, from);
    let message = "MijnBureau never renders TURN, and with `application.livekit.turnTLSecretName` its server exits; the environment file has TURN over TLS";
    draft.tell(message, from, "its name leads to a load balancer of its own: look whether `turn` and `livekit.config.turn` are what is wanted");
}
