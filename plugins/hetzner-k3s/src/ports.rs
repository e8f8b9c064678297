//! The ports of the node. k3s' `ServiceLB` gives every Service of type `LoadBalancer` its ports on each node, so two of them,
//! or one and a pod with that port of the node, cannot both have it: the later one stays pending without a word.

use std::ops::RangeInclusive;

use render_plugin_sdk::{Manifest, Remark, Request, Response};
use serde_json::Value;

use crate::fleet::Row;
use crate::{cilium, hcloud, ingress, load_balancer, mesh, server};

/// Who wants a port of the node.
#[derive(Debug)]
struct Claim {
    protocol: &'static str,
    ports: RangeInclusive<u64>,
    by: By,
    /// Its name, as a message says it.
    who: String,
    /// The value that is behind it.
    path: String,
}

/// By what a port is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// A program of the node itself.
    Node,
    /// A pod, which may be on another node than the next one.
    Pod,
    /// `ServiceLB`, on every node.
    LoadBalancer,
}

/// Refuses ports of the node that two want.
pub(crate) fn transform(request: &Request, own: &Row) -> Response {
    if hcloud::is_hcloud(request) {
        return Response::default();
    }
    let claims: Vec<Claim> =
        [of_node(request), of_charts(request, own), of_gateways(request), of_services(request), of_pods(request)]
            .into_iter()
            .flatten()
            .collect();
    let mut mistakes = Vec::new();
    for (index, later) in claims.iter().enumerate() {
        mistakes.extend(claims.iter().take(index).filter_map(|earlier| conflict(earlier, later)));
    }
    Response { mistakes, ..Response::default() }
}

fn conflict(earlier: &Claim, later: &Claim) -> Option<Remark> {
    let balanced = [earlier.by, later.by].contains(&By::LoadBalancer);
    let port = later.ports.start().max(earlier.ports.start());
    let both = earlier.ports.contains(port) && later.ports.contains(port);
    if !(balanced && both) || earlier.protocol != later.protocol {
        return None;
    }
    let message =
        format!("{} port {port} of the node is wanted by {} and by {}", later.protocol, earlier.who, later.who);
    let hint = if earlier.by == By::Node && *port == 2379 {
        "set hetzner-k3s.clusterMesh.apiServer.serviceType to NodePort in every cluster"
    } else {
        "k3s' ServiceLB takes the ports of every LoadBalancer Service on each node: change one of the ports, or take one of the two away"
    };
    Some(Remark::new(later.path.clone(), message).hint(hint))
}

/// What k3s and Cilium listen on.
fn of_node(request: &Request) -> Vec<Claim> {
    let claim = |protocol, port: u64, who: &str| Claim {
        protocol,
        ports: port..=port,
        by: By::Node,
        who: who.to_owned(),
        path: "/hetzner-k3s/server".to_owned(),
    };
    let mut claims = vec![
        claim("TCP", server::api_port(request), "k3s' API server"),
        claim("TCP", 10250, "the kubelet"),
        claim("TCP", 4240, "Cilium's health checks"),
        claim("UDP", 8472, "Cilium's tunnel"),
        claim("UDP", 51871, "Cilium's WireGuard"),
    ];
    if server::has_etcd(request) {
        claims.extend([claim("TCP", 2379, "k3s' embedded etcd"), claim("TCP", 2380, "k3s' embedded etcd")]);
    }
    claims
}

/// What charts make, k3s' own among them.
fn of_charts(request: &Request, own: &Row) -> Vec<Claim> {
    let claim = |port: u64, by, who: &str, path: String| Claim {
        protocol: "TCP",
        ports: port..=port,
        by,
        who: who.to_owned(),
        path,
    };
    let mut claims = Vec::new();
    if !server::is_disabled(request, "traefik") {
        let path = "/hetzner-k3s/server/disable";
        claims.extend(
            [80, 443].map(|port| claim(port, By::LoadBalancer, "the Traefik that k3s brings", path.to_owned())),
        );
    }
    for controller in ingress::controllers(request) {
        let path = format!("/charts/releases/{}/enabled", controller.release);
        let by = match (controller.is_on_host_network(request), controller.is_load_balancer(request)) {
            (_, true) => By::LoadBalancer,
            (true, false) => By::Pod,
            (false, false) => continue,
        };
        let who = format!("the release {}", controller.release);
        claims.extend(controller.ports(request).into_iter().map(|port| claim(port, by, &who, path.clone())));
    }
    let service = cilium::values(request, own).pointer("/clustermesh/apiserver/service/type").cloned();
    if mesh::is_on(request) && service.as_ref().and_then(Value::as_str) == Some("LoadBalancer") {
        let path = "/hetzner-k3s/clusterMesh/apiServer/serviceType".to_owned();
        claims.push(claim(2379, By::LoadBalancer, "the API server of Cilium's mesh", path));
    }
    claims
}

/// What the controllers of Gateways make Services of.
fn of_gateways(request: &Request) -> Vec<Claim> {
    let claims = load_balancer::gateways(request).flat_map(|gateway| {
        let is_stunner = gateway.text("/spec/gatewayClassName") == request.text("/stunner/className");
        load_balancer::listeners(gateway).into_iter().enumerate().map(move |(index, (port, protocol))| Claim {
            protocol,
            ports: port..=port,
            by: By::LoadBalancer,
            who: format!("Gateway {}", gateway.name()),
            path: if is_stunner { load_balancer::listener(index) } else { "/gateway/enabled".to_owned() },
        })
    });
    claims.collect()
}

/// The Services among the manifests.
fn of_services(request: &Request) -> Vec<Claim> {
    let claims = load_balancer::services(request).flat_map(|service| {
        let ports = service.get("/spec/ports").and_then(Value::as_array).into_iter().flatten();
        ports.filter_map(move |port| {
            let number = port.get("port")?.as_u64()?;
            let who = format!("Service {}", service.name());
            Some(Claim {
                protocol: protocol(port),
                ports: number..=number,
                by: By::LoadBalancer,
                who,
                path: value_of(service),
            })
        })
    });
    claims.collect()
}

/// The pods among the manifests that take ports of their node: those that they declare, and LiveKit's ranges.
fn of_pods(request: &Request) -> Vec<Claim> {
    let workloads =
        request.manifests.iter().filter(|one| ["Deployment", "StatefulSet", "DaemonSet"].contains(&one.kind()));
    let declared = workloads.flat_map(|workload| {
        let on_host = workload.get("/spec/template/spec/hostNetwork") == Some(&Value::Bool(true));
        let containers = workload.get("/spec/template/spec/containers").and_then(Value::as_array).into_iter().flatten();
        let ports = containers.filter_map(|one| one.get("ports")?.as_array()).flatten();
        ports.filter_map(move |port| {
            let own = port.get("hostPort").or_else(|| port.get("containerPort").filter(|_| on_host))?.as_u64()?;
            let who = format!("{} {}", workload.kind(), workload.name());
            Some(Claim { protocol: protocol(port), ports: own..=own, by: By::Pod, who, path: value_of(workload) })
        })
    });
    declared.chain(of_media(request)).collect()
}

/// The ranges that LiveKit takes on the host's network and declares nowhere.
fn of_media(request: &Request) -> Vec<Claim> {
    let on_host = request.is_on("/livekit/enabled") && request.is_on("/livekit/hostNetwork");
    let range = |of: &str, first: &str, last: &str| {
        let number = |key| request.number(&format!("/livekit/config/{of}/{key}"));
        let ports = number(first)?..=number(last)?;
        let path = format!("/livekit/config/{of}/{first}");
        Some(Claim { protocol: "UDP", ports, by: By::Pod, who: "LiveKit's media".to_owned(), path })
    };
    let media = range("rtc", "port_range_start", "port_range_end");
    let relay =
        range("turn", "relay_range_start", "relay_range_end").filter(|_| request.is_on("/livekit/config/turn/enabled"));
    [media, relay].into_iter().flatten().filter(|_| on_host).collect()
}

fn protocol(port: &Value) -> &'static str {
    if port.get("protocol").and_then(Value::as_str) == Some("UDP") { "UDP" } else { "TCP" }
}

/// The value that is most likely behind an object: that of its capability.
fn value_of(manifest: &Manifest) -> String {
    let path = match manifest.text("/metadata/labels/app.kubernetes.io~1component") {
        Some("turn") => "/turn/service/port",
        Some("media-service") => "/livekit/mediaService/enabled",
        Some("livekit-ingress") => "/livekitIngress/service",
        Some("livekit") => "/livekit/hostNetwork",
        _ => "/hetzner-k3s/loadBalancer",
    };
    path.to_owned()
}
