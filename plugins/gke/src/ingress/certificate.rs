//! The certificate of signalling that Google issues and renews, and the limits of what it issues.

use render_plugin_sdk::{Change, Remark, Request};
use serde_json::{Value, json};

use super::IngressClass;
use crate::platform;

/// The `ManagedCertificate`, if the values ask for one.
pub(super) fn manifest(request: &Request) -> Option<Change> {
    let manifest = json!({
        "apiVersion": "networking.gke.io/v1",
        "kind": "ManagedCertificate",
        "metadata": platform::metadata(request, name(request)?, super::COMPONENT),
        "spec": { "domains": domains(request) },
    });
    Some(Change::add(manifest, "Google issues and renews the certificate of signalling"))
}

/// Its name, if there is one.
pub(super) fn name(request: &Request) -> Option<&str> {
    let given = request.text("/gke/ingress/managedCertificate/name");
    let name = given.unwrap_or_else(|| platform::name(request));
    request.is_on("/gke/ingress/managedCertificate/enabled").then_some(name)
}

/// Its domains: those that the values list, or the Ingress' host.
pub(super) fn domains(request: &Request) -> Vec<&str> {
    match listed(request) {
        Some(domains) => domains.iter().filter_map(Value::as_str).collect(),
        None => request.text("/ingress/host").into_iter().collect(),
    }
}

fn listed(request: &Request) -> Option<&Vec<Value>> {
    request.get("/gke/ingress/managedCertificate/domains")?.as_array()
}

/// What keeps Google from issuing it.
pub(super) fn mistakes(request: &Request, class: IngressClass) -> Vec<Remark> {
    if name(request).is_none() {
        return Vec::new();
    }
    let listed = listed(request).is_some();
    let path = |index| {
        if listed { format!("/gke/ingress/managedCertificate/domains/{index}") } else { "/ingress/host".to_owned() }
    };
    let refused = domains(request).into_iter().enumerate().filter_map(|(index, domain)| refuse(path(index), domain));
    [not_global(class), no_address(request), no_domain(request)].into_iter().flatten().chain(refused).collect()
}

/// Says that a certificate without an Ingress certifies nothing.
pub(super) fn without_ingress(request: &Request) -> Vec<Remark> {
    let remark = Remark::new("/gke/ingress/managedCertificate/enabled", "there is no Ingress to certify")
        .hint("set ingress.enabled, or leave the certificate out");
    if name(request).is_some() { vec![remark] } else { Vec::new() }
}

fn not_global(class: IngressClass) -> Option<Remark> {
    let remark =
        Remark::new("/gke/ingress/managedCertificate/enabled", "a managed certificate is for the global load balancer")
            .hint("use class gce, or a certificate from a Secret in ingress.tls");
    (class != IngressClass::Gce).then_some(remark)
}

fn no_address(request: &Request) -> Option<Remark> {
    let message = "a managed certificate needs a reserved address, because it is issued once its domains lead there";
    let remark = Remark::new("/gke/ingress/staticIPName", message)
        .hint("set gke.ingress.staticIPName to the name of a reserved global address");
    super::static_ip_name(request).is_none().then_some(remark)
}

fn no_domain(request: &Request) -> Option<Remark> {
    let remark =
        Remark::new("/ingress/host", "a managed certificate needs a domain").hint("name the host of signalling");
    domains(request).is_empty().then_some(remark)
}

/// The limits of a `ManagedCertificate`: up to 63 characters, lower case, no wildcard, no dot at the end.
fn refuse(path: String, domain: &str) -> Option<Remark> {
    let message = if domain.len() > 63 {
        format!("{domain} has {} characters, and a managed certificate takes 63", domain.len())
    } else if domain.contains('*') {
        format!("a managed certificate takes no wildcard such as {domain}")
    } else if !is_domain(domain) {
        format!("{domain} is not a domain that a managed certificate takes")
    } else {
        return None;
    };
    Some(Remark::new(path, message).hint("use a domain in lower case, as in livekit.example.com"))
}

fn is_domain(domain: &str) -> bool {
    let Some((parents, top)) = domain.rsplit_once('.') else { return false };
    let starts_with_letter = top.starts_with(|first: char| first.is_ascii_lowercase());
    parents.split('.').all(is_label) && is_label(top) && top.len() > 1 && starts_with_letter
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !label.is_empty() && label.bytes().all(allowed) && !label.starts_with('-') && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::{is_domain, refuse};

    #[test]
    fn domains_are_those_of_the_custom_resource_definition() {
        let taken = ["livekit.example.com", "a.io", "x--y.example.c0m", "1.2.example.com"];
        assert!(taken.iter().all(|domain| is_domain(domain)));
        let refused =
            ["livekit", "example.c", "example.1om", "-a.example.com", "a-.io", "a..io", "A.io", "a.io.", "_a.io", ""];
        assert!(!refused.iter().any(|domain| is_domain(domain)));
    }

    #[test]
    fn sixty_three_characters_are_the_most() {
        let longest = format!("{}.example.com", "a".repeat(63 - 12));
        assert_eq!(refuse(String::new(), &longest), None);
        assert!(refuse(String::new(), &format!("a{longest}")).is_some());
    }
}
