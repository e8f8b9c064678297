//! Ports that pods and Services declare: their names, and that none is declared twice.

use render_objects::manifest::ManifestSet;
use render_text::diagnostic::{Diagnostic, Severity};

use super::syntax::{label_mistake, port_name_mistake};
use crate::view::{Field, Pod, is_copy, of_kind, pods, repeated};
use crate::{Find, Rule};

pub(super) static NAMES: Rule = Rule {
    code: "LK042",
    severity: Severity::Error,
    title: "ports have names that Kubernetes accepts",
    why: "A container's port has a name of 15 characters at most (RFC 6335), a Service's a label of a DNS name, which it needs \
          as soon as the Service has several. Others are refused, and so is a number in quotes where a name may stand.",
    find: Find::Manifests(|finished| {
        let services = of_kind(finished.manifests, "", "Service").flat_map(|service| service_names(&service));
        let pods = pods(finished.manifests).into_iter().flat_map(|pod| pod.every_container());
        services.chain(pods.flat_map(|container| container_names(&container))).collect()
    }),
};

pub(super) static DISTINCT: Rule = Rule {
    code: "LK043",
    severity: Severity::Error,
    title: "no port is taken twice",
    why: "The API server refuses a Service with a port and protocol twice, a node port that another Service has, and a pod \
          whose containers claim one port of the node. On the host's network every declared port is the node's.",
    find: Find::Manifests(|finished| {
        let services = of_kind(finished.manifests, "", "Service").flat_map(|service| service_ports(&service));
        let pods = pods(finished.manifests);
        let pods = pods.iter().filter(|pod| pod.is_built_in()).flat_map(|pod| host_ports(pod));
        services.chain(node_ports(finished.manifests)).chain(pods).collect()
    }),
};

/// TCP, unless it says otherwise.
pub(crate) fn protocol<'a>(port: &Field<'a>) -> &'a str {
    port.text("protocol").unwrap_or("TCP")
}

/// The ports of the node that a pod's containers take: all that they declare, on the host's network.
pub(super) fn taken(pod: &Pod, port: &Field) -> Option<u64> {
    let own = port.number("hostPort").filter(|port| *port != 0);
    own.or_else(|| port.number("containerPort").filter(|_| pod.on_host_network()))
}

fn service_names(service: &Field) -> Vec<Diagnostic> {
    let ports = service.get("spec").map_or_else(Vec::new, |spec| spec.list("ports"));
    let wrong = ports.iter().filter_map(|port| {
        let name = port.get("name")?;
        let text = name.value.as_str()?;
        let wrong = name.wrong(format!("`{text}` cannot name a Service's port: it {}", label_mistake(text)?));
        Some(wrong.hint("choose a name of lower-case letters, digits and `-`"))
    });
    let nameless = ports.iter().filter(|port| ports.len() > 1 && port.text("name").is_none());
    let nameless = nameless.map(|port| {
        let wrong = port.wrong("a port of a Service with several has no name");
        wrong.hint("give each of the Service's ports a name")
    });
    let targets = ports.iter().filter_map(|port| quoted(&port.get("targetPort")?));
    wrong.chain(nameless).chain(twice(&ports, "Service")).chain(targets).collect()
}

fn container_names(container: &Field) -> Vec<Diagnostic> {
    let ports = container.list("ports");
    let wrong = ports.iter().filter_map(|port| {
        let name = port.get("name")?;
        let text = name.value.as_str()?;
        let wrong = name.wrong(format!("`{text}` cannot name a container's port: it {}", port_name_mistake(text)?));
        Some(wrong.hint("choose a name of 15 lower-case letters, digits and `-` at most"))
    });
    wrong.chain(twice(&ports, "container")).collect()
}

fn twice(ports: &[Field], what: &str) -> Vec<Diagnostic> {
    let again = repeated(ports, |port| port.text("name"));
    let finding = |(field, name): (Field, &str)| {
        field.wrong(format!("two ports of the {what} are named `{name}`")).hint("rename one of them")
    };
    again.into_iter().map(finding).collect()
}

/// A number in quotes is a name, and none that a port can have.
fn quoted(port: &Field) -> Option<Diagnostic> {
    let text = port.value.as_str().filter(|text| text.parse::<u32>().is_ok())?;
    Some(port.wrong(format!("`\"{text}\"` in quotes is the name of a port")).hint("write the number without quotes"))
}

fn service_ports(service: &Field) -> Vec<Diagnostic> {
    let ports = service.get("spec").map_or_else(Vec::new, |spec| spec.list("ports"));
    let again = repeated(&ports, |port| Some((port.number("port")?, protocol(port))));
    let finding = |(field, (port, protocol)): (Field, (u64, &str))| {
        let wrong = field.wrong(format!("the Service has {protocol} port {port} twice"));
        wrong.hint("leave one of them out, or change its port")
    };
    again.into_iter().map(finding).collect()
}

fn node_ports(manifests: &ManifestSet) -> Vec<Diagnostic> {
    let services = of_kind(manifests, "", "Service").filter_map(|service| service.get("spec"));
    let ports: Vec<Field> = services.flat_map(|spec| spec.list("ports")).collect();
    let finding = |(field, (port, protocol)): (Field, (u64, &str))| {
        let first = ports.iter().find(|one| node_port(one) == Some((port, protocol)))?.manifest;
        let wrong = field.wrong(format!("{protocol} node port {port} is that of {} already", first.id));
        let wrong = wrong.hint("leave nodePort out, and Kubernetes chooses one that is free");
        Some(wrong).filter(|_| !is_copy(first, field.manifest))
    };
    repeated(&ports, node_port).into_iter().filter_map(finding).collect()
}

fn node_port<'a>(port: &Field<'a>) -> Option<(u64, &'a str)> {
    Some((port.number("nodePort").filter(|port| *port != 0)?, protocol(port)))
}

fn host_ports(pod: &Pod) -> Vec<Diagnostic> {
    let ports: Vec<Field> = pod.containers().iter().flat_map(|container| container.list("ports")).collect();
    let key =
        |port: &Field| Some((taken(pod, port)?, protocol(port).to_owned(), port.text("hostIP").map(str::to_owned)));
    let again = repeated(&ports, key).into_iter().map(|(field, (port, protocol, _))| {
        let wrong = field.wrong(format!("the pod takes {protocol} port {port} of its node twice"));
        wrong.hint("leave one of them out, or change its port")
    });
    let apart = ports.iter().filter(|_| pod.on_host_network()).filter_map(|port| {
        let (host, own) = (port.number("hostPort").filter(|port| *port != 0)?, port.number("containerPort")?);
        let wrong = || port.wrong(format!("on the host's network hostPort {host} must be containerPort {own}"));
        (host != own).then(|| wrong().hint("leave hostPort out"))
    });
    again.chain(apart).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn service(name: &str, ports: &str) -> String {
        format!("{{apiVersion: v1, kind: Service, metadata: {{name: {name}}}, spec: {{ports: [{ports}]}}}}")
    }

    fn pod(spec: &str, ports: &str) -> String {
        let spec = format!("{{containers: [{{name: a, ports: [{ports}]}}], {spec}}}");
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, spec: {spec}}}")
    }

    #[test]
    fn the_ports_of_a_service_have_names_when_there_are_several() {
        let longest = format!("{{name: {}, port: 1}}", "a".repeat(63));
        in_objects(
            "LK042",
            &[
                (&service("a", "{port: 1}"), &[]),
                (&service("a", "{name: a, port: 1}, {name: b, port: 2}"), &[]),
                (&service("a", &longest), &[]),
                (&service("a", "{port: 1}, {name: b, port: 2}"), &["a port of a Service with several has no name"]),
                (&service("a", "{name: a, port: 1}, {name: a, port: 2}"), &["two ports of the Service are named `a`"]),
                (&service("a", "{name: a.b, port: 1}"), &["`a.b` cannot name a Service's port"]),
            ],
        );
    }

    #[test]
    fn a_number_in_quotes_is_no_target() {
        in_objects(
            "LK042",
            &[
                (&service("a", "{port: 1, targetPort: 80}, "), &[]),
                (&service("a", "{port: 1, targetPort: http}"), &[]),
                (&service("a", "{port: 1, targetPort: '80'}"), &["`\"80\"` in quotes is the name of a port"]),
            ],
        );
    }

    #[test]
    fn the_ports_of_a_container_have_names_of_15_characters() {
        in_objects(
            "LK042",
            &[
                (&pod("", "{containerPort: 1}, {containerPort: 2}"), &[]),
                (&pod("", "{name: fifteen-letters, containerPort: 1}"), &[]),
                (&pod("", "{name: sixteen--letters, containerPort: 1}"), &["has 16 characters, and 15 is the most"]),
                (&pod("", "{name: '80', containerPort: 1}"), &["has no letter in it"]),
                (&pod("", "{name: a, containerPort: 1}, {name: a, containerPort: 2}"), &["two ports of the container"]),
            ],
        );
    }

    #[test]
    fn a_service_has_a_port_once_for_each_protocol() {
        in_objects(
            "LK043",
            &[
                (&service("a", "{port: 1}, {port: 1, protocol: UDP}, {port: 2}"), &[]),
                (&service("a", "{port: 1}, {port: 1, protocol: TCP}"), &["the Service has TCP port 1 twice"]),
                (
                    &service("a", "{port: 1, protocol: UDP}, {port: 1, protocol: UDP}"),
                    &["the Service has UDP port 1 twice"],
                ),
            ],
        );
    }

    #[test]
    fn a_node_port_is_that_of_one_service() {
        let both = |one: &str, other: &str| format!("{}\n---\n{}", service("a", one), service("b", other));
        in_objects(
            "LK043",
            &[
                (&both("{port: 1, nodePort: 30001}", "{port: 1, nodePort: 30002}"), &[]),
                (
                    &both("{port: 1, nodePort: 30001}", "{port: 1, nodePort: 30001}"),
                    &["TCP node port 30001 is that of"],
                ),
                // Another protocol is LK103's, and 0 is a number that Kubernetes chooses.
                (&both("{port: 1, nodePort: 30001}", "{port: 1, nodePort: 30001, protocol: UDP}"), &[]),
                (&both("{port: 1, nodePort: 0}", "{port: 1, nodePort: 0}"), &[]),
            ],
        );
    }

    #[test]
    fn a_pod_takes_a_port_of_its_node_once() {
        let twice = "{containerPort: 1}, {containerPort: 1}";
        in_objects(
            "LK043",
            &[
                (&pod("", twice), &[]),
                (&pod("hostNetwork: true", twice), &["the pod takes TCP port 1 of its node twice"]),
                (&pod("hostNetwork: true", "{containerPort: 1}, {containerPort: 1, protocol: UDP}"), &[]),
                (
                    &pod("", "{containerPort: 1, hostPort: 9}, {containerPort: 2, hostPort: 9}"),
                    &["TCP port 9 of its node twice"],
                ),
                (
                    &pod(
                        "",
                        "{containerPort: 1, hostPort: 9, hostIP: 10.0.0.1}, {containerPort: 2, hostPort: 9, hostIP: 10.0.0.2}",
                    ),
                    &[],
                ),
                (&pod("", "{containerPort: 1, hostPort: 0}, {containerPort: 2, hostPort: 0}"), &[]),
            ],
        );
    }

    #[test]
    fn on_the_hosts_network_both_numbers_of_a_port_are_one() {
        let ports = "{containerPort: 1, hostPort: 2}";
        in_objects(
            "LK043",
            &[
                (&pod("", ports), &[]),
                (&pod("hostNetwork: true", "{containerPort: 1, hostPort: 1}"), &[]),
                (&pod("hostNetwork: true", ports), &["on the host's network hostPort 2 must be containerPort 1"]),
            ],
        );
    }
}
