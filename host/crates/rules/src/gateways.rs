//! What Gateways, STUNner and the workers beside the server need: part of rule LK020.

use render_platform::values::Values;
use render_platform::values::ingress::IngressType;
use render_platform::values::redis::RedisMode;
use render_platform::values::stunner::StunnerProtocol;
use render_text::diagnostic::Diagnostic;

use super::place;

/// What is missing.
pub(super) fn missing(values: &Values) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    found.extend(gateway(values));
    found.extend(stunner(values));
    found.extend(workers(values));
    found.extend(publishers(values));
    found.extend(autoscaler(values));
    found
}

fn wrong(values: &Values, path: &str, message: impl Into<String>, hint: &str) -> Diagnostic {
    Diagnostic::error(message).at(place(values, path)).hint(hint)
}

fn gateway(values: &Values) -> Vec<Diagnostic> {
    let (gateway, ingress) = (&values.platform.gateway, &values.platform.ingress);
    let mut found = Vec::new();
    if gateway.enabled && gateway.hostname.is_none() {
        let message = "`gateway.enabled` is true, and `gateway.hostname` is not set";
        found.push(wrong(
            values,
            "gateway.enabled",
            message,
            "set the names that it answers for, as in \"*.example.com\"",
        ));
    }
    let by_route = ingress.enabled && ingress.kind == IngressType::HttpRoute;
    if by_route && ingress.tls.is_some() {
        let message = "`ingress.tls` has no effect on an HTTPRoute: the Gateway has the certificate";
        found.push(wrong(values, "ingress.tls", message, "take it away, and set gateway.certificate"));
    }
    if let (true, Some(hostname), Some(host)) = (by_route && gateway.enabled, &gateway.hostname, &ingress.host)
        && !covers(hostname, host)
    {
        let message = format!("the Gateway answers for `{hostname}`, and signalling is `{host}`");
        let one = wrong(
            values,
            "ingress.host",
            message,
            "choose a name that the Gateway answers for, or change gateway.hostname",
        );
        found.push(one.with(place(values, "gateway.hostname"), "the names of the Gateway"));
    }
    found.extend(wildcard(values));
    found
}

/// Whether the names of a Gateway hold one name.
pub(super) fn covers(hostname: &str, host: &str) -> bool {
    hostname == host || hostname.strip_prefix('*').is_some_and(|ending| host.ends_with(ending))
}

/// A wildcard whose issuer proves names over HTTP, which no authority takes for one.
fn wildcard(values: &Values) -> Option<Diagnostic> {
    let gateway = &values.platform.gateway;
    let reference = gateway.certificate.issuer_ref.as_ref().filter(|_| gateway.enabled)?;
    let issuer = values.platform.issuers.get(&reference.name)?;
    let hostname = gateway.hostname.as_ref().filter(|name| name.starts_with('*') && issuer.http01.is_some())?;
    let message =
        format!("the issuer `{}` proves names over HTTP, and `{hostname}` needs a DNS record", reference.name);
    Some(wrong(values, "gateway.certificate.issuerRef.name", message, "name an issuer with dns01"))
}

fn stunner(values: &Values) -> Vec<Diagnostic> {
    let stunner = &values.platform.stunner;
    let path = "stunner.gateway.listeners";
    let listeners = &stunner.gateway.listeners;
    if !stunner.enabled {
        return Vec::new();
    }
    let mut found = Vec::new();
    let protocol = stunner.livekit.protocol;
    let behind = stunner.livekit.enabled && values.platform.livekit.enabled;
    if behind && !listeners.iter().any(|one| one.protocol.in_livekit() == Some(protocol)) {
        let message = "no listener of STUNner has the protocol of `stunner.livekit.protocol`";
        found.push(wrong(
            values,
            "stunner.livekit.protocol",
            message,
            "add such a listener to stunner.gateway.listeners",
        ));
    }
    if let Some(certificate) = stunner.certificate.as_ref().filter(|own| own.issuer_ref.is_some())
        && certificate.dns_names.is_none()
    {
        let message = "`stunner.certificate` has an issuer, and nothing says for which name";
        let hint = "set domain or stunner.livekit.host, or stunner.certificate.dnsNames";
        found.push(wrong(values, "stunner.certificate", message, hint));
    }
    let encrypted = |protocol| matches!(protocol, StunnerProtocol::TurnTls | StunnerProtocol::TurnDtls);
    for listener in listeners.iter().filter(|one| encrypted(one.protocol) && one.certificate_refs.is_empty()) {
        let message = format!("the listener `{}` has no certificate", listener.name);
        found.push(wrong(values, path, message, "set its certificateRefs to a Secret with tls.crt and tls.key"));
    }
    let key = |index: usize| (listeners[index].protocol.transport(), listeners[index].port);
    for later in 1..listeners.len() {
        if let Some(earlier) = (0..later).find(|earlier| key(*earlier) == key(later)) {
            let (transport, port) = key(later);
            let (one, other) = (&listeners[earlier].name, &listeners[later].name);
            let message = format!("the listeners `{one}` and `{other}` share {transport} port {port}");
            found.push(wrong(values, path, message, "give one of them another port"));
        }
    }
    if stunner.gateway.mixed_protocol == Some(false)
        && listeners.iter().any(|one| one.protocol != listeners[0].protocol)
    {
        let message = "STUNner drops the listeners whose protocol is not that of the first one";
        let hint = "leave stunner.gateway.mixedProtocol out, or give each protocol a Gateway of its own";
        found.push(wrong(values, "stunner.gateway.mixedProtocol", message, hint));
    }
    found
}

/// What both kinds of workers need: a key, and the Redis by which LiveKit finds them.
fn workers(values: &Values) -> Vec<Diagnostic> {
    let platform = &values.platform;
    let enabled =
        [("livekitIngress", platform.livekit_ingress.enabled), ("livekitEgress", platform.livekit_egress.enabled)];
    let mut found = Vec::new();
    for (name, _) in enabled.into_iter().filter(|(_, enabled)| *enabled) {
        let path = format!("{name}.enabled");
        if platform.livekit.api_credentials.is_none() {
            let message = format!("`{path}` is true, and `livekit.apiCredentials` is not set");
            found.push(wrong(
                values,
                &path,
                message,
                "name the Secret with the API key and its secret, which the workers read",
            ));
        }
        if platform.redis.mode == RedisMode::None {
            let message = format!("`{path}` is true, and there is no Redis by which LiveKit finds the workers");
            found.push(wrong(values, &path, message, "set redis.mode to embedded or external"));
        }
    }
    found
}

fn publishers(values: &Values) -> Vec<Diagnostic> {
    let ingress = &values.platform.livekit_ingress;
    let mut found = Vec::new();
    if ingress.enabled && !ingress.rtmp.enabled && !ingress.whip.enabled {
        let message = "`livekitIngress.enabled` is true, and it offers neither RTMP nor WHIP";
        found.push(wrong(
            values,
            "livekitIngress.enabled",
            message,
            "enable livekitIngress.rtmp or livekitIngress.whip",
        ));
    }
    if ingress.enabled && ingress.whip.enabled && !ingress.host_network && ingress.replicas > 1 {
        let message = "media of WHIP is spread over several workers, and reaches the right one by chance";
        let hint = "set livekitIngress.replicas to 1, hostNetwork to true, or whip.enabled to false";
        found.push(wrong(values, "livekitIngress.replicas", message, hint));
    }
    found
}

fn autoscaler(values: &Values) -> Option<Diagnostic> {
    let egress = &values.platform.livekit_egress;
    let autoscaler = &egress.horizontal_pod_autoscaler;
    let path = "livekitEgress.horizontalPodAutoscaler";
    let message = format!("`{path}.enabled` is true, and `{path}.maxReplicas` is not set");
    (egress.enabled && autoscaler.enabled && autoscaler.max_replicas.is_none()).then(|| {
        wrong(values, &format!("{path}.enabled"), message, "set the most workers that the cluster has room for")
    })
}

#[cfg(test)]
mod tests {
    use super::covers;
    use crate::testing::in_values;

    #[test]
    fn a_gateway_answers_for_its_name_or_for_all_below() {
        for (hostname, host, answers) in [
            ("a.example.com", "a.example.com", true),
            ("a.example.com", "b.example.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "aexample.com", false),
        ] {
            assert_eq!(covers(hostname, host), answers, "{hostname} {host}");
        }
    }

    #[test]
    fn a_gateway_has_names_and_the_certificate_of_signalling() {
        let route = |ingress: &str, gateway: &str| {
            format!(
                "ingress: {{enabled: true, type: HTTPRoute, host: a.example.com, {ingress}}}\ngateway: {{enabled: true, {gateway}}}"
            )
        };
        in_values(
            "LK020",
            &[
                (&route("", "hostname: '*.example.com'"), &[]),
                (&route("", "hostname: null"), &["`gateway.hostname` is not set"]),
                (&route("", "hostname: b.example.com"), &["the Gateway answers for `b.example.com`"]),
                (
                    &route("tls: {secretName: a}", "hostname: a.example.com"),
                    &["`ingress.tls` has no effect on an HTTPRoute"],
                ),
                ("ingress: {enabled: true, host: a.example.com, tls: {secretName: a}}", &[]),
            ],
        );
    }

    #[test]
    fn a_wildcard_is_proved_by_dns() {
        let set = |hostname: &str, solver: &str| {
            format!(
                "gateway: {{enabled: true, hostname: '{hostname}', certificate: {{issuerRef: {{kind: ClusterIssuer, name: le}}}}}}\n\
                 issuers: {{le: {{email: a@example.com, {solver}}}}}"
            )
        };
        let http = "http01: {ingressClassName: a}";
        in_values(
            "LK020",
            &[
                (&set("*.example.com", http), &["`*.example.com` needs a DNS record"]),
                (&set("a.example.com", http), &[]),
                (&set("*.example.com", "dns01: {cloudflare: {apiTokenSecretRef: {name: a, key: b}}}"), &[]),
            ],
        );
    }

    #[test]
    fn the_listeners_of_stunner_have_ports_certificates_and_one_service() {
        let stunner = |gateway: &str, listeners: &str| {
            format!("stunner: {{enabled: true, gateway: {{{gateway} listeners: [{listeners}]}}}}")
        };
        let (udp, tcp) = ("{name: a, protocol: TURN-UDP, port: 1}", "{name: b, protocol: TURN-TCP, port: 1}");
        let certified = "{name: c, protocol: TURN-TLS, port: 1, certificateRefs: [{name: a}]}";
        let bare = "{name: c, protocol: TURN-TLS, port: 1}";
        in_values(
            "LK020",
            &[
                ("stunner: {gateway: {listeners: [{name: c, protocol: TURN-TLS, port: 1}]}}", &[]),
                (&stunner("", udp), &[]),
                (&stunner("", &format!("{udp}, {tcp}")), &[]),
                (
                    &stunner("", &format!("{udp}, {}", udp.replace("name: a", "name: z"))),
                    &["`a` and `z` share UDP port 1"],
                ),
                (&stunner("", certified), &[]),
                (&stunner("", bare), &["the listener `c` has no certificate"]),
                (&stunner("", &format!("{tcp}, {certified}")), &["`b` and `c` share TCP port 1"]),
                (&stunner("mixedProtocol: false,", &format!("{udp}, {tcp}")), &["STUNner drops the listeners"]),
                (&stunner("mixedProtocol: false,", udp), &[]),
            ],
        );
    }

    #[test]
    fn livekit_uses_a_listener_of_stunners_that_there_is() {
        let set = |protocol: &str| {
            format!(
                "livekit: {{hostNetwork: false}}\nstunner: {{enabled: true, livekit: {{enabled: true, host: a.example.com, protocol: {protocol}}}}}"
            )
        };
        in_values("LK020", &[(&set("udp"), &[]), (&set("tcp"), &["no listener of STUNner has the protocol"])]);
    }

    #[test]
    fn workers_have_a_key_and_a_redis() {
        let set = |workers: &str| {
            format!("livekit: {{apiCredentials: {{secretName: a}}}}\nredis: {{mode: embedded}}\n{workers}")
        };
        in_values(
            "LK020",
            &[
                (&set("livekitEgress: {enabled: true}\nlivekitIngress: {enabled: true}"), &[]),
                ("livekitEgress: {enabled: true}", &["`livekit.apiCredentials` is not set", "there is no Redis"]),
                (&set("livekitIngress: {enabled: true, rtmp: {enabled: false}}"), &[]),
                (
                    &set("livekitIngress: {enabled: true, rtmp: {enabled: false}, whip: {enabled: false}}"),
                    &["neither RTMP nor WHIP"],
                ),
                (
                    &set("livekitIngress: {enabled: true, replicas: 2}"),
                    &["media of WHIP is spread over several workers"],
                ),
                (&set("livekitIngress: {enabled: true, replicas: 2, hostNetwork: true}"), &[]),
                (&set("livekitIngress: {enabled: true, replicas: 2, whip: {enabled: false}}"), &[]),
                (
                    &set("livekitEgress: {enabled: true, horizontalPodAutoscaler: {enabled: true}}"),
                    &["maxReplicas` is not set"],
                ),
                (&set("livekitEgress: {enabled: true, horizontalPodAutoscaler: {enabled: true, maxReplicas: 2}}"), &[]),
            ],
        );
    }
}
