//! Rules about media that reaches pods through a Service, and about the address that clients are told.

use render_platform::values::external_address::AddressSource;
use render_platform::values::livekit_config::rtc::RtcConfig;
use render_platform::values::{Platform, Values};
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::node::{Origin, Spot};

use super::{Find, Rule, place};
use crate::kubernetes::declared_ports::protocol;
use crate::port_range;
use crate::ports;
use crate::view::{Field, is_copy, of_kind};

pub(super) static RULES: &[&Rule] = &[
    &NOT_ON_THE_HOST,
    &SAME_INSIDE_AND_OUT,
    &FEW_PORTS,
    &ONE_SERVICE,
    &ONE_POD,
    &AUTOSCALER_CAPPED,
    &ADDRESS_COMPLETE,
    &ONE_POD_IN_A_ROLLOUT,
    &ROOM_FOR_CLIENTS,
];

/// The ports that Kubernetes gives out on nodes, unless its API server was told others.
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30000..=32767;

/// The most ports of a media Service. It is what AWS allows a network load balancer by default; others allow more or fewer.
const MOST_PORTS: usize = 50;

static NOT_ON_THE_HOST: Rule = Rule {
    code: "LK100",
    severity: Severity::Error,
    title: "media has one way in: the node's network or a Service",
    why: "On the host's network clients are told the node's address and reach it directly. A Service in front of that would \
          open the same ports on an address that nobody is told, and two pods would claim the node's ports.",
    find: Find::Values(|values| {
        let livekit = &values.platform.livekit;
        if !(livekit.enabled && livekit.host_network && livekit.media_service.enabled) {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`livekit.mediaService` is enabled, and pods use the node's network");
        vec![
            wrong
                .at(place(values, "livekit.mediaService.enabled"))
                .with(place(values, "livekit.hostNetwork"), "media reaches the node directly")
                .hint("set livekit.hostNetwork to false, or take the media Service away"),
        ]
    }),
};

static SAME_INSIDE_AND_OUT: Rule = Rule {
    code: "LK101",
    severity: Severity::Error,
    title: "a media port has the same number inside and outside",
    why: "LiveKit tells clients the ports that it listens on. Where nodes must have the same ones, they must be NodePorts, \
          which are 30000 to 32767 unless the API server was told others, or the Service is refused.",
    find: Find::Values(|values| {
        let Some(ports) = listed(&values.platform) else { return Vec::new() };
        let media = &values.platform.livekit.media_service;
        if media.kind == "NodePort" && !media.node_ports {
            let wrong = Diagnostic::error("clients are told ports that the nodes do not have");
            let hint = "set livekit.mediaService.nodePorts to true, or its type to LoadBalancer";
            return vec![wrong.at(place(values, "livekit.mediaService.nodePorts")).hint(hint)];
        }
        let outside = ports.iter().filter(|(_, range)| {
            media.node_ports && !(NODE_PORTS.contains(range.start()) && NODE_PORTS.contains(range.end()))
        });
        outside.map(|(path, range)| not_a_node_port(values, path, &port_range::text(range))).collect()
    }),
};

fn not_a_node_port(values: &Values, path: &str, ports: &str) -> Diagnostic {
    let wrong = Diagnostic::error(format!("`{path}` ({ports}) is outside of the NodePorts, which are 30000 to 32767"));
    wrong
        .at(place(values, path))
        .with(place(values, "livekit.mediaService.nodePorts"), "each port has the same number on the nodes")
        .hint("choose ports from 30000 to 32767, or set livekit.mediaService.nodePorts to false")
}

static FEW_PORTS: Rule = Rule {
    code: "LK102",
    severity: Severity::Error,
    title: "a media Service has few ports",
    why: "A Service lists its ports one by one, and load balancers take a listener for each: AWS allows 50 of them, and others \
          are refused or take minutes. With udp_port one port carries any number of clients.",
    find: Find::Values(|values| {
        let Some(ports) = listed(&values.platform) else { return Vec::new() };
        let count: usize = ports.iter().map(|(_, range)| range.len()).sum();
        let largest = ports.iter().max_by_key(|(_, range)| range.len());
        let Some((path, range)) = largest.filter(|_| count > MOST_PORTS) else { return Vec::new() };
        let wrong =
            Diagnostic::error(format!("the media Service would have {count} ports, and {MOST_PORTS} are the most"));
        let hint = "set livekit.config.rtc.udp_port to a few ports, as in 30001-30009, with port_range_start and port_range_end at null; \
                    or silence LK102 where the load balancer is known to take them";
        let role = format!("{} of them", range.len());
        let enabled = place(values, "livekit.mediaService.enabled");
        vec![wrong.at(place(values, path)).with(enabled, role).hint(hint)]
    }),
};

static ONE_SERVICE: Rule = Rule {
    code: "LK103",
    severity: Severity::Error,
    title: "a NodePort belongs to one Service, whatever the protocol",
    why: "Kubernetes gives out NodePorts by their number alone: the UDP port of one Service and the TCP port of another \
          cannot be the same, and the second Service is refused. Within a Service they can. The same protocol twice is \
          LK043's.",
    find: Find::Manifests(|finished| {
        let ports: Vec<Field> = of_kind(finished.manifests, "", "Service")
            .filter_map(|service| service.get("spec"))
            .flat_map(|spec| spec.list("ports"))
            .collect();
        let taken = ports.iter().enumerate().filter_map(|(index, port)| {
            let number = node_port(port)?;
            let others = ports[..index].iter().filter(|other| node_port(other) == Some(number));
            let mut others =
                others.filter(|other| other.manifest.id != port.manifest.id && !is_copy(other.manifest, port.manifest));
            let other = others.find(|other| protocol(other) != protocol(port))?;
            let wrong = port.wrong(format!("node port {number} is that of {} already", other.manifest.id));
            Some(wrong.hint("choose another number, or leave nodePort out, and Kubernetes chooses one that is free"))
        });
        taken.collect()
    }),
};

fn node_port(port: &Field) -> Option<u64> {
    port.number("nodePort").filter(|number| *number != 0)
}

static ONE_POD: Rule = Rule {
    code: "LK104",
    severity: Severity::Error,
    title: "one pod behind the one address of media",
    why: "Every pod tells its clients the same address, and the load balancer sends a client's packets to any of the pods: \
          signalling is with one, media arrives at another, and calls stay silent.",
    find: Find::Values(|values| {
        let Some(address) = shared_address(values) else { return Vec::new() };
        let autoscaler = &values.platform.scaling.horizontal_pod_autoscaler;
        let least = autoscaler.min_replicas.filter(|_| autoscaler.enabled).unwrap_or_default();
        let replicas = ("livekit.replicas", values.platform.livekit.replicas);
        let asking = [replicas, ("scaling.horizontalPodAutoscaler.minReplicas", least)];
        // A minimum that follows from the replicas is the same mistake.
        let asking = asking.into_iter().filter(|(_, pods)| *pods > 1).take(1);
        let finding = |(path, pods): (&str, u32)| {
            let wrong = Diagnostic::error(format!("`{path}` asks for {pods} pods, and media has one address"));
            wrong.at(place(values, path)).with(address, "all of them would share it").hint(
                "set it to 1 and give the pod more CPU; for more pods use the nodes' network (livekit.hostNetwork) or a TURN gateway",
            )
        };
        asking.map(finding).collect()
    }),
};

static AUTOSCALER_CAPPED: Rule = Rule {
    code: "LK105",
    severity: Severity::Warning,
    title: "maxReplicas is capped at one behind one address",
    why: "A second pod would get packets of the first one's clients (LK104). The rendered autoscaler is capped; the warning is \
          there because the file says otherwise. It is found where the cap is computed.",
    find: Find::Values(|_| Vec::new()),
};

static ADDRESS_COMPLETE: Rule = Rule {
    code: "LK106",
    severity: Severity::Error,
    title: "the address that clients are told has one source, and it is there",
    why: "With no address LiveKit announces its pod's own, which nobody outside reaches. With two, one of them is ignored \
          without a word.",
    find: Find::Values(|values| {
        let platform = &values.platform;
        let source = platform.livekit.external_address.source.filter(|_| platform.livekit.enabled);
        match source {
            None | Some(AddressSource::Stun) => Vec::new(),
            Some(AddressSource::Ip) => two_addresses(values).into_iter().chain(no_address(values)).collect(),
            Some(AddressSource::Service) => two_addresses(values).into_iter().chain(no_service(values)).collect(),
        }
    }),
};

static ONE_POD_IN_A_ROLLOUT: Rule = Rule {
    code: "LK107",
    severity: Severity::Warning,
    title: "a rollout has one pod at a time behind one address",
    why: "In a rolling update the new pod is ready while the old one drains, and the load balancer sends it the packets of the \
          old one's clients. Recreate lets the old pod end first; its rooms go on until then.",
    find: Find::Values(|values| {
        let Some(address) = shared_address(values) else { return Vec::new() };
        let strategy = &values.platform.livekit.strategy;
        if strategy.rolling().is_none() {
            return Vec::new();
        }
        let wrong =
            Diagnostic::warning("a rollout puts the new pod beside the one that drains, and both share one address");
        vec![
            wrong
                .at(place(values, "livekit.strategy.type"))
                .with(address, "media arrives at either of them")
                .hint("set livekit.strategy.type to Recreate, and a grace period that signalling may be away"),
        ]
    }),
};

static ROOM_FOR_CLIENTS: Rule = Rule {
    code: "LK108",
    severity: Severity::Warning,
    title: "a short range of ports carries few clients",
    why: "With a range each connection takes a port of its own, and a client makes two connections: one to publish, one to \
          subscribe. The ports that a Service can list are soon all in use, and who comes then gets no media.",
    find: Find::Values(|values| {
        let platform = &values.platform;
        let range = platform.livekit.config.rtc.as_ref().filter(|rtc| rtc.port_range_start.is_some());
        let ports = range.and_then(RtcConfig::media_ports).filter(|_| listed(platform).is_some());
        let Some(ports) = ports else { return Vec::new() };
        let (count, text) = (ports.len(), port_range::text(&ports));
        let wrong = Diagnostic::warning(format!("{count} ports carry {} clients", count / 2));
        vec![wrong.at(place(values, "livekit.config.rtc.port_range_start")).hint(format!(
            "set livekit.config.rtc.udp_port to {text}, with port_range_start and port_range_end at null: clients then share the ports"
        ))]
    }),
};

/// The ports that the media Service lists, each with the value that says it, where there is such a Service
/// and it is the way in.
fn listed(platform: &Platform) -> Option<Vec<(&'static str, std::ops::RangeInclusive<u16>)>> {
    let livekit = &platform.livekit;
    if !livekit.enabled || livekit.host_network || !livekit.media_service.enabled {
        return None;
    }
    let tcp = ports::tcp(platform).into_iter().filter(|(path, _)| *path == "livekit.config.rtc.tcp_port");
    let udp = ports::udp(platform).into_iter().filter(|(path, _)| *path != "livekit.config.turn.relay_range_start");
    Some(udp.chain(tcp).collect())
}

/// Where it is said that all pods share an address; `None` when they do not.
fn shared_address(values: &Values) -> Option<Spot<'_>> {
    listed(&values.platform).and_then(|_| place(values, "livekit.mediaService.enabled"))
}

fn two_addresses(values: &Values) -> Option<Diagnostic> {
    let node_ip = values.tree.at(&["livekit", "config", "rtc", "node_ip"])?;
    let written = node_ip.origins.iter().find_map(Origin::written)?;
    let wrong = Diagnostic::error("`livekit.config.rtc.node_ip` and `livekit.externalAddress` both say the address");
    let other = place(values, "livekit.externalAddress.source").or(place(values, "livekit.mediaService"));
    let hint = "take node_ip away, or set livekit.externalAddress.source to stun, which leaves the address to LiveKit's own keys";
    Some(wrong.at(written).with(other, "said here too").hint(hint))
}

fn no_address(values: &Values) -> Option<Diagnostic> {
    let node_ip = values.platform.livekit.config.rtc.as_ref().and_then(|rtc| rtc.node_ip.as_ref());
    let wrong = Diagnostic::error("`livekit.externalAddress.source` is ip, and no address is set");
    let hint = "set livekit.externalAddress.ip or livekit.mediaService.loadBalancerIP";
    node_ip.is_none().then(|| wrong.at(place(values, "livekit.externalAddress.source")).hint(hint))
}

fn no_service(values: &Values) -> Option<Diagnostic> {
    let (address, media) = (&values.platform.livekit.external_address, &values.platform.livekit.media_service);
    let source = place(values, "livekit.externalAddress.source");
    let own = format!("{}-media", values.platform.livekit.name);
    match &address.service {
        None => {
            let wrong = Diagnostic::error("`livekit.externalAddress.source` is service, and there is none");
            Some(
                wrong
                    .at(source)
                    .hint("enable livekit.mediaService, or name a Service in livekit.externalAddress.service"),
            )
        }
        Some(service) if *service == own && !media.is_load_balancer() => {
            let wrong = Diagnostic::error(format!("the Service `{service}` has no load balancer, and so no address"));
            let kind = place(values, "livekit.mediaService.type");
            Some(wrong.at(source).with(kind, "its type").hint("set its type to LoadBalancer, or the source to ip"))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::MOST_PORTS;
    use crate::testing::{in_objects, in_values};

    /// Values with a media Service, further fields of it, of `rtc` and of `livekit`, and sections.
    fn media(service: &str, rtc: &str, livekit: &str, beside: &str) -> String {
        format!(
            "livekit: {{hostNetwork: false, strategy: {{type: Recreate}}, mediaService: {{enabled: true, {service}}}, \
             config: {{rtc: {{tcp_port: 30010, {rtc}}}}}, {livekit}}}\n{beside}"
        )
    }

    fn shared(ports: &str) -> String {
        format!("udp_port: {ports}, port_range_start: null, port_range_end: null")
    }

    #[test]
    fn media_goes_through_the_node_or_a_service() {
        in_values(
            "LK100",
            &[
                ("{}", &[]),
                (&media("", "", "", ""), &[]),
                ("livekit: {mediaService: {enabled: true}}", &["is enabled, and pods use the node's network"]),
            ],
        );
    }

    #[test]
    fn ports_of_a_media_service_are_node_ports_where_nodes_have_them() {
        let tcp =
            |port: u16, service: &str| media(service, &shared("30001"), "", "").replace("30010", &port.to_string());
        in_values(
            "LK101",
            &[
                (&media("", &shared("30000-30009"), "", ""), &[]),
                (&media("", &shared("32760-32767"), "", ""), &[]),
                (&media("", &shared("29999-30009"), "", ""), &["(29999-30009) is outside of the NodePorts"]),
                (&media("", &shared("32760-32768"), "", ""), &["(32760-32768) is outside of the NodePorts"]),
                (&tcp(32768, ""), &["`livekit.config.rtc.tcp_port` (32768) is outside"]),
                (&tcp(32768, "nodePorts: false"), &[]),
                (
                    &media("type: NodePort, nodePorts: false", &shared("30001"), "", ""),
                    &["ports that the nodes do not have"],
                ),
            ],
        );
    }

    #[test]
    fn a_media_service_has_50_ports_at_most() {
        let of = |count: usize| media("", &shared(&format!("30011-{}", 30010 + count - 1)), "", "");
        in_values(
            "LK102",
            &[(&of(MOST_PORTS), &[]), (&of(MOST_PORTS + 1), &["would have 51 ports, and 50 are the most"])],
        );
    }

    #[test]
    fn a_node_port_belongs_to_one_service_whatever_the_protocol() {
        let service = |name: &str, port: &str| {
            format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{ports: [{port}]}}}}\n---\n")
        };
        let (udp, tcp) = ("{port: 1, nodePort: 30001, protocol: UDP}", "{port: 1, nodePort: 30001}");
        in_objects(
            "LK103",
            &[
                (&(service("a", udp) + &service("b", tcp)), &["node port 30001 is that of Service a already"]),
                (&service("a", &format!("{udp}, {tcp}")), &[]),
                (&(service("a", udp) + &service("b", "{port: 1, nodePort: 30002}")), &[]),
                // LK043 tells of one protocol twice, which is TCP where none is written.
                (&(service("a", udp) + &service("b", udp)), &[]),
                (&(service("a", "{port: 1, nodePort: 30001, protocol: TCP}") + &service("b", tcp)), &[]),
                (
                    &(service("a", "{port: 1, nodePort: 0, protocol: UDP}") + &service("b", "{port: 1, nodePort: 0}")),
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn one_pod_is_behind_the_address_of_media() {
        let scaled = |least: u32, most: u32| {
            let scaling = format!(
                "scaling: {{horizontalPodAutoscaler: {{enabled: true, minReplicas: {least}, maxReplicas: {most}}}}}"
            );
            media("", "", "", &scaling)
        };
        in_values(
            "LK104",
            &[
                (&media("", "", "replicas: 1", ""), &[]),
                (&media("", "", "replicas: 2", ""), &["`livekit.replicas` asks for 2 pods, and media has one address"]),
                (&scaled(2, 2), &["minReplicas` asks for 2 pods"]),
                (&scaled(1, 2), &[]),
                ("livekit: {replicas: 2}", &[]),
            ],
        );
        in_values("LK105", &[(&scaled(1, 2), &["is capped from 2 to 1"]), (&scaled(1, 1), &[])]);
    }

    #[test]
    fn clients_are_told_one_address_that_there_is() {
        in_values(
            "LK106",
            &[
                ("{}", &[]),
                (&media("", "", "", ""), &[]),
                (&media("loadBalancerIP: 192.0.2.1", "", "", ""), &[]),
                (&media("loadBalancerIP: 192.0.2.1", "node_ip: 192.0.2.2", "", ""), &["both say the address"]),
                (&media("", "", "externalAddress: {source: ip}", ""), &["is ip, and no address is set"]),
                (&media("", "", "externalAddress: {source: ip, ip: 192.0.2.1}", ""), &[]),
                ("livekit: {externalAddress: {source: service}}", &["is service, and there is none"]),
                ("livekit: {externalAddress: {source: service, service: a}}", &[]),
                (&media("type: NodePort", "", "externalAddress: {source: service}", ""), &["has no load balancer"]),
            ],
        );
    }

    #[test]
    fn a_rollout_behind_one_address_ends_the_old_pod_first() {
        let rolling = media("", "", "", "").replace("Recreate", "RollingUpdate");
        in_values(
            "LK107",
            &[
                (&media("", "", "", ""), &[]),
                (&rolling, &["a rollout puts the new pod beside the one that drains"]),
                (&rolling.replace("enabled: true", "enabled: false"), &[]),
            ],
        );
    }

    #[test]
    fn a_range_behind_a_service_has_few_clients() {
        let range = "port_range_start: 30011, port_range_end: 30020";
        in_values(
            "LK108",
            &[
                (&media("", range, "", ""), &["10 ports carry 5 clients"]),
                (&media("", &shared("30011-30020"), "", ""), &[]),
                ("{}", &[]),
            ],
        );
    }
}
