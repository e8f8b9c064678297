//! What the environment `pool` promises: LiveKit behind Envoy Gateway and STUNner, with its workers, from
//! Secrets, several to a namespace, and converging by the facts of the cluster.

use std::collections::BTreeSet;

use render_text::source::Sources;
use serde_json::{Value, json};

use super::{all, named, one};
use crate::rendered::manifests;
use crate::support::{printed, render as run, root};

const FACTS: &str = "tests/promises/pool/facts.json";
const SECOND: &str = "docs/systems/second-pool.yaml";
/// A password of which every character means something to YAML or to a shell.
const PASSWORD: &str = " p\"a's\\s: #$(HOME)/&{}[]*%@!|> ";

#[test]
fn signalling_goes_through_the_gateway_with_a_wildcard_certificate() {
    let set = manifests("pool", &[]);
    assert_eq!(all(&set, "Ingress").len(), 0);
    let (route, gateway) = (named(&set, "HTTPRoute", "pool-a"), named(&set, "Gateway", "public-gw"));
    assert_eq!(route["spec"]["hostnames"], json!(["pool-a.example.com"]));
    assert_eq!(route["spec"]["parentRefs"][0]["name"], gateway["metadata"]["name"]);
    assert_eq!(route["spec"]["parentRefs"][0]["namespace"], gateway["metadata"]["namespace"]);
    let listener = &gateway["spec"]["listeners"][0];
    assert_eq!(route["spec"]["parentRefs"][0]["sectionName"], listener["name"]);
    assert_eq!(listener["allowedRoutes"]["namespaces"]["from"], json!("All"), "routes stand in other namespaces");
    let backend = &route["spec"]["rules"][0]["backendRefs"][0];
    let service = named(&set, "Service", backend["name"].as_str().unwrap());
    assert_eq!(service["spec"]["ports"][0]["port"], backend["port"]);
    let certificate = one(&set, "Certificate");
    assert_eq!(certificate["spec"]["dnsNames"], json!(["*.example.com"]));
    assert_eq!(certificate["metadata"]["namespace"], gateway["metadata"]["namespace"]);
    assert_eq!(listener["tls"]["certificateRefs"][0]["name"], certificate["spec"]["secretName"]);
    let class = named(&set, "GatewayClass", gateway["spec"]["gatewayClassName"].as_str().unwrap());
    assert_eq!(class["spec"]["parametersRef"]["name"], one(&set, "EnvoyProxy")["metadata"]["name"]);
}

#[test]
fn media_goes_through_stunner_to_the_pods() {
    let set = manifests("pool", &[]);
    let (route, gateway) = (one(&set, "UDPRoute"), named(&set, "Gateway", "udp-gateway"));
    assert_eq!(route["spec"]["parentRefs"], json!([{"name": "udp-gateway", "namespace": "stunner"}]));
    assert_eq!(gateway["spec"]["listeners"][0]["allowedRoutes"]["namespaces"]["from"], json!("All"));
    let backend = &route["spec"]["rules"][0]["backendRefs"][0];
    assert!(backend["port"].is_null(), "clients reach every UDP port of the pods");
    let pods = &named(&set, "Deployment", "pool-a")["spec"]["template"];
    let service = named(&set, "Service", backend["name"].as_str().unwrap());
    assert!(selects(&service["spec"]["selector"], &pods["metadata"]["labels"]));
    assert!(pods["spec"]["hostNetwork"].is_null());
    let config = server_config(&set);
    assert_eq!(config["rtc"]["use_external_ip"], json!(false), "STUNner relays to the pods' own addresses");
    let server = &config["rtc"]["turn_servers"][0];
    assert_eq!([&server["host"], &server["port"]], [&json!("turn.example.com"), &json!(3478)]);
    let mounts = pods["spec"]["containers"][0]["volumeMounts"].as_array().unwrap();
    let mount = mounts.iter().find(|mount| mount["name"] == "stunner").unwrap();
    assert_eq!(server["secret_file"], json!(format!("{}/secret", mount["mountPath"].as_str().unwrap())));
    let volumes = pods["spec"]["volumes"].as_array().unwrap();
    let secret = &volumes.iter().find(|volume| volume["name"] == "stunner").unwrap()["secret"];
    assert_eq!(secret["defaultMode"].as_u64().unwrap() & 0o007, 0, "LiveKit refuses a file that others may read");
    let reference = &one(&set, "GatewayConfig")["spec"]["authRef"];
    assert_eq!(secret["secretName"], reference["name"]);
}

#[test]
fn a_user_name_and_a_password_for_turn_stand_in_no_manifest_either() {
    let set = manifests("pool", &["--set", "stunner.auth.type=static"]);
    let container = &named(&set, "Deployment", "pool-a")["spec"]["template"]["spec"]["containers"][0];
    assert!(container["args"].is_null(), "the whole configuration is in the variable");
    let config = expanded(container, "LIVEKIT_CONFIG");
    let server = &config["rtc"]["turn_servers"][0];
    assert_eq!([&server["username"], &server["credential"]], [&json!(PASSWORD), &json!(PASSWORD)]);
    assert_eq!(config["port"], json!(7880));
}

#[test]
fn credentials_come_from_secrets_without_a_shell() {
    for auth in ["ephemeral", "static"] {
        let set = manifests("pool", &["--set", &format!("stunner.auth.type={auth}")]);
        assert_eq!(all(&set, "Secret").len(), 0, "no secret stands in an environment file");
        for config in all(&set, "ConfigMap") {
            let text = config["data"].to_string();
            assert!(!["password", "credential", "api_secret", "$("].iter().any(|word| text.contains(word)), "{text}");
        }
        for workload in ["pool-a", "pool-a-ingress", "pool-a-egress"] {
            let container = &named(&set, "Deployment", workload)["spec"]["template"]["spec"]["containers"][0];
            assert!(container["command"].is_null(), "{workload} runs its own program");
            let text = container.to_string();
            assert!(!text.contains("sed ") && !text.contains("/bin/sh"), "{text}");
        }
    }
    let set = manifests("pool", &[]);
    let server = &named(&set, "Deployment", "pool-a")["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(secret_of(server, "API_KEY"), ("pool-a-api", "api-key"));
    assert_eq!(expanded(server, "LIVEKIT_KEYS").as_object().unwrap().len(), 1);
    for workload in ["pool-a-ingress", "pool-a-egress"] {
        let container = &named(&set, "Deployment", workload)["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(secret_of(container, "LIVEKIT_API_KEY"), ("pool-a-api", "api-key"));
        assert_eq!(secret_of(container, "LIVEKIT_API_SECRET"), ("pool-a-api", "api-secret"));
    }
}

#[test]
fn ingress_workers_take_rtmp_and_whip_and_both_are_exposed() {
    let set = manifests("pool", &[]);
    let template = &named(&set, "Deployment", "pool-a-ingress")["spec"]["template"];
    let container = &template["spec"]["containers"][0];
    assert_eq!(
        ports(&container["ports"], "containerPort"),
        ["rtmp 1935", "whip 8080", "rtc 7885", "http-relay 9090", "health 7888", "metrics 7889"]
    );
    assert_eq!(template["spec"]["terminationGracePeriodSeconds"], json!(3600));
    let config = expanded(container, "INGRESS_CONFIG_BODY");
    assert_eq!(config["ws_url"], json!("ws://pool-a.pools.svc.cluster.local:80"));
    assert_eq!(config["redis"], json!({"address": "pool-a-redis.pools.svc.cluster.local:6379", "password": PASSWORD}));
    let service = named(&set, "Service", "pool-a-ingress");
    assert_eq!(service["spec"]["type"], json!("LoadBalancer"));
    assert_eq!(ports(&service["spec"]["ports"], "port"), ["rtmp 1935", "whip 8080"]);
    assert!(selects(&service["spec"]["selector"], &template["metadata"]["labels"]));
    let media = named(&set, "Service", "pool-a-ingress-media");
    assert_eq!(ports(&media["spec"]["ports"], "port"), ["rtc 7885"]);
    assert_eq!(config["rtc_config"]["node_ip"], media["spec"]["loadBalancerIP"]);
    assert_eq!(named(&set, "HTTPRoute", "pool-a-ingress")["spec"]["hostnames"], json!(["whip.example.com"]));
    let urls = &server_config(&set)["ingress"];
    assert_eq!(urls["rtmp_base_url"], json!("rtmp://rtmp.example.com/x"));
    assert_eq!(urls["whip_base_url"], json!("https://whip.example.com/w"));
    let on_nodes = manifests(
        "pool",
        &["--set", "livekitIngress.hostNetwork=true", "--set-json", "networkPolicy.nodeCIDRs=[\"10.0.0.0/20\"]"],
    );
    let pod = &named(&on_nodes, "Deployment", "pool-a-ingress")["spec"]["template"]["spec"];
    assert_eq!([&pod["hostNetwork"], &pod["dnsPolicy"]], [&json!(true), &json!("ClusterFirstWithHostNet")]);
    let config = expanded(&pod["containers"][0], "INGRESS_CONFIG_BODY");
    assert_eq!(config["rtc_config"]["use_external_ip"], json!(true));
}

#[test]
fn egress_workers_record_and_finish() {
    let set = manifests("pool", &[]);
    let pod = &named(&set, "Deployment", "pool-a-egress")["spec"]["template"]["spec"];
    assert!(pod["hostNetwork"].is_null());
    assert_eq!(pod["terminationGracePeriodSeconds"], json!(3600));
    let container = &pod["containers"][0];
    assert_eq!(ports(&container["ports"], "containerPort"), ["health 8080", "metrics 9090"]);
    assert!(container["resources"]["requests"]["cpu"].is_string());
    let config = expanded(container, "EGRESS_CONFIG_BODY");
    assert_eq!(config["redis"]["password"], json!(PASSWORD));
    assert_eq!(config["insecure"], json!(true), "Chrome connects inside the cluster, without TLS");
    let scaled = manifests(
        "pool",
        &[
            "--set",
            "livekitEgress.horizontalPodAutoscaler.enabled=true,livekitEgress.horizontalPodAutoscaler.maxReplicas=5",
        ],
    );
    let autoscaler = one(&scaled, "HorizontalPodAutoscaler");
    assert_eq!(autoscaler["spec"]["scaleTargetRef"]["name"], json!("pool-a-egress"));
    assert!(named(&scaled, "Deployment", "pool-a-egress")["spec"]["replicas"].is_null());
    let without = manifests("pool", &["--set", "livekitIngress.enabled=false,livekitEgress.enabled=false"]);
    assert_eq!(all(&without, "Deployment").len(), 1, "both are flags");
}

#[test]
fn redis_has_a_real_password_or_runs_elsewhere_by_one_value() {
    let managed = manifests("pool", &[]);
    let container = &one(&managed, "StatefulSet")["spec"]["template"]["spec"]["containers"][0];
    let args = container["args"].as_array().unwrap();
    let flag = args.iter().position(|argument| argument == "--requirepass").unwrap();
    assert_eq!(args[flag + 1], json!("$(REDIS_PASSWORD)"));
    assert_eq!(secret_of(container, "REDIS_PASSWORD"), ("pool-a-redis-auth", "password"));
    let external = manifests("pool", &["--set", "redis.mode=external,redis.external.host=redis.example.com"]);
    assert_eq!(all(&external, "StatefulSet").len(), 0);
    assert_eq!(server_config(&external)["redis"]["address"], json!("redis.example.com:6379"));
    for workload in ["pool-a", "pool-a-ingress", "pool-a-egress"] {
        let of = |set: &[Value]| named(set, "Deployment", workload)["spec"]["template"]["spec"].to_string();
        let address = "pool-a-redis.pools.svc.cluster.local:6379";
        assert_eq!(of(&managed).replace(address, "redis.example.com:6379"), of(&external), "nothing else changes");
    }
}

#[test]
fn two_pools_live_in_one_namespace() {
    let (first, second) = (manifests("pool", &[]), manifests("pool", &["-f", SECOND]));
    let shared: Vec<_> = ids(&first).intersection(&ids(&second)).cloned().collect();
    assert!(shared.is_empty(), "{shared:?}");
    assert!(second.iter().all(|manifest| manifest["metadata"]["namespace"] == "pools"));
    for (one, other) in [(&first, &second), (&second, &first)] {
        for manifest in one {
            let selectors = ["/spec/selector/matchLabels", "/spec/podSelector/matchLabels", "/spec/selector"];
            let selector = selectors.iter().find_map(|path| manifest.pointer(path));
            let Some(selector) = selector else { continue };
            let pods = |set: &[Value]| {
                let labels = set.iter().filter_map(|other| other.pointer("/spec/template/metadata/labels"));
                labels.filter(|labels| selects(selector, labels)).count()
            };
            assert_eq!(pods(other), 0, "{} of {}", manifest["kind"], manifest["metadata"]["name"]);
            assert_eq!(pods(one), 1, "{} of {}", manifest["kind"], manifest["metadata"]["name"]);
        }
    }
    let route = named(&second, "UDPRoute", "pool-b");
    assert_eq!(route["spec"]["parentRefs"][0]["name"], json!("udp-gateway"), "both share STUNner");
}

#[test]
fn the_facts_say_where_stunner_is_unless_the_values_do() {
    let open = "stunner.livekit.host=null,livekitIngress.mediaService.address=null";
    let host =
        |arguments: &[&str]| server_config(&manifests("pool", arguments))["rtc"]["turn_servers"][0]["host"].clone();
    assert_eq!(host(&["--set", open, "--facts", FACTS]), json!("198.51.100.20"));
    assert_eq!(host(&["--facts", FACTS]), json!("turn.example.com"), "values win");
    let asked = ["--set", open, "--set-json", "stunner.gateway.addresses=[\"198.51.100.99\"]", "--facts", FACTS];
    assert_eq!(host(&asked), json!("198.51.100.99"));
    let service =
        ["--set", open, "--set", "stunner.gateway.name=media-gateway", "--facts", "tests/promises/pool/service.yaml"];
    assert_eq!(
        host(&service),
        json!("turn.cloud.example.net"),
        "a Service's name serves where the Gateway has no address"
    );
    let set = manifests("pool", &["--set", open, "--facts", FACTS]);
    let container = &named(&set, "Deployment", "pool-a-ingress")["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(expanded(container, "INGRESS_CONFIG_BODY")["rtc_config"]["node_ip"], json!("198.51.100.30"));
    let arguments = ["--env", "pool", "--set", open, "--facts", FACTS];
    assert_eq!(printed(&arguments), printed(&arguments), "values and facts are all that counts");
}

#[test]
fn only_the_application_waits_for_an_address() {
    let open = ["--set", "stunner.livekit.host=null"];
    let phase = |phase: &str, further: &[&str]| printed(&[&["--env", "pool", "--phase", phase], further].concat());
    for early in ["bootstrap", "platform"] {
        assert_eq!(phase(early, &open), phase(early, &[]), "{early} needs no address");
    }
    let output = run(&["--env", "pool", "--phase", "app", "--set", "stunner.livekit.host=null"]);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0));
    assert!(message.contains("kubectl --namespace stunner wait gateway/udp-gateway"), "{message}");
    let whole: BTreeSet<String> = documents(&printed(&["--env", "pool"]));
    let parts: BTreeSet<String> =
        ["bootstrap", "platform", "app"].iter().flat_map(|name| documents(&phase(name, &[]))).collect();
    assert_eq!(parts, whole);
    let platform = phase("platform", &[]);
    for kind in ["Gateway", "GatewayClass", "GatewayConfig", "EnvoyProxy", "ClusterIssuer", "Certificate"] {
        assert!(platform.contains(&format!("kind: {kind}\n")), "{kind}");
    }
}

#[test]
fn the_notes_are_complete_before_there_is_an_address() {
    let notes: Value =
        serde_json::from_str(&printed(&["notes", "--env", "pool", "-o", "json", "--set", "stunner.livekit.host=null"]))
            .unwrap();
    let of = |section: &str, key: &str| -> Vec<String> {
        notes[section].as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(of("dns", "name"), ["pool-a.example.com", "rtmp.example.com", "whip.example.com"]);
    assert_eq!(of("firewall", "ports"), ["443", "3478", "1935", "8080", "7885"]);
    assert_eq!(
        of("secrets", "name"),
        ["pool-a-api", "pool-a-redis-auth", "stunner-auth", "stunner-auth", "cloudflare-api-token"]
    );
    assert_eq!(of("secrets", "namespace"), ["pools", "pools", "stunner", "pools", "cert-manager"]);
    let text = notes.to_string();
    for operator in ["cert-manager", "envoy-gateway", "stunner", "reloader"] {
        assert!(text.contains(&format!("helm upgrade --install {operator} ")), "{operator}");
    }
}

#[test]
fn no_provider_is_needed() {
    let text = std::fs::read_to_string(root().join("environments/pool.yaml")).unwrap();
    assert!(!text.contains("provider:") && !text.contains("extends:"));
}

/// The server's configuration.
fn server_config(set: &[Value]) -> Value {
    yaml(named(set, "ConfigMap", "pool-a")["data"]["config.yaml"].as_str().unwrap())
}

/// The YAML in an environment variable, after the kubelet put every other variable in its place: each is the
/// worst password there is.
fn expanded(container: &Value, name: &str) -> Value {
    let variables = container["env"].as_array().unwrap();
    let position = variables.iter().position(|variable| variable["name"] == name).unwrap();
    let mut text = variables[position]["value"].as_str().unwrap().to_owned();
    for earlier in &variables[..position] {
        let content = if name == "LIVEKIT_KEYS" { "APIkey" } else { PASSWORD };
        let reference = format!("$({})", earlier["name"].as_str().unwrap());
        text = text.replace(&reference, &content.replace('$', "$$"));
    }
    yaml(&text.replace("$$", "$"))
}

fn yaml(text: &str) -> Value {
    let mut sources = Sources::default();
    let source = sources.add("expanded", text);
    let [document] = &render_text::yaml::read(source, text).unwrap()[..] else { panic!("{text}") };
    document.to_json()
}

fn secret_of<'a>(container: &'a Value, name: &str) -> (&'a str, &'a str) {
    let variable = container["env"].as_array().unwrap().iter().find(|variable| variable["name"] == name).unwrap();
    let reference = &variable["valueFrom"]["secretKeyRef"];
    (reference["name"].as_str().unwrap(), reference["key"].as_str().unwrap())
}

fn ports(list: &Value, number: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|port| format!("{} {}", port["name"].as_str().unwrap(), port[number])).collect()
}

fn selects(selector: &Value, labels: &Value) -> bool {
    selector.as_object().unwrap().iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn ids(set: &[Value]) -> BTreeSet<String> {
    let id = |manifest: &Value| {
        let group = manifest["apiVersion"].as_str().unwrap().rsplit_once('/').map_or("", |(group, _)| group).to_owned();
        format!("{group} {} {} {}", manifest["kind"], manifest["metadata"]["namespace"], manifest["metadata"]["name"])
    };
    set.iter().map(id).collect()
}

fn documents(text: &str) -> BTreeSet<String> {
    text.split("---\n").map(str::to_owned).collect()
}
