//! What follows for LiveKit behind STUNner: the TURN server that its clients are told.

use serde_json::json;

use render_text::diagnostic::Diagnostic;
use render_text::node::Node;
use render_text::source::Place;

use super::{Derived, Given};
use crate::facts::{Address, Facts, Kind, Need};
use crate::values::Stunner;
use crate::values::livekit_config::rtc::TurnServerProtocol;
use crate::values::stunner::{StunnerAuthType, StunnerListener};

/// Where LiveKit finds the secret that it shares with STUNner.
const SECRET_FILE: &str = "/etc/livekit-stunner/secret";

pub(super) fn derive(given: &Given, findings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let stunner = &given.platform.stunner;
    let mut all: Vec<Derived> = mixed_protocol(given).into_iter().chain(certified(given)).collect();
    if !(stunner.livekit.enabled && given.platform.livekit.enabled) {
        return all;
    }
    let rtc = given.platform.livekit.config.rtc.clone().unwrap_or_default();
    if rtc.advertise_internal_ip != Some(true) {
        let reason = "STUNner relays to the pods' own addresses, so the server announces these";
        let input = given.at("stunner.livekit.enabled");
        all.push(Derived::new("livekit.config.rtc.use_external_ip", false, reason).from(input));
    }
    if !rtc.turn_servers.is_empty() {
        return all;
    }
    match host(given, stunner) {
        Some(host) => all.extend(turn_server(given, &host)),
        None if given.need == Need::Optional => {}
        None => findings.push(awaited(given, stunner)),
    }
    all
}

/// One load balancer for TCP and UDP, where the listeners ask for both.
fn mixed_protocol(given: &Given) -> Option<Derived> {
    let gateway = &given.platform.stunner.gateway;
    let transports = |wanted: &str| gateway.listeners.iter().any(|one| one.protocol.transport() == wanted);
    let reason = "the listeners use more than one protocol, and STUNner drops those that are not of the first one's";
    let first = gateway.listeners.first().map(|one| one.protocol);
    let mixed =
        (transports("UDP") && transports("TCP")) || gateway.listeners.iter().any(|one| Some(one.protocol) != first);
    let derived =
        Derived::new("stunner.gateway.mixedProtocol", mixed, reason).from(given.at("stunner.gateway.listeners"));
    gateway.mixed_protocol.is_none().then_some(derived)
}

/// The names of STUNner's certificate: that which clients are told.
fn certified(given: &Given) -> Option<Derived> {
    let stunner = &given.platform.stunner;
    let certificate = stunner.certificate.as_ref().filter(|certificate| certificate.dns_names.is_none())?;
    certificate.issuer_ref.as_ref()?;
    let reason = "clients check the certificate of TURN over TLS by the name that they are told";
    let derived =
        |name: &String, path| Derived::new("stunner.certificate.dnsNames", json!([name]), reason).from(given.at(path));
    let written = stunner.livekit.host.as_ref().map(|name| derived(name, "stunner.livekit.host"));
    written.or_else(|| Some(derived(given.platform.domain.as_ref()?, "domain")))
}

/// What clients are told, and how it is known.
struct Host {
    value: String,
    reason: String,
    place: Option<Place>,
}

fn host(given: &Given, stunner: &Stunner) -> Option<Host> {
    let written = stunner.livekit.host.clone().map(|value| Host {
        value,
        reason: "clients reach STUNner there".to_owned(),
        place: given.at("stunner.livekit.host").and_then(Node::place),
    });
    let asked = stunner.gateway.addresses.first().map(|address| Host {
        value: address.clone(),
        reason: "the Gateway of STUNner asks for this address".to_owned(),
        place: given.at("stunner.gateway.addresses").and_then(Node::place),
    });
    let named = given.platform.domain.clone().map(|value| Host {
        value,
        reason: "STUNner is reached by the name of the site".to_owned(),
        place: given.at("domain").and_then(Node::place),
    });
    written.or(asked).or(named).or_else(|| from_facts(given.facts, &stunner.namespace, &stunner.gateway.name))
}

fn from_facts(facts: &Facts, namespace: &str, name: &str) -> Option<Host> {
    let of = |kind, word| facts.address(kind, namespace, name).map(|address| (address, word));
    let (Address { value, place }, word) = of(Kind::Gateway, "Gateway").or_else(|| of(Kind::Service, "Service"))?;
    Some(Host { value: value.clone(), reason: format!("from the facts: {word} {namespace}/{name}"), place: *place })
}

fn turn_server(given: &Given, host: &Host) -> Vec<Derived> {
    let stunner = &given.platform.stunner;
    let protocol = stunner.livekit.protocol;
    let port = stunner.livekit.port.or_else(|| listener(stunner).map(|listener| listener.port)).unwrap_or(3478);
    let mut server = json!({"host": host.value, "port": port, "protocol": word(protocol)});
    if stunner.auth.kind == StunnerAuthType::Ephemeral {
        server["secret_file"] = json!(SECRET_FILE);
    }
    let inputs = |derived: Derived| derived.at_place(host.place).from(given.at("stunner.livekit.enabled"));
    vec![
        inputs(Derived::new("livekit.config.rtc.turn_servers", json!([server]), host.reason.clone())),
        inputs(Derived::new("stunner.livekit.host", host.value.clone(), host.reason.clone())),
        inputs(Derived::new("stunner.livekit.port", port, "the port of the listener")),
    ]
}

/// The listener that LiveKit's clients use.
fn listener(stunner: &Stunner) -> Option<&StunnerListener> {
    stunner.gateway.listeners.iter().find(|one| one.protocol.in_livekit() == Some(stunner.livekit.protocol))
}

fn word(protocol: TurnServerProtocol) -> &'static str {
    match protocol {
        TurnServerProtocol::Tls => "tls",
        TurnServerProtocol::Tcp => "tcp",
        TurnServerProtocol::Udp => "udp",
    }
}

/// The finding that the address of STUNner is known by nobody yet.
fn awaited(given: &Given, stunner: &Stunner) -> Diagnostic {
    let (namespace, name) = (&stunner.namespace, &stunner.gateway.name);
    let missing = Diagnostic::error(format!(
        "clients have no address of STUNner: `stunner.livekit.host` is not set, and no facts say that of the Gateway {namespace}/{name}"
    ));
    let wait = format!(
        "kubectl --namespace {namespace} wait gateway/{name} --for=jsonpath='{{.status.addresses[0].value}}' --timeout=5m"
    );
    missing.at(given.at("stunner.livekit.enabled").and_then(Node::place)).hint(format!(
        "wait for the Gateway with `{wait}`, then give the facts: `kubectl get gateway,service,node -A -o json | render --facts - ...`; \
         or set stunner.livekit.host to a reserved address or a DNS name; `--phase bootstrap` and `--phase platform` need neither"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts;
    use render_text::source::Sources;
    use render_text::yaml;

    const GATEWAY: &str = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: udp, namespace: media}\n\
                           status: {addresses: [{type: IPAddress, value: 198.51.100.20}]}\n";

    #[test]
    fn what_the_facts_say_names_the_object_and_its_place() {
        let mut sources = Sources::default();
        let source = sources.add("facts.yaml", GATEWAY);
        let facts = facts::read(&yaml::read(source, GATEWAY).unwrap(), &mut sources).unwrap();
        let host = from_facts(&facts, "media", "udp").unwrap();
        assert_eq!((host.value.as_str(), host.reason.as_str()), ("198.51.100.20", "from the facts: Gateway media/udp"));
        assert_eq!(sources.locate(host.place.unwrap()), "facts.yaml:4:47");
        assert!(from_facts(&facts, "media", "another").is_none());
    }
}
