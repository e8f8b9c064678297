//! What the environment `playground` promises: one spot node on GKE that sleeps, Redis in the cluster, and
//! certificates that clients trust.

use serde_json::{Value, json};

use super::{all, named, one};
use crate::rendered::manifests;
use crate::support::printed;

#[test]
fn redis_is_ephemeral_with_its_limits_and_keeps_its_data_by_one_value() {
    let set = manifests("playground", &[]);
    let redis = one(&set, "StatefulSet");
    let container = &redis["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["image"], json!("docker.io/library/redis:7.2-alpine"));
    let resources =
        json!({"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "500m", "memory": "512Mi"}});
    assert_eq!(container["resources"], resources);
    let config = all(&set, "ConfigMap").into_iter().find_map(|config| config["data"]["redis.conf"].as_str()).unwrap();
    for line in ["maxmemory 256mb", "maxmemory-policy allkeys-lru", "save \"\"", "appendonly no"] {
        assert!(config.lines().any(|one| one == line), "{line}: {config}");
    }
    assert_eq!(redis["spec"]["volumeClaimTemplates"], Value::Null);
    let kept = manifests("playground", &["--set", "redis.embedded.persistence.enabled=true"]);
    assert_eq!(one(&kept, "StatefulSet")["spec"]["volumeClaimTemplates"].as_array().unwrap().len(), 1);
}

#[test]
fn signalling_has_a_certificate_that_clients_trust() {
    let set = manifests("playground", &[]);
    let ingress = one(&set, "Ingress");
    assert_eq!(ingress["spec"]["tls"][0]["hosts"][0], ingress["spec"]["rules"][0]["host"]);
    let secret = &ingress["spec"]["tls"][0]["secretName"];
    let certificate = all(&set, "Certificate").into_iter().find(|one| one["spec"]["secretName"] == *secret).unwrap();
    let issuer = named(&set, "ClusterIssuer", certificate["spec"]["issuerRef"]["name"].as_str().unwrap());
    assert_eq!(issuer["spec"]["acme"]["server"], json!("https://acme-v02.api.letsencrypt.org/directory"));
    let staging = named(&set, "ClusterIssuer", "letsencrypt-staging");
    for issuer in [issuer, staging] {
        let class = &issuer["spec"]["acme"]["solvers"][0]["http01"]["ingress"]["ingressClassName"];
        assert_eq!(*class, ingress["spec"]["ingressClassName"]);
    }
}

#[test]
fn media_goes_straight_to_one_tainted_spot_node() {
    let set = manifests("playground", &[]);
    let pod = &one(&set, "Deployment")["spec"]["template"]["spec"];
    assert_eq!(pod["hostNetwork"], json!(true));
    assert_eq!(pod["nodeSelector"]["cloud.google.com/gke-spot"], json!("true"));
    assert!(pod["tolerations"].as_array().unwrap().iter().any(|one| one["key"] == "workload"));
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() < 30, "a spot node is gone after 30 seconds");
    let config = named(&set, "ConfigMap", "livekit-server")["data"]["config.yaml"].as_str().unwrap();
    assert!(config.contains("port_range_start: 50000\n  port_range_end: 50200\n"), "{config}");
    let notes = printed(&["notes", "--env", "playground"]);
    assert!(notes.contains("UDP 50000-50200 from 0.0.0.0/0"), "{notes}");
    assert!(notes.contains("--total-min-nodes=0 --total-max-nodes=1 --spot --node-taints=workload=livekit:NoSchedule"));
}

#[test]
fn turn_ends_its_own_tls_by_its_own_name_address_and_certificate() {
    let set = manifests("playground", &[]);
    let service = named(&set, "Service", "livekit-server-turn");
    assert_eq!(service["spec"]["ports"][0]["port"], json!(443));
    assert_eq!(
        service["metadata"]["annotations"]["networking.gke.io/load-balancer-ip-addresses"],
        json!("livekit-turn-ip-playground")
    );
    let config = named(&set, "ConfigMap", "livekit-server")["data"]["config.yaml"].as_str().unwrap();
    assert!(config.contains("tls_port: 5349") && config.contains("cert_file: ") && !config.contains("external_tls"));
    let certificate = named(&set, "Certificate", "livekit-server-turn");
    assert_eq!(certificate["spec"]["dnsNames"], json!(["turn.play.example.com"]));
    assert_ne!(certificate["spec"]["dnsNames"][0], one(&set, "Ingress")["spec"]["rules"][0]["host"]);
}

#[test]
fn one_value_sends_it_to_sleep() {
    let set = manifests("playground", &["--set", "livekit.replicas=0"]);
    assert_eq!(one(&set, "Deployment")["spec"]["replicas"], json!(0));
    assert_eq!(all(&set, "PodDisruptionBudget").len(), 0);
}
