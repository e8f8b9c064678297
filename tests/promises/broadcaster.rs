//! What the Broadcaster promises on any cluster, without a plugin: pods that are told apart in a mesh, one headless
//! Service over all regions, two names with a certificate each, and no secret but by reference.

use serde_json::{Value, json};

use super::{all, named, one};
use crate::support::{printed, render};

const REGION: &str = "tests/commands/outputs/manifests/broadcaster-behind-stunner/values.yaml";
const ALONE: &str = "tests/commands/outputs/manifests/broadcaster-on-a-bare-cluster/values.yaml";
const BY_GATEWAY: &str = "tests/commands/outputs/manifests/broadcaster-behind-a-gateway/values.yaml";

#[test]
fn each_region_has_pods_of_its_own_name_behind_one_headless_service() {
    let mut services = Vec::new();
    for region in ["germany", "us-west", "singapore"] {
        let host = format!("broadcaster.host={region}.broadcaster.example.com");
        let set = set(REGION, &["--set", &host]);
        let pods = one(&set, "StatefulSet");
        assert_eq!(pods["metadata"]["name"], json!(format!("broadcaster-{region}")));
        assert_eq!(variable(pods, "PHX_HOST"), json!(format!("{region}.broadcaster.example.com")));
        let service = named(&set, "Service", "broadcaster-headless");
        assert_eq!(pods["spec"]["serviceName"], service["metadata"]["name"]);
        assert_eq!(variable(pods, "K8S_SERVICE_NAME"), service["metadata"]["name"]);
        assert_eq!([&service["spec"]["clusterIP"], &service["spec"]["ports"]], [&json!("None"), &Value::Null]);
        for annotation in ["service.cilium.io/global", "service.cilium.io/global-sync-endpoint-slices"] {
            assert_eq!(service["metadata"]["annotations"][annotation], json!("true"));
        }
        assert_eq!(service["spec"]["selector"], pods["spec"]["selector"]["matchLabels"]);
        services.push(service.clone());
    }
    assert!(services.iter().all(|service| *service == services[0]), "it is the same Service in every cluster");
}

#[test]
fn both_names_have_an_ingress_and_a_certificate_of_their_own() {
    let set = set(REGION, &[]);
    let expected = [("broadcaster", "germany", "broadcaster-tls"), ("broadcaster-global", "global", "global-tls")];
    assert_eq!(all(&set, "Ingress").len(), expected.len());
    for (name, label, secret) in expected {
        let host = json!(format!("{label}.broadcaster.example.com"));
        let (ingress, certificate) = (named(&set, "Ingress", name), named(&set, "Certificate", name));
        assert_eq!(ingress["spec"]["ingressClassName"], json!("traefik"));
        assert_eq!(ingress["spec"]["tls"], json!([{"hosts": [host], "secretName": secret}]));
        assert_eq!(ingress["spec"]["rules"][0]["host"], host);
        let backend = &ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"];
        let service = named(&set, "Service", backend["name"].as_str().unwrap());
        assert_eq!(service["spec"]["ports"][0]["name"], backend["port"]["name"]);
        assert_eq!([&certificate["spec"]["secretName"], &certificate["spec"]["dnsNames"][0]], [&json!(secret), &host]);
        assert_eq!(certificate["spec"]["issuerRef"]["name"], one(&set, "ClusterIssuer")["metadata"]["name"]);
    }
}

#[test]
fn the_six_secrets_and_the_cookie_come_from_one_secret() {
    let set = set(REGION, &[]);
    let pods = one(&set, "StatefulSet");
    let variables = pods["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    let keys = variables.iter().filter_map(|one| one["valueFrom"].get("secretKeyRef"));
    let keys: Vec<&str> = keys
        .map(|reference| {
            assert_eq!(reference["name"], json!("broadcaster-credentials"));
            reference["key"].as_str().unwrap()
        })
        .collect();
    let (cookie, six) = keys.split_first().unwrap();
    assert_eq!(*cookie, "release-cookie");
    let expected = ["ice-server-username", "ice-server-credential", "secret-key-base"];
    assert_eq!(six, [&expected[..], &["admin-username", "admin-password", "whip-token"]].concat());
    assert_eq!((all(&set, "Secret").len(), all(&set, "ConfigMap").len()), (0, 0));
    let notes = printed(&["notes", "-f", REGION]);
    let command = notes.lines().find(|line| line.contains("create secret generic broadcaster-credentials")).unwrap();
    for key in keys {
        assert!(command.contains(&format!("={key}=")), "{key}: {command}");
    }
    assert!(notes.contains("ACCOUNT_KEY.pem"), "the account's key that the clusters share is named: {notes}");
}

#[test]
fn the_regions_are_told_in_four_fields_each() {
    let set = set(REGION, &[]);
    let pods = one(&set, "StatefulSet");
    for (index, first) in ["GLOBAL", "GERMANY", "US WEST", "SINGAPORE"].iter().enumerate() {
        let value = variable(pods, &format!("C{index}"));
        let fields: Vec<&str> = value.as_str().unwrap().split(';').collect();
        assert_eq!((fields.len(), fields[0]), (4, *first));
        assert!(fields[1].starts_with("https://") && fields[2..].iter().all(|one| one.parse::<f64>().is_ok()));
    }
}

#[test]
fn media_reaches_the_pods_through_stunner() {
    let set = set(REGION, &[]);
    let pods = one(&set, "StatefulSet");
    let listener = &one(&set, "Gateway")["spec"]["listeners"][1];
    assert_eq!(listener["protocol"], json!("TURN-UDP"));
    let url = format!("turn:germany.broadcaster.example.com:{}?transport=udp", listener["port"]);
    assert_eq!(variable(pods, "ICE_SERVER_URL"), json!(url));
    assert_eq!(variable(pods, "ICE_TRANSPORT_POLICY"), json!("relay"));
    let route = one(&set, "UDPRoute");
    let backend = &route["spec"]["rules"][0]["backendRefs"][0];
    assert!(backend["port"].is_null(), "clients reach every UDP port of the pods");
    let service = named(&set, "Service", backend["name"].as_str().unwrap());
    assert_eq!(service["spec"]["selector"], pods["spec"]["selector"]["matchLabels"]);
    let policy = one(&set, "NetworkPolicy");
    let range = variable(pods, "ICE_PORT_RANGE");
    let media = &policy["spec"]["ingress"][0]["ports"][1];
    assert_eq!(json!(format!("{}-{}", media["port"], media["endPort"])), range);
}

#[test]
fn only_its_own_pods_reach_the_protocol_of_erlang() {
    let set = set(REGION, &[]);
    let (pods, rules) = (one(&set, "StatefulSet"), &one(&set, "NetworkPolicy")["spec"]["ingress"]);
    let ports = &rules[1]["ports"];
    assert_eq!(ports[0]["port"], json!(4369));
    let flags = format!("inet_dist_listen_min {} inet_dist_listen_max {}", ports[1]["port"], ports[1]["endPort"]);
    assert!(variable(pods, "ERL_AFLAGS").as_str().unwrap().contains(&flags));
    let peers = rules[1]["from"].as_array().unwrap();
    assert_eq!(peers.len(), 2, "this cluster's, and those of the others by Cilium's label");
    for peer in peers {
        assert_eq!(peer["podSelector"]["matchLabels"], pods["spec"]["selector"]["matchLabels"]);
        assert_eq!(peer.as_object().unwrap().len(), 1, "of this namespace only");
    }
}

#[test]
fn pods_are_restricted_stop_gently_and_have_a_budget_when_there_are_several() {
    let several = set(REGION, &[]);
    assert_eq!(one(&several, "PodDisruptionBudget")["spec"]["maxUnavailable"], json!(1));
    let alone = set(ALONE, &[]);
    assert_eq!(all(&alone, "PodDisruptionBudget").len(), 0);
    for set in [several, alone] {
        let enforced = &one(&set, "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"];
        assert_eq!(*enforced, json!("restricted"));
        let pod = &one(&set, "StatefulSet")["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        assert_eq!(pod["securityContext"]["runAsNonRoot"], json!(true));
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], json!(true));
        let pause = container["lifecycle"]["preStop"]["sleep"]["seconds"].as_u64().unwrap();
        assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() > pause);
        assert!(["startupProbe", "livenessProbe", "readinessProbe"].iter().all(|probe| container[probe].is_object()));
    }
}

#[test]
fn it_needs_neither_livekit_nor_stunner_nor_an_ingress_controller() {
    for values in [REGION, ALONE, BY_GATEWAY] {
        let set = set(values, &[]);
        assert_eq!(all(&set, "Deployment").len(), 0);
        assert_eq!(all(&set, "StatefulSet").len(), 1);
    }
    let set = set(BY_GATEWAY, &[]);
    assert_eq!(all(&set, "Ingress").len(), 0);
    let names = ["broadcaster", "broadcaster-global"].map(|name| &named(&set, "HTTPRoute", name)["spec"]["hostnames"]);
    assert_eq!(names, [&json!(["germany.broadcaster.example.com"]), &json!(["global.broadcaster.example.com"])]);
}

#[test]
fn a_gateways_certificate_is_there_before_the_application() {
    let phase = |phase: &str| String::from_utf8(render(&["-f", REGION, "--phase", phase]).stdout).unwrap();
    let (platform, app) = (phase("platform"), phase("app"));
    assert!(platform.contains("secretName: broadcaster-tls"), "STUNner's listener ends TLS with it");
    assert!(app.contains("secretName: global-tls") && !app.contains("dnsNames:\n  - germany"));
}

fn set(values: &str, further: &[&str]) -> Vec<Value> {
    let list: Value = serde_json::from_str(&printed(&[&["-f", values, "-o", "json"], further].concat())).unwrap();
    list["items"].as_array().unwrap().clone()
}

/// The value of a variable of the first container.
fn variable(workload: &Value, name: &str) -> Value {
    let variables = workload["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    variables.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("{name} is not set"))["value"].clone()
}
