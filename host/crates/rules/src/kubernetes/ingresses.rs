//! Ingresses: they send something somewhere, for names that there can be.

use std::net::IpAddr;

use render_text::diagnostic::{Diagnostic, Severity};

use super::syntax::subdomain_mistake;
use crate::gke::annotations;
use crate::view::{Field, of_kind};
use crate::{Find, Rule};

pub(super) static SENDS: Rule = Rule {
    code: "LK049",
    severity: Severity::Error,
    title: "an Ingress sends something somewhere, for names that there can be",
    why: "The API server refuses an Ingress without a rule and without a default backend, a host that is no DNS name in lower \
          case, a wildcard that is not its first label, an address in place of a name, and a path that does not begin with \
          `/`. Google's controller makes no load balancer for TLS without a Secret.",
    find: Find::Manifests(|finished| {
        of_kind(finished.manifests, "networking.k8s.io", "Ingress").flat_map(|ingress| mistakes(&ingress)).collect()
    }),
};

fn mistakes(ingress: &Field) -> Vec<Diagnostic> {
    let Some(spec) = ingress.get("spec") else { return vec![nothing(ingress)] };
    let (rules, tls) = (spec.list("rules"), spec.list("tls"));
    let empty = (rules.is_empty() && spec.get("defaultBackend").is_none()).then(|| nothing(&spec));
    let hosts = rules.iter().filter_map(|rule| host_finding(&rule.get("host")?, host_mistake));
    let hosts =
        hosts.chain(tls.iter().flat_map(|one| one.list("hosts")).filter_map(|host| host_finding(&host, name_mistake)));
    let paths = rules.iter().filter_map(|rule| rule.get("http")).flat_map(|http| http.list("paths"));
    let paths = paths.filter_map(|path| path_finding(&path));
    let bare = tls.iter().filter(|one| annotations::serves(ingress) && one.get("secretName").is_none());
    let bare = bare.map(|one| {
        let wrong = one.wrong("the TLS of an Ingress of Google's controller names no Secret");
        wrong.hint("name the Secret, or leave tls out and name a ManagedCertificate in the annotation")
    });
    empty.into_iter().chain(hosts).chain(paths).chain(bare).collect()
}

fn nothing(field: &Field) -> Diagnostic {
    let wrong = field.wrong("the Ingress has neither a rule nor a default backend");
    wrong.hint("write a rule with a host, a path and a backend, or a defaultBackend")
}

fn host_finding(host: &Field, mistake: fn(&str) -> Option<String>) -> Option<Diagnostic> {
    let text = host.value.as_str().filter(|text| !text.is_empty())?;
    let mistake = mistake(text)?;
    let wrong = host.wrong(format!("`{text}` cannot be the host of an Ingress: it {mistake}"));
    Some(wrong.hint("write a name as in www.example.com, or *.example.com for all names below"))
}

fn host_mistake(host: &str) -> Option<String> {
    let address = host.parse::<IpAddr>().is_ok().then(|| "is an address".to_owned());
    address.or_else(|| name_mistake(host))
}

/// What is wrong with a name of a certificate. The API server takes an IPv4 address for one.
fn name_mistake(host: &str) -> Option<String> {
    let below = host.strip_prefix("*.").unwrap_or(host);
    if below.contains('*') {
        return Some("has a `*` that is not its first label".to_owned());
    }
    subdomain_mistake(below)
}

fn path_finding(path: &Field) -> Option<Diagnostic> {
    let strict = matches!(path.text("pathType"), Some("Exact" | "Prefix"));
    let field = path.get("path").filter(|_| strict)?;
    let text = field.value.as_str().filter(|text| !text.starts_with('/'))?;
    Some(field.wrong(format!("the path `{text}` does not begin with `/`")).hint("write it from the root of the site"))
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn ingress(annotations: &str, spec: &str) -> String {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a, annotations: {{{annotations}}}}}, \
             spec: {{{spec}}}}}"
        )
    }

    #[test]
    fn an_ingress_has_a_rule_or_a_default_backend() {
        let bare = "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}}";
        let other = "{apiVersion: config.openshift.io/v1, kind: Ingress, metadata: {name: a}}";
        in_objects(
            "LK049",
            &[
                (&ingress("", "rules: [{host: a.example.com}]"), &[]),
                (&ingress("", "defaultBackend: {service: {name: a}}"), &[]),
                (&ingress("", "rules: []"), &["the Ingress has neither a rule nor a default backend"]),
                (bare, &["the Ingress has neither a rule nor a default backend"]),
                (other, &[]),
            ],
        );
    }

    #[test]
    fn a_host_is_a_dns_name_whose_first_label_may_be_a_wildcard() {
        let host = |host: &str| ingress("", &format!("rules: [{{host: '{host}'}}]"));
        in_objects(
            "LK049",
            &[
                (&host("a.example.com"), &[]),
                (&host("*.example.com"), &[]),
                (&host(""), &[]),
                (&host("*"), &["has a `*` that is not its first label"]),
                (&host("a.*.com"), &["has a `*` that is not its first label"]),
                (&host("10.0.0.1"), &["is an address"]),
                (&host("::1"), &["is an address"]),
                // The API server does not ask whether a name of a certificate is an address.
                (&ingress("", "rules: [{}], tls: [{hosts: [10.0.0.1]}]"), &[]),
                (&host("A.example.com"), &["`A.example.com` cannot be the host"]),
                (
                    &ingress("", "rules: [{}], tls: [{hosts: [a_b.example.com]}]"),
                    &["`a_b.example.com` cannot be the host"],
                ),
            ],
        );
    }

    #[test]
    fn a_path_begins_at_the_root() {
        let path = |path: &str| ingress("", &format!("rules: [{{http: {{paths: [{{{path}}}]}}}}]"));
        in_objects(
            "LK049",
            &[
                (&path("path: /a, pathType: Prefix"), &[]),
                (&path("pathType: Prefix"), &[]),
                (&path("path: a, pathType: Prefix"), &["the path `a` does not begin with `/`"]),
                (&path("path: a, pathType: Exact"), &["the path `a` does not begin with `/`"]),
                // What it means is the controller's affair.
                (&path("path: a, pathType: ImplementationSpecific"), &[]),
            ],
        );
    }

    #[test]
    fn tls_names_a_secret_for_googles_controller() {
        let tls = "rules: [{}], tls: [{hosts: [a.example.com]}]";
        let class = "kubernetes.io/ingress.class: gce";
        in_objects(
            "LK049",
            &[
                (&ingress("", tls), &[]),
                (&ingress("kubernetes.io/ingress.class: nginx", tls), &[]),
                (&ingress(class, "rules: [{}], tls: [{secretName: a}]"), &[]),
                (&ingress(class, tls), &["the TLS of an Ingress of Google's controller names no Secret"]),
            ],
        );
    }
}
