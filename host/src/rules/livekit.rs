//! Rules about LiveKit's own configuration.

use super::{Rule, place};
use crate::diagnostic::{Diagnostic, Severity};

pub(super) static ONE_UDP_MODE: Rule = Rule {
    code: "LK009",
    severity: Severity::Error,
    title: "media uses one UDP port or a range, not both",
    why: "LiveKit uses udp_port only when no range is set, and says nothing about the one that it ignores.",
    find: |values| {
        let Some(rtc) = &values.platform.livekit.config.rtc else { return Vec::new() };
        if rtc.udp_port.is_none() || (rtc.port_range_start.is_none() && rtc.port_range_end.is_none()) {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`livekit.config.rtc.udp_port` has no effect beside a port range");
        let range = place(values, "livekit.config.rtc.port_range_start");
        let hint = "take udp_port away, or set port_range_start and port_range_end to null";
        vec![wrong.at(place(values, "livekit.config.rtc.udp_port")).with(range, "the range wins").hint(hint)]
    },
};

pub(super) static ONE_ADDRESS: Rule = Rule {
    code: "LK010",
    severity: Severity::Error,
    title: "the server's address is discovered or given, not both",
    why: "With use_external_ip the discovered address replaces node_ip, and says nothing about it.",
    find: |values| {
        let Some(rtc) = &values.platform.livekit.config.rtc else { return Vec::new() };
        if rtc.use_external_ip != Some(true) || rtc.node_ip.is_none() {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`livekit.config.rtc.node_ip` has no effect while `use_external_ip` is true");
        let external = place(values, "livekit.config.rtc.use_external_ip");
        vec![
            wrong
                .at(place(values, "livekit.config.rtc.node_ip"))
                .with(external, "this one wins")
                .hint("set use_external_ip to false, or take node_ip away"),
        ]
    },
};

pub(super) static SERVICE_NAME: Rule = Rule {
    code: "LK014",
    severity: Severity::Error,
    title: "no Service is named livekit",
    why: "Kubernetes gives every pod of the namespace variables of its Services. A Service `livekit` makes LIVEKIT_PORT, which the \
          server reads as its own port and exits on. The rendered pods ask for no such variables; other pods of the namespace may not.",
    find: |values| {
        if values.platform.livekit.name != "livekit" {
            return Vec::new();
        }
        let wrong = Diagnostic::error("a Service named `livekit` would set LIVEKIT_PORT in the pods of the namespace");
        vec![wrong.at(place(values, "livekit.name")).hint("choose another name, as in livekit-server")]
    },
};
