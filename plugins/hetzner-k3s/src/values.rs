//! The section `hetzner-k3s` of the values. Its JSON Schema, in description.json, is generated from these types; the code
//! reads the values themselves. The defaults stand in description.json too: no type holds one.

#![expect(dead_code, reason = "only the schema of the types is used")]

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// What the values say about regional k3s clusters at Hetzner.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct HetznerK3s {
    /// Which cluster of the fleet this environment is. It has no default, and must be a row.
    cluster: Option<String>,
    /// Every cluster of the mesh by its name, this one too. No two share a number, addresses or a node.
    fleet: BTreeMap<String, Row>,
    /// k3s' own configuration of its server, with k3s' own keys; what follows from the fleet is added.
    server: Server,
    /// What serves Services of type `LoadBalancer`.
    load_balancer: LoadBalancer,
    /// What Hetzner's load balancers are told, with `loadBalancer: hcloud`.
    hcloud: Hcloud,
    /// How the clusters are joined.
    cluster_mesh: ClusterMesh,
}

/// A cluster of the fleet.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Row {
    /// Its number in the mesh.
    #[schemars(range(min = 1, max = 255))]
    id: u8,
    /// The addresses of its pods, a range that begins at its first address, as in 10.101.0.0/16.
    #[schemars(rename = "podCIDR", length(min = 1))]
    pod_cidr: String,
    /// The public IPv4 address of its (first) node, which the other clusters reach.
    #[schemars(rename = "nodeIP", length(min = 1))]
    node_ip: String,
}

/// k3s' own configuration of its server. Keys that are not named here are written as they are.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case", extend("additionalProperties" = true))]
pub(crate) struct Server {
    /// Parts of k3s that it is not to bring.
    disable: Vec<String>,
    /// k3s' own network of pods; none, because Cilium is.
    flannel_backend: String,
    /// Whether kube-proxy is left out; Cilium takes its place.
    disable_kube_proxy: bool,
    /// Whether k3s' own controller of network policies is left out; Cilium enforces them.
    disable_network_policy: bool,
    /// Whether k3s keeps its state in an etcd of its own, for several servers.
    cluster_init: Option<bool>,
    /// The server that this one joins.
    #[schemars(rename = "server")]
    joins: Option<String>,
    /// Names and addresses in the API server's certificate; the node's address and `domain` when left out.
    tls_san: Option<Vec<String>>,
    /// The node's address; that of the fleet.
    node_ip: Option<String>,
    /// The node's public address; that of the fleet when left out.
    node_external_ip: Option<String>,
    /// The addresses of pods; those of the fleet.
    cluster_cidr: Option<String>,
    /// The addresses of Services; 10.43.0.0/16 when left out.
    service_cidr: Option<String>,
    /// The port of the API server; 6443 when left out.
    #[schemars(range(min = 1))]
    https_listen_port: Option<u16>,
    /// The mode of the file with the administrator's access.
    write_kubeconfig_mode: Option<String>,
    /// Labels of the node.
    node_label: Option<Vec<String>>,
    /// Taints of the node.
    node_taint: Option<Vec<String>>,
    /// Flags of the kubelet.
    kubelet_arg: Option<Vec<String>>,
    /// The file on the node that holds the token by which nodes join.
    token_file: Option<String>,
    /// A secret: refused, because the notes would print it.
    #[schemars(extend("writeOnly" = true))]
    token: Option<String>,
    /// A secret: refused, because the notes would print it.
    #[schemars(extend("writeOnly" = true))]
    agent_token: Option<String>,
    /// It may hold a password: refused, because the notes would print it.
    #[schemars(extend("writeOnly" = true))]
    datastore_endpoint: Option<String>,
    /// A secret: refused, because the notes would print it.
    #[schemars(extend("writeOnly" = true))]
    etcd_s3_secret_key: Option<String>,
}

/// What serves Services of type `LoadBalancer`.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(crate) enum LoadBalancer {
    /// k3s' own, on the ports of the nodes.
    Servicelb,
    /// Load balancers of Hetzner's, which have no UDP.
    Hcloud,
}

/// What Hetzner's load balancers are told, by annotations.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Hcloud {
    /// Where they are, as in nbg1. Either this or `networkZone`.
    location: Option<String>,
    /// The zone that they are in, as in eu-central. Either this or `location`.
    network_zone: Option<String>,
    /// Their size, as in lb11.
    #[schemars(rename = "type")]
    kind: Option<String>,
    /// Whether they reach the nodes by the private network.
    #[schemars(rename = "usePrivateIP")]
    use_private_ip: Option<bool>,
}

/// How the clusters are joined.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ClusterMesh {
    /// Whether this cluster joins the others of the fleet.
    enabled: bool,
    /// The Secret of the authority that all clusters share, in the namespace kube-system. Cilium's chart knows `cilium-ca` only.
    ca_secret_ref: SecretReference,
    /// Whether the pods of global headless Services are known by name in every cluster.
    enable_endpoint_slice_synchronization: bool,
    /// Whether packets between nodes are encrypted. The same in every cluster.
    encryption: Encryption,
    /// How the other clusters reach this one's API server of the mesh. The same in every cluster.
    api_server: ApiServer,
}

/// A Secret of the namespace that is meant.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SecretReference {
    /// Its name.
    #[schemars(length(min = 1))]
    name: String,
}

/// Whether packets between nodes are encrypted.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub(crate) enum Encryption {
    /// By `WireGuard`, which is part of Linux. Between regions packets of pods cross the Internet.
    Wireguard,
    /// They are not.
    None,
}

/// How the other clusters reach this one's API server of the mesh.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct ApiServer {
    /// The type of its Service. With `LoadBalancer` its port is 2379, which an embedded etcd of k3s has, too.
    service_type: ServiceType,
    /// Its port on the nodes, with NodePort.
    #[schemars(range(min = 30000, max = 32767))]
    node_port: u16,
}

/// The type of a Service.
#[derive(JsonSchema)]
pub(crate) enum ServiceType {
    /// Through the cluster's load balancer.
    LoadBalancer,
    /// On a port of every node.
    NodePort,
}
