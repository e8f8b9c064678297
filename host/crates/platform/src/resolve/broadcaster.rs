//! What follows for the Broadcaster: its region, its TURN server, the names of its certificates.

use serde_json::json;

use super::{Derived, Given};
use crate::values::Broadcaster;
use crate::values::broadcaster::Region;
use crate::values::stunner::StunnerProtocol;

pub(super) fn derive(given: &Given) -> Vec<Derived> {
    let broadcaster = &given.platform.broadcaster;
    if !broadcaster.enabled {
        return Vec::new();
    }
    let mut all = Vec::new();
    all.extend(region(given, broadcaster));
    all.extend(regions(given, broadcaster));
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

/// The name of this region, which is that of the site unless it is written, and the value that says it.
fn host<'a>(given: &'a Given, broadcaster: &'a Broadcaster) -> Option<(&'a str, &'static str)> {
    let written = broadcaster.host.as_deref().map(|host| (host, "broadcaster.host"));
    written.or_else(|| Some((given.platform.domain.as_deref()?, "domain")))
}

/// The addresses of the regions, which differ by their names alone, where they are not written.
fn regions(given: &Given, broadcaster: &Broadcaster) -> Option<Derived> {
    let (host, path) = host(given, broadcaster)?;
    let (_, rest) = host.split_once('.').filter(|_| broadcaster.clusters.iter().any(|one| one.url.is_none()))?;
    let region = |one: &Region| {
        let label = one.name.to_lowercase().replace(' ', "-");
        let url = one.url.clone().unwrap_or_else(|| format!("https://{label}.{rest}/"));
        json!({"name": one.name, "url": url, "latitude": one.latitude, "longitude": one.longitude})
    };
    let regions: Vec<_> = broadcaster.clusters.iter().map(region).collect();
    let reason = "the regions' names differ by their first label, which is the region";
    Some(
        Derived::new("broadcaster.clusters", regions, reason)
            .from(given.at("broadcaster.clusters"))
            .from(given.at(path)),
    )
}

/// The region, which the application takes from its name as well.
fn region(given: &Given, broadcaster: &Broadcaster) -> Option<Derived> {
    let (host, path) = host(given, broadcaster)?;
    let first = host.split('.').next()?;
    let reason = "the region is the first label of the name, as the application takes it";
    let derived = Derived::new("broadcaster.region", first, reason).from(given.at(path));
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
    let (host, path) = host(given, broadcaster).filter(|_| behind)?;
    let port = stunner.gateway.listeners.iter().find(|one| one.protocol == StunnerProtocol::TurnUdp)?.port;
    let reason = "clients reach STUNner by the name of the region, on the port of its listener over UDP";
    let url = format!("turn:{host}:{port}?transport=udp");
    let derived = Derived::new("broadcaster.iceServer.url", url, reason).from(given.at(path));
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
