//! What the host knows to be left to do, without knowing the provider.

use serde_json::{Map, Value, json};

use super::{Notes, Rollout, secrets};
use crate::manifest::ManifestSet;
use crate::plugins::notes::{self as plugin, Dns, Firewall, Step, Text};
use crate::rules::ports;
use crate::values::redis::RedisMode;
use crate::values::{Platform, Values};

/// The notes of an environment: the host's own, and the plugin's on top. Where both speak of the
/// same DNS name or Secret, the plugin knows better.
#[must_use]
pub fn collect(values: &Values, set: &ManifestSet, plugin: plugin::Notes) -> Notes {
    let platform = &values.platform;
    let mut notes = Notes {
        dns: dns(platform),
        firewall: firewall(platform),
        secrets: secrets::missing(platform, set),
        steps: prerequisites(set),
        rollout: rollout(platform),
        verify: verify(platform),
        tfvars: tfvars(values),
        iam: Vec::new(),
    };
    notes.dns.retain(|record| !plugin.dns.iter().any(|other| other.name == record.name));
    notes.secrets.retain(|secret| {
        !plugin.secrets.iter().any(|other| (&other.namespace, &other.name) == (&secret.namespace, &secret.name))
    });
    notes.dns.extend(plugin.dns);
    notes.firewall.extend(plugin.firewall);
    notes.secrets.extend(plugin.secrets);
    notes.iam.extend(plugin.iam);
    notes.steps.extend(plugin.steps);
    notes.tfvars.extend(plugin.tfvars);
    notes
}

fn dns(platform: &Platform) -> Vec<Dns> {
    let record = |name: &str, target: String, why: &str| Dns {
        name: Text::new(name),
        kind: Text::new("A"),
        target: Text::new(target),
        why: Text::new(why),
    };
    let mut all = Vec::new();
    if let Some(host) = platform.ingress.host.as_deref().filter(|_| platform.ingress.enabled) {
        let target = format!("the address of the Ingress {}", platform.livekit.name);
        all.push(record(host, target, "clients open wss:// to this name"));
    }
    if let Some(domain) = platform.turn_over_tls().and_then(|turn| turn.domain.as_deref()) {
        let target = format!("the address of the Service {}-turn", platform.livekit.name);
        all.push(record(domain, target, "clients behind strict firewalls open turns:// to this name, on port 443"));
    }
    if let Some(host) = platform
        .redis
        .external
        .host
        .as_deref()
        .filter(|host| is_name(host) && platform.redis.mode == RedisMode::External)
    {
        all.push(record(
            host,
            "the private address of Redis".to_owned(),
            "LiveKit finds Redis by this name; a private zone serves it",
        ));
    }
    all
}

fn is_name(host: &str) -> bool {
    host.parse::<std::net::IpAddr>().is_err()
}

fn firewall(platform: &Platform) -> Vec<Firewall> {
    if !(platform.livekit.enabled && platform.livekit.host_network) {
        return Vec::new();
    }
    let rule = |protocol: &str, ports: String, source: &str, why: &str| Firewall {
        protocol: Text::new(protocol),
        ports: Text::new(ports),
        source: Text::new(source),
        why: Text::new(why),
    };
    let mut all = Vec::new();
    for (path, range) in ports::tcp(platform) {
        let (source, why) = match path {
            "livekit.config.port" if platform.ingress.enabled => {
                ("the Ingress controller", "signalling, behind the Ingress")
            }
            "livekit.config.port" => ("0.0.0.0/0", "signalling, straight to the node"),
            "livekit.config.rtc.tcp_port" => ("0.0.0.0/0", "media over TCP, straight to the node"),
            "livekit.config.turn.tls_port" => ("0.0.0.0/0", "TURN over TLS, behind the TURN Service"),
            "livekit.hostNetwork" => continue,
            _ => (
                "inside the cluster's network only",
                "metrics and debugging listen on the node's public address too: keep it closed",
            ),
        };
        all.push(rule("TCP", ports::text(&range), source, why));
    }
    for (path, range) in ports::udp(platform) {
        let why = match path {
            "livekit.hostNetwork" => continue,
            "livekit.config.turn.udp_port" => "TURN over UDP, straight to the node",
            "livekit.config.turn.relay_range_start" => "what TURN relays",
            _ => "media, straight to the node",
        };
        all.push(rule("UDP", ports::text(&range), "0.0.0.0/0", why));
    }
    all
}

/// What must be in the cluster for the kinds of the set: kind, title, command, why.
const OPERATORS: [(&str, &str, &str, &str); 4] = [
    (
        "cert-manager.io",
        "install cert-manager",
        "helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager --namespace cert-manager --create-namespace --set crds.enabled=true",
        "it issues the certificates of the set",
    ),
    (
        "external-secrets.io",
        "install External Secrets",
        "helm upgrade --install external-secrets oci://ghcr.io/external-secrets/charts/external-secrets --namespace external-secrets --create-namespace",
        "it writes the Secrets that the set names",
    ),
    (
        "monitoring.coreos.com",
        "install the Prometheus operator",
        "helm upgrade --install prometheus oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack --namespace monitoring --create-namespace",
        "it reads the ServiceMonitor",
    ),
    (
        "reloader",
        "install Stakater Reloader",
        "helm upgrade --install reloader oci://ghcr.io/stakater/charts/reloader --namespace reloader --create-namespace",
        "LiveKit reads certificates and keys once, at start; Reloader restarts its pods when a Secret changes",
    ),
];

fn prerequisites(set: &ManifestSet) -> Vec<Step> {
    let needed = |what: &str| {
        set.iter().any(|manifest| {
            let annotations = manifest.value.pointer("/metadata/annotations").and_then(Value::as_object);
            let reloads = annotations.is_some_and(|all| all.contains_key("secret.reloader.stakater.com/reload"));
            manifest.id.group == what || (what == "reloader" && reloads)
        })
    };
    OPERATORS
        .into_iter()
        .filter(|(what, ..)| needed(what))
        .map(|(_, title, command, why)| step(title, command, why))
        .collect()
}

fn step(title: &str, command: impl Into<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: Some(Text::new(command)), why: Text::new(why) }
}

fn rollout(platform: &Platform) -> Option<Rollout> {
    let autoscaler = &platform.scaling.horizontal_pod_autoscaler;
    let pods = autoscaler.max_replicas.filter(|_| autoscaler.enabled).unwrap_or(platform.livekit.replicas);
    let at_once =
        platform.livekit.strategy.rolling_update.as_ref().map_or(pods, |update| update.max_unavailable.of(pods)).max(1);
    let grace = platform.livekit.workload.termination_grace_period_seconds;
    let turns = u64::from(pods.div_ceil(at_once));
    platform.livekit.enabled.then(|| Rollout {
        worst_case_seconds: turns * u64::from(grace),
        why: format!(
            "{pods} pods, {at_once} at a time, and each may drain for {grace} s before its successor gets the node"
        ),
    })
}

fn verify(platform: &Platform) -> Vec<Step> {
    let (namespace, name) = (&platform.namespace.name, &platform.livekit.name);
    let mut all = Vec::new();
    if platform.livekit.enabled {
        let command = format!("kubectl --namespace {namespace} rollout status deployment/{name}");
        all.push(step("watch the rollout", command, "it ends when every pod is ready"));
        let command = format!("kubectl --namespace {namespace} get pods,hpa,pdb,ingress,services");
        all.push(step("look at the objects", command, "every pod is on a node of its own"));
    }
    if let Some(host) = platform.ingress.host.as_ref().filter(|_| platform.ingress.enabled) {
        all.push(step("ask signalling", format!("curl --fail https://{host}/"), "it answers OK"));
    }
    if let Some(domain) = platform.turn_over_tls().and_then(|turn| turn.domain.as_ref()) {
        let command = format!("openssl s_client -connect {domain}:443 -servername {domain} </dev/null");
        all.push(step("ask TURN for its certificate", command, "it shows the certificate of TURN's name"));
    }
    all
}

fn tfvars(values: &Values) -> Map<String, Value> {
    let platform = &values.platform;
    let pool = &platform.cluster.node_pool;
    let turn = platform.livekit.config.turn.as_ref().filter(|turn| turn.enabled == Some(true));
    let listed = |listeners: Vec<(&str, std::ops::RangeInclusive<u16>)>| -> Vec<String> {
        let own = listeners.iter().filter(|(path, _)| {
            *path != "livekit.hostNetwork" && !path.contains("prometheus") && !path.contains("debug")
        });
        own.map(|(_, range)| ports::text(range)).collect()
    };
    let all = [
        ("environment", json!(values.environment)),
        ("namespace", json!(platform.namespace.name)),
        ("node_pool_name", json!(pool.name)),
        ("machine_type", json!(pool.machine_type)),
        ("total_min_node_count", json!(pool.total_min_node_count)),
        ("total_max_node_count", json!(pool.total_max_node_count)),
        ("spot", json!(pool.spot)),
        ("private_nodes", json!(platform.cluster.private_nodes)),
        ("tcp_ports", json!(listed(ports::tcp(platform)))),
        ("udp_ports", json!(listed(ports::udp(platform)))),
        ("livekit_domain", json!(platform.ingress.host.as_ref().filter(|_| platform.ingress.enabled))),
        ("turn_domain", json!(turn.and_then(|turn| turn.domain.as_ref()))),
        (
            "redis_host",
            json!(platform.redis.external.host.as_ref().filter(|_| platform.redis.mode == RedisMode::External)),
        ),
    ];
    all.into_iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.to_owned(), value)).collect()
}
