//! What finished manifests show of the rules about TURN.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::Diagnostic;

use super::super::servers::{Server, Servers, count, is_exposed, list, text};

/// LK008: TURN without ports or without a name of its own.
pub(crate) fn complete(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let settings = &server.settings;
        if !settings.is_on("turn.enabled") || settings.is_partial {
            return None;
        }
        let (tls, udp) = (settings.is_set("turn.tls_port"), settings.is_set("turn.udp_port"));
        if !tls && !udp {
            let wrong = format!("TURN of {} is enabled and has neither `tls_port` nor `udp_port`", server.id());
            let hint = "set turn.tls_port to 5349, or turn.udp_port to 3478; LiveKit has no defaults for them";
            return Some(server.about(Diagnostic::error(wrong), "turn.enabled").hint(hint));
        }
        if tls { name_mistake(servers, server) } else { None }
    })
}

fn name_mistake(servers: &Servers, server: &Server) -> Option<Diagnostic> {
    let hint = "give TURN a DNS name of its own, as in turn.example.com";
    let at = |message: String| server.about(Diagnostic::error(message), "turn.domain").hint(hint);
    let Some(domain) = server.settings.text("turn.domain") else {
        let is_hidden = server.settings.is_set("turn.domain");
        return (!is_hidden).then(|| at(format!("TURN over TLS of {} needs `turn.domain`", server.id())));
    };
    if !is_domain(&domain) {
        return Some(at(format!("`turn.domain` of {} is {domain}, which LiveKit refuses", server.id())));
    }
    let hosts = servers.hosts(server);
    let (_, site, _) = hosts.iter().find(|(host, ..)| *host == domain)?;
    let message =
        format!("TURN of {} and {} share the name `{domain}`, and both are asked on port 443", server.id(), site.id);
    Some(at(message))
}

/// A name as LiveKit takes it: two labels or more, no wildcard.
fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
    };
    labels.len() > 1 && labels.iter().all(is_label)
}

/// LK023: nothing on port 443.
pub(crate) fn advertised(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let port = over_tls(server)?;
        let on_node = server.on_host_network() && port == 443;
        let routed = ["TLSRoute", "TCPRoute"].iter().any(|kind| {
            servers.all("gateway.networking.k8s.io", kind).any(|route| route.id.namespace == server.id().namespace)
        });
        let wrong = Diagnostic::warning(format!(
            "clients of {} are told port 443 for TURN over TLS, and no Service leads from there to {port}",
            server.id()
        ));
        let hint =
            "add a Service of type LoadBalancer with port 443, or say nothing where a proxy outside listens on 443";
        (!on_node && !routed && on_443(servers, server, port).is_none())
            .then(|| server.about(wrong, "turn.tls_port").hint(hint))
    })
}

/// The port of TURN over TLS, where it is used.
pub(crate) fn over_tls(server: &Server) -> Option<u16> {
    let settings = &server.settings;
    settings.port("turn.tls_port").filter(|_| settings.is_on("turn.enabled"))
}

/// The Service that leads from port 443 outside to a port of a server.
pub(crate) fn on_443<'a>(servers: &Servers<'a>, server: &Server<'a>, port: u16) -> Option<&'a Manifest> {
    let leads = |listed: &Value| count(listed, "/port") == Some(443) && server.target(listed) == Some(u32::from(port));
    let services = servers.services(server).into_iter().filter(|service| is_exposed(service));
    services.into_iter().find(|service| list(service.value.pointer("/spec/ports")).iter().any(leads))
}

/// LK030: a certificate for TURN that is proved over HTTP.
pub(crate) fn proved_by_dns(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let domain = server.settings.text("turn.domain").filter(|_| over_tls(server).is_some());
        let asked = servers.all("cert-manager.io", "Certificate").filter(move |certificate| {
            let names = list(certificate.value.pointer("/spec/dnsNames"));
            domain.as_ref().is_some_and(|domain| names.iter().any(|name| name == domain.as_str()))
        });
        asked.filter_map(|certificate| over_http(servers, certificate))
    })
}

fn over_http(servers: &Servers, certificate: &Manifest) -> Option<Diagnostic> {
    let reference = certificate.value.pointer("/spec/issuerRef")?;
    let kind = text(reference, "/kind").unwrap_or("Issuer");
    let name = text(reference, "/name")?;
    let issuer =
        servers.iter().find(|one| one.id.group == "cert-manager.io" && one.id.kind == kind && one.id.name == name)?;
    let solvers = list(issuer.value.pointer("/spec/acme/solvers"));
    let wrong = Diagnostic::warning(format!(
        "{} asks {} for TURN's name, and its solver asks port 80 of it, which answers nothing",
        certificate.id, issuer.id
    ));
    let is_http = !solvers.is_empty() && solvers.iter().all(|solver| solver.get("http01").is_some());
    let hint = "name an issuer with a dns01 solver";
    is_http.then(|| wrong.about(&certificate.id, "/spec/issuerRef").hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, livekit};

    fn turn(settings: &str, pod: &str, beside: &str) -> String {
        LiveKit { config: &format!("turn: {{enabled: true, {settings}}}"), pod, beside, ..LiveKit::default() }.yaml()
    }

    fn service(kind: &str, port: u16, target: u16) -> String {
        format!(
            "---\n{{apiVersion: v1, kind: Service, metadata: {{name: t, namespace: media}}, \
             spec: {{type: {kind}, selector: {{app: lk}}, ports: [{{port: {port}, targetPort: {target}}}]}}}}\n"
        )
    }

    const TLS: &str = "tls_port: 5349, domain: turn.example.com";

    #[test]
    fn turn_has_a_port_and_over_tls_a_name_of_its_own() {
        let site = |host: &str| {
            service("ClusterIP", 80, 7880)
                + &format!(
                    "---\n{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i, namespace: media}}, \
                     spec: {{rules: [{{host: {host}, http: {{paths: [{{backend: {{service: {{name: t}}}}}}]}}}}]}}}}"
                )
        };
        let named = |domain: &str| turn(&format!("tls_port: 5349, domain: '{domain}'"), "", "");
        in_objects(
            "LK008",
            &[
                (&turn("udp_port: 3478", "", ""), &[]),
                (&turn("", "", ""), &["is enabled and has neither `tls_port` nor `udp_port`"]),
                (&livekit("turn: {enabled: false}"), &[]),
                (&turn(TLS, "", ""), &[]),
                (&turn("tls_port: 5349", "", ""), &["needs `turn.domain`"]),
                (&named("turn"), &["which LiveKit refuses"]),
                (&named("*.example.com"), &["which LiveKit refuses"]),
                (&named("Turn.example.com"), &["which LiveKit refuses"]),
                (&named("turn.example.com."), &[]),
                (&turn(TLS, "", &site("turn.example.com")), &["share the name `turn.example.com`"]),
                (&turn(TLS, "", &site("www.example.com")), &[]),
            ],
        );
    }

    #[test]
    fn turn_over_tls_is_reached_on_443() {
        let missing: &[&str] = &["are told port 443 for TURN over TLS"];
        let route = |namespace: &str| {
            format!(
                "---\n{{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {{name: r, namespace: {namespace}}}}}"
            )
        };
        in_objects(
            "LK023",
            &[
                (&turn(TLS, "", ""), missing),
                (&turn(TLS, "", &service("LoadBalancer", 443, 5349)), &[]),
                (&turn(TLS, "", &service("LoadBalancer", 443, 5350)), missing),
                (&turn(TLS, "", &service("LoadBalancer", 5349, 5349)), missing),
                (&turn(TLS, "", &service("ClusterIP", 443, 5349)), missing),
                (&turn("tls_port: 443", "hostNetwork: true", ""), &[]),
                (&turn("tls_port: 443", "", ""), missing),
                (&turn(TLS, "", &route("media")), &[]),
                (&turn(TLS, "", &route("other")), missing),
                (&turn("udp_port: 3478", "", ""), &[]),
            ],
        );
    }

    #[test]
    fn a_certificate_for_turn_is_proved_by_dns() {
        let set = |name: &str, solvers: &str| {
            let beside = format!(
                "---\n{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: c, namespace: media}}, \
                 spec: {{dnsNames: [{name}], issuerRef: {{name: le, kind: ClusterIssuer}}}}}}\n\
                 ---\n{{apiVersion: cert-manager.io/v1, kind: ClusterIssuer, metadata: {{name: le}}, \
                 spec: {{acme: {{solvers: [{solvers}]}}}}}}"
            );
            turn(TLS, "", &beside)
        };
        in_objects(
            "LK030",
            &[
                (&set("turn.example.com", "{dns01: {}}"), &[]),
                (&set("turn.example.com", "{http01: {}}"), &["and its solver asks port 80 of it"]),
                (&set("www.example.com", "{http01: {}}"), &[]),
                (&set("turn.example.com", "{http01: {}}, {dns01: {}}"), &[]),
                (&set("turn.example.com", ""), &[]),
            ],
        );
    }
}
