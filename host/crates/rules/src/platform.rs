//! Rules about what stands beside LiveKit: gateways, operators, load balancers, stores of secrets.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::servers::{Servers, list, text};
use super::view::{Field, of_kind, repeated};
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&MIXED_PROTOCOLS, &POOL_COMPLETE, &SERVED_SECRETS, &NO_UDP_AT_HETZNER];

static MIXED_PROTOCOLS: Rule = Rule {
    code: "LK075",
    severity: Severity::Error,
    title: "a STUNner Gateway opens all its listeners",
    why: "STUNner makes one Service for each Gateway, with the ports of the first listener's protocol. The others are dropped, and \
          nothing says so, unless the annotation asks for both.",
    find: Find::Servers(|servers| {
        let gateways = of_kind(servers.finished.manifests, "gateway.networking.k8s.io", "Gateway");
        gateways.filter(|gateway| is_stunner(servers, gateway)).filter_map(|gateway| dropped(&gateway)).collect()
    }),
};

static POOL_COMPLETE: Rule = Rule {
    code: "LK076",
    severity: Severity::Error,
    title: "a LiveKitPool has its Redis, and its namespace to itself",
    why: "The operator gives what it makes fixed names, so that a second pool of a namespace overwrites the first. With \
          redis.mode external it writes the address from externalUrl, which its schema does not ask for.",
    find: Find::Servers(|servers| {
        let pools: Vec<Field> = of_kind(servers.finished.manifests, "lukacsi.org", "LiveKitPool").collect();
        let alone = pools.iter().filter_map(without_redis);
        let second = repeated(&pools, |pool| Some(pool.namespace().unwrap_or_default().to_owned()));
        let second = second.into_iter().map(|(pool, _)| {
            let wrong = pool.wrong(format!("{} is the second one of its namespace", pool.manifest.id));
            wrong.hint("give each pool a namespace of its own")
        });
        alone.chain(second).collect()
    }),
};

static SERVED_SECRETS: Rule = Rule {
    code: "LK081",
    severity: Severity::Warning,
    title: "External Secrets serves the version that is asked for",
    why: "External Secrets 0.17 and later serve v1 alone: objects of v1beta1 are refused with `no matches for kind`.",
    find: Find::Servers(|servers| {
        let old = servers.iter().filter(|one| one.api_version() == "external-secrets.io/v1beta1");
        let finding = |one: &Manifest| {
            let wrong =
                Diagnostic::warning(format!("{} is of v1beta1, which External Secrets serves no longer", one.id));
            wrong.about(&one.id, "/apiVersion").hint("write external-secrets.io/v1, which 0.16 and later serve")
        };
        old.map(finding).collect()
    }),
};

static NO_UDP_AT_HETZNER: Rule = Rule {
    code: "LK084",
    severity: Severity::Error,
    title: "no UDP through a load balancer of Hetzner's",
    why: "Hetzner's load balancers have no UDP: the controller gives up on the whole Service, and its TCP ports stay closed, too.",
    find: Find::Servers(|servers| {
        let finding = |one: &Manifest| {
            if one.id.kind == "GatewayConfig" {
                return annotated_for_stunner(servers, one);
            }
            let key = annotations(one).find(|key| key.starts_with("load-balancer.hetzner.cloud/"))?;
            let wrong =
                Diagnostic::error(format!("{} asks for UDP at a load balancer of Hetzner's, which has none", one.id));
            let at = super::servers::annotation_at(key);
            has_udp(one).then(|| {
                wrong.about(&one.id, at).hint("use the host's network, or k3s' ServiceLB without these annotations")
            })
        };
        servers.iter().filter_map(finding).collect()
    }),
};

/// Whether STUNner takes a Gateway: by its class, or by protocols that only STUNner has.
fn is_stunner(servers: &Servers, gateway: &Field) -> bool {
    let class = text(gateway.value, "/spec/gatewayClassName");
    let is_class = |one: &Manifest| {
        let controller = text(&one.value, "/spec/controllerName").unwrap_or_default();
        class == Some(&one.id.name) && controller.starts_with("stunner.l7mp.io/")
    };
    protocols(gateway.value).any(|protocol| protocol.starts_with("TURN-"))
        || servers.all("gateway.networking.k8s.io", "GatewayClass").any(is_class)
}

fn dropped(gateway: &Field) -> Option<Diagnostic> {
    const MIXED: &str = "stunner.l7mp.io/enable-mixed-protocol-lb";
    let allows = super::servers::annotation(gateway.manifest, MIXED) == Some("true");
    let mut transports = protocols(gateway.value).map(transport);
    let first = transports.next()?;
    let other = transports.find(|other| *other != first)?;
    let wrong =
        Diagnostic::error(format!("{} opens its {first} listeners, and drops those of {other}", gateway.manifest.id));
    let hint =
        format!("annotate it with {MIXED}: \"true\", or make a Gateway for each; some clouds refuse mixed Services");
    (!allows).then(|| wrong.about(&gateway.manifest.id, "/spec/listeners").hint(hint))
}

fn protocols(gateway: &Value) -> impl Iterator<Item = &str> {
    list(gateway.pointer("/spec/listeners")).iter().filter_map(|listener| text(listener, "/protocol"))
}

/// What carries a protocol of a listener.
fn transport(protocol: &str) -> &'static str {
    match protocol.strip_prefix("TURN-").unwrap_or(protocol) {
        "UDP" | "DTLS" => "UDP",
        _ => "TCP",
    }
}

fn without_redis(pool: &Field) -> Option<Diagnostic> {
    let redis = pool.at(&["spec", "redis"])?;
    let wrong = redis.wrong(format!("{} uses an external Redis, and `externalUrl` is not set", pool.manifest.id));
    let is_missing = redis.text("mode") == Some("external") && redis.text("externalUrl").is_none_or(str::is_empty);
    is_missing.then(|| wrong.hint("set spec.redis.externalUrl to host:port"))
}

fn annotations(manifest: &Manifest) -> impl Iterator<Item = &String> {
    manifest.value.pointer("/metadata/annotations").and_then(Value::as_object).into_iter().flat_map(|all| all.keys())
}

/// STUNner puts the annotations of its configuration on the Service of each Gateway of the class.
fn annotated_for_stunner(servers: &Servers, config: &Manifest) -> Option<Diagnostic> {
    let annotations = config.value.pointer("/spec/loadBalancerServiceAnnotations").and_then(Value::as_object)?;
    let key = annotations.keys().find(|key| key.starts_with("load-balancer.hetzner.cloud/"))?;
    let gateways = of_kind(servers.finished.manifests, "gateway.networking.k8s.io", "Gateway");
    let gateway = gateways.filter(|gateway| is_stunner(servers, gateway)).find(|gateway| has_udp(gateway.manifest))?;
    let (config, gateway) = (&config.id, &gateway.manifest.id);
    let wrong = Diagnostic::error(format!(
        "{config} asks for UDP at a load balancer of Hetzner's, which has none: {gateway} has UDP"
    ));
    let at = format!("/spec/loadBalancerServiceAnnotations/{}", key.replace('~', "~0").replace('/', "~1"));
    Some(
        wrong.about(config, at).hint("leave the listeners of UDP out, or use k3s' ServiceLB without these annotations"),
    )
}

/// Whether a Service, or a Gateway that makes one, opens UDP.
fn has_udp(manifest: &Manifest) -> bool {
    match manifest.id.kind.as_str() {
        "Service" => {
            list(manifest.value.pointer("/spec/ports")).iter().any(|port| text(port, "/protocol") == Some("UDP"))
        }
        "Gateway" => protocols(&manifest.value).any(|protocol| transport(protocol) == "UDP"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn gateway(annotations: &str, class: &str, protocols: &[&str]) -> String {
        let listeners: Vec<String> = protocols.iter().map(|protocol| format!("{{protocol: {protocol}}}")).collect();
        format!(
            "{{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {{name: g, annotations: {{{annotations}}}}}, \
             spec: {{gatewayClassName: {class}, listeners: [{}]}}}}\n---\n",
            listeners.join(", ")
        )
    }

    const CLASS: &str = "{apiVersion: gateway.networking.k8s.io/v1, kind: GatewayClass, metadata: {name: stunner}, \
                         spec: {controllerName: stunner.l7mp.io/gateway-operator}}\n---\n";

    #[test]
    fn a_gateway_of_stunners_opens_one_protocol_unless_it_asks_for_both() {
        let dropped: &[&str] = &["opens its UDP listeners, and drops those of TCP"];
        in_objects(
            "LK075",
            &[
                (&gateway("", "a", &["TURN-UDP", "TURN-TCP"]), dropped),
                (&gateway("", "a", &["TURN-UDP", "TURN-DTLS"]), &[]),
                (&gateway("", "a", &["TURN-TCP", "TURN-TLS"]), &[]),
                (&gateway("stunner.l7mp.io/enable-mixed-protocol-lb: 'true'", "a", &["TURN-UDP", "TURN-TCP"]), &[]),
                (
                    &gateway("stunner.l7mp.io/enable-mixed-protocol-lb: 'false'", "a", &["TURN-UDP", "TURN-TCP"]),
                    dropped,
                ),
                (&(gateway("", "stunner", &["UDP", "TCP"]) + CLASS), dropped),
                (&(gateway("", "envoy", &["UDP", "TCP"]) + CLASS), &[]),
            ],
        );
    }

    #[test]
    fn a_pool_has_its_redis_and_its_namespace() {
        let pool = |name: &str, namespace: &str, redis: &str| {
            format!(
                "{{apiVersion: lukacsi.org/v1, kind: LiveKitPool, metadata: {{name: {name}, namespace: {namespace}}}, \
                 spec: {{redis: {{{redis}}}}}}}\n---\n"
            )
        };
        let missing: &[&str] = &["uses an external Redis, and `externalUrl` is not set"];
        in_objects(
            "LK076",
            &[
                (&pool("a", "ns", "mode: external, externalUrl: 'a:6379'"), &[]),
                (&pool("a", "ns", "mode: external"), missing),
                (&pool("a", "ns", "mode: external, externalUrl: ''"), missing),
                (&pool("a", "ns", "mode: managed"), &[]),
                (&(pool("a", "ns", "") + &pool("b", "ns", "")), &["is the second one of its namespace"]),
                (&(pool("a", "ns", "") + &pool("b", "other", "")), &[]),
            ],
        );
    }

    #[test]
    fn external_secrets_are_of_a_version_that_is_served() {
        let secret = |version: &str| {
            format!("{{apiVersion: external-secrets.io/{version}, kind: ExternalSecret, metadata: {{name: a}}}}")
        };
        in_objects(
            "LK081",
            &[(&secret("v1"), &[]), (&secret("v1beta1"), &["is of v1beta1"]), (&secret("v1alpha1"), &[])],
        );
    }

    #[test]
    fn hetzners_load_balancers_carry_no_udp() {
        const LOCATION: &str = "load-balancer.hetzner.cloud/location: fsn1";
        let service = |annotations: &str, protocol: &str| {
            format!(
                "{{apiVersion: v1, kind: Service, metadata: {{name: s, annotations: {{{annotations}}}}}, \
                 spec: {{ports: [{{port: 1, protocol: {protocol}}}]}}}}\n---\n"
            )
        };
        let config = format!(
            "{{apiVersion: stunner.l7mp.io/v1, kind: GatewayConfig, metadata: {{name: c}}, \
             spec: {{loadBalancerServiceAnnotations: {{{LOCATION}}}}}}}"
        );
        in_objects(
            "LK084",
            &[
                (&service(LOCATION, "UDP"), &["asks for UDP at a load balancer of Hetzner's"]),
                (&service(LOCATION, "TCP"), &[]),
                (&service("", "UDP"), &[]),
                (&(gateway("", "a", &["TURN-UDP"]) + &config), &["has UDP"]),
                (&(gateway("", "a", &["TURN-TCP"]) + &config), &[]),
                (&gateway(LOCATION, "a", &["TURN-DTLS"]), &["asks for UDP at a load balancer of Hetzner's"]),
            ],
        );
    }
}
