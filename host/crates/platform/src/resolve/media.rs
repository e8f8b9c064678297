//! What follows from how media reaches pods without the node's network: the address that clients are told, and that
//! there is one pod behind it.

use serde_json::Value;

use render_text::diagnostic::Diagnostic;
use render_text::node::Spot;

use super::{Derived, Given};
use crate::values::external_address::AddressSource;

const MOST: &str = "scaling.horizontalPodAutoscaler.maxReplicas";

/// The address and where it comes from, and a cap on the autoscaler.
pub(super) fn derive(given: &Given, findings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let livekit = &given.platform.livekit;
    if !livekit.enabled {
        return Vec::new();
    }
    let mut all = address(given);
    let autoscaler = &given.platform.scaling.horizontal_pod_autoscaler;
    if livekit.media_service.enabled && autoscaler.enabled && autoscaler.max_replicas != Some(1) {
        let media = given.at("livekit.mediaService");
        findings.extend(autoscaler.max_replicas.map(|wanted| capped(wanted, given)));
        all.push(Derived::new(MOST, 1, "the one address of the media Service leads to one pod").from(media));
    }
    all
}

fn address(given: &Given) -> Vec<Derived> {
    let (address, media) = (&given.platform.livekit.external_address, &given.platform.livekit.media_service);
    let asked = given.at("livekit.mediaService.loadBalancerIP");
    let media_node = given.at("livekit.mediaService");
    let mut all = Vec::new();
    let source = address.source.unwrap_or(match (media.is_load_balancer(), &media.load_balancer_ip) {
        (true, Some(_)) => AddressSource::Ip,
        (true, None) => AddressSource::Service,
        (false, _) => AddressSource::Stun,
    });
    if address.source.is_none() {
        let reason = "the load balancer of media has the address that clients are told";
        let derived = Derived::new("livekit.externalAddress.source", name(source), reason);
        all.push(derived.from(asked.or(media_node)));
    }
    match source {
        AddressSource::Ip => {
            let ip = address.ip.as_ref().or(media.load_balancer_ip.as_ref());
            let input = given.at("livekit.externalAddress.ip").or(asked);
            let reason = "clients are told the address that the values name";
            all.extend(ip.map(|ip| Derived::new("livekit.config.rtc.node_ip", ip.clone(), reason).from(input)));
        }
        AddressSource::Service if address.service.is_none() && media.enabled => {
            let service = format!("{}-media", given.platform.livekit.name);
            let reason = "the media Service has the address that clients are told";
            all.push(Derived::new("livekit.externalAddress.service", service, reason).from(media_node));
        }
        AddressSource::Stun | AddressSource::Service => {}
    }
    if source != AddressSource::Stun {
        let reason = "the address is given, and with STUN LiveKit would replace it by another";
        let input = given.at("livekit.externalAddress.source").or(media_node);
        all.push(Derived::new("livekit.config.rtc.use_external_ip", false, reason).from(input));
    }
    all
}

/// The source as the values name it.
fn name(source: AddressSource) -> Value {
    let name = match source {
        AddressSource::Stun => "stun",
        AddressSource::Ip => "ip",
        AddressSource::Service => "service",
    };
    name.into()
}

fn capped(wanted: u32, given: &Given) -> Diagnostic {
    let at = |path: &str| given.at(path).map(Spot::from);
    Diagnostic {
        code: Some("LK105"),
        ..Diagnostic::warning(format!("`{MOST}` is capped from {wanted} to 1, because media has one address"))
    }
    .at(at("scaling.horizontalPodAutoscaler.maxReplicas"))
    .with(at("livekit.mediaService.enabled"), "the media Service sends a client's packets to any of its pods")
    .hint("switch the autoscaler off and give the one pod more CPU, or use the nodes' network with livekit.hostNetwork")
}
