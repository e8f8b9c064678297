//! What the environments `hetzner-germany`, `hetzner-us-west` and `hetzner-singapore` promise: three regional k3s clusters
//! from one set of values, joined by Cilium's mesh, with STUNner, and LiveKit behind it by one value.

use std::collections::BTreeSet;

use render_text::source::Sources;
use render_text::yaml;
use serde_json::{Value, json};

use super::{all, named, one};
use crate::rendered::manifests;
use crate::support::{printed, render as run, root};

/// The rows of the fleet: name, id, addresses of pods, node.
const FLEET: [(&str, u64, &str, &str); 3] = [
    ("germany", 1, "10.101.0.0/16", "192.0.2.10"),
    ("us-west", 2, "10.102.0.0/16", "198.51.100.10"),
    ("singapore", 3, "10.103.0.0/16", "203.0.113.10"),
];

#[test]
fn three_clusters_come_from_one_set_of_values() {
    for (name, ..) in FLEET {
        let file = root().join(format!("environments/hetzner-{name}.yaml"));
        let text = std::fs::read_to_string(file).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        let domain = format!("domain: {name}.media.example.com");
        assert_eq!(lines, ["extends: [hetzner.yaml]", &domain, &format!("hetzner-k3s: {{cluster: {name}}}")]);
    }
    let ids = |name: &str| -> BTreeSet<String> {
        let id = |one: &Value| format!("{}/{}", one["kind"], one["metadata"]["name"]).replace(name, "REGION");
        manifests(&format!("hetzner-{name}"), &[]).iter().map(id).collect()
    };
    assert!(FLEET.iter().all(|(name, ..)| ids(name) == ids("germany")));
}

#[test]
fn who_a_cluster_is_follows_from_its_row() {
    for (name, id, pods, node) in FLEET {
        let values = chart_values(&manifests(&format!("hetzner-{name}"), &[]), "cilium");
        assert_eq!(values["cluster"], json!({"name": name, "id": id}));
        assert_eq!(values["ipam"]["operator"]["clusterPoolIPv4PodCIDRList"], json!([pods]));
        assert_eq!([&values["k8sServiceHost"], &values["k8sServicePort"]], [&json!(node), &json!(6443)]);
        assert_eq!(values["kubeProxyReplacement"], json!(true));
    }
}

#[test]
fn the_clusters_are_joined() {
    for (name, _, _, node) in FLEET {
        let set = manifests(&format!("hetzner-{name}"), &[]);
        let mesh = &chart_values(&set, "cilium")["clustermesh"];
        assert_eq!([&mesh["useAPIServer"], &mesh["enableEndpointSliceSynchronization"]], [&json!(true), &json!(true)]);
        assert_eq!(mesh["apiserver"]["service"]["type"], json!("LoadBalancer"));
        let peers = mesh["config"]["clusters"].as_array().unwrap();
        let told: BTreeSet<_> = peers.iter().map(|peer| (peer["name"].as_str(), peer["ips"][0].as_str())).collect();
        let others = FLEET.iter().filter(|row| row.0 != name);
        assert_eq!(told, others.map(|row| (Some(row.0), Some(row.3))).collect(), "every other cluster, not {node}");
        assert!(peers.iter().all(|peer| peer["port"] == 2379));
        let notes = printed(&["notes", "--env", &format!("hetzner-{name}")]);
        for line in [
            "- cilium-ca in namespace kube-system with ca.crt, ca.key",
            "before the phase bootstrap",
            "cilium clustermesh status",
        ] {
            assert!(notes.contains(line), "{line}: {notes}");
        }
    }
}

#[test]
fn packets_between_regions_are_encrypted_unless_the_values_say_otherwise() {
    let encryption =
        |arguments: &[&str]| chart_values(&manifests("hetzner-germany", arguments), "cilium")["encryption"].clone();
    assert_eq!(encryption(&[]), json!({"enabled": true, "type": "wireguard"}));
    assert_eq!(encryption(&["--set", "hetzner-k3s.clusterMesh.encryption=none"]), Value::Null);
    let own = ["--set", "charts.releases.cilium.values.encryption.enabled=false"];
    assert_eq!(encryption(&own)["enabled"], json!(false), "what is written wins");
}

#[test]
fn the_values_of_the_chart_are_read_as_they_were_meant() {
    let odd = r#"{"a": "yes", "b": "0755", "c": "", "d": "x: y #z", "e": [], "f": {}, "g": null, "h": ["1e3", {"i": "~"}], "é\n\"\\": "\u2028"}"#;
    let set = manifests("hetzner-germany", &["--set-json", &format!("charts.releases.cilium.values.odd={odd}")]);
    let mut expected: Value = serde_json::from_str(odd).unwrap();
    // In a layer of values null deletes.
    expected.as_object_mut().unwrap().remove("g");
    assert_eq!(chart_values(&set, "cilium")["odd"], expected);
}

#[test]
fn charts_come_by_k3s_own_controller_and_are_never_pruned() {
    let set = manifests("hetzner-germany", &[]);
    let charts = all(&set, "HelmChart");
    let names: BTreeSet<&str> = charts.iter().filter_map(|chart| chart["metadata"]["name"].as_str()).collect();
    assert_eq!(names, BTreeSet::from(["cert-manager", "cilium", "reloader", "stunner", "traefik"]));
    for chart in charts.into_iter().filter(|chart| chart["metadata"]["name"] != "reloader") {
        assert_eq!([&chart["apiVersion"], &chart["metadata"]["namespace"]], ["helm.cattle.io/v1", "kube-system"]);
        let annotations = &chart["metadata"]["annotations"];
        assert_eq!(annotations["argocd.argoproj.io/sync-options"], json!("Prune=false,Delete=false"));
        assert_eq!(annotations["kustomize.toolkit.fluxcd.io/prune"], json!("disabled"));
    }
    assert_eq!(named(&set, "HelmChart", "cilium")["spec"]["bootstrap"], json!(true));
    let nginx = manifests("hetzner-germany", &["--set", "ingress.className=nginx"]);
    named(&nginx, "HelmChart", "ingress-nginx");
    assert!(all(&nginx, "HelmChart").iter().all(|chart| chart["metadata"]["name"] != "traefik"));
}

#[test]
fn k3s_is_told_by_a_file() {
    for (name, _, pods, node) in FLEET {
        let environment = format!("hetzner-{name}");
        let notes: Value = serde_json::from_str(&printed(&["notes", "--env", &environment, "-o", "json"])).unwrap();
        let file = &notes["files"][0];
        assert_eq!(file["path"], json!("/etc/rancher/k3s/config.yaml"));
        let config = read(file["content"].as_str().unwrap());
        let expected = json!({
            "cluster-cidr": pods, "node-ip": node, "node-external-ip": node,
            "tls-san": [node, format!("{name}.media.example.com")],
            "disable": ["traefik"], "flannel-backend": "none", "disable-kube-proxy": true, "disable-network-policy": true,
        });
        assert_eq!(config, expected);
        let text = printed(&["notes", "--env", &environment]);
        assert!(text.contains("curl -sfL https://get.k3s.io | INSTALL_K3S_CHANNEL=v1.35 sh -s - server"), "{text}");
    }
}

#[test]
fn certificates_are_proved_by_dns_with_one_account_for_all_clusters() {
    let mut issuers = Vec::new();
    for (name, ..) in FLEET {
        let set = manifests(&format!("hetzner-{name}"), &[]);
        let issuer = one(&set, "ClusterIssuer").clone();
        let acme = &issuer["spec"]["acme"];
        assert_eq!(acme["privateKeySecretRef"], json!({"name": "cloudflare-issuer-account-key"}));
        assert_eq!(acme["disableAccountKeyGeneration"], json!(true));
        let solver = &acme["solvers"][0];
        let token = json!({"name": "cloudflare-api-token-secret", "key": "api-token"});
        assert_eq!(solver["dns01"]["cloudflare"]["apiTokenSecretRef"], token);
        assert_eq!(solver["selector"]["dnsZones"], json!(["example.com"]));
        issuers.push(issuer);
        let notes = printed(&["notes", "--env", &format!("hetzner-{name}")]);
        assert!(notes.contains("- cloudflare-issuer-account-key in namespace cert-manager with tls.key"), "{notes}");
    }
    assert!(issuers.iter().all(|issuer| *issuer == issuers[0]));
}

#[test]
fn stunner_listens_by_four_protocols_with_its_credentials_in_a_secret() {
    let set = manifests("hetzner-germany", &[]);
    let gateway = named(&set, "Gateway", "udp-gateway");
    let listener = |one: &Value| (one["protocol"].as_str().unwrap().to_owned(), one["port"].as_u64().unwrap());
    let listeners = gateway["spec"]["listeners"].as_array().unwrap();
    let expected = [("TURN-UDP", 3478), ("TURN-TCP", 3478), ("TURN-TLS", 5349), ("TURN-DTLS", 5349)];
    assert_eq!(
        listeners.iter().map(listener).collect::<Vec<_>>(),
        expected.map(|(word, port)| (word.to_owned(), port))
    );
    assert_eq!(gateway["metadata"]["annotations"]["stunner.l7mp.io/enable-mixed-protocol-lb"], json!("true"));
    let certificate = named(&set, "Certificate", "stunner-tls");
    for listener in &listeners[2..] {
        assert_eq!(listener["tls"]["certificateRefs"][0]["name"], certificate["spec"]["secretName"]);
    }
    assert_eq!(certificate["metadata"]["namespace"], gateway["metadata"]["namespace"]);
    assert_eq!(certificate["spec"]["dnsNames"], json!(["germany.media.example.com"]));
    let config = one(&set, "GatewayConfig");
    assert_eq!(config["spec"]["authRef"], json!({"name": "stunner-auth", "namespace": "stunner"}));
    for key in ["userName", "password", "sharedSecret"] {
        assert_eq!(config["spec"][key], Value::Null);
    }
    let class = one(&set, "GatewayClass");
    assert_eq!(class["spec"]["controllerName"], json!("stunner.l7mp.io/gateway-operator"));
    assert_eq!(class["spec"]["parametersRef"]["name"], config["metadata"]["name"]);
}

#[test]
fn stunner_relays_to_itself_and_to_the_nodes_of_every_region() {
    for (name, ..) in FLEET {
        let set = manifests(&format!("hetzner-{name}"), &[]);
        let nodes = &named(&set, "StaticService", "static-svc")["spec"]["prefixes"];
        let told: BTreeSet<&str> = nodes.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let all: Vec<String> = FLEET.iter().map(|row| format!("{}/32", row.3)).collect();
        assert_eq!(told, all.iter().map(String::as_str).collect(), "this region's own, too");
        let backend = |route: &str| named(&set, "UDPRoute", route)["spec"]["rules"][0]["backendRefs"][0].clone();
        assert_eq!(backend("stunner-hairpin"), json!({"name": "udp-gateway", "namespace": "stunner"}));
        let expected = json!({"group": "stunner.l7mp.io", "kind": "StaticService", "name": "static-svc"});
        assert_eq!(backend("static-services"), expected);
    }
    let addresses = std::fs::read_to_string(root().join("environments/hetzner.yaml")).unwrap();
    for (_, _, pods, node) in FLEET {
        assert_eq!(addresses.matches(node).count() + addresses.matches(pods).count(), 2, "each is written once");
    }
}

#[test]
fn livekit_is_behind_stunner_by_one_value() {
    for (name, ..) in FLEET {
        let set = manifests(&format!("hetzner-{name}"), &["--set", "livekit.enabled=true", "--strict"]);
        let pod = &named(&set, "Deployment", "livekit-server")["spec"]["template"]["spec"];
        assert_eq!(pod["hostNetwork"], Value::Null);
        let route = named(&set, "UDPRoute", "livekit-server");
        assert_eq!(route["spec"]["parentRefs"][0], json!({"name": "udp-gateway", "namespace": "stunner"}));
        let body = pod["containers"][0]["env"].as_array().unwrap().iter().find_map(|one| one["value"].as_str());
        let server = &read(body.unwrap())["rtc"]["turn_servers"][0];
        let site = format!("{name}.media.example.com");
        assert_eq!(
            [&server["host"], &server["port"], &server["protocol"]],
            [&json!(site), &json!(3478), &json!("udp")]
        );
        let ingress = named(&set, "Ingress", "livekit-server");
        assert_eq!(ingress["spec"]["ingressClassName"], json!("traefik"));
        assert_eq!(ingress["spec"]["rules"][0]["host"], json!(format!("livekit.{site}")));
        let certificate = named(&set, "Certificate", "livekit-server");
        assert_eq!(certificate["spec"]["secretName"], ingress["spec"]["tls"][0]["secretName"]);
    }
    let without = manifests("hetzner-germany", &[]);
    assert!(
        all(&without, "Deployment").is_empty()
            && all(&without, "Ingress").iter().all(|one| one["metadata"]["name"] != "livekit-server")
    );
}

#[test]
fn the_broadcaster_of_a_region_is_known_in_all() {
    let services = FLEET.map(|(name, ..)| {
        let set = manifests(&format!("hetzner-{name}"), &[]);
        let site = format!("{name}.media.example.com");
        let pods = one(&set, "StatefulSet");
        assert_eq!(
            pods["metadata"]["name"],
            json!(format!("broadcaster-{name}")),
            "the names of pods differ by region"
        );
        let container = &pods["spec"]["template"]["spec"]["containers"][0];
        let env =
            |name: &str| container["env"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap().clone();
        assert_eq!(env("PHX_HOST")["value"], json!(site));
        assert_eq!(env("ICE_SERVER_URL")["value"], json!(format!("turn:{site}:3478?transport=udp")));
        assert_eq!(env("C2")["value"], json!("US WEST;https://us-west.media.example.com/;45.5;-122.7"));
        for variable in
            ["ICE_SERVER_USERNAME", "ICE_SERVER_CREDENTIAL", "SECRET_KEY_BASE", "ADMIN_PASSWORD", "WHIP_TOKEN"]
        {
            assert_eq!(env(variable)["valueFrom"]["secretKeyRef"]["name"], json!("broadcaster-credentials"));
        }
        for (ingress, host, secret) in [
            ("broadcaster", site.as_str(), "broadcaster-tls"),
            ("broadcaster-global", "global.media.example.com", "global-tls"),
        ] {
            let spec = &named(&set, "Ingress", ingress)["spec"];
            assert_eq!([&spec["rules"][0]["host"], &spec["tls"][0]["secretName"]], [host, secret]);
            assert_eq!(spec["ingressClassName"], json!("traefik"));
            let certificate = &named(&set, "Certificate", ingress)["spec"];
            assert_eq!([&certificate["secretName"], &certificate["issuerRef"]["name"]], [secret, "dns-cloudflare"]);
        }
        let route = &named(&set, "UDPRoute", "broadcaster")["spec"];
        assert_eq!(route["parentRefs"][0], json!({"name": "udp-gateway", "namespace": "stunner"}));
        assert_eq!(route["rules"][0]["backendRefs"][0]["name"], json!("broadcaster"));
        named(&set, "Service", "broadcaster-headless").clone()
    });
    let annotations = &services[0]["metadata"]["annotations"];
    assert_eq!(annotations["service.cilium.io/global"], json!("true"));
    assert_eq!(annotations["service.cilium.io/global-sync-endpoint-slices"], json!("true"));
    assert!(services.iter().all(|service| *service == services[0]), "one Service in all clusters");
}

#[test]
fn what_a_load_balancer_of_hetzners_is_told_stands_wherever_one_is_asked_for() {
    const VALUES: &str = "tests/commands/outputs/hetzner/load-balancers/values.yaml";
    let set = manifests("hetzner-germany", &["-f", VALUES]);
    let expected = json!({
        "load-balancer.hetzner.cloud/location": "nbg1",
        "load-balancer.hetzner.cloud/type": "lb11",
        "load-balancer.hetzner.cloud/use-private-ip": "true",
    });
    assert_eq!(chart_values(&set, "traefik")["service"]["annotations"], expected);
    assert_eq!(one(&set, "GatewayConfig")["spec"]["loadBalancerServiceAnnotations"], expected);
    named(&set, "HelmChart", "hcloud-cloud-controller-manager");
    let notes = printed(&["notes", "--env", "hetzner-germany", "-f", VALUES]);
    for line in [
        "  - servicelb",
        "disable-cloud-controller: true",
        "cloud-provider=external",
        "- hcloud in namespace kube-system",
    ] {
        assert!(notes.contains(line), "{line}: {notes}");
    }
    let udp = run(&["--env", "hetzner-germany", "--set", "hetzner-k3s.loadBalancer=hcloud"]);
    assert!(!udp.status.success() && udp.stdout.is_empty());
}

#[test]
fn the_notes_have_the_records_of_every_region() {
    let notes: Value = serde_json::from_str(&printed(&["notes", "--env", "hetzner-germany", "-o", "json"])).unwrap();
    let records = notes["dns"].as_array().unwrap();
    for (name, _, _, node) in FLEET {
        let site = format!("{name}.media.example.com");
        let to = records.iter().find(|record| record["name"] == site).unwrap();
        assert_eq!([&to["type"], &to["target"]], [&json!("A"), &json!(node)]);
        let of_all = |record: &&Value| record["name"] == "global.media.example.com" && record["target"] == node;
        let to = records.iter().find(of_all).unwrap();
        assert_eq!(to["ttl"], json!(30));
        assert!(to["routing"].as_str().unwrap().contains(name), "{to}");
    }
    let steps = notes["steps"].as_array().unwrap();
    let probe = steps.iter().find(|step| step["title"].as_str().unwrap().contains("global.media.example.com")).unwrap();
    let (command, why) = (probe["command"].as_str().unwrap(), probe["why"].as_str().unwrap());
    assert!(
        FLEET.iter().all(|row| command.contains(row.3))
            && command.contains("--header 'Host: global.media.example.com'")
    );
    assert!(why.contains("HTTP on port 80") && why.contains("path /") && why.contains("200 to 399"), "{why}");
}

#[test]
fn k3s_and_the_authority_come_before_the_first_phase() {
    let notes: Value = serde_json::from_str(&printed(&["notes", "--env", "hetzner-germany", "-o", "json"])).unwrap();
    let titles: Vec<&str> = notes["order"].as_array().unwrap().iter().filter_map(|one| one["title"].as_str()).collect();
    let first = "write the files, start what reads them, and create the Secrets of kube-system";
    assert_eq!(titles[..2], [first, "apply the phase bootstrap"]);
}

#[test]
fn each_phase_of_a_region_passes_alone() {
    for (name, ..) in FLEET {
        for phase in ["bootstrap", "platform", "app"] {
            assert!(!manifests(&format!("hetzner-{name}"), &["--phase", phase, "--strict"]).is_empty());
        }
    }
}

/// The values that a `HelmChart` gives its chart, as k3s' controller reads them.
fn chart_values(set: &[Value], release: &str) -> Value {
    read(named(set, "HelmChart", release)["spec"]["valuesContent"].as_str().unwrap())
}

fn read(text: &str) -> Value {
    let source = Sources::default().add("", "");
    yaml::read(source, text).unwrap()[0].to_json()
}
