//! k3s' own configuration of the node: a file, because there is no API yet that could be told.

use render_plugin_sdk::{File, Notes, Remark, Request, Response, Step, pointer, yaml};
use serde_json::{Value, json};

use crate::fleet::Row;
use crate::hcloud;
use crate::overlay::overlay;

/// Where k3s reads it.
const PATH: &str = "/etc/rancher/k3s/config.yaml";

/// What must be on for Cilium to be the network, and why.
const FOR_CILIUM: [(&str, &str); 2] = [
    ("disable-kube-proxy", "Cilium takes kube-proxy's place, and two of them fight over every Service"),
    ("disable-network-policy", "Cilium enforces network policies, and k3s' own controller would cut what it allows"),
];

/// Keys that hold a secret, and what takes their place.
const SECRETS: [(&str, &str); 4] = [
    ("token", "put it into a file on the node, and name that by token-file"),
    ("agent-token", "put it into a file on the node, and name that by agent-token-file"),
    ("datastore-endpoint", "give it to k3s by the variable K3S_DATASTORE_ENDPOINT"),
    ("etcd-s3-secret-key", "name a Secret of the cluster by etcd-s3-config-secret"),
];

/// The file, and how k3s is installed with it.
pub(crate) fn transform(request: &Request, own: &Row) -> Response {
    let config = config(request, own);
    let content = format!("# k3s' server on the node {} of the cluster {}.\n{}", own.node_ip, own.name, yaml(&config));
    let why = "k3s reads it when it starts: no network of its own, because Cilium brings one";
    let file = File { path: PATH.to_owned(), content, why: why.to_owned() };
    let notes = Notes { files: vec![file], steps: install(request, own), ..Notes::default() };
    Response { mistakes: mistakes(request, own), notes, ..Response::default() }
}

/// The port of the API server.
pub(crate) fn api_port(request: &Request) -> u64 {
    request.number("/hetzner-k3s/server/https-listen-port").unwrap_or(6443)
}

/// Whether the environment takes one of k3s' own parts away.
pub(crate) fn is_disabled(request: &Request, part: &str) -> bool {
    let disabled = request.get("/hetzner-k3s/server/disable").and_then(Value::as_array);
    disabled.into_iter().flatten().any(|one| one == part)
}

/// Whether k3s keeps its state in an etcd of its own, which listens on the node's address.
pub(crate) fn has_etcd(request: &Request) -> bool {
    request.is_on("/hetzner-k3s/server/cluster-init") || request.text("/hetzner-k3s/server/server").is_some()
}

/// What follows from the row, and over it what the environment says.
fn config(request: &Request, own: &Row) -> Value {
    let names = request.text("/domain").into_iter().map(str::to_owned);
    let tls_san: Vec<String> = [own.node_ip.to_owned()].into_iter().chain(names).collect();
    let mut config = json!({
        "cluster-cidr": own.pod_cidr,
        "node-ip": own.node_ip,
        "node-external-ip": own.node_ip,
        "tls-san": tls_san,
    });
    if let Some(server) = request.get("/hetzner-k3s/server") {
        overlay(&mut config, server);
    }
    if hcloud::is_hcloud(request) {
        config["disable"] = with(config.get("disable"), "servicelb");
        config["kubelet-arg"] = with(config.get("kubelet-arg"), "cloud-provider=external");
        config["disable-cloud-controller"] = json!(true);
    }
    config
}

/// A list with one more entry, unless it is there.
fn with(list: Option<&Value>, entry: &str) -> Value {
    let entries = list.and_then(Value::as_array).into_iter().flatten().filter(|one| *one != entry);
    entries.cloned().chain([Value::from(entry)]).collect()
}

fn mistakes(request: &Request, own: &Row) -> Vec<Remark> {
    let at = |key: &str| pointer(&["hetzner-k3s", "server", key]);
    let mut mistakes = Vec::new();
    for (key, hint) in SECRETS.iter().filter(|(key, _)| request.get(&at(key)).is_some()) {
        let message = format!("`{key}` is a secret, and the notes would print it");
        mistakes.push(Remark::new(at(key), message).hint(*hint));
    }
    if request.text("/hetzner-k3s/server/flannel-backend") != Some("none") {
        let message = "k3s would bring flannel, and Cilium is the network of the pods";
        mistakes.push(Remark::new("/hetzner-k3s/server/flannel-backend", message).hint("set flannel-backend to none"));
    }
    for (key, why) in FOR_CILIUM.iter().filter(|(key, _)| !request.is_on(&at(key))) {
        mistakes.push(Remark::new(at(key), *why).hint(format!("set {key} to true")));
    }
    for (key, of_row) in [("cluster-cidr", own.pod_cidr), ("node-ip", own.node_ip)] {
        if let Some(written) = request.text(&at(key)).filter(|written| *written != of_row) {
            let message = format!("`{key}` is {written}, and the fleet says {of_row} for {}", own.name);
            mistakes.push(Remark::new(at(key), message).hint(format!("take {key} away: it follows from the fleet")));
        }
    }
    mistakes
}

/// The commands for the first node and for further ones.
fn install(request: &Request, own: &Row) -> Vec<Step> {
    let version = request.text("/cluster/kubernetesVersion").unwrap_or("stable");
    let channel = if version == "stable" { version.to_owned() } else { format!("v{version}") };
    let get = format!("curl -sfL https://get.k3s.io | INSTALL_K3S_CHANNEL={channel} sh -s -");
    let (node, port) = (own.node_ip, api_port(request));
    vec![
        Step::command(
            format!("install k3s on the node {node}, after {PATH} is written"),
            format!("{get} server"),
            "the node stays NotReady until the phase bootstrap has brought Cilium",
        ),
        Step::command(
            format!("install k3s on every further node of {}", own.name),
            format!(
                "{get} agent --server https://{node}:{port} --token-file TOKEN_FILE --node-ip NODE_IP --node-external-ip NODE_IP"
            ),
            "the token is in /var/lib/rancher/k3s/server/token on the first node; NODE_IP is the further node's own address",
        ),
    ]
}
