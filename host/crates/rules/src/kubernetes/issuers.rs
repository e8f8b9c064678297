//! Certificates of cert-manager: who issues them, and that each Secret has one writer.

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::suggest::closest;

use super::operators::{asks_for_certificate, certificate_secret};
use crate::view::{Field, is_copy, may_be_same, named, of_kind};
use crate::{Find, Rule};

const GROUP: &str = "cert-manager.io";

pub(super) static THERE: Rule = Rule {
    code: "LK048",
    severity: Severity::Warning,
    title: "an issuer that is named is in the set, or was there before",
    why: "A certificate of an issuer that is not there is never issued, and its Secret never appears: pods that mount it wait, \
          and an Ingress shows a certificate that nobody trusts. An Issuer serves its own namespace alone, a ClusterIssuer \
          all of them, and naming one as the other finds neither.",
    find: Find::Manifests(|finished| {
        let mut first: Vec<Wanted> = Vec::new();
        for one in finished.manifests.iter().flat_map(wanted).filter(|one| one.is_absent(finished.manifests)) {
            if !first.iter().any(|other| (other.kind, other.name) == (one.kind, one.name)) {
                first.push(one);
            }
        }
        first.iter().map(|one| absence(one, finished.manifests)).collect()
    }),
};

pub(super) static ONE_WRITER: Rule = Rule {
    code: "LK059",
    severity: Severity::Warning,
    title: "one certificate writes a Secret",
    why: "Two Certificates for one Secret overwrite each other for ever, each issuing anew until Let's Encrypt's limit is \
          reached. An annotated Ingress is one as well: cert-manager makes a Certificate for each of its Secrets.",
    find: Find::Manifests(|finished| {
        let writers: Vec<Writer> = finished.manifests.iter().flat_map(writers).collect();
        let rivals = writers.iter().enumerate().filter_map(|(index, one)| {
            let other = writers[..index].iter().find(|other| other.fights(one))?;
            let message = format!("Secret `{}` is written by {} as well", one.secret, other.field.manifest.id);
            Some(
                one.field
                    .wrong(message)
                    .hint("let one Certificate have all the names, or give each a Secret of its own"),
            )
        });
        rivals.collect()
    }),
};

/// An issuer that something names.
struct Wanted<'a> {
    field: Field<'a>,
    kind: &'static str,
    name: &'a str,
}

impl Wanted<'_> {
    /// Whether the set does not have it: an Issuer in the namespace of what names it, a `ClusterIssuer` anywhere.
    fn is_absent(&self, manifests: &ManifestSet) -> bool {
        let namespace = self.field.namespace().filter(|_| self.kind == "Issuer");
        named(manifests, (GROUP, self.kind), namespace, self.name).is_empty()
    }
}

/// The issuers that an object names; those of other groups are none of cert-manager's own.
fn wanted(manifest: &Manifest) -> Vec<Wanted<'_>> {
    let root = Field::root(manifest);
    if manifest.id.group == GROUP && manifest.id.kind == "Certificate" {
        return root.at(&["spec", "issuerRef"]).and_then(|issuer| of_certificate(&issuer)).into_iter().collect();
    }
    let annotations = root.at(&["metadata", "annotations"]).filter(|_| is_shim(manifest));
    let Some(annotations) = annotations else { return Vec::new() };
    if annotations.get("cert-manager.io/issuer-group").is_some_and(|group| group.value.as_str() != Some(GROUP)) {
        return Vec::new();
    }
    let kinds = [("cert-manager.io/issuer", "Issuer"), ("cert-manager.io/cluster-issuer", "ClusterIssuer")];
    let wanted = kinds.into_iter().filter_map(|(key, kind)| {
        let field = annotations.get(key)?;
        let name = field.value.as_str()?;
        Some(Wanted { field, kind, name })
    });
    wanted.collect()
}

fn of_certificate<'a>(issuer: &Field<'a>) -> Option<Wanted<'a>> {
    let kind = match (issuer.text("group").unwrap_or(GROUP), issuer.text("kind").unwrap_or("Issuer")) {
        (GROUP, "Issuer") => "Issuer",
        (GROUP, "ClusterIssuer") => "ClusterIssuer",
        _ => return None,
    };
    let field = issuer.get("name")?;
    let name = field.value.as_str()?;
    Some(Wanted { field, kind, name })
}

/// Whether cert-manager reads the annotations of an object.
fn is_shim(manifest: &Manifest) -> bool {
    matches!(manifest.id.kind.as_str(), "Ingress" | "Gateway")
}

fn absence(wanted: &Wanted, manifests: &ManifestSet) -> Diagnostic {
    let Wanted { field, kind, name } = wanted;
    let wrong = field.wrong(format!("{kind} `{name}` is not in the set"));
    let other = if *kind == "Issuer" { "ClusterIssuer" } else { "Issuer" };
    let issuers = of_kind(manifests, GROUP, kind).map(|one| one.manifest.id.name.as_str());
    wrong.hint(if named(manifests, (GROUP, other), None, name).is_empty() {
        match closest(name, issuers) {
            Some(meant) => format!("did you mean `{meant}`? If not, it must be in the cluster before"),
            None => "it must be in the cluster before, or come with the set".to_owned(),
        }
    } else {
        format!("the one of that name is of kind {other}: write that kind")
    })
}

/// One Certificate, or what cert-manager makes one of.
struct Writer<'a> {
    field: Field<'a>,
    secret: &'a str,
    hosts: Vec<&'a str>,
}

impl Writer<'_> {
    /// Whether two of them write one Secret. Several Ingresses may share a certificate of the same names.
    fn fights(&self, other: &Writer) -> bool {
        let shared = is_shim(self.field.manifest) && is_shim(other.field.manifest) && self.hosts == other.hosts;
        self.secret == other.secret
            && may_be_same(self.field.namespace(), other.field.namespace())
            && !is_copy(self.field.manifest, other.field.manifest)
            && !shared
    }
}

fn writers(manifest: &Manifest) -> Vec<Writer<'_>> {
    let root = Field::root(manifest);
    if manifest.id.group == GROUP && manifest.id.kind == "Certificate" {
        let secret = certificate_secret(&root).zip(root.at(&["spec", "secretName"]));
        return secret.map(|(secret, field)| Writer { field, secret, hosts: Vec::new() }).into_iter().collect();
    }
    if manifest.id.kind != "Ingress" || !asks_for_certificate(manifest) {
        return Vec::new();
    }
    let tls = root.get("spec").map_or_else(Vec::new, |spec| spec.list("tls"));
    tls.iter().filter_map(of_tls).collect()
}

fn of_tls<'a>(tls: &Field<'a>) -> Option<Writer<'a>> {
    let field = tls.get("secretName")?;
    let secret = field.value.as_str()?;
    let mut hosts: Vec<&str> = tls.list("hosts").iter().filter_map(|host| host.value.as_str()).collect();
    hosts.sort_unstable();
    Some(Writer { field, secret, hosts })
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn certificate(name: &str, spec: &str) -> String {
        format!(
            "{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: {name}, namespace: ns}}, spec: {{{spec}}}}}\n---\n"
        )
    }

    fn issuer(kind: &str, metadata: &str) -> String {
        format!("{{apiVersion: cert-manager.io/v1, kind: {kind}, metadata: {{{metadata}}}}}")
    }

    fn ingress(name: &str, annotations: &str, tls: &str) -> String {
        format!(
            "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: {name}, namespace: ns, annotations: {{{annotations}}}}}, \
             spec: {{tls: [{tls}]}}}}\n---\n"
        )
    }

    #[test]
    fn an_issuer_serves_its_namespace_and_a_cluster_issuer_all() {
        let by = |reference: &str| certificate("a", &format!("issuerRef: {{name: le, {reference}}}"));
        in_objects(
            "LK048",
            &[
                (&(by("") + &issuer("Issuer", "name: le, namespace: ns")), &[]),
                (&(by("") + &issuer("Issuer", "name: le")), &[]),
                (&(by("") + &issuer("Issuer", "name: le, namespace: m")), &["Issuer `le` is not in the set"]),
                (&(by("kind: ClusterIssuer") + &issuer("ClusterIssuer", "name: le")), &[]),
                (&(by("") + &issuer("ClusterIssuer", "name: le")), &["Issuer `le` is not in the set"]),
                (&by("kind: ClusterIssuer"), &["ClusterIssuer `le` is not in the set"]),
                (&by("group: awspca.cert-manager.io, kind: AWSPCAClusterIssuer"), &[]),
            ],
        );
    }

    #[test]
    fn annotations_name_issuers_too() {
        in_objects(
            "LK048",
            &[
                (&ingress("a", "cert-manager.io/cluster-issuer: le", ""), &["ClusterIssuer `le` is not in the set"]),
                (&ingress("a", "cert-manager.io/issuer: le", ""), &["Issuer `le` is not in the set"]),
                (&ingress("a", "cert-manager.io/issuer: le, cert-manager.io/issuer-group: example.com", ""), &[]),
                ("{apiVersion: v1, kind: Secret, metadata: {name: a, annotations: {cert-manager.io/issuer: le}}}", &[]),
            ],
        );
    }

    #[test]
    fn an_issuer_is_missed_once() {
        let by = |name: &str| certificate(name, "issuerRef: {name: le}");
        in_objects("LK048", &[(&(by("a") + &by("b")), &["Issuer `le` is not in the set"])]);
    }

    #[test]
    fn two_certificates_write_two_secrets() {
        let asks = "cert-manager.io/issuer: le";
        let (of_a, of_b) = ("{secretName: s, hosts: [a.example.com]}", "{secretName: s, hosts: [b.example.com]}");
        in_objects(
            "LK059",
            &[
                (&(certificate("a", "secretName: s") + &certificate("b", "secretName: t")), &[]),
                (
                    &(certificate("a", "secretName: s") + &certificate("b", "secretName: s")),
                    &["Secret `s` is written by"],
                ),
                (&(certificate("a", "secretName: s") + &ingress("b", asks, of_a)), &["Secret `s` is written by"]),
                (&(ingress("a", asks, of_a) + &ingress("b", asks, of_b)), &["Secret `s` is written by"]),
                // Several Ingresses may share the certificate of the same names, and only those annotated ask for one.
                (&(ingress("a", asks, of_a) + &ingress("b", asks, of_a)), &[]),
                (&(ingress("a", asks, of_a) + &ingress("b", "", of_b)), &[]),
            ],
        );
    }
}
