//! What Google's controllers read from annotations: text that nothing checks before them.

use serde_json::Value;

use render_text::diagnostic::{Diagnostic, Severity};

use crate::kubernetes::reference_list::Reference;
use crate::kubernetes::syntax::subdomain_mistake;
use crate::kubernetes::target_ports::has_port;
use crate::view::{Field, of_kind};
use crate::{Find, Rule};

pub(crate) static ANNOTATIONS: Rule = Rule {
    code: "LK047",
    severity: Severity::Error,
    title: "what is for Google's load balancers is what they read",
    why: "The settings of a backend hang on annotations of its Service that are JSON. What is no JSON, or is for a port that \
          the Service does not have, is ignored: the time-out stays at 30 seconds and the health check guesses. A \
          ManagedCertificate with a wildcard, with a name above 63 characters or with more than 100 names is refused.",
    find: Find::Manifests(|finished| {
        let services = of_kind(finished.manifests, "", "Service").flat_map(|service| service_mistakes(&service));
        let certificates = of_kind(finished.manifests, "networking.gke.io", "ManagedCertificate");
        services.chain(certificates.flat_map(|certificate| domain_mistakes(&certificate))).collect()
    }),
};

/// The annotations that name `BackendConfig`s; the second one is of old, and still read.
const BACKEND_CONFIG: [&str; 2] = ["cloud.google.com/backend-config", "beta.cloud.google.com/backend-config"];
const NEG: &str = "cloud.google.com/neg";
const FRONTEND_CONFIG: &str = "networking.gke.io/v1beta1.FrontendConfig";
const CERTIFICATES: &str = "networking.gke.io/managed-certificates";

/// The most names of a `ManagedCertificate`, and the longest of them.
const MOST_DOMAINS: usize = 100;
const LONGEST_DOMAIN: usize = 63;

/// The `BackendConfig`s that a Service names.
pub(crate) fn backend_configs<'a>(service: &Field<'a>) -> Vec<Reference<'a>> {
    let fields = BACKEND_CONFIG.iter().filter_map(|key| annotation(service, key));
    fields.flat_map(|field| references(&field, &config_names(&field), ("cloud.google.com", "BackendConfig"))).collect()
}

/// What an Ingress names for Google's load balancer.
pub(crate) fn of_ingress<'a>(ingress: &Field<'a>) -> Vec<Reference<'a>> {
    let names = |key: &str, kind| {
        let Some(field) = annotation(ingress, key) else { return Vec::new() };
        let names: Vec<&str> = field.value.as_str().unwrap_or_default().split(',').map(str::trim).collect();
        references(&field, &names, ("networking.gke.io", kind))
    };
    [names(FRONTEND_CONFIG, "FrontendConfig"), names(CERTIFICATES, "ManagedCertificate")].concat()
}

/// Whether Google's controller serves an Ingress: by its class, and not for want of one, which other
/// clusters give to a default class of their own.
pub(crate) fn serves(ingress: &Field) -> bool {
    let class = annotation(ingress, "kubernetes.io/ingress.class").and_then(|field| field.value.as_str());
    let class = class.or_else(|| ingress.get("spec")?.text("ingressClassName"));
    matches!(class, Some("gce" | "gce-internal" | "gce-regional-external"))
}

fn annotation<'a>(object: &Field<'a>, key: &str) -> Option<Field<'a>> {
    object.at(&["metadata", "annotations", key])
}

/// References by names that stand inside of a text: the names are looked up in the text itself.
fn references<'a>(field: &Field<'a>, names: &[&'a str], kind: (&'static str, &'static str)) -> Vec<Reference<'a>> {
    let written = names.iter().filter(|name| !name.is_empty());
    written
        .map(|name| Reference { field: field.clone(), kind, namespace: field.namespace(), name, keys: Vec::new() })
        .collect()
}

/// The names in `{"default": NAME, "ports": {PORT: NAME}}`, as slices of the text.
fn config_names<'a>(field: &Field<'a>) -> Vec<&'a str> {
    let text = field.value.as_str().unwrap_or_default();
    let Ok(Value::Object(config)) = serde_json::from_str(text) else { return Vec::new() };
    let ports = config.get("ports").and_then(Value::as_object).into_iter().flat_map(|ports| ports.values());
    let names = config.get("default").into_iter().chain(ports).filter_map(Value::as_str);
    names.filter_map(|name| text.find(&format!("\"{name}\"")).map(|at| &text[at + 1..=at + name.len()])).collect()
}

fn service_mistakes(service: &Field) -> Vec<Diagnostic> {
    let keys = BACKEND_CONFIG.iter().map(|key| (*key, "ports")).chain([(NEG, "exposed_ports")]);
    let fields = keys.filter_map(|(key, ports)| Some((annotation(service, key)?, key, ports)));
    fields.flat_map(|(field, key, ports)| json_mistakes(service, &field, key, ports)).collect()
}

/// What is wrong with the JSON of an annotation that has ports of the Service under a key.
fn json_mistakes(service: &Field, field: &Field, key: &str, ports: &str) -> Vec<Diagnostic> {
    let Some(text) = field.value.as_str() else { return Vec::new() };
    let Ok(Value::Object(config)) = serde_json::from_str(text) else {
        let example = if key == NEG { "{\"ingress\":true}" } else { "{\"default\":\"NAME\"}" };
        let wrong = field.wrong(format!("the annotation `{key}` is no map in JSON"));
        return vec![wrong.hint(format!("write it as in {example}"))];
    };
    let ports = config.get(ports).and_then(Value::as_object).into_iter().flat_map(|ports| ports.keys());
    let absent = ports.filter(|port| !has_port(service, port.parse().ok(), Some(port)));
    let finding = |port: &String| {
        let wrong =
            field.wrong(format!("the annotation `{key}` is for a port `{port}` that the Service does not have"));
        wrong.hint("name a port of the Service, by its name or its number")
    };
    absent.map(finding).collect()
}

fn domain_mistakes(certificate: &Field) -> Vec<Diagnostic> {
    let Some(domains) = certificate.at(&["spec", "domains"]) else { return Vec::new() };
    let count = domains.items().len();
    let many = (count > MOST_DOMAINS).then(|| {
        let wrong = domains.wrong(format!("the certificate has {count} domains, and {MOST_DOMAINS} is the most"));
        wrong.hint("make several certificates, and name them all in the annotation of the Ingress")
    });
    let wrong = domains.items().into_iter().filter_map(|domain| {
        let text = domain.value.as_str()?;
        let mistake = domain_mistake(text)?;
        let wrong = domain.wrong(format!("`{text}` cannot be a domain of a ManagedCertificate: it {mistake}"));
        Some(wrong.hint("take another name, or let cert-manager make the certificate, by DNS for a wildcard"))
    });
    many.into_iter().chain(wrong).collect()
}

fn domain_mistake(domain: &str) -> Option<String> {
    if domain.starts_with("*.") {
        return Some("is a wildcard".to_owned());
    }
    let long = crate::kubernetes::syntax::too_long(domain, LONGEST_DOMAIN);
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    long.or_else(|| subdomain_mistake(domain)).or_else(|| match last {
        None => Some("has no dot in it".to_owned()),
        Some(last) => (!last.starts_with(char::is_alphabetic)).then(|| "ends in a number".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_DOMAIN, MOST_DOMAINS};
    use crate::testing::in_objects;

    fn service(key: &str, value: &str) -> String {
        format!(
            "{{apiVersion: v1, kind: Service, metadata: {{name: s, annotations: {{{key}: '{value}'}}}}, \
             spec: {{ports: [{{name: http, port: 80}}]}}}}"
        )
    }

    fn certificate(domains: &[String]) -> String {
        format!(
            "{{apiVersion: networking.gke.io/v1, kind: ManagedCertificate, metadata: {{name: a}}, spec: {{domains: [{}]}}}}",
            domains.join(", ")
        )
    }

    #[test]
    fn an_annotation_is_a_map_in_json_of_ports_that_there_are() {
        let (config, neg) = ("cloud.google.com/backend-config", "cloud.google.com/neg");
        in_objects(
            "LK047",
            &[
                (&service(config, r#"{"default": "a"}"#), &[]),
                (&service(config, r#"{"ports": {"http": "a", "80": "b"}}"#), &[]),
                (
                    &service(config, r#"{"ports": {"https": "a"}}"#),
                    &["for a port `https` that the Service does not have"],
                ),
                (&service(config, r#"{"ports": {"81": "a"}}"#), &["for a port `81` that the Service does not have"]),
                (&service(config, "a"), &["the annotation `cloud.google.com/backend-config` is no map in JSON"]),
                (&service(config, "[]"), &["is no map in JSON"]),
                (&service(neg, r#"{"ingress": true}"#), &[]),
                (&service(neg, r#"{"exposed_ports": {"80": {}}}"#), &[]),
                (&service(neg, r#"{"exposed_ports": {"81": {}}}"#), &["for a port `81`"]),
                (&service(neg, "{ingress: true}"), &["is no map in JSON"]),
                (&service("example.com/a", "a"), &[]),
            ],
        );
    }

    #[test]
    fn a_managed_certificate_has_names_that_google_proves() {
        let longest = format!("{}.example.com", "a".repeat(LONGEST_DOMAIN - 12));
        let one = |domain: &str| certificate(&[format!("'{domain}'")]);
        in_objects(
            "LK047",
            &[
                (&one("a.example.com"), &[]),
                (&one("*.example.com"), &["it is a wildcard"]),
                (&one("localhost"), &["it has no dot in it"]),
                (&one("10.0.0.1"), &["it ends in a number"]),
                (&one("A.example.com"), &["`A.example.com` cannot be a domain"]),
                (&one(&longest), &[]),
                (&one(&format!("a{longest}")), &["has 64 characters, and 63 is the most"]),
            ],
        );
    }

    #[test]
    fn a_managed_certificate_has_100_names_at_most() {
        let of =
            |count: usize| certificate(&(0..count).map(|index| format!("a{index}.example.com")).collect::<Vec<_>>());
        in_objects(
            "LK047",
            &[(&of(MOST_DOMAINS), &[]), (&of(MOST_DOMAINS + 1), &["has 101 domains, and 100 is the most"])],
        );
    }
}
