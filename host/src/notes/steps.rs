//! Commands for a person: what to install before the manifests are applied, and what shows afterwards
//! that it works.

use serde_json::Value;

use crate::manifest::{Manifest, ManifestSet};
use crate::plugins::notes::{Step, Text};
use crate::values::Platform;
use crate::values::external_address::AddressSource;

/// How to install the operators that objects of the set need.
pub(super) fn prerequisites(set: &ManifestSet) -> Vec<Step> {
    let needed = OPERATORS.iter().filter(|operator| set.iter().any(operator.serves));
    needed.map(|operator| step(operator.title, operator.command, operator.why)).collect()
}

/// Commands that show whether the environment works.
pub(super) fn verify(platform: &Platform) -> Vec<Step> {
    let (namespace, name) = (&platform.namespace.name, &platform.livekit.name);
    let mut all = Vec::new();
    if platform.livekit.enabled {
        let command = format!("kubectl --namespace {namespace} rollout status deployment/{name}");
        all.push(step("watch the rollout", command, "it ends when every pod is ready"));
        let command = format!("kubectl --namespace {namespace} get pods,hpa,pdb,ingress,services");
        let why =
            if platform.livekit.host_network { "every pod is on a node of its own" } else { "every pod is ready" };
        all.push(step("look at the objects", command, why));
    }
    if platform.livekit.enabled && platform.livekit.external_address.source == Some(AddressSource::Service) {
        let command =
            format!("kubectl --namespace {namespace} get configmap {name}-address -o jsonpath='{{.data.address}}'");
        let why =
            "it is the address of the load balancer, and clients are told it; until it is there, media goes nowhere";
        all.push(step("look at the address of media", command, why));
    }
    if let Some(host) = platform.ingress.host.as_ref().filter(|_| platform.ingress.enabled) {
        all.push(step("ask signalling", format!("curl --fail https://{host}/"), "it answers OK"));
    }
    if platform.livekit.enabled && !platform.ingress.enabled && platform.livekit.service.kind == "ClusterIP" {
        let port = platform.livekit.service.port;
        let command = format!("kubectl --namespace {namespace} port-forward service/{name} 7880:{port}");
        all.push(step("reach signalling", command, "curl --fail http://localhost:7880/ then answers OK"));
    }
    all.extend(gateways(platform));
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

/// What must be in the cluster for some of the objects.
struct Operator {
    /// Whether an object does nothing without it.
    serves: fn(&Manifest) -> bool,
    title: &'static str,
    command: &'static str,
    why: &'static str,
}

const OPERATORS: [Operator; 6] = [
    Operator {
        serves: |manifest| manifest.id.group == "cert-manager.io",
        title: "install cert-manager",
        command: "helm upgrade --install cert-manager oci://quay.io/jetstack/charts/cert-manager --namespace cert-manager --create-namespace --set crds.enabled=true",
        why: "it issues the certificates of the set",
    },
    Operator {
        serves: |manifest| manifest.id.group == "external-secrets.io",
        title: "install External Secrets",
        command: "helm upgrade --install external-secrets oci://ghcr.io/external-secrets/charts/external-secrets --namespace external-secrets --create-namespace",
        why: "it writes the Secrets that the set names",
    },
    Operator {
        serves: |manifest| manifest.id.group == "monitoring.coreos.com",
        title: "install the Prometheus operator",
        command: "helm upgrade --install prometheus oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack --namespace monitoring --create-namespace",
        why: "it reads the ServiceMonitor",
    },
    Operator {
        serves: |manifest| manifest.id.group == "gateway.envoyproxy.io",
        title: "install Envoy Gateway",
        command: "helm upgrade --install envoy-gateway oci://docker.io/envoyproxy/gateway-helm --namespace envoy-gateway-system --create-namespace",
        why: "it serves signalling; it brings the kinds of the Gateway API, which only one chart may own",
    },
    Operator {
        serves: |manifest| manifest.id.group == "stunner.l7mp.io",
        title: "install STUNner",
        command: "helm upgrade --install stunner stunner --repo https://l7mp.io/stunner --namespace stunner --create-namespace --skip-crds",
        why: "it serves TURN; it needs the kinds of the Gateway API, which Envoy Gateway brought",
    },
    Operator {
        serves: is_reloaded,
        title: "install Stakater Reloader",
        command: "helm upgrade --install reloader oci://ghcr.io/stakater/charts/reloader --namespace reloader --create-namespace",
        why: "LiveKit reads certificates and keys once, at start; Reloader restarts its pods when a Secret changes",
    },
];

fn is_reloaded(manifest: &Manifest) -> bool {
    let annotations = manifest.value.pointer("/metadata/annotations").and_then(Value::as_object);
    annotations.is_some_and(|all| all.contains_key("secret.reloader.stakater.com/reload"))
}

fn step(title: &str, command: impl Into<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: Some(Text::new(command)), why: Text::new(why) }
}
