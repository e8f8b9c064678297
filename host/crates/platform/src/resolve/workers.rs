//! What follows for the workers beside the server, LiveKit Ingress and LiveKit Egress: names, the
//! server's address, and the addresses that publishers are told.

use std::net::IpAddr;

use serde_json::json;

use render_text::diagnostic::Diagnostic;
use render_text::node::Node;

use super::{Derived, Given};
use crate::facts::{Kind, Need};
use crate::values::ingress::IngressType;

pub(super) fn derive(given: &Given, findings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let platform = given.platform;
    let mut all = credentials(given);
    let reason = "the workers are named after the server";
    let (ingress, egress) = (&platform.livekit_ingress, &platform.livekit_egress);
    all.extend(given.named("livekitIngress.name", &ingress.name, INGRESS, reason));
    all.extend(given.named("livekitEgress.name", &egress.name, EGRESS, reason));
    let reason = "the ServiceAccount is named as the workers";
    if ingress.service_account.name.is_none() {
        all.push(Derived::new("livekitIngress.serviceAccount.name", name(given, &ingress.name, INGRESS), reason));
    }
    if egress.service_account.name.is_none() {
        all.push(Derived::new("livekitEgress.serviceAccount.name", name(given, &egress.name, EGRESS), reason));
    }
    all.extend(server(given, "livekitIngress.wsURL", ingress.ws_url.as_ref()));
    all.extend(server(given, "livekitEgress.wsURL", egress.ws_url.as_ref()));
    all.extend(insecure(given));
    if ingress.enabled {
        all.extend(base_urls(given));
        all.extend(media_address(given, findings));
    }
    if egress.enabled && egress.horizontal_pod_autoscaler.min_replicas.is_none() {
        let reason = "never fewer pods than the replicas asked for";
        let path = "livekitEgress.horizontalPodAutoscaler.minReplicas";
        all.push(Derived::new(path, egress.replicas, reason).from(given.at("livekitEgress.replicas")));
    }
    all
}

/// What the names of the workers have behind that of the server.
const INGRESS: &str = "-ingress";
const EGRESS: &str = "-egress";

fn name(given: &Given, written: &str, suffix: &str) -> String {
    if written.is_empty() { format!("{}{suffix}", given.platform.livekit.name) } else { written.to_owned() }
}

/// The entries of the Secret with the API key.
fn credentials(given: &Given) -> Vec<Derived> {
    let Some(credentials) = &given.platform.livekit.api_credentials else { return Vec::new() };
    let derived = |key: &str, value: serde_json::Value, reason: &'static str| {
        Derived::new(&format!("livekit.apiCredentials.{key}"), value, reason)
            .from(given.at("livekit.apiCredentials.secretName"))
    };
    let reason = "the entries are named after what they hold";
    let key = derived("apiKeyKey", json!("api-key"), reason);
    let secret = derived("apiSecretKey", json!("api-secret"), reason);
    let restart = derived("restartOnChange", json!(true), "programs read the key once, at start");
    let all = [
        credentials.api_key_key.is_none().then_some(key),
        credentials.api_secret_key.is_none().then_some(secret),
        credentials.restart_on_change.is_none().then_some(restart),
    ];
    all.into_iter().flatten().collect()
}

/// The address of the server inside the cluster.
fn server(given: &Given, path: &str, written: Option<&String>) -> Option<Derived> {
    let platform = given.platform;
    let (server, port) = (&platform.livekit.name, platform.livekit.service.port);
    let url = format!("ws://{server}.{}.svc.{}:{port}", platform.namespace.name, platform.cluster.domain);
    let derived = Derived::new(path, url, "the workers reach the server by its Service").from(given.at("livekit.name"));
    written.is_none().then_some(derived)
}

/// Whether Chrome may connect without TLS: to the Service of the server it does.
fn insecure(given: &Given) -> Option<Derived> {
    let egress = &given.platform.livekit_egress;
    let plain = egress.ws_url.as_ref().is_none_or(|url| url.starts_with("ws:"));
    let reason = "Chrome connects to the server without TLS, inside the cluster";
    let derived = Derived::new("livekitEgress.config.insecure", true, reason).from(given.at("livekitEgress.wsURL"));
    (plain && egress.config.insecure.is_none()).then_some(derived)
}

/// The addresses that LiveKit hands out to publishers.
fn base_urls(given: &Given) -> Vec<Derived> {
    let ingress = &given.platform.livekit_ingress;
    let config = given.platform.livekit.config.ingress.clone().unwrap_or_default();
    let mut all = Vec::new();
    if let Some(host) = ingress.rtmp.host.as_ref().filter(|_| ingress.rtmp.enabled && config.rtmp_base_url.is_none()) {
        let url = if ingress.rtmp.port == 1935 {
            format!("rtmp://{host}/x")
        } else {
            format!("rtmp://{host}:{}/x", ingress.rtmp.port)
        };
        let reason = "publishers reach RTMP there";
        all.push(
            Derived::new("livekit.config.ingress.rtmp_base_url", url, reason)
                .from(given.at("livekitIngress.rtmp.host")),
        );
    }
    if let Some(host) = ingress.whip.host.as_ref().filter(|_| ingress.whip.enabled && config.whip_base_url.is_none()) {
        let url = match given.platform.ingress.kind {
            IngressType::HttpRoute => format!("https://{host}/w"),
            IngressType::Ingress => format!("http://{host}:{}/w", ingress.whip.port),
        };
        let reason = "publishers reach WHIP there";
        all.push(
            Derived::new("livekit.config.ingress.whip_base_url", url, reason)
                .from(given.at("livekitIngress.whip.host")),
        );
    }
    all
}

/// The address that the workers announce for media of WHIP: the node's own, or that of the media Service.
fn media_address(given: &Given, findings: &mut Vec<Diagnostic>) -> Option<Derived> {
    let ingress = &given.platform.livekit_ingress;
    let rtc = &ingress.config.rtc_config;
    if !ingress.whip.enabled || rtc.use_external_ip.is_some() || rtc.node_ip.is_some() {
        return None;
    }
    if ingress.host_network {
        let reason = "pods on the node's network announce the node's external address";
        let path = "livekitIngress.config.rtc_config.use_external_ip";
        return Some(Derived::new(path, true, reason).from(given.at("livekitIngress.hostNetwork")));
    }
    let path = "livekitIngress.config.rtc_config.node_ip";
    if let Some(address) = &ingress.media_service.address {
        let reason = "publishers reach the media Service there";
        let input = given.at("livekitIngress.mediaService.address");
        return Some(Derived::new(path, address.clone(), reason).from(input));
    }
    let namespace = &given.platform.namespace.name;
    let service = format!("{}-media", name(given, &ingress.name, INGRESS));
    let known = given.facts.address(Kind::Service, namespace, &service);
    if let Some(address) = known.filter(|address| address.value.parse::<IpAddr>().is_ok()) {
        let reason = format!("from the facts: Service {namespace}/{service}");
        return Some(Derived::new(path, address.value.clone(), reason).at_place(address.place));
    }
    if given.need == Need::Required {
        findings.push(unreachable(given, namespace, &service));
    }
    None
}

/// The finding that publishers cannot send media by WHIP yet. The Service is of the same phase as the
/// workers, so a first run cannot know its address.
fn unreachable(given: &Given, namespace: &str, service: &str) -> Diagnostic {
    let missing = Diagnostic::warning(format!(
        "media of WHIP does not reach the workers: the address of the Service {namespace}/{service} is not known"
    ));
    let wait = format!(
        "kubectl --namespace {namespace} wait service/{service} --for=jsonpath='{{.status.loadBalancer.ingress}}' --timeout=5m"
    );
    missing.at(given.at("livekitIngress.enabled").and_then(Node::place)).hint(format!(
        "after applying, wait for it with `{wait}` and render again with `--facts`; or set livekitIngress.mediaService.address \
         to a reserved address, or livekitIngress.hostNetwork"
    ))
}
