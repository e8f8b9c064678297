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
