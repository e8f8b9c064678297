//! What the set does not show because something else makes it: operators make pods, Secrets and
//! `ConfigMap`s of objects of their own kinds, and so do some Jobs. A rule that finds something missing asks here.

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};

use crate::view::{Field, Pod, may_be_same, of_kind, pods};

/// Groups of objects of which nobody makes pods, and whose Secrets are looked for by their own fields.
const WITHOUT_PODS: [&str; 12] = [
    "acme.cert-manager.io",
    "cert-manager.io",
    "external-secrets.io",
    "generators.external-secrets.io",
    "bitnami.com",
    "cloud.google.com",
    "networking.gke.io",
    "networking.istio.io",
    "security.istio.io",
    "traefik.io",
    "cilium.io",
    "keda.sh",
];

/// The same for the Prometheus operator, whose other kinds are pods.
const MONITORS: [&str; 6] =
    ["ServiceMonitor", "PodMonitor", "Probe", "PrometheusRule", "ScrapeConfig", "AlertmanagerConfig"];

/// Labels that pods get when a controller makes them of an object that has no template.
const OF_OPERATORS: [&str; 2] = ["gateway.networking.k8s.io/", "stunner.l7mp.io/"];

/// The annotations that ask cert-manager for the certificate of an Ingress or a Gateway.
pub(super) const ASKS_FOR_CERTIFICATE: [&str; 3] =
    ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer", "kubernetes.io/tls-acme"];

/// Whether there can be pods in a namespace of which the set shows no template.
pub(super) fn has_unseen_pods(manifests: &ManifestSet, namespace: Option<&str>) -> bool {
    manifests
        .iter()
        .any(|one| is_foreign(one) && Pod::of(one).is_none() && may_be_same(one.id.namespace.as_deref(), namespace))
}

/// Whether a controller sets a label on pods that it makes of an object without a template.
pub(super) fn is_label_of_operator(key: &str) -> bool {
    OF_OPERATORS.iter().any(|prefix| key.starts_with(prefix))
}

/// Whether an object of the set makes others make the Secret or the `ConfigMap` of a name.
pub(super) fn is_made(manifests: &ManifestSet, kind: &str, namespace: Option<&str>, name: &str) -> bool {
    let near = |one: &&Manifest| may_be_same(one.id.namespace.as_deref(), namespace);
    manifests.iter().filter(near).any(|one| makes_secret(one, name) || (is_foreign(one) && has_to_do(one, name)))
        || is_in_arguments(manifests, name)
        || is_written_by_role(manifests, kind, name)
}

/// The Secret that a cert-manager Certificate writes.
pub(super) fn certificate_secret<'a>(certificate: &Field<'a>) -> Option<&'a str> {
    certificate.get("spec")?.text("secretName")
}

/// Whether cert-manager is asked for the certificates of an Ingress or a Gateway.
pub(super) fn asks_for_certificate(manifest: &Manifest) -> bool {
    let annotations = manifest.value.pointer("/metadata/annotations");
    annotations.is_some_and(|all| ASKS_FOR_CERTIFICATE.iter().any(|key| all.get(*key).is_some()))
}

/// Kinds whose Secrets are known by their fields.
fn makes_secret(manifest: &Manifest, name: &str) -> bool {
    let root = Field::root(manifest);
    let text = |path: &[&str], key: &str| root.at(path).and_then(|field| field.text(key));
    let is_own = |named: Option<&str>| named.unwrap_or(&manifest.id.name) == name;
    match (manifest.id.group.as_str(), manifest.id.kind.as_str()) {
        ("cert-manager.io", "Certificate") => certificate_secret(&root) == Some(name),
        ("cert-manager.io", _) => text(&["spec", "acme", "privateKeySecretRef"], "name") == Some(name),
        ("external-secrets.io", "ExternalSecret") => is_own(text(&["spec", "target"], "name")),
        ("external-secrets.io", "ClusterExternalSecret") => {
            let target = text(&["spec", "externalSecretSpec", "target"], "name");
            is_own(target.or_else(|| text(&["spec"], "externalSecretName")))
        }
        ("bitnami.com", _) => is_own(text(&["spec", "template", "metadata"], "name")),
        (_, "Ingress" | "Gateway") if asks_for_certificate(manifest) => says(&manifest.value, name),
        _ => false,
    }
}

/// Whether an object is of a kind that some operator defined, of which it may make anything.
fn is_foreign(manifest: &Manifest) -> bool {
    let group = manifest.id.group.as_str();
    let is_known = !group.contains('.') || group.ends_with(".k8s.io") || WITHOUT_PODS.contains(&group);
    let is_monitor = group == "monitoring.coreos.com" && MONITORS.contains(&manifest.id.kind.as_str());
    !is_known && !is_monitor
}

/// Operators name what they make in the object, or after it.
fn has_to_do(manifest: &Manifest, name: &str) -> bool {
    let own = name.strip_prefix(&manifest.id.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    own || manifest.value.get("spec").is_some_and(|spec| says(spec, name))
}

/// Programs are told the names of what they make, as in `--secret-name=NAME`.
fn is_in_arguments(manifests: &ManifestSet, name: &str) -> bool {
    let separate = |char: char| !(char.is_ascii_alphanumeric() || matches!(char, '-' | '.'));
    let names = |text: &str| text.split(separate).any(|word| word == name);
    let among = |words: Vec<Field>| words.iter().any(|word| word.value.as_str().is_some_and(names));
    let told = |container: &Field| among(container.list("command")) || among(container.list("args"));
    pods(manifests).iter().any(|pod| pod.every_container().iter().any(told))
}

/// A program that may write one object by its name most likely makes it.
fn is_written_by_role(manifests: &ManifestSet, kind: &str, name: &str) -> bool {
    let resource = format!("{}s", kind.to_lowercase());
    let has = |rule: &Field, key: &str, word: &str| rule.list(key).iter().any(|one| one.value.as_str() == Some(word));
    let writes = |rule: &Field| ["*", "create", "update", "patch"].iter().any(|verb| has(rule, "verbs", verb));
    let gives = |rule: &Field| has(rule, "resources", &resource) && has(rule, "resourceNames", name) && writes(rule);
    let group = "rbac.authorization.k8s.io";
    let roles = of_kind(manifests, group, "Role").chain(of_kind(manifests, group, "ClusterRole"));
    roles.into_iter().any(|role| role.list("rules").iter().any(gives))
}

/// Whether some text of a value is this one.
fn says(value: &Value, text: &str) -> bool {
    match value {
        Value::String(one) => one == text,
        Value::Array(items) => items.iter().any(|item| says(item, text)),
        Value::Object(map) => map.values().any(|item| says(item, text)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    /// A pod that mounts the Secret `web-tls`, and the objects beside it.
    fn beside(object: &str) -> String {
        format!(
            "{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: ns}}, \
             spec: {{containers: [], volumes: [{{name: v, secret: {{secretName: web-tls}}}}]}}}}\n---\n{object}"
        )
    }

    #[test]
    fn a_secret_counts_as_there_where_an_operator_or_a_job_makes_it() {
        for object in [
            "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: ns}, spec: {secretName: web-tls}}",
            "{apiVersion: cert-manager.io/v1, kind: Issuer, metadata: {name: a}, spec: {acme: {privateKeySecretRef: {name: web-tls}}}}",
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: web-tls, namespace: ns}}",
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: a}, spec: {target: {name: web-tls}}}",
            "{apiVersion: external-secrets.io/v1, kind: ClusterExternalSecret, metadata: {name: a}, spec: {externalSecretName: web-tls}}",
            "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: web-tls, namespace: ns}}",
            "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a, annotations: {cert-manager.io/issuer: a}}, \
             spec: {tls: [{secretName: web-tls}]}}",
            "{apiVersion: acid.zalan.do/v1, kind: postgresql, metadata: {name: web, namespace: ns}}",
            "{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: ns}, spec: {tls: [web-tls]}}",
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, \
             spec: {template: {spec: {containers: [{name: a, args: [--secret-name=web-tls]}]}}}}",
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, \
             rules: [{resources: [secrets], resourceNames: [web-tls], verbs: [update]}]}",
        ] {
            in_objects("LK052", &[(&beside(object), &[])]);
        }
    }

    #[test]
    fn a_secret_is_absent_where_nothing_of_its_namespace_makes_it() {
        for object in [
            "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a, namespace: m}, spec: {secretName: web-tls}}",
            "{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: web-tls, namespace: ns}, spec: {secretName: a}}",
            "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: web-tls}, spec: {target: {name: a}}}",
            "{apiVersion: example.com/v1, kind: Rack, metadata: {name: we, namespace: ns}}",
            "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, \
             rules: [{resources: [secrets], resourceNames: [web-tls], verbs: [get]}]}",
            "{apiVersion: batch/v1, kind: Job, metadata: {name: a}, \
             spec: {template: {spec: {containers: [{name: a, args: [--secret-name=web-tls-2]}]}}}}",
        ] {
            in_objects("LK052", &[(&beside(object), &["Secret `web-tls` is not in the set"])]);
        }
    }

    #[test]
    fn pods_that_an_operator_may_make_are_not_missed() {
        let service = |namespace: &str| {
            format!(
                "{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: {namespace}}}, spec: {{selector: {{app: b}}}}}}"
            )
        };
        let pod =
            "{apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns, labels: {app: a}}, spec: {containers: []}}";
        let with = |object: &str| format!("{}\n---\n{pod}\n---\n{object}", service("ns"));
        in_objects(
            "LK051",
            &[
                (&with("{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: ns}}"), &[]),
                (
                    &with("{apiVersion: example.com/v1, kind: Rack, metadata: {name: a, namespace: m}}"),
                    &["selects no pod"],
                ),
                (
                    &with("{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: a}}"),
                    &["selects no pod"],
                ),
                (
                    &with("{apiVersion: monitoring.coreos.com/v1, kind: PrometheusRule, metadata: {name: a}}"),
                    &["selects no pod"],
                ),
                (&with("{apiVersion: monitoring.coreos.com/v1, kind: Alertmanager, metadata: {name: a}}"), &[]),
            ],
        );
    }
}
