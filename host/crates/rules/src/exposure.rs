//! Rules about Services that bring media to pods which do not use the node's network.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::finished::ports::media;
use super::servers::{Server, Servers, count, is_exposed, list, text};
use super::view::{Field, of_kind};
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&ONE_POD_BEHIND, &SAME_NUMBERS, &FEW_PORTS];

/// From here on a range costs more than it gives: rules on every node, and objects near their limits.
const MOST_PORTS: usize = 100;

static ONE_POD_BEHIND: Rule = Rule {
    code: "LK068",
    severity: Severity::Error,
    title: "one pod stands behind a load balancer for media",
    why: "A load balancer gives each UDP flow to any pod. With several of them the media of a call reaches a pod that does not \
          know it, and the call stays silent.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let most = servers.pods(server).most;
            let services = media_services(servers, server).into_iter().filter(move |_| most > 1);
            services.map(move |service| {
                let wrong = Diagnostic::error(format!(
                    "{} spreads media over up to {most} pods of {}, and only one of them knows each call",
                    service.id,
                    server.id()
                ));
                wrong
                    .about(&service.id, "/spec/ports")
                    .hint("run one pod, use the host's network, or a TURN gateway in front")
            })
        })
    }),
};

static SAME_NUMBERS: Rule = Rule {
    code: "LK069",
    severity: Severity::Error,
    title: "media is reached at the numbers that LiveKit tells",
    why: "LiveKit tells clients its own ports. A Service that opens them under other numbers leads nowhere, and the API server \
          refuses node ports outside of 30000 to 32767.",
    find: Find::Servers(|servers| {
        let mut found = servers.each(|server| {
            let services = media_services(servers, server).into_iter();
            services.flat_map(move |service| other_numbers(server, service)).collect::<Vec<_>>()
        });
        found.extend(node_ports(servers));
        found
    }),
};

static FEW_PORTS: Rule = Rule {
    code: "LK070",
    severity: Severity::Warning,
    title: "a Service lists few ports of media",
    why: "A Service has no ranges: each port is an entry, and rules on every node. LiveKit needs a single UDP port for any number \
          of clients when it is told to share it.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let services = media_services(servers, server).into_iter();
            services.filter_map(|service| {
                let ports = list(service.value.pointer("/spec/ports")).len();
                let wrong = Diagnostic::warning(format!("{} lists {ports} ports", service.id));
                let hint = "set rtc.udp_port to one port in place of the range";
                (ports > MOST_PORTS).then(|| wrong.about(&service.id, "/spec/ports").hint(hint))
            })
        })
    }),
};

/// The Services that bring media from outside to a server on the network of pods.
fn media_services<'a>(servers: &Servers<'a>, server: &Server<'a>) -> Vec<&'a Manifest> {
    let Some((_, ports)) = media(server).filter(|_| !server.on_host_network()) else { return Vec::new() };
    let (first, last) = (u32::from(*ports.start()), u32::from(*ports.end()));
    let is_media = |port: &Value| {
        let target = server.target(port).is_some_and(|target| (first..=last).contains(&target));
        text(port, "/protocol") == Some("UDP") && target
    };
    let exposed = servers.services(server).into_iter().filter(|service| is_exposed(service));
    exposed.filter(|service| list(service.value.pointer("/spec/ports")).iter().any(is_media)).collect()
}

/// The ports of media that a Service opens under another number.
fn other_numbers<'a>(server: &Server<'a>, service: &'a Manifest) -> Vec<Diagnostic> {
    let is_balanced = text(&service.value, "/spec/type") == Some("LoadBalancer");
    let field = if is_balanced { "port" } else { "nodePort" };
    let rtc_tcp = server.settings.port("rtc.tcp_port").map(u32::from);
    let ports = list(service.value.pointer("/spec/ports")).iter().enumerate();
    let wrong = ports.filter_map(|(index, port)| {
        let target = server.target(port)?;
        let is_media = text(port, "/protocol") == Some("UDP") || rtc_tcp == Some(target);
        let outside = count(port, &format!("/{field}"));
        let numbered = outside.map_or_else(|| "a port of Kubernetes' choice".to_owned(), |outside| outside.to_string());
        let wrong = Diagnostic::error(format!("clients are told {target}, and {} opens it as {numbered}", service.id));
        let hint = format!("set {field} to {target}; node ports are 30000 to 32767, so media has to be there, too");
        (is_media && outside != Some(target))
            .then(|| wrong.about(&service.id, format!("/spec/ports/{index}/{field}")).hint(hint))
    });
    wrong.collect()
}

/// Node ports of any Service that Kubernetes does not give out.
fn node_ports(servers: &Servers) -> Vec<Diagnostic> {
    let services = of_kind(servers.finished.manifests, "", "Service");
    let ports: Vec<Field> = services
        .flat_map(|service| service.at(&["spec", "ports"]).map_or_else(Vec::new, |ports| ports.items()))
        .collect();
    let asked: Vec<Field> = ports.into_iter().filter(|port| port.get("nodePort").is_some()).collect();
    let outside = asked.iter().filter_map(|port| {
        let number = port.number("nodePort")?;
        let wrong = port.get("nodePort")?.wrong(format!("{} asks for the node port {number}", port.manifest.id));
        (!(30000..=32767).contains(&number))
            .then(|| wrong.hint("choose one from 30000 to 32767, or use the host's network"))
    });
    outside.collect()
}

#[cfg(test)]
mod tests {
    use super::MOST_PORTS;
    use crate::testing::{LiveKit, in_objects};

    /// LiveKit with media on UDP 30001 and TCP 30002, and a Service with a type and ports.
    fn set(spec: &str, pod: &str, kind: &str, ports: &str) -> String {
        let beside = format!(
            "---\n{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: media}}, \
             spec: {{type: {kind}, selector: {{app: lk}}, ports: [{ports}]}}}}"
        );
        LiveKit { config: "rtc: {udp_port: 30001, tcp_port: 30002}", spec, pod, beside: &beside, ..LiveKit::default() }
            .yaml()
    }

    const MEDIA: &str = "{port: 30001, protocol: UDP}";

    #[test]
    fn one_pod_is_behind_a_service_for_media() {
        in_objects(
            "LK068",
            &[
                (&set("replicas: 1", "", "LoadBalancer", MEDIA), &[]),
                (&set("replicas: 2", "", "LoadBalancer", MEDIA), &["spreads media over up to 2 pods"]),
                (&set("replicas: 2", "", "NodePort", MEDIA), &["spreads media over up to 2 pods"]),
                (&set("replicas: 2", "", "ClusterIP", MEDIA), &[]),
                (&set("replicas: 2", "hostNetwork: true", "LoadBalancer", MEDIA), &[]),
                (&set("replicas: 2", "", "LoadBalancer", "{port: 443, targetPort: 7880}"), &[]),
                (&set("replicas: 2", "", "LoadBalancer", "{port: 30003, protocol: UDP}"), &[]),
            ],
        );
    }

    #[test]
    fn media_has_the_number_outside_that_clients_are_told() {
        in_objects(
            "LK069",
            &[
                (&set("", "", "LoadBalancer", MEDIA), &[]),
                (
                    &set("", "", "LoadBalancer", "{port: 3478, targetPort: 30001, protocol: UDP}"),
                    &["are told 30001, and"],
                ),
                (&set("", "", "LoadBalancer", &format!("{MEDIA}, {{port: 30002}}")), &[]),
                (
                    &set("", "", "LoadBalancer", &format!("{MEDIA}, {{port: 443, targetPort: 30002}}")),
                    &["are told 30002"],
                ),
                (&set("", "", "LoadBalancer", &format!("{MEDIA}, {{port: 443, targetPort: 7880}}")), &[]),
                (&set("", "", "NodePort", "{port: 1, targetPort: 30001, nodePort: 30001, protocol: UDP}"), &[]),
                (&set("", "", "NodePort", MEDIA), &["opens it as a port of Kubernetes' choice"]),
            ],
        );
    }

    #[test]
    fn node_ports_are_those_of_kubernetes() {
        let node_port = |port: u16| {
            format!(
                "{{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: {{ports: [{{port: 1, nodePort: {port}}}]}}}}"
            )
        };
        in_objects(
            "LK069",
            &[
                (&node_port(30000), &[]),
                (&node_port(32767), &[]),
                (&node_port(29999), &["asks for the node port 29999"]),
                (&node_port(32768), &["asks for the node port 32768"]),
            ],
        );
    }

    #[test]
    fn a_service_for_media_lists_100_ports_at_most() {
        let ports = |count: usize| {
            let more: Vec<String> = (1..count).map(|port| format!("{{port: {port}}}")).collect();
            set("", "", "LoadBalancer", &format!("{MEDIA}, {}", more.join(", ")))
        };
        in_objects("LK070", &[(&ports(MOST_PORTS), &[]), (&ports(MOST_PORTS + 1), &["lists 101 ports"])]);
    }
}
