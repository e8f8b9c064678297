//! What follows for the Broadcaster: its region, its TURN server, the names of its certificates.

use serde_json::json;

use super::{Derived, Given};
use crate::values::Broadcaster;
use crate::values::stunner::StunnerProtocol;

pub(super) fn derive(given: &Given) -> Vec<Derived> {
    let broadcaster = &given.platform.broadcaster;
    if !broadcaster.enabled {
        return Vec::new();
    }
    let mut all = Vec::new();
    all.extend(region(given, broadcaster));
    all.extend(route(given, broadcaster));
    all.extend(ice_server(given, broadcaster));
    all.extend(certificates(given, broadcaster));
    if broadcaster.service_account.name.is_none() {
        let reason = "the ServiceAccount is named as the Broadcaster";
        let path = "broadcaster.serviceAccount.name";
        all.push(Derived::new(path, broadcaster.name.clone(), reason).from(given.at("broadcaster.name")));
    }
    all
}

/// The region, which the application takes from its name as well.
fn region(given: &Given, broadcaster: &Broadcaster) -> Option<Derived> {
    let first = broadcaster.host.as_ref()?.split('.').next()?;
    let reason = "the region is the first label of the name, as the application takes it";
    let derived = Derived::new("broadcaster.region", first, reason).from(given.at("broadcaster.host"));
    broadcaster.region.is_none().then_some(derived)
}

fn route(given: &Given, broadcaster: &Broadcaster) -> Option<Derived> {
    let reason = "media reaches the pods through STUNner, where that is rendered";
    let derived = Derived::new("broadcaster.udpRoute.enabled", given.platform.stunner.enabled, reason);
    broadcaster.udp_route.enabled.is_none().then(|| derived.from(given.at("stunner.enabled")))
}

/// The TURN server that clients and pods use: STUNner, on the node that the name of the region leads to.
fn ice_server(given: &Given, broadcaster: &Broadcaster) -> Option<Derived> {
    let stunner = &given.platform.stunner;
    let behind = broadcaster.udp_route.enabled.unwrap_or(stunner.enabled) && broadcaster.ice_server.url.is_none();
    let host = broadcaster.host.as_ref().filter(|_| behind)?;
    let port = stunner.gateway.listeners.iter().find(|one| one.protocol == StunnerProtocol::TurnUdp)?.port;
    let reason = "clients reach STUNner by the name of the region, on the port of its listener over UDP";
    let url = format!("turn:{host}:{port}?transport=udp");
    let derived = Derived::new("broadcaster.iceServer.url", url, reason).from(given.at("broadcaster.host"));
    Some(derived.from(given.at("stunner.gateway.listeners")))
}

fn certificates(given: &Given, broadcaster: &Broadcaster) -> Vec<Derived> {
    let tls = &broadcaster.tls;
    let mut all = Vec::new();
    if tls.secret_name.is_empty() {
        let reason = "the Secret of the certificate is named as the Broadcaster";
        let name = format!("{}-tls", broadcaster.name);
        all.push(Derived::new("broadcaster.tls.secretName", name, reason).from(given.at("broadcaster.name")));
    }
    let shared = given.platform.ingress.tls.as_ref().and_then(|tls| tls.issuer_ref.as_ref());
    if let Some(issuer) = shared.filter(|_| tls.issuer_ref.is_none()) {
        let reason = "the issuer of signalling's certificate serves the Broadcaster's, too";
        let issuer = json!({"kind": issuer.kind, "name": issuer.name});
        all.push(Derived::new("broadcaster.tls.issuerRef", issuer, reason).from(given.at("ingress.tls.issuerRef")));
    }
    all
}
