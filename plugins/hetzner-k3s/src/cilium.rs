//! The values of Cilium's chart that follow from the cluster's row: who it is, where its pods are, where the API is, and
//! the other clusters. What the environment says under `charts.releases.cilium.values` wins.

use render_plugin_sdk::{Manifest, Patch, Remark, Request, Response, yaml};
use serde_json::{Value, json};

use crate::fleet::{self, Row};
use crate::overlay::overlay;
use crate::{mesh, server};

/// Writes the values into Cilium's `HelmChart`, and refuses what could not bring it.
pub(crate) fn transform(request: &Request, own: &Row) -> Response {
    let installer = request.text("/charts/installer").unwrap_or_default();
    if !request.is_on("/charts/releases/cilium/enabled") {
        let message = "nothing here brings Cilium, and without it no pod of the cluster has a network";
        let hint =
            "set charts.releases.cilium.enabled to true, or install it by hand with the cluster's name, id and podCIDR";
        let warning = Remark::new("/charts/releases/cilium/enabled", message).hint(hint);
        return Response { warnings: vec![warning], ..Response::default() };
    }
    if installer != "helm-controller" {
        let message = format!(
            "`{installer}` cannot bring Cilium: nothing but k3s' own controller runs before there is a network"
        );
        let mistake = Remark::new("/charts/installer", message).hint("set charts.installer to helm-controller");
        return Response { mistakes: vec![mistake], ..Response::default() };
    }
    let reason = format!("the row of {} in the fleet says who this cluster is and who the others are", own.name);
    let patch = chart(request, "cilium").map(|chart| with_values(chart, &values(request, own), reason));
    Response { changes: patch.into_iter().map(Into::into).collect(), ..Response::default() }
}

/// The values of Cilium's chart: those of the row, and over them those that the environment says.
pub(crate) fn values(request: &Request, own: &Row) -> Value {
    let mut values = json!({
        "cluster": { "name": own.name, "id": own.id },
        "ipam": { "operator": { "clusterPoolIPv4PodCIDRList": [own.pod_cidr] } },
        "kubeProxyReplacement": true,
        "k8sServiceHost": own.node_ip,
        "k8sServicePort": server::api_port(request),
        "clustermesh": clustermesh(request, own),
    });
    if request.text("/hetzner-k3s/clusterMesh/encryption") == Some("wireguard") {
        overlay(&mut values, &json!({ "encryption": { "enabled": true, "type": "wireguard" } }));
    }
    if let Some(written) = request.get("/charts/releases/cilium/values") {
        overlay(&mut values, written);
    }
    values
}

/// The `HelmChart` of a release, if k3s' controller installs it.
pub(crate) fn chart<'a>(request: &'a Request, release: &str) -> Option<&'a Manifest> {
    request.find("helm.cattle.io/v1", "HelmChart", release)
}

/// A `HelmChart` with other values.
pub(crate) fn with_values(chart: &Manifest, values: &Value, reason: impl Into<String>) -> Patch {
    chart.patch(reason).add("/spec/valuesContent", yaml(values))
}

fn clustermesh(request: &Request, own: &Row) -> Value {
    if !mesh::is_on(request) {
        return json!({ "useAPIServer": false });
    }
    let port = mesh::port(request);
    // By `ips`, so that the certificate's name `*.mesh.cilium.io` is that of the connection.
    let peer = |row: &Row| json!({ "name": row.name, "ips": [row.node_ip], "port": port });
    let peers: Vec<Value> = fleet::others(request, own).iter().map(peer).collect();
    let mut service = json!({ "type": mesh::service_type(request) });
    if mesh::service_type(request) == "NodePort" {
        overlay(&mut service, &json!({ "nodePort": port }));
    }
    json!({
        "useAPIServer": true,
        "enableEndpointSliceSynchronization": request.is_on("/hetzner-k3s/clusterMesh/enableEndpointSliceSynchronization"),
        "apiserver": { "service": service },
        "config": { "enabled": true, "clusters": peers },
    })
}
