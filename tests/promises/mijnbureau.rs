//! What MijnBureau's LiveKit promises, line by line, looked for in what is rendered.

/// TURN and signalling: who ends TLS, and by which controller.
mod signalling;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{all, named, one};
use crate::rendered::manifests;
use crate::support::{printed, render};

const ENVIRONMENTS: [&str; 2] = ["mijnbureau", "mijnbureau-demo"];

#[test]
fn pods_are_restricted_and_not_on_the_nodes_network() {
    for environment in ENVIRONMENTS {
        let set = manifests(environment, &[]);
        let namespace = one(&set, "Namespace");
        assert_eq!(namespace["metadata"]["name"], "mijnbureau-livekit");
        assert_eq!(namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"], "restricted");
        let pods = pods(&set);
        assert!(pods.len() >= 3, "LiveKit, a Job and a CronJob at least");
        for pod in pods {
            assert!(pod["hostNetwork"].is_null());
            assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
            assert_eq!(pod["securityContext"]["seccompProfile"]["type"], "RuntimeDefault");
            for container in pod["containers"].as_array().unwrap() {
                let security = &container["securityContext"];
                assert_eq!(security["allowPrivilegeEscalation"], false);
                assert_eq!(security["readOnlyRootFilesystem"], true);
                assert_eq!(security["capabilities"]["drop"], json!(["ALL"]));
                let ports = container["ports"].as_array().into_iter().flatten();
                assert!(ports.into_iter().all(|port| port["hostPort"].is_null()));
            }
        }
        let server = &one(&set, "Deployment")["spec"]["template"]["spec"];
        assert_eq!(server["securityContext"]["runAsUser"], 1001);
        assert_eq!(server["automountServiceAccountToken"], false);
    }
}

#[test]
fn the_media_service_lists_every_port_and_mirrors_it() {
    for environment in ENVIRONMENTS {
        let set = manifests(environment, &[]);
        let spec = &named(&set, "Service", "livekit-server-media")["spec"];
        assert_eq!(spec["type"], "LoadBalancer");
        assert_eq!(spec["externalTrafficPolicy"], "Local");
        let ports = spec["ports"].as_array().unwrap();
        let udp: Vec<u64> = numbers(ports, "UDP", "port");
        assert_eq!(udp, (30001..=30009).collect::<Vec<u64>>());
        assert_eq!(numbers(ports, "TCP", "port"), [32669]);
        for port in ports {
            assert_eq!([&port["nodePort"], &port["targetPort"]], [&port["port"], &port["port"]]);
            assert!((30000..=32767).contains(&port["port"].as_u64().unwrap()));
            assert!(port["name"].as_str().unwrap().len() <= 15);
        }
        assert_eq!(ports[0]["name"], "port-30001");
        let container = &one(&set, "Deployment")["spec"]["template"]["spec"]["containers"][0];
        let declared = container["ports"].as_array().unwrap();
        assert_eq!(numbers(declared, "UDP", "containerPort"), udp);
        assert!(numbers(declared, "TCP", "containerPort").contains(&32669));
        let config = config(&set);
        assert!(config.contains("udp_port: 30001-30009") && config.contains("tcp_port: 32669"), "{config}");
        assert!(!config.contains("port_range"), "a range of nine ports would carry four clients:\n{config}");
    }
}

#[test]
fn a_range_is_listed_like_a_shared_port_and_ports_need_not_be_mirrored() {
    let range = "livekit.config.rtc={port_range_start: 30001, port_range_end: 30003, udp_port: null, tcp_port: 0}";
    let range =
        range.replace("port_range_start", "\"port_range_start\"").replace("port_range_end", "\"port_range_end\"");
    let range = range.replace("udp_port", "\"udp_port\"").replace("tcp_port", "\"tcp_port\"");
    let free = ["--set-json", &range, "--set", "livekit.mediaService.nodePorts=false"];
    let set = manifests("mijnbureau", &free);
    let ports = named(&set, "Service", "livekit-server-media")["spec"]["ports"].as_array().unwrap().clone();
    assert_eq!(numbers(&ports, "UDP", "port"), [30001, 30002, 30003]);
    assert!(ports.iter().all(|port| port["nodePort"].is_null()));
    assert!(numbers(&ports, "TCP", "port").is_empty());
}

#[test]
fn stun_is_off_and_the_address_is_told() {
    for environment in ENVIRONMENTS {
        let set = manifests(environment, &[]);
        assert!(config(&set).contains("use_external_ip: false"));
        let node_ip = variable(&set, "NODE_IP");
        assert_eq!(
            node_ip["valueFrom"]["configMapKeyRef"],
            json!({"name": "livekit-server-address", "key": "address", "optional": true})
        );
        assert!(node_ip["value"].is_null(), "no placeholder that somebody has to replace");
        let address = named(&set, "ConfigMap", "livekit-server-address");
        assert!(address["data"].is_null(), "whoever applies this again would write over the address");
        let annotations = &one(&set, "Deployment")["spec"]["template"]["metadata"]["annotations"];
        assert!(annotations["livekit-external-address"].is_null(), "the Job owns it");
        assert!(annotations["checksum/configmap-livekit-server-address"].is_null());
    }
}

#[test]
fn a_known_address_is_one_value_and_needs_no_job() {
    let set = manifests(
        "mijnbureau",
        &[
            "--set",
            "livekit.mediaService.loadBalancerIP=198.51.100.7",
            "--set-json",
            "livekit.externalAddress.source=null",
        ],
    );
    assert_eq!(named(&set, "Service", "livekit-server-media")["spec"]["loadBalancerIP"], "198.51.100.7");
    let config = config(&set);
    assert!(config.contains("node_ip: \"198.51.100.7\"") && config.contains("use_external_ip: false"), "{config}");
    for kind in ["Job", "CronJob", "Role", "RoleBinding"] {
        assert_eq!(all(&set, kind).len(), 0, "{kind}");
    }
}

#[test]
fn the_address_is_kept_current_with_the_least_rights() {
    let set = manifests("mijnbureau", &[]);
    let cron = &one(&set, "CronJob")["spec"];
    assert_eq!(cron["schedule"], "0 * * * *");
    assert_eq!(cron["concurrencyPolicy"], "Forbid");
    let job = one(&set, "Job");
    let pod = |template: &Value| template["spec"].clone();
    let (once, again) = (pod(&job["spec"]["template"]), pod(&cron["jobTemplate"]["spec"]["template"]));
    assert_eq!(once["containers"][0]["command"], again["containers"][0]["command"]);
    assert_eq!(once["serviceAccountName"], "livekit-server-address");
    assert_ne!(one(&set, "Deployment")["spec"]["template"]["spec"]["serviceAccountName"], once["serviceAccountName"]);
    let role = one(&set, "Role");
    let rules = role["rules"].as_array().unwrap();
    let granted: BTreeSet<String> = rules.iter().map(ToString::to_string).collect();
    let expected = [
        json!({"apiGroups": [""], "resources": ["services"], "resourceNames": ["livekit-server-media"], "verbs": ["get"]}),
        json!({"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["livekit-server-address"], "verbs": ["get", "patch"]}),
        json!({"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["livekit-server"], "verbs": ["get", "patch"]}),
    ];
    assert_eq!(granted, expected.iter().map(Value::to_string).collect());
    let binding = one(&set, "RoleBinding");
    assert_eq!(binding["subjects"][0]["name"], "livekit-server-address");
    assert_eq!(binding["roleRef"]["name"], role["metadata"]["name"]);
}

#[test]
fn a_job_that_changes_is_another_job() {
    let name = |further: &[&str]| one(&manifests("mijnbureau", further), "Job")["metadata"]["name"].clone();
    assert_eq!(name(&[]), name(&["--set", "livekit.replicas=1"]));
    assert_ne!(name(&[]), name(&["--set", "livekit.externalAddress.job.image.tag=1.35.0"]));
}

#[test]
fn one_pod_is_behind_the_one_address() {
    let set = manifests("mijnbureau", &[]);
    let spec = &one(&set, "Deployment")["spec"];
    assert_eq!(spec["replicas"], 1);
    assert_eq!(spec["strategy"], json!({"type": "Recreate"}));
    assert_eq!(all(&set, "HorizontalPodAutoscaler").len(), 0);
    assert_eq!(one(&set, "PodDisruptionBudget")["spec"]["maxUnavailable"], 1);
    let autoscaled = [
        "--env",
        "mijnbureau",
        "--set",
        "scaling.horizontalPodAutoscaler.enabled=true,scaling.horizontalPodAutoscaler.maxReplicas=3",
        "--set",
        "livekit.resources.requests.cpu=500m",
        "-o",
        "json",
    ];
    let output = render(&autoscaled);
    assert!(String::from_utf8_lossy(&output.stderr).contains("warning[LK105]"));
    let list: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rendered = one(list["items"].as_array().unwrap(), "HorizontalPodAutoscaler").clone();
    assert_eq!([&rendered["spec"]["minReplicas"], &rendered["spec"]["maxReplicas"]], [1, 1]);
}

#[test]
fn the_documentations_keys_have_their_values() {
    let set = manifests(
        "mijnbureau",
        &[
            "--set",
            "namespace.name=other,livekit.image.repository=registry.example/livekit,livekit.image.tag=v1.13.4",
            "--set",
            "livekit.imagePullSecrets[0].name=registry,livekit.externalAddress.job.image.repository=registry.example/kubectl",
            "--set",
            "mijnbureau.resourcesPreset=large,redis.external.host=redis.example,redis.external.port=6380",
            "--set",
            "livekit.runtimeClassName=gvisor,ingress.host=calls.example.com",
        ],
    );
    let pod = &one(&set, "Deployment")["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(container["image"], "registry.example/livekit:v1.13.4");
    assert_eq!(pod["imagePullSecrets"][0]["name"], "registry");
    assert_eq!(pod["runtimeClassName"], "gvisor");
    assert_eq!(container["resources"]["requests"]["memory"], "2048Mi");
    let keeper = &one(&set, "CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    assert!(keeper["image"].as_str().unwrap().starts_with("registry.example/kubectl:"));
    assert!(config(&set).contains("address: redis.example:6380"));
    assert_eq!(one(&set, "Ingress")["spec"]["rules"][0]["host"], "calls.example.com");
    for manifest in set.iter().filter(|manifest| manifest["kind"] != "Namespace") {
        assert_eq!(manifest["metadata"]["namespace"], "other");
    }
    let off = render(&["--env", "mijnbureau", "--phase", "app", "--set", "livekit.enabled=false"]);
    assert!(!String::from_utf8_lossy(&off.stdout).contains("livekit-server"));
}

#[test]
fn containers_have_the_size_of_their_preset() {
    let set = manifests("mijnbureau", &[]);
    let resources = &one(&set, "Deployment")["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(resources["requests"], json!({"cpu": "500m", "memory": "1024Mi", "ephemeral-storage": "50Mi"}));
    assert_eq!(resources["limits"], json!({"cpu": "750m", "memory": "1536Mi", "ephemeral-storage": "2Gi"}));
    let own = manifests("mijnbureau", &["--set", "livekit.resources.requests.cpu=3"]);
    let resources = &one(&own, "Deployment")["spec"]["template"]["spec"]["containers"][0]["resources"];
    assert_eq!(*resources, json!({"requests": {"cpu": 3}}));
}

#[test]
fn the_demo_has_a_redis_of_its_own_that_keeps_its_data() {
    let set = manifests("mijnbureau-demo", &[]);
    let redis = &one(&set, "StatefulSet")["spec"];
    assert_eq!(redis["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"], "1Gi");
    let conf = named(&set, "ConfigMap", "livekit-redis")["data"]["redis.conf"].as_str().unwrap().to_owned();
    assert!(conf.contains("appendonly yes"), "{conf}");
    assert!(redis.to_string().contains("--requirepass"));
    assert!(config(&set).contains("address: livekit-redis.mijnbureau-livekit.svc.cluster.local:6379"));
    assert_eq!(all(&manifests("mijnbureau", &[]), "StatefulSet").len(), 0);
}

#[test]
fn no_secret_stands_in_a_config_map_or_an_argument() {
    for environment in ENVIRONMENTS {
        let set = manifests(environment, &[]);
        assert_eq!(all(&set, "Secret").len(), 0);
        for name in ["LIVEKIT_KEYS", "REDIS_PASSWORD"] {
            assert!(variable(&set, name)["valueFrom"]["secretKeyRef"].is_object(), "{name}");
        }
        for word in ["password", "secret", "keys"] {
            assert!(!config(&set).contains(word), "{word}");
        }
    }
}

#[test]
fn the_network_policy_lets_in_what_clients_need() {
    let set = manifests("mijnbureau", &[]);
    let policy = named(&set, "NetworkPolicy", "livekit-server");
    let ports = policy["spec"]["ingress"][0]["ports"].as_array().unwrap();
    let has = |wanted: Value| ports.contains(&wanted);
    assert!(has(json!({"port": 30001, "endPort": 30009, "protocol": "UDP"})), "{ports:?}");
    assert!(has(json!({"port": "rtc-tcp", "protocol": "TCP"})) && has(json!({"port": "turn-tls", "protocol": "TCP"})));
}

#[test]
fn every_phase_renders_alone_and_together_they_are_the_whole() {
    for environment in ENVIRONMENTS {
        let mut parts = 0;
        for phase in ["bootstrap", "platform", "app"] {
            let output = render(&["--env", environment, "--phase", phase, "-o", "json"]);
            if output.status.success() {
                let list: Value = serde_json::from_slice(&output.stdout).unwrap();
                parts += list["items"].as_array().unwrap().len();
            }
        }
        assert_eq!(parts, manifests(environment, &[]).len(), "{environment}");
    }
}

#[test]
fn without_the_plugin_the_media_service_and_its_address_are_still_there() {
    let set = manifests("mijnbureau", &["--set", "provider=null", "--set-json", "mijnbureau=null"]);
    named(&set, "Service", "livekit-server-media");
    one(&set, "CronJob");
    assert_eq!(all(&set, "Middleware").len(), 0);
}

#[test]
fn the_notes_name_the_addresses_and_the_keys() {
    let notes = printed(&["notes", "--env", "mijnbureau"]);
    for text in [
        "livekit.mijnbureau.example.com A",
        "turn-livekit.mijnbureau.example.com A",
        "UDP 30001-30009",
        "TCP 32669",
        "create secret generic livekit-server-keys",
        "create secret tls livekit-turn-tls",
        "give the components that call LiveKit the same API key",
        "get configmap livekit-server-address",
    ] {
        assert!(notes.contains(text), "no `{text}` in\n{notes}");
    }
}

/// Every pod of every workload.
fn pods(set: &[Value]) -> Vec<Value> {
    let template = |manifest: &Value| match manifest["kind"].as_str().unwrap() {
        "CronJob" => manifest["spec"]["jobTemplate"]["spec"]["template"]["spec"].clone(),
        _ => manifest["spec"]["template"]["spec"].clone(),
    };
    set.iter().map(template).filter(Value::is_object).collect()
}

fn numbers(ports: &[Value], protocol: &str, field: &str) -> Vec<u64> {
    ports.iter().filter(|port| port["protocol"] == protocol).map(|port| port[field].as_u64().unwrap()).collect()
}

fn config(set: &[Value]) -> String {
    named(set, "ConfigMap", "livekit-server")["data"]["config.yaml"].as_str().unwrap().to_owned()
}

fn variable(set: &[Value], name: &str) -> Value {
    let container = &one(set, "Deployment")["spec"]["template"]["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap();
    variables.iter().find(|variable| variable["name"] == name).unwrap_or_else(|| panic!("no {name}")).clone()
}
