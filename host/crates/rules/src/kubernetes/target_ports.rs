//! Ports that objects ask of others: they are there.

use render_objects::manifest::ManifestSet;
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::suggest::closest;

use super::operators::has_unseen_pods;
use super::reference_list::{SERVICE, backends, is_route, is_stunner, route_backends};
use super::selectors::{monitored, selected, stays_home};
use crate::selector::Selector;
use crate::view::{Field, Pod, may_be_same, named, of_kind, pods};
use crate::{Find, Rule};

pub(crate) static THERE: Rule = Rule {
    code: "LK045",
    severity: Severity::Error,
    title: "a port that is named is there",
    why: "A Service whose target has another name has no endpoints, an Ingress for a port that its Service lacks answers 503, \
          a probe for an unknown port fails and restarts the container for ever, and a ServiceMonitor for one measures \
          nothing. The API server accepts all of it.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests);
        let services = of_kind(finished.manifests, "", "Service").flat_map(|service| targets(&service, &pods));
        let probes = pods.iter().flat_map(Pod::every_container).flat_map(|container| probes(&container));
        let senders = finished.manifests.iter().map(Field::root).flat_map(|one| senders(&one, finished.manifests));
        let monitors = finished.manifests.iter().map(Field::root);
        let monitors = monitors.flat_map(|one| endpoints(&one, finished.manifests, &pods));
        services.chain(probes).chain(senders).chain(monitors).collect()
    }),
};

pub(crate) static DECLARED: Rule = Rule {
    code: "LK058",
    severity: Severity::Warning,
    title: "a Service sends to ports that its pods declare",
    why: "Declaring a port is no duty, so a Service may send to others. Where pods declare ports, and not one of the Service's \
          is among them, it most likely sends to where nothing listens, and every request is refused.",
    find: Find::Manifests(|finished| {
        let pods = pods(finished.manifests);
        let services = of_kind(finished.manifests, "", "Service");
        let settled = services.filter(|service| !has_unseen_pods(finished.manifests, service.namespace()));
        settled.filter_map(|service| undeclared(&service, &pods)).collect()
    }),
};

/// Whether a Service has a port of this number, or of this name. One for a name outside has all.
pub(crate) fn has_port(service: &Field, number: Option<u64>, name: Option<&str>) -> bool {
    let Some(spec) = service.get("spec") else { return true };
    let fits = |port: &Field| {
        number.is_some_and(|number| port.number("port") == Some(number))
            || name.is_some_and(|name| port.text("name") == Some(name))
    };
    spec.text("type") == Some("ExternalName") || spec.list("ports").iter().any(fits)
}

/// The names of ports that a Service sends to, and no pod that it selects has.
fn targets(service: &Field, pods: &[Pod]) -> Vec<Diagnostic> {
    let selected = selected(service, pods);
    let declared: Vec<Field> = selected.iter().flat_map(|pod| pod.ports()).collect();
    let names: Vec<&str> = declared.iter().filter_map(|port| port.text("name")).collect();
    let ports = service.get("spec").map_or_else(Vec::new, |spec| spec.list("ports"));
    let wanted = ports.iter().filter(|_| !selected.is_empty()).filter_map(|port| port.get("targetPort"));
    let absent = wanted.filter(|target| target.value.as_str().is_some_and(|name| !names.contains(&name)));
    absent
        .map(|target| {
            let name = target.value.as_str().unwrap_or_default();
            let wrong = target.wrong(format!("no pod that the Service selects has a port `{name}`"));
            wrong.hint(instead(name, &names))
        })
        .collect()
}

/// The named ports of probes and hooks that their own container does not have.
fn probes(container: &Field) -> Vec<Diagnostic> {
    let ports = container.list("ports");
    let names: Vec<&str> = ports.iter().filter_map(|port| port.text("name")).collect();
    let asking = [
        container.get("startupProbe"),
        container.get("livenessProbe"),
        container.get("readinessProbe"),
        container.at(&["lifecycle", "postStart"]),
        container.at(&["lifecycle", "preStop"]),
    ];
    let ways =
        asking.into_iter().flatten().flat_map(|one| [one.at(&["httpGet", "port"]), one.at(&["tcpSocket", "port"])]);
    let asked = ways.flatten().filter_map(|port| port.value.as_str().map(|name| (port.clone(), name)));
    let absent = asked.filter(|(_, name)| name.parse::<u16>().is_err() && !names.contains(name));
    absent
        .map(|(port, name)| port.wrong(format!("the container has no port `{name}`")).hint(instead(name, &names)))
        .collect()
}

/// The ports of Services that an Ingress or a route asks for.
fn senders(sender: &Field, manifests: &ManifestSet) -> Vec<Diagnostic> {
    let wanted: Vec<(Field, Option<Field>)> = match sender.manifest.id.kind.as_str() {
        "Ingress" if sender.manifest.id.group == "networking.k8s.io" => backends(sender)
            .into_iter()
            .map(|one| (one.clone(), one.at(&["port", "name"]).or_else(|| one.at(&["port", "number"]))))
            .collect(),
        _ if is_route(sender.manifest) && !is_stunner(&sender.manifest.id) => {
            route_backends(sender).into_iter().map(|one| (one.clone(), one.get("port"))).collect()
        }
        _ => return Vec::new(),
    };
    wanted.into_iter().filter_map(|(one, port)| unserved(&one, &port?, manifests)).collect()
}

fn unserved(backend: &Field, port: &Field, manifests: &ManifestSet) -> Option<Diagnostic> {
    let name = backend.text("name")?;
    let namespace = backend.text("namespace").or_else(|| backend.namespace());
    let services = named(manifests, SERVICE, namespace, name);
    let (number, text) = (port.value.as_u64(), port.value.as_str());
    // The AWS controller reads the backend from an annotation instead.
    let elsewhere = text == Some("use-annotation");
    if elsewhere || services.is_empty() || services.iter().any(|one| has_port(one, number, text)) {
        return None;
    }
    let shown = text.map_or_else(|| port.value.to_string(), str::to_owned);
    let wrong = port.wrong(format!("Service `{name}` has no port `{shown}`"));
    let ports: Vec<Field> =
        services.iter().filter_map(|one| one.get("spec")).flat_map(|spec| spec.list("ports")).collect();
    let shown = |port: &Field| match (port.number("port"), port.text("name")) {
        (Some(number), Some(name)) => format!("{number} ({name})"),
        (Some(number), None) => number.to_string(),
        _ => String::new(),
    };
    let ports = ports.iter().map(shown).collect::<Vec<_>>().join(", ");
    Some(wrong.hint(format!("it has: {ports}; the port is the Service's own and not the container's")))
}

/// The ports that a monitor of the Prometheus operator measures.
fn endpoints(monitor: &Field, manifests: &ManifestSet, pods: &[Pod]) -> Vec<Diagnostic> {
    if monitor.manifest.id.group != "monitoring.coreos.com" {
        return Vec::new();
    }
    let (list, what, ports) = match monitor.manifest.id.kind.as_str() {
        "ServiceMonitor" => {
            let services = monitored(monitor, manifests);
            let ports = services.iter().filter_map(|one| one.get("spec")).flat_map(|spec| spec.list("ports"));
            ("endpoints", "Service", ports.collect::<Vec<_>>())
        }
        "PodMonitor" => ("podMetricsEndpoints", "pod", measured(monitor, pods)),
        _ => return Vec::new(),
    };
    let names: Vec<&str> = ports.iter().filter_map(|port| port.text("name")).collect();
    let wanted = monitor.get("spec").map_or_else(Vec::new, |spec| spec.list(list)).into_iter();
    let wanted = wanted.filter(|_| !ports.is_empty()).filter_map(|endpoint| endpoint.get("port"));
    let asked = wanted.filter_map(|port| port.value.as_str().map(|name| (port.clone(), name)));
    let absent = asked.filter(|(_, name)| !names.contains(name));
    let wrong = |port: &Field, name: &str| port.wrong(format!("no {what} that it selects has a port `{name}`"));
    absent.map(|(port, name)| wrong(&port, name).hint(instead(name, &names))).collect()
}

fn measured<'a>(monitor: &Field<'a>, pods: &[Pod<'a>]) -> Vec<Field<'a>> {
    let selector = monitor.at(&["spec", "selector"]).map(Selector::Full).filter(|_| stays_home(monitor));
    let Some(selector) = selector else { return Vec::new() };
    let near = pods.iter().filter(|pod| may_be_same(pod.template.namespace(), monitor.namespace()));
    near.filter(|pod| selector.selects(pod.labels())).flat_map(Pod::ports).collect()
}

/// A Service of which no port is one that its pods declare.
fn undeclared(service: &Field, pods: &[Pod]) -> Option<Diagnostic> {
    let declared: Vec<Field> = selected(service, pods).iter().flat_map(|pod| pod.ports()).collect();
    let numbers: Vec<u64> = declared.iter().filter_map(|port| port.number("containerPort")).collect();
    let ports = service.get("spec")?.list("ports");
    let target = |port: &Field| match port.get("targetPort") {
        Some(target) => target.value.as_u64(),
        None => port.number("port"),
    };
    let targets: Option<Vec<u64>> = ports.iter().map(target).collect();
    let targets = targets.filter(|targets| !targets.is_empty() && !numbers.is_empty())?;
    if targets.iter().any(|target| numbers.contains(target)) {
        return None;
    }
    let at = ports[0].get("targetPort").unwrap_or_else(|| ports[0].clone());
    let wrong = at.wrong(format!("the pods that {} selects declare no port {}", service.manifest.id, targets[0]));
    let numbers = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    Some(wrong.hint(format!("they declare: {numbers}; send to one of these, or declare what listens")))
}

fn instead(name: &str, names: &[&str]) -> String {
    match closest(name, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if names.is_empty() => "no port there has a name: use its number, or name it".to_owned(),
        None => format!("there is: {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn pod(ports: &str, container: &str) -> String {
        let spec = format!("{{containers: [{{name: a, ports: [{ports}], {container}}}]}}");
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: ns, labels: {{app: a}}}}, spec: {spec}}}\n---\n"
        )
    }

    fn service(spec: &str) -> String {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: ns, labels: {{app: s}}}}, spec: {{{spec}}}}}\n---\n"
        )
    }

    fn object(api_version: &str, kind: &str, spec: &str) -> String {
        format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: o, namespace: ns}}, spec: {{{spec}}}}}")
    }

    const HTTP: &str = "{name: http, containerPort: 80}";

    #[test]
    fn a_service_sends_to_ports_that_its_pods_name() {
        let to = |selector: &str, target: &str| {
            pod(HTTP, "")
                + &service(&format!("selector: {{app: {selector}}}, ports: [{{port: 1, targetPort: {target}}}]"))
        };
        in_objects(
            "LK045",
            &[
                (&to("a", "http"), &[]),
                (&to("a", "https"), &["no pod that the Service selects has a port `https`"]),
                (&to("a", "81"), &[]),
                (&to("b", "https"), &[]),
            ],
        );
    }

    #[test]
    fn a_sidecar_has_ports_and_a_container_that_ends_has_none() {
        let set = |restart: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: ns, labels: {{app: a}}}}, \
                 spec: {{containers: [{{name: a}}], initContainers: [{{name: b, ports: [{HTTP}], {restart}}}]}}}}\n---\n"
            ) + &service("selector: {app: a}, ports: [{port: 1, targetPort: http}]")
        };
        in_objects("LK045", &[(&set("restartPolicy: Always"), &[]), (&set(""), &["has a port `http`"])]);
    }

    #[test]
    fn a_probe_asks_a_port_of_its_own_container() {
        in_objects(
            "LK045",
            &[
                (&pod(HTTP, "livenessProbe: {httpGet: {port: http}}"), &[]),
                (&pod(HTTP, "livenessProbe: {httpGet: {port: 81}}"), &[]),
                (&pod(HTTP, "livenessProbe: {httpGet: {port: '81'}}"), &[]),
                (&pod(HTTP, "livenessProbe: {httpGet: {port: web}}"), &["the container has no port `web`"]),
                (&pod(HTTP, "readinessProbe: {tcpSocket: {port: web}}"), &["the container has no port `web`"]),
                (&pod(HTTP, "lifecycle: {preStop: {httpGet: {port: web}}}"), &["the container has no port `web`"]),
            ],
        );
    }

    #[test]
    fn an_ingress_asks_for_a_port_of_its_service() {
        let asks = |spec: &str, port: &str| {
            let backend = format!("defaultBackend: {{service: {{name: s, port: {{{port}}}}}}}");
            service(spec) + &object("networking.k8s.io/v1", "Ingress", &backend)
        };
        let ports = "ports: [{name: http, port: 80, targetPort: 8080}]";
        in_objects(
            "LK045",
            &[
                (&asks(ports, "number: 80"), &[]),
                (&asks(ports, "name: http"), &[]),
                (&asks(ports, "number: 8080"), &["Service `s` has no port `8080`"]),
                (&asks(ports, "name: https"), &["Service `s` has no port `https`"]),
                (&asks(ports, "name: use-annotation"), &[]),
                (&asks("type: ExternalName", "number: 443"), &[]),
            ],
        );
    }

    #[test]
    fn a_route_asks_for_a_port_of_its_service() {
        let asks = |kind: &str, name: &str, port: u16| {
            let rules = format!("rules: [{{backendRefs: [{{name: {name}, port: {port}}}]}}]");
            service("ports: [{port: 80}]") + &object("gateway.networking.k8s.io/v1", kind, &rules)
        };
        in_objects(
            "LK045",
            &[
                (&asks("HTTPRoute", "s", 80), &[]),
                (&asks("HTTPRoute", "s", 81), &["Service `s` has no port `81`"]),
                (&asks("HTTPRoute", "t", 81), &[]),
                // STUNner sends to any port of the pods.
                (&asks("UDPRoute", "s", 81), &[]),
            ],
        );
    }

    #[test]
    fn a_monitor_asks_for_a_port_that_it_selects() {
        let monitor = |kind: &str, spec: &str| {
            pod(HTTP, "") + &service("ports: [{name: web, port: 80}]") + &object("monitoring.coreos.com/v1", kind, spec)
        };
        let selector = |app: &str, rest: &str| format!("selector: {{matchLabels: {{app: {app}}}}}, {rest}");
        in_objects(
            "LK045",
            &[
                (&monitor("ServiceMonitor", &selector("s", "endpoints: [{port: web}]")), &[]),
                (
                    &monitor("ServiceMonitor", &selector("s", "endpoints: [{port: http}]")),
                    &["no Service that it selects has a port `http`"],
                ),
                (&monitor("ServiceMonitor", &selector("t", "endpoints: [{port: http}]")), &[]),
                (&monitor("PodMonitor", &selector("a", "podMetricsEndpoints: [{port: http}]")), &[]),
                (
                    &monitor("PodMonitor", &selector("a", "podMetricsEndpoints: [{port: web}]")),
                    &["no pod that it selects has a port `web`"],
                ),
            ],
        );
    }

    #[test]
    fn a_service_sends_to_a_port_that_its_pods_declare() {
        let to = |declared: &str, ports: &str| {
            pod(declared, "") + &service(&format!("selector: {{app: a}}, ports: [{ports}]"))
        };
        in_objects(
            "LK058",
            &[
                (&to(HTTP, "{port: 80}"), &[]),
                (&to(HTTP, "{port: 1, targetPort: 80}"), &[]),
                (&to(HTTP, "{port: 81}"), &["declare no port 81"]),
                (&to(HTTP, "{port: 80, targetPort: 81}"), &["declare no port 81"]),
                // One that is declared shows that the pods are meant, and pods need not declare any.
                (&to(HTTP, "{port: 80}, {port: 81}"), &[]),
                (&to("", "{port: 81}"), &[]),
                (&to(HTTP, "{port: 81, targetPort: http}"), &[]),
            ],
        );
    }
}
