//! What follows from other values: addresses, caps, names, deadlines. A derived value's origin names
//! its inputs and the reason. Neither templates nor types hold defaults, so this and layer 0 are all.

mod media;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::diagnostic::{Diagnostic, Failure};
use crate::node::{Map, Member, Node, Origin, Tree};
use crate::source::Place;
use crate::values::cluster::Taint;
use crate::values::redis::RedisMode;
use crate::values::{Platform, Values};

/// Values with everything filled in that follows from them, and what the user should know about it.
///
/// # Errors
/// [`Failure::Internal`] when a derived value does not fit the types, which is a mistake of this program.
pub fn resolve(values: Values) -> Result<(Values, Vec<Diagnostic>), Failure> {
    let Values { environment, mut tree, platform, .. } = values;
    let mut warnings = Vec::new();
    for derived in derive(&platform, &tree, &mut warnings) {
        set(&mut tree, &derived);
    }
    let json = tree.to_json();
    let platform = Platform::deserialize(&json)
        .map_err(|error| Failure::Internal(format!("a derived value does not fit its type: {error}")))?;
    Ok((Values { environment, tree, json, platform }, warnings))
}

/// A value that follows from others.
struct Derived {
    path: Vec<String>,
    value: Value,
    reason: &'static str,
    inputs: Vec<Place>,
}

impl Derived {
    fn new(path: &str, value: impl Into<Value>, reason: &'static str) -> Self {
        Self { path: path.split('.').map(str::to_owned).collect(), value: value.into(), reason, inputs: Vec::new() }
    }

    fn from(mut self, node: Option<&Node>) -> Self {
        self.inputs.extend(node.and_then(Node::place));
        self
    }
}

fn derive(platform: &Platform, tree: &Node, warnings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let mut all = Vec::new();
    all.extend(namespace(platform, tree));
    all.extend(livekit(platform, tree));
    all.extend(media::derive(platform, tree, warnings));
    all.extend(turn(platform, tree));
    all.extend(redis(platform, tree));
    all.extend(issuers(platform));
    all.extend(scaling(platform, tree, warnings));
    all
}

fn namespace(platform: &Platform, tree: &Node) -> Option<Derived> {
    let host_network = platform.livekit.enabled && platform.livekit.host_network;
    let level = if host_network { "privileged" } else { "restricted" };
    let reason = "Pod Security allows the host's network only at the level privileged";
    let derived = Derived::new("namespace.podSecurity", level, reason).from(tree.at(&["livekit", "hostNetwork"]));
    platform.namespace.pod_security.is_none().then_some(derived)
}

fn livekit(platform: &Platform, tree: &Node) -> Vec<Derived> {
    let livekit = &platform.livekit;
    let mut all = Vec::new();
    if livekit.progress_deadline_seconds.is_none() {
        let seconds = livekit.workload.termination_grace_period_seconds.saturating_add(600);
        let reason = "a rollout waits for pods that drain, so it counts as failed only after the grace period";
        let grace = tree.at(&["livekit", "terminationGracePeriodSeconds"]);
        all.push(Derived::new("livekit.progressDeadlineSeconds", seconds, reason).from(grace));
    }
    if livekit.service_account.name.is_none() {
        let reason = "the ServiceAccount is named as the server";
        all.push(
            Derived::new("livekit.serviceAccount.name", livekit.name.clone(), reason)
                .from(tree.at(&["livekit", "name"])),
        );
    }
    let taints = &platform.cluster.node_pool.taints;
    if !taints.is_empty() {
        let own = livekit.workload.tolerations.iter().cloned();
        let tolerations: Vec<_> = own.chain(taints.iter().map(Taint::toleration)).collect();
        let reason = "the pods run on the node pool, so they tolerate its taints";
        let input = tree.at(&["cluster", "nodePool", "taints"]);
        all.push(Derived::new("livekit.tolerations", json!(tolerations), reason).from(input));
    }
    all
}

fn turn(platform: &Platform, tree: &Node) -> Vec<Derived> {
    let turn = platform.livekit.config.turn.clone().unwrap_or_default();
    if platform.turn.terminator.is_some() {
        let reason = "something in front of LiveKit ends TLS";
        let input = tree.at(&["turn", "terminator"]);
        return vec![Derived::new("livekit.config.turn.external_tls", true, reason).from(input)];
    }
    let terminates = turn.enabled == Some(true) && turn.tls_port.is_some() && turn.external_tls != Some(true);
    if !terminates || turn.cert_file.is_some() {
        return Vec::new();
    }
    let reason = "the certificate's Secret is mounted there";
    let input = tree.at(&["turn", "certificate", "secretName"]);
    vec![
        Derived::new("livekit.config.turn.cert_file", "/etc/livekit-turn/tls.crt", reason).from(input),
        Derived::new("livekit.config.turn.key_file", "/etc/livekit-turn/tls.key", reason).from(input),
    ]
}

fn redis(platform: &Platform, tree: &Node) -> Vec<Derived> {
    match platform.redis.mode {
        RedisMode::None => Vec::new(),
        RedisMode::Embedded => embedded_redis(platform, tree),
        RedisMode::External => external_redis(platform, tree),
    }
}

fn embedded_redis(platform: &Platform, tree: &Node) -> Vec<Derived> {
    let redis = &platform.redis.embedded;
    let address = format!("{}.{}.svc.{}:{}", redis.name, platform.namespace.name, platform.cluster.domain, redis.port);
    let reason = "LiveKit uses the Redis of the cluster";
    vec![Derived::new("livekit.config.redis.address", address, reason).from(tree.at(&["redis", "mode"]))]
}

fn external_redis(platform: &Platform, tree: &Node) -> Vec<Derived> {
    let redis = &platform.redis.external;
    let Some(host) = &redis.host else { return Vec::new() };
    let port = redis.port.unwrap_or(if redis.tls.enabled { 6378 } else { 6379 });
    let external = |key: &str| tree.at(&["redis", "external", key]);
    let reason = "LiveKit uses the Redis that is named";
    let mut all = vec![
        Derived::new("livekit.config.redis.address", format!("{host}:{port}"), reason)
            .from(external("host"))
            .from(external("port")),
    ];
    if redis.port.is_none() {
        let reason = "6379 is Redis' port, and 6378 Memorystore's with TLS";
        all.push(Derived::new("redis.external.port", port, reason).from(external("tls")));
    }
    if redis.tls.enabled {
        let reason = "Redis is reached over TLS";
        all.push(Derived::new("livekit.config.redis.tls.enabled", true, reason).from(external("tls")));
    }
    if redis.tls.enabled && redis.tls.ca_secret_key_ref.is_some() {
        let reason = "the authority's certificates are mounted there";
        all.push(
            Derived::new("livekit.config.redis.tls.ca_cert_file", "/etc/livekit-redis/ca.crt", reason)
                .from(external("tls")),
        );
    }
    all
}

fn issuers(platform: &Platform) -> Vec<Derived> {
    let mut all = Vec::new();
    for (name, issuer) in &platform.issuers {
        let mut add = |key: &str, value: Value, reason| {
            let path = ["issuers", name, key].map(str::to_owned).to_vec();
            all.push(Derived { path, value, reason, inputs: Vec::new() });
        };
        add(
            "kind",
            json!(issuer.kind.as_deref().unwrap_or("ClusterIssuer")),
            "an issuer serves the cluster unless it says otherwise",
        );
        let server = match issuer.server.as_deref().unwrap_or("production") {
            "production" => "https://acme-v02.api.letsencrypt.org/directory",
            "staging" => "https://acme-staging-v02.api.letsencrypt.org/directory",
            url => url,
        };
        add("server", json!(server), "Let's Encrypt's directory");
        if issuer.private_key_secret_ref.is_none() {
            let secret = json!({"name": format!("{name}-account-key")});
            add("privateKeySecretRef", secret, "the account's key is named as the issuer");
        }
    }
    all
}

fn scaling(platform: &Platform, tree: &Node, warnings: &mut Vec<Diagnostic>) -> Vec<Derived> {
    let autoscaler = &platform.scaling.horizontal_pod_autoscaler;
    if !autoscaler.enabled {
        return Vec::new();
    }
    let mut all = Vec::new();
    if autoscaler.min_replicas.is_none() {
        let reason = "never fewer pods than the replicas asked for";
        let path = "scaling.horizontalPodAutoscaler.minReplicas";
        all.push(Derived::new(path, platform.livekit.replicas, reason).from(tree.at(&["livekit", "replicas"])));
    }
    let nodes = platform.cluster.node_pool.total_max_node_count.filter(|_| platform.livekit.host_network);
    let Some(nodes) = nodes else { return all };
    let written = tree.at(&["scaling", "horizontalPodAutoscaler", "maxReplicas"]);
    let pool = tree.at(&["cluster", "nodePool", "totalMaxNodeCount"]);
    let path = "scaling.horizontalPodAutoscaler.maxReplicas";
    let reason = "with host networking each pod needs a node of its own";
    match autoscaler.max_replicas {
        Some(wanted) if wanted <= nodes => {}
        Some(wanted) => {
            warnings.push(capped(wanted, nodes, written, pool));
            all.push(Derived::new(path, nodes, reason).from(pool));
        }
        None => all.push(Derived::new(path, nodes, reason).from(pool)),
    }
    all
}

fn capped(wanted: u32, nodes: u32, written: Option<&Node>, pool: Option<&Node>) -> Diagnostic {
    Diagnostic {
        code: Some("LK002"),
        ..Diagnostic::warning(format!(
            "`scaling.horizontalPodAutoscaler.maxReplicas` is capped from {wanted} to {nodes}, the most nodes there are"
        ))
    }
    .at(written.and_then(Node::place))
    .with(pool.and_then(Node::place), format!("each pod needs a node of its own, and there are {nodes} at most"))
    .hint(format!("set maxReplicas to {nodes} or less, or raise cluster.nodePool.totalMaxNodeCount"))
}

/// Puts a derived value into the tree, on top of what was written there.
fn set(tree: &mut Node, derived: &Derived) {
    let origin = Origin::Derived { reason: derived.reason.to_owned(), inputs: derived.inputs.clone() };
    let mut node = tree;
    for key in &derived.path {
        if !matches!(node.tree, Tree::Map(_)) {
            node.tree = Tree::Map(Map::new());
        }
        let Tree::Map(map) = &mut node.tree else { return };
        let absent = || Member { key: None, node: Node { tree: Tree::Null, origins: Vec::new() } };
        node = &mut map.entry(key.clone()).or_insert_with(absent).node;
    }
    node.tree = Node::derived(&derived.value, &origin).tree;
    node.origins.push(origin);
}
