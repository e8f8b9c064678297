//! How clients reach signalling and TURN: the chart's types of load balancers.

use serde_json::json;

use render_text::node::{Member, Node, Tree};
use render_text::source::Place;

use super::super::draft::Draft;
use super::super::table::{member, place};
use super::{at, is_on, text};

/// What a type of the chart's load balancers is here.
struct Type {
    name: &'static str,
    /// Whose Ingress controller serves it.
    ingress: Ingress,
    /// The type of the Service, where it is not `ClusterIP`.
    service: Option<&'static str>,
}

/// Whose Ingress it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ingress {
    None,
    Google,
    Class(&'static str),
    /// That of the cluster's default class.
    Default,
}

const TYPES: [Type; 8] = [
    Type { name: "disable", ingress: Ingress::None, service: None },
    Type { name: "alb", ingress: Ingress::Class("alb"), service: Some("NodePort") },
    Type { name: "aws", ingress: Ingress::Default, service: Some("LoadBalancer") },
    Type { name: "gke", ingress: Ingress::Google, service: None },
    Type { name: "gke-managed-cert", ingress: Ingress::Google, service: None },
    Type { name: "gke-vpc-native", ingress: Ingress::Google, service: None },
    Type { name: "gclb", ingress: Ingress::None, service: Some("NodePort") },
    Type { name: "do", ingress: Ingress::Class("nginx"), service: None },
];

/// The spelling in the chart's own sample, which none of its branches has.
const MISSPELT: &str = "gke-native-vpc";
/// Labels of nodes that only Google has.
const POOL: &str = "cloud.google.com/gke-nodepool";
const SPOT: &str = "cloud.google.com/gke-spot";

/// What shows that the values are for a cluster at Google.
pub(super) fn google(values: &Node) -> Option<&Member> {
    let kind = text(values, "loadBalancer.type").filter(|kind| kind.starts_with("gke") || *kind == "gclb");
    let selector = member(values, "nodeSelector");
    let selected = |selector: &&Member| selector.node.get(POOL).is_some() || selector.node.get(SPOT).is_some();
    kind.and_then(|_| member(values, "loadBalancer.type")).or_else(|| selector.filter(selected))
}

/// Carries over how clients reach signalling and TURN.
pub(super) fn carry(values: &Node, draft: &mut Draft) {
    let kind_at = at(values, "loadBalancer.type");
    if let Some(shown) = google(values) {
        draft.set("provider", "gke", place(shown));
        node_pool(draft);
    }
    let kind = kind(values, draft);
    if let Some(service) = kind.service {
        draft.set("livekit.service.type", service, kind_at);
    }
    if kind.name == "aws" {
        let prefix = "service.beta.kubernetes.io/aws-load-balancer";
        for (key, value) in [("backend-protocol", "http"), ("type", "nlb")] {
            annotate(draft, "livekit.service", (&format!("{prefix}-{key}"), value), kind_at);
        }
    }
    match kind.ingress {
        Ingress::None => without_ingress(values, kind, draft),
        _ => ingress(values, kind, draft),
    }
    settings_of_google(values, kind, draft);
    turn(values, draft);
}

/// The type, and what there is to say about one that the chart does not know.
fn kind(values: &Node, draft: &mut Draft) -> &'static Type {
    let written = text(values, "loadBalancer.type").unwrap_or("disable");
    if let Some(kind) = TYPES.iter().find(|kind| kind.name == written) {
        return kind;
    }
    let is_misspelt = written == MISSPELT;
    let meant = if is_misspelt { &TYPES[5] } else { &TYPES[2] };
    let hint = if is_misspelt {
        "`gke-vpc-native` was meant, and the environment file has it"
    } else {
        "say under `ingress` which controller serves signalling: className, host and tls"
    };
    let message =
        "the chart knows no such `loadBalancer.type`: it renders a plain Service and an Ingress without a class";
    draft.tell(message, at(values, "loadBalancer.type"), hint);
    if is_misspelt { meant } else { &Type { name: "", ingress: Ingress::Default, service: None } }
}

/// Google's labels of nodes are facts of the pool.
fn node_pool(draft: &mut Draft) {
    let Some(Tree::Map(selector)) = draft.tree.at(&["livekit", "nodeSelector"]).map(|node| node.tree.clone()) else {
        return;
    };
    if let Some(pool) = selector.get(POOL) {
        draft.put(&["cluster", "nodePool", "name"], pool.clone());
    }
    if let Some(spot) = selector.get(SPOT) {
        draft.set("cluster.nodePool.spot", spot.node.tree == Tree::String("true".to_owned()), place(spot));
    }
    for label in [POOL, SPOT] {
        draft.remove(&["livekit", "nodeSelector", label]);
    }
}

/// Signalling by an Ingress.
fn ingress(values: &Node, kind: &Type, draft: &mut Draft) {
    let kind_at = at(values, "loadBalancer.type");
    let tls = member(values, "loadBalancer.tls");
    let hosts = hosts(values);
    if hosts.is_empty() && kind.ingress == Ingress::Default {
        let hint =
            "set `ingress.enabled`, `ingress.host` and `ingress.className`, if a controller is to serve signalling";
        return draft.tell(
            "the chart renders an Ingress without a class and without a host, which is not carried over",
            kind_at,
            hint,
        );
    }
    draft.set("ingress.enabled", true, kind_at);
    if let Ingress::Class(class) = kind.ingress {
        draft.set("ingress.className", class, kind_at);
    }
    if let Some(((host, at), others)) = hosts.split_first() {
        draft.set("ingress.host", host.as_str(), *at);
        for (_, at) in others {
            let hint = "one name is `ingress.host`; add others to the Ingress with `patches`";
            draft.tell("a further host of `loadBalancer.tls` is not carried over", *at, hint);
        }
    } else {
        let hint = "set `ingress.host`, the DNS name of signalling";
        draft.tell(
            "the chart takes hosts from `loadBalancer.tls` alone: without them its Ingress has no rule, and is refused",
            kind_at,
            hint,
        );
    }
    annotations(values, kind, tls.is_some(), draft);
    certificate(values, kind, draft);
}

/// The hosts of signalling, with their places.
fn hosts(values: &Node) -> Vec<(String, Option<Place>)> {
    let Some(Tree::List(items)) = member(values, "loadBalancer.tls").map(|tls| &tls.node.tree) else {
        return Vec::new();
    };
    let lists = items
        .iter()
        .filter_map(|item| if let Tree::List(hosts) = &item.get("hosts")?.tree { Some(hosts) } else { None });
    let texts = lists.flatten().filter_map(|host| match &host.tree {
        Tree::String(text) => Some((text.clone(), host.place())),
        _ => None,
    });
    texts.collect()
}

fn annotations(values: &Node, kind: &Type, has_tls: bool, draft: &mut Draft) {
    let kind_at = at(values, "loadBalancer.type");
    if kind.name == "alb" {
        annotate(draft, "ingress", ("alb.ingress.kubernetes.io/scheme", "internet-facing"), kind_at);
        if has_tls {
            annotate(draft, "ingress", ("alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTPS":443}]"#), kind_at);
        }
    }
    if let Some(own) = member(values, "loadBalancer.annotations") {
        draft.put(&["ingress", "annotations"], own.clone());
    }
}

fn annotate(draft: &mut Draft, section: &str, (key, value): (&str, &str), at: Option<Place>) {
    let path: Vec<&str> = section.split('.').chain(["annotations", key]).collect();
    draft.put(&path, Member { key: at, node: Node::bare(&json!(value)) });
}

/// Who brings the certificate of signalling.
fn certificate(values: &Node, kind: &Type, draft: &mut Draft) {
    let secret = secret_name(values);
    let secret_at = secret.as_ref().and_then(|(_, at)| *at);
    match (kind.name, secret) {
        ("gke-managed-cert", _) => {
            let at = at(values, "loadBalancer.certificateName").or_else(|| at(values, "loadBalancer.type"));
            let name = text(values, "loadBalancer.certificateName").unwrap_or("managed-cert");
            draft.set("gke.ingress.managedCertificate.enabled", true, at);
            draft.set("gke.ingress.managedCertificate.name", name, at);
        }
        ("gke-vpc-native", Some(_)) if text(values, "loadBalancer.type") != Some(MISSPELT) => {
            let hint = "set `ingress.tls.secretName`, or `gke.ingress.managedCertificate`";
            draft.tell("the chart leaves TLS out with `gke-vpc-native`, so it is not carried over", secret_at, hint);
        }
        (_, Some((name, at))) => draft.set("ingress.tls.secretName", name, at),
        (_, None) => {}
    }
    issuer(values, kind, draft);
    address(values, kind, draft);
}

fn secret_name(values: &Node) -> Option<(String, Option<Place>)> {
    let Tree::List(items) = &member(values, "loadBalancer.tls")?.node.tree else { return None };
    items.iter().find_map(|item| match &item.get("secretName")?.tree {
        Tree::String(name) if !name.is_empty() => Some((name.clone(), item.get("secretName")?.place())),
        _ => None,
    })
}

/// cert-manager's issuer, which the chart names for one type alone.
fn issuer(values: &Node, kind: &Type, draft: &mut Draft) {
    let Some(issuer) = text(values, "loadBalancer.clusterIssuer").filter(|name| !name.is_empty()) else { return };
    let at = at(values, "loadBalancer.clusterIssuer");
    if kind.name == "do" && draft.has("ingress.tls.secretName") {
        draft.set("ingress.tls.issuerRef.kind", "ClusterIssuer", at);
        draft.set("ingress.tls.issuerRef.name", issuer, at);
        return;
    }
    let hint = "`ingress.tls` has the Secret of the certificate, and issuerRef for who writes it";
    draft.tell("the chart ignores `loadBalancer.clusterIssuer` here, so it is not carried over", at, hint);
}

/// The reserved address, which the chart names for one type alone.
fn address(values: &Node, kind: &Type, draft: &mut Draft) {
    let Some(address) = text(values, "loadBalancer.staticIpName").filter(|name| !name.is_empty()) else { return };
    let at = at(values, "loadBalancer.staticIpName");
    if kind.ingress != Ingress::Google {
        let hint = "it is the name of an address at Google: name it by annotations of the Ingress, or leave it out";
        return draft.tell("the chart ignores `loadBalancer.staticIpName` here, so it is not carried over", at, hint);
    }
    draft.set("gke.ingress.staticIPName", address, at);
    if kind.name != "gke-managed-cert" {
        let message = format!(
            "the chart ignores `loadBalancer.staticIpName` with `{}`, and the environment file does not",
            kind.name
        );
        draft.tell(message, at, "it is `gke.ingress.staticIPName`: look whether that is still wanted");
    }
}

/// What the values say about an Ingress that the chart does not render.
fn without_ingress(values: &Node, kind: &Type, draft: &mut Draft) {
    const KEYS: [&str; 5] = ["annotations", "staticIpName", "certificateName", "clusterIssuer", "tls"];
    for key in KEYS {
        let path = format!("loadBalancer.{key}");
        if let Some(found) = member(values, &path).filter(|found| !is_empty(&found.node)) {
            let message =
                format!("the chart ignores `{path}` with the type `{}`, so it is not carried over", kind.name);
            draft.tell(message, place(found), "`ingress` does it: enabled, className, host, annotations and tls");
        }
    }
    if kind.name == "gclb" {
        let neg = ("cloud.google.com/neg", r#"{"exposed_ports":{"80":{}}}"#);
        annotate(draft, "livekit.service", neg, at(values, "loadBalancer.type"));
        let hint = "keep the BackendConfig that is there, and name it by `livekit.service.annotations`; or set `ingress.enabled`";
        draft.tell(
            "without an Ingress there is no BackendConfig for a load balancer of your own",
            at(values, "loadBalancer.type"),
            hint,
        );
    }
}

/// The settings of Google's load balancer, and those that the chart puts one level too deep.
fn settings_of_google(values: &Node, kind: &Type, draft: &mut Draft) {
    if kind.ingress != Ingress::Google {
        draft.remove(&["gke", "backendConfig"]);
        if let Some(found) = member(values, "gcp").filter(|found| !draft.is_default(&found.node)) {
            let message = format!("the chart ignores `gcp` with the type `{}`, so it is not carried over", kind.name);
            draft.tell(message, place(found), "it is `gke.backendConfig`, with `provider: gke` and an Ingress");
        }
        return;
    }
    let Some(spec) = member(values, "gcp.backendConfig.spec") else { return };
    let message =
        "`gcp.backendConfig` is the spec already: `spec` in it stands one level too deep, and the API server drops it";
    draft.tell(message, place(spec), "the environment file has its content as `gke.backendConfig`");
    let Tree::Map(map) = &spec.node.tree else { return };
    for (key, member) in map {
        // The type, the port and the path of the health check follow from LiveKit.
        let mut member = member.clone();
        if let ("healthCheck", Tree::Map(check)) = (key.as_str(), &mut member.node.tree) {
            check.retain(|key, _| !matches!(key.as_str(), "type" | "port" | "requestPath"));
            if check.is_empty() {
                continue;
            }
        }
        draft.put(&["gke", "backendConfig", key], member);
    }
}

/// The load balancer of TURN, which can be switched off.
fn turn(values: &Node, draft: &mut Draft) {
    if !is_on(values, "turnLoadbalancer.enable") && is_on(values, "livekit.turn.enabled") {
        draft.set("turn.service.type", "ClusterIP", at(values, "turnLoadbalancer.enable"));
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.tree {
        Tree::Map(map) => map.is_empty(),
        Tree::List(items) => items.is_empty(),
        Tree::String(text) => text.is_empty(),
        _ => false,
    }
}
