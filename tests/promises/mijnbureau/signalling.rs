//! What `MijnBureau` promises of TURN and of signalling: both TURN options work, and every ingress controller is served.

use serde_json::json;

use super::super::{all, named, one};
use super::{ENVIRONMENTS, config, pods};
use crate::rendered::manifests;

#[test]
fn turn_has_its_certificate_from_a_secret_by_keys_that_livekit_knows() {
    for environment in ENVIRONMENTS {
        let set = manifests(environment, &[]);
        let config = config(&set);
        for line in [
            "enabled: true",
            "tls_port: 5349",
            "cert_file: /etc/livekit-turn/tls.crt",
            "key_file: /etc/livekit-turn/tls.key",
        ] {
            assert!(config.lines().any(|found| found.trim() == line), "no `{line}` in\n{config}");
        }
        assert!(!config.contains("client_cert_file") && !config.contains("external_tls"), "{config}");
        let pod = &one(&set, "Deployment")["spec"]["template"]["spec"];
        let volumes = pod["volumes"].as_array().unwrap();
        let volume = volumes.iter().find(|volume| volume["name"] == "turn-certificate").unwrap();
        assert_eq!(volume["secret"]["secretName"], "livekit-turn-tls");
        assert!(volume["emptyDir"].is_null(), "a volume has one source");
        let service = &named(&set, "Service", "livekit-server-turn")["spec"];
        assert_eq!(
            service["ports"],
            json!([{"name": "turn-tls", "port": 443, "targetPort": "turn-tls", "protocol": "TCP"}])
        );
    }
    let other = manifests("mijnbureau", &["--set", "turn.certificate.secretName=another"]);
    assert!(one(&other, "Deployment").to_string().contains("\"secretName\":\"another\""), "by one value");
}

#[test]
fn turn_has_its_tls_at_the_load_balancer_by_one_value() {
    let annotation = "turn.service.annotations.service\\.example/certificate=turn";
    let set = manifests("mijnbureau", &["--set", "turn.terminator=loadBalancer", "--set", annotation]);
    let config = config(&set);
    assert!(config.contains("external_tls: true") && !config.contains("cert_file"), "{config}");
    assert!(!one(&set, "Deployment").to_string().contains("turn-certificate"));
    let service = named(&set, "Service", "livekit-server-turn");
    assert_eq!(service["metadata"]["annotations"]["service.example/certificate"], "turn");
    assert_eq!(service["spec"]["ports"][0]["port"], 443);
}

#[test]
fn signalling_is_encrypted_by_each_ingress_controller() {
    let traefik = manifests("mijnbureau", &[]);
    let ingress = one(&traefik, "Ingress");
    assert_eq!(ingress["spec"]["ingressClassName"], "traefik");
    assert_eq!(ingress["spec"]["rules"][0]["host"], "livekit.mijnbureau.example.com");
    assert_eq!(ingress["spec"]["tls"][0]["secretName"], "livekit-tls");
    let headers = &named(&traefik, "Middleware", "livekit-server-hsts")["spec"]["headers"];
    assert_eq!(*headers, json!({"stsSeconds": 31_536_000, "stsIncludeSubdomains": true, "stsPreload": true}));
    assert_eq!(
        ingress["metadata"]["annotations"]["traefik.ingress.kubernetes.io/router.middlewares"],
        "mijnbureau-livekit-livekit-server-https@kubernetescrd,mijnbureau-livekit-livekit-server-hsts@kubernetescrd",
        "a Middleware that no Ingress names does nothing"
    );
    let nginx = manifests("mijnbureau", &["--set", "mijnbureau.ingress.type=nginx,ingress.className=nginx"]);
    let annotations = &one(&nginx, "Ingress")["metadata"]["annotations"];
    assert_eq!(*annotations, json!({"nginx.ingress.kubernetes.io/force-ssl-redirect": "true"}), "and no snippet");
    let haproxy = manifests(
        "mijnbureau",
        &["--set", "mijnbureau.ingress.type=haproxy-openshift,ingress.className=openshift-default"],
    );
    let annotations = &one(&haproxy, "Ingress")["metadata"]["annotations"];
    assert_eq!(annotations["haproxy.router.openshift.io/hsts_header"], "max-age=31536000;includeSubDomains;preload");
    for set in [&nginx, &haproxy] {
        assert_eq!(all(set, "Middleware").len(), 0);
    }
    assert!(pods(&haproxy).iter().all(|pod| pod["securityContext"]["runAsUser"].is_null()), "OpenShift chooses");
}

#[test]
fn signalling_goes_through_a_gateway() {
    let gateway = [
        "--set",
        "ingress.type=HTTPRoute,ingress.tls=null",
        "--set-json",
        r#"ingress.parentRefs=[{"name": "public", "namespace": "gateways", "sectionName": "https"}]"#,
    ];
    let set = manifests("mijnbureau", &gateway);
    for kind in ["Ingress", "Middleware"] {
        assert_eq!(all(&set, kind).len(), 0, "{kind}");
    }
    let spec = &one(&set, "HTTPRoute")["spec"];
    assert_eq!(spec["parentRefs"][0]["name"], "public");
    assert_eq!(spec["hostnames"], json!(["livekit.mijnbureau.example.com"]));
    assert_eq!(
        [&spec["rules"][0]["backendRefs"][0]["name"], &spec["rules"][0]["matches"][0]["path"]["value"]],
        ["livekit-server", "/"]
    );
    assert_eq!(
        spec["rules"][0]["filters"][0]["responseHeaderModifier"]["set"],
        json!([{"name": "Strict-Transport-Security", "value": "max-age=31536000;includeSubDomains;preload"}])
    );
}
