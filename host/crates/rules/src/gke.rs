//! Rules about Google's load balancer for HTTP in front of signalling.

pub(crate) mod annotations;

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::ingress::CLASS;
use super::servers::{Servers, annotation, count, text};
use super::view::may_be_same;
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&HEALTH_CHECK, &REACHABLE, &LONG_CONNECTIONS];

const BACKEND_CONFIG: [&str; 2] = ["cloud.google.com/backend-config", "beta.cloud.google.com/backend-config"];
const NEG: &str = "cloud.google.com/neg";

/// Fewer seconds than this cut calls short: it is the whole life of a WebSocket, busy or not.
const LEAST_TIMEOUT: u32 = 3600;

static HEALTH_CHECK: Rule = Rule {
    code: "LK087",
    severity: Severity::Warning,
    title: "the health check asks the port where pods answer",
    why: "Without network endpoint groups Google asks the nodes, not the pods: healthCheck.port is then a port of the node, and \
          only nodes with a pod on the host's network answer there.",
    find: Find::Servers(|servers| {
        with_services(servers, |_, service| {
            let config = backend_config(servers, service)?;
            let port = count(&config.value, "/spec/healthCheck/port")?;
            let wrong = Diagnostic::warning(format!(
                "{} asks port {port} of nodes, because {} has no NEG",
                config.id, service.id
            ));
            let hint =
                format!("annotate the Service with {NEG}: '{{\"ingress\":true}}', or leave healthCheck.port out");
            (!has_neg(service)).then(|| wrong.about(&config.id, "/spec/healthCheck/port").hint(hint))
        })
    }),
};

static REACHABLE: Rule = Rule {
    code: "LK089",
    severity: Severity::Warning,
    title: "Google's load balancer reaches the Service",
    why: "A Service of type ClusterIP has no port on the nodes, so Google's load balancer needs network endpoint groups. Clusters \
          make them unasked only when they are VPC-native and without Calico.",
    find: Find::Servers(|servers| {
        with_services(servers, |ingress, service| {
            let wrong = Diagnostic::warning(format!(
                "{} is of type ClusterIP and asks for no NEG, and {} is for Google's load balancer",
                service.id, ingress.id
            ));
            let hint = format!("annotate it with {NEG}: '{{\"ingress\":true}}', or make it a NodePort");
            let is_inside = matches!(text(&service.value, "/spec/type"), None | Some("ClusterIP"));
            (is_inside && !has_neg(service)).then(|| wrong.about(&service.id, "/metadata/annotations").hint(hint))
        })
    }),
};

static LONG_CONNECTIONS: Rule = Rule {
    code: "LK090",
    severity: Severity::Error,
    title: "signalling outlives the load balancer's time-out",
    why: "Google's load balancer ends a WebSocket after timeoutSec, busy or not: 30 s where no BackendConfig says more. Every \
          client loses its signalling that often.",
    find: Find::Servers(|servers| {
        with_services(servers, |ingress, service| {
            let named = BACKEND_CONFIG.iter().any(|key| annotation(service, key).is_some());
            let config = backend_config(servers, service);
            let seconds = match config {
                Some(config) => count(&config.value, "/spec/timeoutSec").unwrap_or(30),
                // One that is named and not in the set may say anything.
                None if named => return None,
                None => 30,
            };
            let wrong =
                Diagnostic::error(format!("{} ends the signalling of {} after {seconds} s", ingress.id, service.id));
            let wrong = match config {
                Some(config) => wrong.about(&config.id, "/spec/timeoutSec"),
                None => wrong.about(&service.id, "/metadata/annotations"),
            };
            let hint = "name a BackendConfig with timeoutSec: 36000 in the Service's annotation cloud.google.com/backend-config";
            (seconds < LEAST_TIMEOUT).then(|| wrong.hint(hint))
        })
    }),
};

/// What a function finds in each Ingress of Google's and each Service of LiveKit's that it leads to.
fn with_services<'a>(
    servers: &Servers<'a>,
    find: impl Fn(&'a Manifest, &'a Manifest) -> Option<Diagnostic>,
) -> Vec<Diagnostic> {
    servers.each(|server| {
        let services = servers.services(server).into_iter();
        let pairs = services
            .flat_map(|service| servers.ingresses(&[service]).into_iter().map(move |ingress| (ingress, service)));
        let pairs = pairs.filter(|(ingress, _)| is_google(servers, ingress));
        pairs.filter_map(|(ingress, service)| find(ingress, service)).collect::<Vec<_>>()
    })
}

/// Whether Google's controller takes an Ingress: by its class, or without any where its own annotations
/// or objects show that it runs.
fn is_google(servers: &Servers, ingress: &Manifest) -> bool {
    if let Some(class) = annotation(ingress, CLASS) {
        return class.starts_with("gce");
    }
    if text(&ingress.value, "/spec/ingressClassName").is_some() {
        return false;
    }
    let annotations = ingress.value.pointer("/metadata/annotations").and_then(Value::as_object);
    let is_own = |key: &String| key.starts_with("networking.gke.io/") || key.contains("static-ip-name");
    annotations.is_some_and(|all| all.keys().any(is_own))
        || servers.all("cloud.google.com", "BackendConfig").next().is_some()
}

fn has_neg(service: &Manifest) -> bool {
    let neg = annotation(service, NEG).and_then(|text| serde_json::from_str::<Value>(text).ok());
    neg.is_some_and(|neg| neg.get("ingress") == Some(&Value::Bool(true)))
}

/// The `BackendConfig` that a Service names, if it is in the set.
fn backend_config<'a>(servers: &Servers<'a>, service: &Manifest) -> Option<&'a Manifest> {
    let text = BACKEND_CONFIG.iter().find_map(|key| annotation(service, key))?;
    let named: Value = serde_json::from_str(text).ok()?;
    let ports = named.get("ports").and_then(Value::as_object).into_iter().flatten().map(|(_, name)| name);
    let wanted: Vec<&str> = ports.chain(named.get("default")).filter_map(Value::as_str).collect();
    servers.all("cloud.google.com", "BackendConfig").find(|config| {
        let (one, other) = (config.id.namespace.as_deref(), service.id.namespace.as_deref());
        wanted.contains(&config.id.name.as_str()) && may_be_same(one, other)
    })
}

#[cfg(test)]
mod tests {
    use super::LEAST_TIMEOUT;
    use crate::testing::{LiveKit, in_objects};

    const GCE: &str = "kubernetes.io/ingress.class: gce";
    const CONFIG: &str = r#"cloud.google.com/backend-config: '{"default": "c"}'"#;
    const NEG: &str = r#"cloud.google.com/neg: '{"ingress": true}'"#;

    /// LiveKit behind a Service and an Ingress, each with annotations, and a `BackendConfig` `c`.
    fn set(ingress: &str, service: &str, spec: &str, config: &str) -> String {
        let beside = format!(
            "---\n{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: media, annotations: {{{service}}}}}, \
             spec: {{selector: {{app: lk}}, {spec}}}}}\n\
             ---\n{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i, namespace: media, annotations: {{{ingress}}}}}, \
             spec: {{defaultBackend: {{service: {{name: s}}}}}}}}\n{config}"
        );
        LiveKit { beside: &beside, ..LiveKit::default() }.yaml()
    }

    fn config(spec: &str) -> String {
        format!(
            "---\n{{apiVersion: cloud.google.com/v1, kind: BackendConfig, metadata: {{name: c, namespace: media}}, spec: {{{spec}}}}}"
        )
    }

    #[test]
    fn a_health_check_that_names_a_port_has_a_neg() {
        let (port, bare) = (config("healthCheck: {port: 7880}"), config("healthCheck: {requestPath: /}"));
        in_objects(
            "LK087",
            &[
                (&set(GCE, CONFIG, "", &port), &["asks port 7880 of nodes, because"]),
                (&set(GCE, &format!("{CONFIG}, {NEG}"), "", &port), &[]),
                (&set(GCE, CONFIG, "", &bare), &[]),
                (&set(GCE, "", "", &port), &[]),
                (&set("kubernetes.io/ingress.class: nginx", CONFIG, "", &port), &[]),
            ],
        );
    }

    #[test]
    fn googles_load_balancer_needs_a_neg_or_node_ports() {
        let refused: &[&str] = &["is of type ClusterIP and asks for no NEG"];
        in_objects(
            "LK089",
            &[
                (&set(GCE, "", "", ""), refused),
                (&set(GCE, "", "type: ClusterIP", ""), refused),
                (&set(GCE, "", "type: NodePort", ""), &[]),
                (&set(GCE, NEG, "", ""), &[]),
                (&set(GCE, r#"cloud.google.com/neg: '{"ingress": false}'"#, "", ""), refused),
            ],
        );
    }

    #[test]
    fn an_ingress_is_googles_by_its_class_or_by_what_only_google_reads() {
        let refused: &[&str] = &["is for Google's load balancer"];
        in_objects(
            "LK089",
            &[
                (&set("kubernetes.io/ingress.class: gce-internal", "", "", ""), refused),
                (&set("kubernetes.io/ingress.global-static-ip-name: a", "", "", ""), refused),
                (&set("networking.gke.io/managed-certificates: a", "", "", ""), refused),
                (&set("", "", "", &config("")), refused),
                (&set("", "", "", ""), &[]),
                (&set("kubernetes.io/ingress.class: traefik", "", "", &config("")), &[]),
            ],
        );
    }

    #[test]
    fn signalling_lasts_an_hour_at_least() {
        let (long, short) =
            (config(&format!("timeoutSec: {LEAST_TIMEOUT}")), config(&format!("timeoutSec: {}", LEAST_TIMEOUT - 1)));
        in_objects(
            "LK090",
            &[
                (&set(GCE, CONFIG, "", &long), &[]),
                (&set(GCE, CONFIG, "", &short), &["after 3599 s"]),
                (&set(GCE, CONFIG, "", &config("healthCheck: {port: 1}")), &["after 30 s"]),
                (&set(GCE, "", "", &long), &["after 30 s"]),
                // A BackendConfig that is not in the set may say anything.
                (&set(GCE, CONFIG, "", ""), &[]),
                (&set(GCE, &CONFIG.replace("default", "unread"), "", &long), &[]),
            ],
        );
    }
}
