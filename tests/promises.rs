//! The promises of the LiveKit-on-GKE environments, each looked for in the manifests or in the notes:
//! a snapshot shows what there is, these say what there must be.

/// One live stream in several regions.
mod broadcaster;
/// Regional clusters at Hetzner.
mod hetzner;
/// MijnBureau's LiveKit.
mod mijnbureau;
/// One spot node that sleeps.
mod playground;
/// LiveKit behind Gateways.
mod pool;

/// What holds for every environment.
mod every;

use serde_json::{Value, json};

use crate::rendered::manifests;
use crate::support::{printed, render, root};

/// What an environment promises.
struct Promise {
    environment: &'static str,
    replicas: u64,
    nodes: [u64; 2],
    machine: &'static str,
    autoscaler: Option<[u64; 2]>,
    budget: Option<u64>,
    redis: (u64, &'static str),
    requests: [&'static str; 2],
    limits: [&'static str; 2],
    host: Option<&'static str>,
    turn: &'static str,
}

const PROMISES: [Promise; 3] = [
    Promise {
        environment: "dev",
        replicas: 1,
        nodes: [1, 3],
        machine: "c2-standard-4",
        autoscaler: None,
        budget: None,
        redis: (1, "BASIC"),
        requests: ["1000m", "512Mi"],
        limits: ["2000m", "1024Mi"],
        host: None,
        turn: "turn.dev.example.com",
    },
    Promise {
        environment: "stg",
        replicas: 2,
        nodes: [2, 5],
        machine: "c2-standard-8",
        autoscaler: Some([2, 5]),
        budget: Some(1),
        redis: (2, "BASIC"),
        requests: ["4000m", "2048Mi"],
        limits: ["7500m", "4096Mi"],
        host: Some("livekit.stg.example.com"),
        turn: "turn.stg.example.com",
    },
    Promise {
        environment: "prd",
        replicas: 3,
        nodes: [3, 10],
        machine: "c2-standard-8",
        autoscaler: Some([3, 10]),
        budget: Some(2),
        redis: (5, "STANDARD_HA"),
        requests: ["4000m", "2048Mi"],
        limits: ["7500m", "4096Mi"],
        host: Some("livekit.example.com"),
        turn: "turn.example.com",
    },
];

#[test]
fn replicas_autoscaler_and_budget() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let replicas = &one(&set, "Deployment")["spec"]["replicas"];
        match promise.autoscaler {
            None => {
                assert_eq!(*replicas, json!(promise.replicas));
                assert_eq!(all(&set, "HorizontalPodAutoscaler").len(), 0);
            }
            Some([least, most]) => {
                assert!(replicas.is_null(), "the autoscaler owns the number of pods");
                let spec = &one(&set, "HorizontalPodAutoscaler")["spec"];
                assert_eq!([&spec["minReplicas"], &spec["maxReplicas"]], [&json!(least), &json!(most)]);
                assert_eq!(spec["minReplicas"], json!(promise.replicas));
                assert_eq!(spec["metrics"][0]["resource"]["target"]["averageUtilization"], json!(70));
                assert_eq!(spec["behavior"]["scaleDown"]["policies"][0]["value"], json!(1));
            }
        }
        match promise.budget {
            None => assert_eq!(all(&set, "PodDisruptionBudget").len(), 0),
            Some(stay) => assert_eq!(one(&set, "PodDisruptionBudget")["spec"]["minAvailable"], json!(stay)),
        }
    }
}

#[test]
fn pods_run_on_the_host_one_a_node_and_drain() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let spec = &one(&set, "Deployment")["spec"];
        let pod = &spec["template"]["spec"];
        assert_eq!(pod["hostNetwork"], json!(true));
        assert_eq!(pod["dnsPolicy"], json!("ClusterFirstWithHostNet"));
        let rule = &pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][0];
        assert_eq!(rule["topologyKey"], json!("kubernetes.io/hostname"));
        assert_eq!(rule["labelSelector"]["matchLabels"], spec["selector"]["matchLabels"]);
        assert_eq!(pod["terminationGracePeriodSeconds"], json!(18000));
        assert!(spec["progressDeadlineSeconds"].as_u64().unwrap() > 18000);
        assert_eq!(spec["strategy"]["rollingUpdate"], json!({"maxSurge": 0, "maxUnavailable": 1}));
        assert_eq!(
            spec["template"]["metadata"]["annotations"]["cluster-autoscaler.kubernetes.io/safe-to-evict"],
            json!("false")
        );
        assert_eq!(pod["nodeSelector"]["cloud.google.com/gke-nodepool"], json!("livekit-node-pool"));
        let namespace = &one(&set, "Namespace")["metadata"]["labels"];
        assert_eq!(namespace["pod-security.kubernetes.io/enforce"], json!("privileged"));
    }
}

#[test]
fn the_container_has_its_ports_probes_and_resources() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let container = &one(&set, "Deployment")["spec"]["template"]["spec"]["containers"][0];
        let ports: Vec<String> = container["ports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|port| format!("{}/{}", port["containerPort"], port["protocol"].as_str().unwrap()))
            .collect();
        assert_eq!(ports, ["7880/TCP", "7881/TCP", "6789/TCP", "5349/TCP", "3478/UDP"]);
        assert!(container["livenessProbe"]["tcpSocket"].is_object(), "an outage of Redis must not restart the fleet");
        assert_eq!(container["readinessProbe"]["httpGet"]["path"], json!("/"));
        assert_eq!(
            container["resources"]["requests"],
            json!({"cpu": promise.requests[0], "memory": promise.requests[1]})
        );
        assert_eq!(container["resources"]["limits"], json!({"cpu": promise.limits[0], "memory": promise.limits[1]}));
    }
}

#[test]
fn the_configuration_says_the_ports_and_no_secret() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let config = one(&set, "ConfigMap")["data"]["config.yaml"].as_str().unwrap().to_owned();
        for line in [
            "port: 7880",
            "tcp_port: 7881",
            "port_range_start: 50000",
            "port_range_end: 60000",
            "tls_port: 5349",
            "udp_port: 3478",
            "port: 6789",
        ] {
            assert!(
                config.lines().any(|found| found.trim() == line),
                "{}: no `{line}` in\n{config}",
                promise.environment
            );
        }
        assert!(config.contains(&format!("domain: {}", promise.turn)));
        for word in ["password", "secret", "keys"] {
            assert!(!config.contains(word), "{}: `{word}` in\n{config}", promise.environment);
        }
        let environment = &one(&set, "Deployment")["spec"]["template"]["spec"]["containers"][0]["env"];
        let secrets: Vec<&str> = environment
            .as_array()
            .unwrap()
            .iter()
            .filter(|variable| variable["valueFrom"]["secretKeyRef"].is_object())
            .filter_map(|variable| variable["name"].as_str())
            .collect();
        assert_eq!(secrets, ["LIVEKIT_KEYS", "REDIS_PASSWORD"]);
    }
}

#[test]
fn signalling_goes_through_the_gke_ingress_or_a_plain_service() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let service = named(&set, "Service", "livekit-server");
        let Some(host) = promise.host else {
            for kind in ["Ingress", "BackendConfig", "FrontendConfig", "ManagedCertificate"] {
                assert_eq!(all(&set, kind).len(), 0, "{}: {kind}", promise.environment);
            }
            assert_eq!(service["spec"]["type"], json!("ClusterIP"));
            continue;
        };
        let ingress = one(&set, "Ingress");
        assert_eq!(ingress["spec"]["rules"][0]["host"], json!(host));
        let annotations = &ingress["metadata"]["annotations"];
        assert_eq!(annotations["kubernetes.io/ingress.class"], json!("gce"));
        assert_eq!(
            annotations["kubernetes.io/ingress.global-static-ip-name"],
            json!(format!("livekit-ip-{}", promise.environment))
        );
        assert_eq!(
            annotations["networking.gke.io/managed-certificates"],
            json!(format!("livekit-cert-{}", promise.environment))
        );
        assert_eq!(
            annotations["networking.gke.io/v1beta1.FrontendConfig"],
            one(&set, "FrontendConfig")["metadata"]["name"]
        );
        assert_eq!(one(&set, "FrontendConfig")["spec"]["redirectToHttps"]["enabled"], json!(true));
        assert_eq!(one(&set, "ManagedCertificate")["spec"]["domains"], json!([host]));
        let backend = one(&set, "BackendConfig");
        assert_eq!(backend["spec"]["timeoutSec"], json!(36000));
        assert_eq!(backend["spec"]["connectionDraining"]["drainingTimeoutSec"], json!(300));
        assert_eq!(backend["spec"]["healthCheck"]["type"], json!("HTTP"));
        assert_eq!(backend["spec"]["healthCheck"]["port"], json!(7880));
        let annotations = &service["metadata"]["annotations"];
        assert_eq!(parsed(&annotations["cloud.google.com/neg"]), json!({"ingress": true}));
        let ports = parsed(&annotations["cloud.google.com/backend-config"])["ports"].clone();
        assert_eq!(ports.as_object().unwrap().values().next(), Some(&backend["metadata"]["name"]));
    }
}

#[test]
fn turn_has_its_own_name_address_and_certificate() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        let service = named(&set, "Service", "livekit-server-turn");
        assert_eq!(service["spec"]["type"], json!("LoadBalancer"));
        assert_eq!(service["spec"]["ports"][0]["port"], json!(443));
        let annotations = &service["metadata"]["annotations"];
        assert_eq!(annotations["cloud.google.com/l4-rbs"], json!("enabled"));
        assert_eq!(
            annotations["networking.gke.io/load-balancer-ip-addresses"],
            json!(format!("livekit-turn-ip-{}", promise.environment))
        );
        let volumes = one(&set, "Deployment")["spec"]["template"]["spec"]["volumes"].clone();
        let mounted = volumes
            .as_array()
            .unwrap()
            .iter()
            .find_map(|volume| volume["secret"]["secretName"].as_str())
            .unwrap()
            .to_owned();
        match promise.host {
            None => assert_eq!(mounted, "turn-tls-secret", "the certificate is in a Secret that is there already"),
            Some(host) => {
                let certificate = one(&set, "Certificate");
                assert_ne!(promise.turn, host);
                assert_eq!(certificate["spec"]["dnsNames"], json!([promise.turn]));
                assert_eq!(certificate["spec"]["secretName"], json!(mounted));
                let issuer = named(&set, "ClusterIssuer", certificate["spec"]["issuerRef"]["name"].as_str().unwrap());
                assert_eq!(issuer["spec"]["acme"]["server"], json!("https://acme-v02.api.letsencrypt.org/directory"));
                assert!(issuer["spec"]["acme"]["solvers"][0]["dns01"]["cloudDNS"]["project"].is_string());
            }
        }
    }
}

#[test]
fn keys_and_password_come_from_secrets() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &[]);
        assert_eq!(all(&set, "Secret").len(), 0, "no secret stands in an environment file");
        let external = all(&set, "ExternalSecret");
        let targets: Vec<&str> =
            external.iter().filter_map(|secret| secret["spec"]["target"]["name"].as_str()).collect();
        if promise.host.is_none() {
            assert!(targets.is_empty());
        } else {
            assert_eq!(targets, ["livekit-redis-auth", "livekit-server-keys"]);
            assert_eq!(
                one(&set, "SecretStore")["spec"]["provider"]["gcpsm"]["projectID"],
                json!(format!("acme-livekit-{}", promise.environment))
            );
        }
    }
}

#[test]
fn the_notes_say_what_no_manifest_can() {
    for promise in PROMISES {
        let variables: Value =
            serde_json::from_str(&printed(&["notes", "--env", promise.environment, "-o", "tfvars"])).unwrap();
        assert_eq!(variables["total_min_node_count"], json!(promise.nodes[0]));
        assert_eq!(variables["total_max_node_count"], json!(promise.nodes[1]));
        assert_eq!(variables["machine_type"], json!(promise.machine));
        assert_eq!(variables["redis_memory_size_gb"], json!(promise.redis.0));
        assert_eq!(variables["redis_tier"], json!(promise.redis.1));
        assert_eq!(variables["redis_auth_enabled"], json!(true));
        assert_eq!(variables["turn_domain"], json!(promise.turn));
        assert_eq!(variables["tcp_ports"], json!(["7881"]), "signalling and TURN are reached through load balancers");
        assert_eq!(variables["udp_ports"], json!(["50000-60000", "3478", "40000-49999"]));
        let notes: Value =
            serde_json::from_str(&printed(&["notes", "--env", promise.environment, "-o", "json"])).unwrap();
        let names: Vec<&str> =
            notes["dns"].as_array().unwrap().iter().filter_map(|record| record["name"].as_str()).collect();
        assert!(names.contains(&promise.turn), "{names:?}");
        assert!(promise.host.is_none_or(|host| names.contains(&host)), "{names:?}");
        let open = notes["firewall"]
            .as_array()
            .unwrap()
            .iter()
            .any(|rule| rule["protocol"] == "UDP" && rule["ports"] == "50000-60000");
        assert!(open, "media is not let through");
        let pods = promise.autoscaler.map_or(promise.replicas, |[_, most]| most);
        assert_eq!(notes["rollout"]["worstCaseSeconds"], json!(pods * 18000));
    }
}

#[test]
fn without_the_plugin_nothing_of_the_provider_is_left() {
    for promise in PROMISES {
        let set = manifests(promise.environment, &["--set", "provider=null"]);
        let text = serde_json::to_string(&set).unwrap();
        for word in ["gke", "cloud.google.com", "gcp", "BackendConfig", "ExternalSecret", "SecretStore"] {
            assert!(!text.contains(word), "{}: `{word}` is left", promise.environment);
        }
        assert_eq!(all(&set, "Deployment").len(), 1);
    }
}

fn all<'a>(set: &'a [Value], kind: &str) -> Vec<&'a Value> {
    set.iter().filter(|manifest| manifest["kind"] == kind).collect()
}

fn one<'a>(set: &'a [Value], kind: &str) -> &'a Value {
    let found = all(set, kind);
    assert_eq!(found.len(), 1, "{kind}");
    found[0]
}

fn named<'a>(set: &'a [Value], kind: &str, name: &str) -> &'a Value {
    all(set, kind)
        .into_iter()
        .find(|manifest| manifest["metadata"]["name"] == name)
        .unwrap_or_else(|| panic!("no {kind} {name}"))
}

fn parsed(annotation: &Value) -> Value {
    serde_json::from_str(annotation.as_str().unwrap()).unwrap()
}

#[test]
fn a_finished_environment_holds_by_itself() {
    for promise in PROMISES {
        let (environment, nodes) = (promise.environment, promise.nodes[1].to_string());
        let snapshot = format!("snapshots/{environment}.snap.yaml");
        let values = codes(&["check", "--env", environment]);
        let silenced = read(&format!("environments/{environment}.yaml"));
        // What has to be in the cluster before stands in the notes of an environment, not in its findings.
        let alone = codes(&["check", &snapshot, "--nodes", &nodes]).into_iter();
        let unheard = alone.filter(|code| code != "LK052");
        let new: Vec<String> = unheard.filter(|code| !values.contains(code) && !silenced.contains(code)).collect();
        assert!(new.is_empty(), "{snapshot} shows {new:?}, and the values of {environment} do not");
    }
}

/// The codes of what is found.
fn codes(arguments: &[&str]) -> Vec<String> {
    let output = render(arguments);
    let told = String::from_utf8(output.stderr).unwrap();
    let codes =
        told.lines().filter_map(|line| line.split_once('[')?.1.split_once("]: ").map(|(code, _)| code.to_owned()));
    codes.collect()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}
