//! What joins the clusters beside Cilium's values: one authority for all, the way through the firewall, and how to see it.

use render_plugin_sdk::{FirewallRule, Notes, Remark, Request, Response, SecretToCreate, Step};

use crate::fleet::{self, Row};
use crate::hcloud;

/// The Secret of the authority. Cilium's chart knows it by no other name.
const AUTHORITY: &str = "cilium-ca";

/// What the mesh needs in the cluster and in front of it.
pub(crate) fn transform(request: &Request, own: &Row) -> Response {
    if !is_on(request) {
        return Response::default();
    }
    let notes = Notes {
        secrets: vec![authority()],
        firewall: fleet::others(request, own).iter().flat_map(|other| openings(request, other)).collect(),
        steps: vec![make_authority(), status()],
        ..Notes::default()
    };
    Response { mistakes: mistakes(request), notes, ..Response::default() }
}

/// Whether the cluster joins others.
pub(crate) fn is_on(request: &Request) -> bool {
    request.is_on("/hetzner-k3s/clusterMesh/enabled")
}

/// The type of the Service of the mesh's API server.
pub(crate) fn service_type(request: &Request) -> &str {
    request.text("/hetzner-k3s/clusterMesh/apiServer/serviceType").unwrap_or_default()
}

/// The port at which the clusters reach each other's API server of the mesh.
pub(crate) fn port(request: &Request) -> u64 {
    match service_type(request) {
        "NodePort" => request.number("/hetzner-k3s/clusterMesh/apiServer/nodePort").unwrap_or(32379),
        // The chart gives the Service no other.
        _ => 2379,
    }
}

fn mistakes(request: &Request) -> Vec<Remark> {
    let mut mistakes = Vec::new();
    let name = request.text("/hetzner-k3s/clusterMesh/caSecretRef/name").unwrap_or_default();
    if name != AUTHORITY {
        let message = format!("Cilium's chart reads its authority from Secret {AUTHORITY}, and never from `{name}`");
        let mistake = Remark::new("/hetzner-k3s/clusterMesh/caSecretRef/name", message);
        mistakes.push(mistake.hint(format!("name the Secret {AUTHORITY}, with the entries ca.crt and ca.key")));
    }
    if hcloud::is_hcloud(request) && service_type(request) == "LoadBalancer" {
        let message = "a load balancer of Hetzner's has an address of its own, and the other clusters look for the mesh at nodeIP";
        let mistake = Remark::new("/hetzner-k3s/clusterMesh/apiServer/serviceType", message);
        mistakes.push(mistake.hint("set hetzner-k3s.clusterMesh.apiServer.serviceType to NodePort in every cluster"));
    }
    mistakes
}

/// Helm takes over an object that is there already only with its own label and annotations.
fn authority() -> SecretToCreate {
    let kubectl = "kubectl --namespace kube-system";
    SecretToCreate {
        namespace: "kube-system".to_owned(),
        name: AUTHORITY.to_owned(),
        keys: vec!["ca.crt".to_owned(), "ca.key".to_owned()],
        command: format!(
            "{kubectl} create secret generic {AUTHORITY} --from-file=ca.crt=CILIUM_CA.crt --from-file=ca.key=CILIUM_CA.key && \
             {kubectl} label secret {AUTHORITY} app.kubernetes.io/managed-by=Helm && \
             {kubectl} annotate secret {AUTHORITY} meta.helm.sh/release-name=cilium meta.helm.sh/release-namespace=kube-system"
        ),
        why: "the clusters of the mesh trust each other by one authority: put the same pair into every cluster before the \
              phase bootstrap, or Cilium makes one of its own; the label and the annotations let its chart take the Secret over"
            .to_owned(),
    }
}

fn make_authority() -> Step {
    Step::command(
        "make the authority of the mesh, once for all clusters",
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj '/CN=Cilium CA' \
         -addext keyUsage=critical,keyCertSign,cRLSign -keyout CILIUM_CA.key -out CILIUM_CA.crt",
        "the certificates of every cluster's API server of the mesh are signed by it; keep the key where secrets are kept",
    )
}

fn status() -> Step {
    Step::command(
        "see that the clusters are joined",
        "cilium clustermesh status --wait",
        "it ends when every other cluster answers; `cilium clustermesh connect` is not needed, because Cilium's values name \
         the others already",
    )
}

/// What another cluster's node has to reach.
fn openings(request: &Request, other: &Row) -> Vec<FirewallRule> {
    let from = format!("{}/32", other.node_ip);
    let rule = |protocol: &str, port: u64, why: &str| FirewallRule {
        protocol: protocol.to_owned(),
        ports: port.to_string(),
        source: from.clone(),
        why: format!("{why} of {}", other.name),
    };
    let packets = if request.text("/hetzner-k3s/clusterMesh/encryption") == Some("wireguard") {
        rule("UDP", 51871, "packets of pods, encrypted by WireGuard,")
    } else {
        rule("UDP", 8472, "packets of pods, in VXLAN and in the clear,")
    };
    vec![
        rule("TCP", port(request), "the API server of the mesh is asked by Cilium"),
        packets,
        rule("TCP", 4240, "the nodes' health is asked by Cilium"),
    ]
}
