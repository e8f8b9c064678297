//! What serves Services of type `LoadBalancer`: k3s' own `ServiceLB`, on the ports of the nodes, or load balancers of
//! Hetzner's, which its cloud controller makes and which have no UDP.

use render_plugin_sdk::{Change, FirewallRule, Manifest, Notes, Remark, Request, Response, SecretToCreate, pointer};
use serde_json::{Value, json};

use crate::cilium;
use crate::hcloud::is_hcloud;
use crate::overlay::overlay;
use crate::{ingress, server};

/// The chart of Hetzner's cloud controller.
const CONTROLLER: &str = "hcloud-cloud-controller-manager";

/// What the section says of the load balancers, and the annotation that the controller reads.
const ANNOTATIONS: [(&str, &str); 4] = [
    ("location", "load-balancer.hetzner.cloud/location"),
    ("networkZone", "load-balancer.hetzner.cloud/network-zone"),
    ("type", "load-balancer.hetzner.cloud/type"),
    ("usePrivateIP", "load-balancer.hetzner.cloud/use-private-ip"),
];

/// Annotates what becomes a load balancer of Hetzner's, and refuses what cannot become one.
pub(crate) fn transform(request: &Request) -> Response {
    let notes = Notes { firewall: signalling(request), ..Notes::default() };
    if !is_hcloud(request) {
        let (mistakes, warnings) = (without_servicelb(request), unread(request));
        let (mistakes, warnings) = (mistakes.into_iter().collect(), warnings.into_iter().collect());
        return Response { mistakes, warnings, notes, ..Response::default() };
    }
    Response {
        changes: annotated(request),
        mistakes: controller(request).into_iter().chain(location(request)).chain(udp(request)).collect(),
        notes: Notes { secrets: vec![token()], ..notes },
        ..Response::default()
    }
}

/// Services in the manifests that ask for a load balancer of the cluster's own choice.
pub(crate) fn services(request: &Request) -> impl Iterator<Item = &Manifest> {
    let balanced = |one: &&Manifest| one.kind() == "Service" && one.text("/spec/type") == Some("LoadBalancer");
    request.manifests.iter().filter(balanced).filter(|one| one.get("/spec/loadBalancerClass").is_none())
}

/// Gateways for which a controller makes a Service with a load balancer: `STUNner`'s, unless an annotation asks for
/// another type, and Envoy's.
pub(crate) fn gateways(request: &Request) -> impl Iterator<Item = &Manifest> {
    let classes = [request.text("/stunner/className"), request.text("/gateway/className")];
    let asks = |one: &&Manifest| {
        let kind = one.text(&pointer(&["metadata", "annotations", "stunner.l7mp.io/service-type"]));
        one.kind() == "Gateway" && kind.is_none_or(|kind| kind == "LoadBalancer")
    };
    let of_class = move |one: &&Manifest| classes.contains(&one.text("/spec/gatewayClassName"));
    request.manifests.iter().filter(asks).filter(of_class)
}

/// The listeners of a Gateway: the port, and what carries the protocol.
pub(crate) fn listeners(gateway: &Manifest) -> Vec<(u64, &'static str)> {
    let listeners = gateway.get("/spec/listeners").and_then(Value::as_array);
    let listener = |one: &Value| {
        let protocol = one.get("protocol")?.as_str()?;
        let is_udp = ["UDP", "DTLS", "TURN-UDP", "TURN-DTLS"].contains(&protocol);
        Some((one.get("port")?.as_u64()?, if is_udp { "UDP" } else { "TCP" }))
    };
    listeners.into_iter().flatten().filter_map(listener).collect()
}

/// The value that is behind a listener of `STUNner`'s Gateway.
pub(crate) fn listener(index: usize) -> String {
    format!("/stunner/gateway/listeners/{index}")
}

/// What a load balancer is told, by annotation.
fn wanted(request: &Request) -> Vec<(&'static str, String)> {
    let text = |key: &str| match request.get(&pointer(&["hetzner-k3s", "hcloud", key]))? {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    ANNOTATIONS.iter().filter_map(|(key, annotation)| Some((*annotation, text(key)?))).collect()
}

fn annotated(request: &Request) -> Vec<Change> {
    let wanted = wanted(request);
    let reason = "Hetzner's controller reads from annotations which load balancer to make";
    let with = |manifest: &Manifest, place: &[&str]| {
        // What is written at the object itself wins.
        let absent = wanted.iter().filter(|(key, _)| manifest.get(&pointer(&[place, &[key]].concat())).is_none());
        let patch = absent.fold(manifest.patch(reason), |patch, (key, value)| {
            patch.add(&pointer(&[place, &[key]].concat()), value.as_str())
        });
        (!patch.patch.is_empty()).then(|| Change::from(patch))
    };
    let services = services(request).filter_map(|one| with(one, &["metadata", "annotations"]));
    let configs = request.manifests.iter().filter(|one| one.kind() == "GatewayConfig");
    let configs = configs.filter_map(|one| with(one, &["spec", "loadBalancerServiceAnnotations"]));
    services.chain(configs).chain(charts(request, &wanted)).collect()
}

/// The charts of the Ingress controllers, which make their Services themselves.
fn charts(request: &Request, wanted: &[(&'static str, String)]) -> Vec<Change> {
    let annotations: Value = wanted.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let changed = ingress::controllers(request).filter(|one| !wanted.is_empty() && one.is_load_balancer(request));
    changed
        .filter_map(|one| {
            let mut values = json!({ "annotations": annotations });
            for key in one.service.iter().rev() {
                values = json!({ *key: values });
            }
            if let Some(written) = request.get(&pointer(&["charts", "releases", one.release, "values"])) {
                overlay(&mut values, written);
            }
            let reason = "Hetzner's controller reads from annotations which load balancer to make";
            Some(cilium::with_values(cilium::chart(request, one.release)?, &values, reason).into())
        })
        .collect()
}

/// Nothing makes load balancers unless somebody installs what does.
fn controller(request: &Request) -> Option<Remark> {
    let releases = request.get("/charts/releases").and_then(Value::as_object)?;
    let is_there = |release: &Value| {
        release.get("enabled") == Some(&Value::Bool(true))
            && release.get("chart").and_then(Value::as_str) == Some(CONTROLLER)
    };
    let message = "`loadBalancer` is hcloud, and no release brings Hetzner's cloud controller";
    let hint = format!("set charts.releases.{CONTROLLER}.enabled to true");
    let mistake = Remark::new("/hetzner-k3s/loadBalancer", message).hint(hint);
    (!releases.values().any(is_there)).then_some(mistake)
}

/// The controller makes no load balancer without knowing where.
fn location(request: &Request) -> Option<Remark> {
    let says = |key: &str| request.get(&pointer(&["hetzner-k3s", "hcloud", key])).is_some();
    let message = match (says("location"), says("networkZone")) {
        (false, false) => "nothing says where Hetzner's load balancers are to be",
        (true, true) => "a load balancer has a location or a network zone, and not both",
        _ => return None,
    };
    let hint =
        "set one of hetzner-k3s.hcloud.location, as in nbg1, and hetzner-k3s.hcloud.networkZone, as in eu-central";
    Some(Remark::new("/hetzner-k3s/hcloud", message).hint(hint))
}

/// What asks for UDP at a load balancer that has none.
fn udp(request: &Request) -> Vec<Remark> {
    let is_udp = |port: &Value| port.get("protocol").and_then(Value::as_str) == Some("UDP");
    let ports =
        |one: &Manifest| one.get("/spec/ports").and_then(Value::as_array).is_some_and(|all| all.iter().any(is_udp));
    let services = services(request).filter(|one| ports(one)).map(|one| {
        let message = format!("Service {} asks for UDP, and Hetzner's load balancers have none", one.name());
        Remark::new("/hetzner-k3s/loadBalancer", message)
            .hint("set hetzner-k3s.loadBalancer to servicelb, or use the host's network")
    });
    let gateways = gateways(request).filter_map(|one| {
        let index = listeners(one).iter().position(|(_, protocol)| *protocol == "UDP")?;
        let message = format!("Gateway {} listens on UDP, and Hetzner's load balancers have none", one.name());
        let hint = "leave the listeners of TCP and TLS alone, or set hetzner-k3s.loadBalancer to servicelb";
        Some(Remark::new(listener(index), message).hint(hint))
    });
    services.chain(gateways).collect()
}

fn without_servicelb(request: &Request) -> Option<Remark> {
    let message = "`servicelb` is disabled, and nothing else serves Services of type LoadBalancer";
    let hint = "take servicelb out of the list, or set hetzner-k3s.loadBalancer to hcloud, which disables it";
    let mistake = Remark::new("/hetzner-k3s/server/disable", message).hint(hint);
    server::is_disabled(request, "servicelb").then_some(mistake)
}

/// Settings of load balancers that nobody makes.
fn unread(request: &Request) -> Option<Remark> {
    let message = "nothing reads `hcloud`, because `loadBalancer` is servicelb";
    let hint = "set hetzner-k3s.loadBalancer to hcloud, or take the section away";
    let warning = Remark::new("/hetzner-k3s/hcloud", message).hint(hint);
    (!wanted(request).is_empty()).then_some(warning)
}

fn token() -> SecretToCreate {
    SecretToCreate {
        namespace: "kube-system".to_owned(),
        name: "hcloud".to_owned(),
        keys: vec!["token".to_owned()],
        command: "kubectl --namespace kube-system create secret generic hcloud --from-file=token=HCLOUD_TOKEN_FILE"
            .to_owned(),
        why: "Hetzner's cloud controller makes load balancers with this token".to_owned(),
    }
}

/// What clients reach the Ingress controller by.
fn signalling(request: &Request) -> Vec<FirewallRule> {
    let rule = |port: u64| FirewallRule {
        protocol: "TCP".to_owned(),
        ports: port.to_string(),
        source: "0.0.0.0/0".to_owned(),
        why: "clients reach the Ingress controller".to_owned(),
    };
    ingress::controllers(request).flat_map(|one| one.ports(request)).map(rule).collect()
}
