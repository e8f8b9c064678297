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
    let hosts = rules.iter().filter_map(|rule| rule.get("host"));
    let hosts = hosts.chain(tls.iter().flat_map(|one| one.list("hosts"))).filter_map(|host| host_finding(&host));
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

fn host_finding(host: &Field) -> Option<Diagnostic> {
    let text = host.value.as_str().filter(|text| !text.is_empty())?;
    let mistake = host_mistake(text)?;
    let wrong = host.wrong(format!("`{text}` cannot be the host of an Ingress: it {mistake}"));
    Some(wrong.hint("write a name as in www.example.com, or *.example.com for all names below"))
}

fn host_mistake(host: &str) -> Option<String> {
    if host.parse::<IpAddr>().is_ok() {
        return Some("is an address".to_owned());
    }
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
