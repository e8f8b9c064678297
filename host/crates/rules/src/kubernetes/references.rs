//! References: what an object names is there, and has the keys that are wanted of it.

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::node::{Node, Tree};
use render_text::suggest::closest;

use super::grants;
use super::operators::{asks_for_certificate, is_made};
use super::reference_list::{
    CLAIM, CONFIG_MAP, Reference, SECRET, SERVICE, SERVICE_ACCOUNT, backends, is_route, of_pod, route_backends,
};
use crate::gke::annotations;
use crate::view::{Field, named, of_kind, pods};
use crate::{Find, Finished, Rule};

/// What every namespace has without anybody's doing.
const ALWAYS_THERE: [&str; 4] = ["default", "kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"];

pub(super) static KEYS: Rule = Rule {
    code: "LK046",
    severity: Severity::Error,
    title: "a Secret or a ConfigMap has the keys that pods take from it",
    why: "A pod that takes a missing key as a variable or an item of a volume never starts. A missing key that is mounted by \
          subPath becomes an empty folder where the program looks for a file.",
    find: Find::Manifests(|finished| {
        let references = pods(finished.manifests).into_iter().flat_map(|pod| of_pod(&pod));
        references.flat_map(|reference| missing_keys(&reference, finished.manifests)).collect()
    }),
};

pub(super) static THERE: Rule = Rule {
    code: "LK052",
    severity: Severity::Warning,
    title: "what an object names is in the set, or was there before",
    why: "A pod without its Secret, ConfigMap, claim or ServiceAccount never starts, an Ingress without its Service answers \
          with errors, and a binding of a role that is missing grants nothing. What other hands put into the cluster is \
          fine: the warning lists it, once each. Secrets are in the notes of an environment instead, what its file names \
          itself is known to be there, and what an operator or a Job of the set makes counts as there.",
    find: Find::Manifests(|finished| {
        let mut first: Vec<Reference> = Vec::new();
        for one in references(finished.manifests).into_iter().filter(|one| is_absent(one, finished)) {
            if !first.iter().any(|other| other.means_same(&one)) {
                first.push(one);
            }
        }
        first.iter().map(|one| absence(one, finished.manifests)).collect()
    }),
};

fn references(manifests: &ManifestSet) -> Vec<Reference<'_>> {
    let mut found: Vec<Reference> = pods(manifests).iter().flat_map(of_pod).collect();
    for manifest in manifests.iter() {
        found.extend(of_object(manifest));
    }
    found
}

/// What objects other than pods name.
fn of_object(manifest: &Manifest) -> Vec<Reference<'_>> {
    let root = Field::root(manifest);
    match (manifest.id.group.as_str(), manifest.id.kind.as_str()) {
        ("", "Service") => annotations::backend_configs(&root),
        ("networking.k8s.io", "Ingress") => {
            let services = backends(&root).into_iter().filter_map(|one| Reference::by(one.get("name")?, SERVICE));
            services.chain(certificates(&root)).chain(annotations::of_ingress(&root)).collect()
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => grants::of_binding(&root),
        _ if is_route(manifest) => {
            let services = route_backends(&root).into_iter().filter(|one| one.get("namespace").is_none());
            services.filter_map(|one| Reference::by(one.get("name")?, SERVICE)).collect()
        }
        _ => Vec::new(),
    }
}

/// The certificates of an Ingress that nobody is asked to make.
fn certificates<'a>(ingress: &Field<'a>) -> Vec<Reference<'a>> {
    let tls = ingress.get("spec").map_or_else(Vec::new, |spec| spec.list("tls"));
    let tls = tls.into_iter().filter(|_| !asks_for_certificate(ingress.manifest));
    tls.filter_map(|one| Reference::by(one.get("secretName")?, SECRET)).collect()
}

fn is_absent(reference: &Reference, finished: &Finished) -> bool {
    let Reference { kind, namespace, name, .. } = *reference;
    let told =
        finished.values.is_some_and(|values| matches!(kind, SECRET | SERVICE_ACCOUNT) || says(&values.tree, name));
    let made = || match kind {
        SECRET | CONFIG_MAP => is_made(finished.manifests, kind.1, namespace, name),
        CLAIM => is_claim_of_set(finished.manifests, name),
        SERVICE_ACCOUNT if reference.field.pointer.starts_with("/subjects") => {
            !of_kind(finished.manifests, kind.0, kind.1).any(|one| one.namespace() == namespace)
        }
        _ => false,
    };
    let given = told || ALWAYS_THERE.contains(&name) || grants::is_given(kind, name);
    !given && named(finished.manifests, kind, namespace, name).is_empty() && !made()
}

/// Whether the values name it: who writes a name into an environment knows that it is there.
fn says(node: &Node, name: &str) -> bool {
    match &node.tree {
        Tree::String(text) => text == name,
        Tree::List(items) => items.iter().any(|item| says(item, name)),
        Tree::Map(map) => map.values().any(|member| says(&member.node, name)),
        Tree::Null | Tree::Bool(_) | Tree::Number(_) => false,
    }
}

/// Whether a `StatefulSet` makes the claim: `CLAIM-SET-0` and so on.
fn is_claim_of_set(manifests: &ManifestSet, name: &str) -> bool {
    of_kind(manifests, "apps", "StatefulSet").any(|set| {
        let claims = set.get("spec").map_or_else(Vec::new, |spec| spec.list("volumeClaimTemplates"));
        let begins = |claim: &Field| {
            let claim = claim.get("metadata").and_then(|metadata| metadata.text("name")).unwrap_or_default();
            name.starts_with(&format!("{claim}-{}-", set.manifest.id.name))
        };
        claims.iter().any(begins)
    })
}

fn absence(reference: &Reference, manifests: &ManifestSet) -> Diagnostic {
    let Reference { kind: (group, kind), name, .. } = *reference;
    let others = of_kind(manifests, group, kind).map(|one| one.manifest.id.name.as_str());
    let wrong = reference.field.wrong(format!("{kind} `{name}` is not in the set"));
    wrong.hint(match closest(name, others) {
        Some(meant) => format!("did you mean `{meant}`? If not, it must be in the cluster before"),
        None => "it must be in the cluster before, or come with the set".to_owned(),
    })
}

fn missing_keys(reference: &Reference, manifests: &ManifestSet) -> Vec<Diagnostic> {
    let (kind, name) = (reference.kind.1, reference.name);
    let holders = named(manifests, reference.kind, reference.namespace, name);
    let there: Vec<&str> = holders.iter().flat_map(keys).collect();
    let unknown = there.is_empty() || holders.iter().any(is_filled_later);
    if unknown || is_made(manifests, kind, reference.namespace, name) {
        return Vec::new();
    }
    let missing = reference.keys.iter().filter(|(_, key)| !there.contains(key));
    let finding = |(field, key): &(Field, &str)| {
        let wrong = field.wrong(format!("{kind} `{name}` has no key `{key}`"));
        wrong.hint(match closest(key, there.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("it has: {}", there.join(", ")),
        })
    };
    missing.map(finding).collect()
}

fn keys<'a>(holder: &Field<'a>) -> Vec<&'a str> {
    let parts = ["data", "stringData", "binaryData"].into_iter().filter_map(|part| holder.get(part));
    parts.flat_map(|part| part.entries()).map(|(key, _)| key).collect()
}

/// Whether a controller puts more keys into it: that of tokens, and those that copy from elsewhere.
fn is_filled_later(holder: &Field) -> bool {
    let is_token = holder.text("type") == Some("kubernetes.io/service-account-token");
    let annotations = holder.at(&["metadata", "annotations"]).map_or_else(Vec::new, |all| all.entries());
    is_token
        || annotations
            .iter()
            .any(|(key, _)| key.contains("replicat") || key.contains("reflect") || key.contains("inject"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{in_environment, in_objects};

    fn pod(spec: &str) -> String {
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: ns}}, spec: {{{spec}}}}}")
    }

    fn volume(source: &str, mount: &str) -> String {
        pod(&format!(
            "volumes: [{{name: v, {source}}}], containers: [{{name: a, volumeMounts: [{{name: v, mountPath: /a, {mount}}}]}}]"
        ))
    }

    fn variable(source: &str) -> String {
        pod(&format!("containers: [{{name: a, env: [{{name: A, valueFrom: {{{source}}}}}]}}]"))
    }

    fn beside(pod: &str, object: &str) -> String {
        format!("{pod}\n---\n{object}")
    }

    const SECRET: &str =
        "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: ns}, data: {k: ''}, stringData: {l: ''}}";

    #[test]
    fn a_key_that_a_pod_takes_is_there() {
        let items = |key: &str| {
            beside(&volume(&format!("secret: {{secretName: s, items: [{{key: {key}, path: a}}]}}"), ""), SECRET)
        };
        let env = |key: &str| beside(&variable(&format!("secretKeyRef: {{name: s, key: {key}}}")), SECRET);
        let sub_path = |path: &str| beside(&volume("secret: {secretName: s}", &format!("subPath: {path}")), SECRET);
        in_objects(
            "LK046",
            &[
                (&items("k"), &[]),
                (&items("l"), &[]),
                (&items("m"), &["Secret `s` has no key `m`"]),
                (&env("k"), &[]),
                (&env("m"), &["Secret `s` has no key `m`"]),
                (&sub_path("k"), &[]),
                (&sub_path("m"), &["Secret `s` has no key `m`"]),
                (&sub_path("m/n"), &[]),
            ],
        );
    }

    #[test]
    fn a_key_may_come_later_or_not_at_all() {
        let wanted = "secretKeyRef: {name: s, key: m";
        let secret = |more: &str| format!("{{apiVersion: v1, kind: Secret, {more}}}");
        let made = "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: s, namespace: ns}}";
        for objects in [
            beside(&variable(&format!("{wanted}, optional: true}}")), SECRET),
            beside(&variable(&format!("{wanted}}}")), &secret("metadata: {name: s, namespace: ns}")),
            beside(&variable(&format!("{wanted}}}")), &secret("metadata: {name: s, namespace: m}, data: {k: ''}")),
            beside(
                &variable(&format!("{wanted}}}")),
                &secret(
                    "metadata: {name: s, annotations: {reflector.v1.k8s.emberstack.com/reflects: a}}, data: {k: ''}",
                ),
            ),
            beside(
                &variable(&format!("{wanted}}}")),
                &secret("metadata: {name: s}, type: kubernetes.io/service-account-token, data: {k: ''}"),
            ),
            beside(&variable(&format!("{wanted}}}")), &format!("{SECRET}\n---\n{made}")),
        ] {
            in_objects("LK046", &[(&objects, &[])]);
        }
    }

    #[test]
    fn what_a_pod_names_is_in_its_namespace() {
        let wanted = volume("secret: {secretName: s}", "");
        let secret = |metadata: &str| format!("{{apiVersion: v1, kind: Secret, metadata: {{{metadata}}}}}");
        in_objects(
            "LK052",
            &[
                (&beside(&wanted, &secret("name: s, namespace: ns")), &[]),
                // Without a namespace it goes to that of the release, which may be this one.
                (&beside(&wanted, &secret("name: s")), &[]),
                (&beside(&wanted, &secret("name: s, namespace: m")), &["Secret `s` is not in the set"]),
                (&wanted, &["Secret `s` is not in the set"]),
                (&volume("secret: {secretName: s, optional: true}", ""), &[]),
                (&volume("configMap: {name: c}", ""), &["ConfigMap `c` is not in the set"]),
                (&volume("configMap: {name: kube-root-ca.crt}", ""), &[]),
                (&volume("projected: {sources: [{secret: {name: s}}]}", ""), &["Secret `s` is not in the set"]),
                (&pod("containers: [{name: a, envFrom: [{configMapRef: {name: c}}]}]"), &["ConfigMap `c` is not"]),
                (&pod("containers: [], imagePullSecrets: [{name: s}]"), &["Secret `s` is not in the set"]),
                (&pod("containers: [], serviceAccountName: a"), &["ServiceAccount `a` is not in the set"]),
                (&pod("containers: [], serviceAccountName: default"), &[]),
            ],
        );
    }

    #[test]
    fn a_claim_is_in_the_set_or_that_of_a_stateful_set() {
        let set = "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: ns}, \
                   spec: {volumeClaimTemplates: [{metadata: {name: data}}]}}";
        let claim = |name: &str| beside(&volume(&format!("persistentVolumeClaim: {{claimName: {name}}}"), ""), set);
        in_objects(
            "LK052",
            &[(&claim("data-db-0"), &[]), (&claim("data-0"), &["PersistentVolumeClaim `data-0` is not in the set"])],
        );
    }

    #[test]
    fn what_is_absent_is_told_once() {
        let twice = "containers: [{name: a, envFrom: [{secretRef: {name: s}}, {secretRef: {name: s}}]}]";
        in_objects("LK052", &[(&pod(twice), &["Secret `s` is not in the set"])]);
    }

    #[test]
    fn an_ingress_sends_to_services_of_the_set_and_shows_a_certificate_of_it() {
        let ingress = |annotations: &str, spec: &str| {
            format!(
                "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: a, annotations: {{{annotations}}}}}, \
                 spec: {{{spec}}}}}"
            )
        };
        let service = "{apiVersion: v1, kind: Service, metadata: {name: s}}";
        let backend = ingress("", "defaultBackend: {service: {name: s}}");
        in_objects(
            "LK052",
            &[
                (&backend, &["Service `s` is not in the set"]),
                (&beside(&backend, service), &[]),
                (&ingress("", "defaultBackend: {resource: {name: s}}"), &[]),
                (&ingress("", "tls: [{secretName: t}]"), &["Secret `t` is not in the set"]),
                (&ingress("cert-manager.io/cluster-issuer: a", "tls: [{secretName: t}]"), &[]),
            ],
        );
    }

    #[test]
    fn who_writes_a_name_into_an_environment_knows_that_it_is_there() {
        let (secret, config_map) = (volume("secret: {secretName: s}", ""), volume("configMap: {name: c}", ""));
        in_environment("custom: {a: c}", "LK052", &[(&secret, &[]), (&config_map, &[])]);
        in_environment(
            "custom: {a: d}",
            "LK052",
            &[(&secret, &[]), (&config_map, &["ConfigMap `c` is not in the set"])],
        );
    }
}
