//! Commands for a person: what to install before the manifests are applied, and what shows afterwards
//! that it works.

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::values::Platform;
use render_platform::values::charts::{Installer, Release};
use render_platform::values::external_address::AddressSource;
use render_plugins::notes::{Step, Text};

/// How to install the operators that objects of the set need, and the charts that the values enable, unless
/// something in the cluster installs them.
pub(super) fn prerequisites(platform: &Platform, set: &ManifestSet) -> Vec<Step> {
    let by_hand = platform.charts.installer == Installer::Commands;
    let known = |name: &str| OPERATORS.iter().find(|operator| operator.release == name);
    let wanted = |name: &str, release: &Release| {
        let needed = known(name).is_some_and(|operator| set.iter().any(operator.serves));
        if release.enabled { by_hand } else { needed }
    };
    let mut releases: Vec<_> =
        platform.charts.releases.iter().filter(|(name, release)| wanted(name, release)).collect();
    // What others need comes first: the network of the pods, then what issues certificates.
    let rank = |name: &str| OPERATORS.iter().position(|operator| operator.release == name).unwrap_or(OPERATORS.len());
    releases.sort_by_key(|(name, _)| rank(name));
    releases
        .into_iter()
        .map(|(name, release)| {
            let why = known(name).map_or("the values enable it", |operator| operator.why);
            step(&format!("install {name}"), release.command(name), why)
        })
        .collect()
}

/// Commands that show whether the environment works.
pub(super) fn verify(platform: &Platform) -> Vec<Step> {
    let (namespace, name) = (&platform.namespace.name, &platform.livekit.name);
    let mut all = Vec::new();
    if platform.livekit.enabled {
        let command = format!("kubectl --namespace {namespace} rollout status deployment/{name}");
        all.push(step("watch the rollout", command, "it ends when every pod is ready"));
        let why =
            if platform.livekit.host_network { "every pod is on a node of its own" } else { "every pod is ready" };
        let command = format!("kubectl --namespace {namespace} get pods,hpa,pdb,ingress,services -o wide");
        all.push(step("look at the objects", command, why));
    }
    if platform.livekit.enabled && platform.livekit.external_address.source == Some(AddressSource::Service) {
        let command =
            format!("kubectl --namespace {namespace} get configmap {name}-address -o jsonpath='{{.data.address}}'");
        let why =
            "it is the address of the load balancer, and clients are told it; until it is there, media goes nowhere";
        all.push(step("look at the address of media", command, why));
    }
    if let Some(host) = platform.ingress.host.as_ref().filter(|_| platform.has_signalling()) {
        all.push(step("ask signalling", format!("curl --fail https://{host}/"), "it answers OK"));
    }
    if platform.livekit.enabled && !platform.ingress.enabled && platform.livekit.service.kind == "ClusterIP" {
        let port = platform.livekit.service.port;
        let command = format!("kubectl --namespace {namespace} port-forward service/{name} 7880:{port}");
        all.push(step("reach signalling", command, "curl --fail http://localhost:7880/ then answers OK"));
    }
    all.extend(gateways(platform));
    all.extend(broadcaster(platform));
    if let Some(domain) = platform.turn_over_tls().and_then(|turn| turn.domain.as_ref()) {
        let command = format!("openssl s_client -connect {domain}:443 -servername {domain} </dev/null");
        all.push(step("ask TURN for its certificate", command, "it shows the certificate of TURN's name"));
    }
    all
}

/// The Gateways that have to get an address, and the workers that publishers reach.
fn gateways(platform: &Platform) -> Vec<Step> {
    let wait = |namespace: &str, name: &str| {
        let path = "{.status.addresses[0].value}";
        format!("kubectl --namespace {namespace} wait gateway/{name} --for=jsonpath='{path}' --timeout=5m")
    };
    let (gateway, stunner) = (&platform.gateway, &platform.stunner);
    let mut all = Vec::new();
    if gateway.enabled {
        let command = wait(&gateway.namespace, &gateway.name);
        all.push(step("wait for the Gateway of signalling", command, "it ends when the Gateway has an address"));
    }
    if stunner.livekit.enabled {
        let command = wait(&stunner.namespace, &stunner.gateway.name);
        let why = "it ends when the Gateway has an address; `kubectl get gateway,service,node -A -o json` then has it for --facts";
        all.push(step("wait for STUNner's Gateway", command, why));
    }
    if platform.livekit_ingress.enabled {
        let command =
            format!("kubectl --namespace {} get service {}", platform.namespace.name, platform.livekit_ingress.name);
        all.push(step(
            "look where publishers stream to",
            command,
            "it has an external address and the ports of RTMP and WHIP",
        ));
    }
    all
}

/// The pods of the Broadcaster, their peers, and its page.
fn broadcaster(platform: &Platform) -> Vec<Step> {
    let broadcaster = &platform.broadcaster;
    let (Some(host), Some(region)) = (&broadcaster.host, &broadcaster.region) else { return Vec::new() };
    if !broadcaster.enabled {
        return Vec::new();
    }
    let (namespace, name) = (&platform.namespace.name, &broadcaster.name);
    let watch = format!("kubectl --namespace {namespace} rollout status statefulset/{name}-{region}");
    let slices =
        format!("kubectl --namespace {namespace} get endpointslices -l kubernetes.io/service-name={name}-headless");
    let peers = "in a mesh it lists the addresses of every region's pods, one slice for each cluster";
    let mut all = vec![
        step("watch the Broadcaster's rollout", watch, "it ends when every pod is ready"),
        step("look at the Broadcaster's peers", slices, peers),
        step("ask the Broadcaster", format!("curl --fail https://{host}/"), "it answers with its page"),
    ];
    let global = broadcaster.global_host.as_ref();
    all.extend(global.map(|host| {
        step("ask the nearest region", format!("curl --fail https://{host}/"), "it answers from wherever it is asked")
    }));
    all
}

/// What must be in the cluster for some of the objects.
struct Operator {
    /// The release among `charts.releases` that brings it.
    release: &'static str,
    /// Whether an object does nothing without it.
    serves: fn(&Manifest) -> bool,
    why: &'static str,
}

const OPERATORS: [Operator; 9] = [
    Operator {
        release: "cilium",
        serves: |manifest| manifest.id.group == "cilium.io",
        why: "it is the network of the pods",
    },
    Operator {
        release: "cert-manager",
        serves: |manifest| manifest.id.group == "cert-manager.io",
        why: "it issues the certificates of the set",
    },
    Operator {
        release: "external-secrets",
        serves: |manifest| manifest.id.group == "external-secrets.io",
        why: "it writes the Secrets that the set names",
    },
    Operator {
        release: "kube-prometheus-stack",
        serves: |manifest| manifest.id.group == "monitoring.coreos.com",
        why: "its Prometheus reads the ServiceMonitor",
    },
    Operator {
        release: "traefik",
        serves: |manifest| is_of_class(manifest, "traefik") || manifest.id.group == "traefik.io",
        why: "it serves the Ingress",
    },
    Operator {
        release: "ingress-nginx",
        serves: |manifest| is_of_class(manifest, "nginx"),
        why: "it serves the Ingress",
    },
    Operator {
        release: "envoy-gateway",
        serves: |manifest| manifest.id.group == "gateway.envoyproxy.io",
        why: "it serves the Gateway of signalling",
    },
    Operator {
        release: "stunner",
        serves: |manifest| manifest.id.group == "stunner.l7mp.io",
        why: "it is the TURN server that media goes through",
    },
    Operator {
        release: "reloader",
        serves: is_reloaded,
        why: "certificates and keys are read once, at start; Reloader restarts the pods when a Secret changes",
    },
];

fn is_of_class(manifest: &Manifest, class: &str) -> bool {
    manifest.id.kind == "Ingress"
        && manifest.value.pointer("/spec/ingressClassName").and_then(Value::as_str) == Some(class)
}

fn is_reloaded(manifest: &Manifest) -> bool {
    let annotations = manifest.value.pointer("/metadata/annotations").and_then(Value::as_object);
    annotations.is_some_and(|all| all.contains_key("secret.reloader.stakater.com/reload"))
}

fn step(title: &str, command: impl Into<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: Some(Text::new(command)), why: Text::new(why) }
}
