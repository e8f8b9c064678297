//! Names of objects, and of what pods are made of.

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::syntax::{label_mistake, letter_label_mistake, subdomain_mistake, too_long};
use crate::view::{Field, Pod};
use crate::{Find, Rule};

pub(super) static NAMES: Rule = Rule {
    code: "LK040",
    severity: Severity::Error,
    title: "names are names that Kubernetes accepts",
    why: "Most names become DNS names, and a Service's, a Namespace's or a container's one label of one. The API server \
          refuses others. Where it does not, a controller fails later: pods of a StatefulSet and Jobs of a CronJob carry \
          its name with a suffix in a label of 63 characters, so a name above 52 makes none.",
    find: Find::Manifests(|finished| {
        let of_objects = finished.manifests.iter().filter_map(object_mistake);
        let of_namespaces = finished.manifests.iter().filter_map(namespace_mistake);
        let in_pods = finished.manifests.iter().filter_map(Pod::of).flat_map(|pod| pod_mistakes(&pod));
        of_objects.chain(of_namespaces).chain(in_pods).collect()
    }),
};

fn object_mistake(manifest: &Manifest) -> Option<Diagnostic> {
    let name = manifest.id.name.as_str();
    let mistake = name_mistake(manifest, name)?;
    let wrong = Diagnostic::error(format!("`{name}` cannot name a {}: it {mistake}", manifest.id.kind));
    let hint = match manifest.id.kind.as_str() {
        "CustomResourceDefinition" => "take that name, or correct the plural or the group",
        _ => "choose a name of lower-case letters, digits and `-`",
    };
    Some(wrong.about(&manifest.id, "/metadata/name").hint(hint))
}

fn name_mistake(manifest: &Manifest, name: &str) -> Option<String> {
    match (manifest.id.group.as_str(), manifest.id.kind.as_str()) {
        ("", "Service") => letter_label_mistake(name),
        ("", "Namespace") => label_mistake(name),
        ("apps", "StatefulSet") => label_mistake(name).or_else(|| too_long(name, 52)),
        ("batch", "CronJob") => subdomain_mistake(name).or_else(|| too_long(name, 52)),
        ("batch", "Job") => subdomain_mistake(name).or_else(|| too_long(name, 63)),
        ("apiextensions.k8s.io", "CustomResourceDefinition") => definition_mistake(manifest, name),
        // These are steps of a path, such as `system:node`, and nothing more.
        ("rbac.authorization.k8s.io" | "flowcontrol.apiserver.k8s.io", _) | (_, "IPAddress") => None,
        (group, _) if group.ends_with("openshift.io") => None,
        _ => subdomain_mistake(name),
    }
}

fn definition_mistake(manifest: &Manifest, name: &str) -> Option<String> {
    let root = Field::root(manifest);
    let plural = root.at(&["spec", "names"])?.text("plural")?;
    let group = root.get("spec")?.text("group")?;
    let due = format!("{plural}.{group}");
    (name != due).then(|| format!("must be the plural and the group of what it defines, `{due}`"))
}

fn namespace_mistake(manifest: &Manifest) -> Option<Diagnostic> {
    let namespace = manifest.id.namespace.as_deref()?;
    let mistake = label_mistake(namespace)?;
    let wrong = Diagnostic::error(format!("`{namespace}` cannot name a namespace: it {mistake}"));
    Some(wrong.about(&manifest.id, "/metadata/namespace").hint("write the name of a namespace that there can be"))
}

/// Containers and volumes have labels of DNS names for names, and no two of a pod the same.
fn pod_mistakes(pod: &Pod) -> Vec<Diagnostic> {
    let containers = pod.every_container().into_iter().map(|one| ("container", one));
    let volumes = pod.spec.list("volumes").into_iter().map(|one| ("volume", one));
    let mistake = |(what, one): (&str, Field)| {
        let name = one.get("name")?;
        let text = name.value.as_str()?;
        let mistake = label_mistake(text)?;
        let wrong = name.wrong(format!("`{text}` cannot name a {what}: it {mistake}"));
        Some(wrong.hint("choose a name of lower-case letters, digits and `-`"))
    };
    containers.chain(volumes).filter_map(mistake).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn object(api_version: &str, kind: &str, name: &str) -> String {
        format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: '{name}'}}}}")
    }

    #[test]
    fn a_name_is_what_its_kind_makes_of_it() {
        in_objects(
            "LK040",
            &[
                (&object("v1", "ConfigMap", "0.a"), &[]),
                (&object("v1", "ConfigMap", "a_b"), &["`a_b` cannot name a ConfigMap"]),
                (&object("v1", "Service", "a0"), &[]),
                (&object("v1", "Service", "0a"), &["does not begin with a letter"]),
                (&object("v1", "Service", "a.b"), &["`a.b` cannot name a Service"]),
                (&object("v1", "Namespace", "0a"), &[]),
                (&object("v1", "Namespace", "a.b"), &["`a.b` cannot name a Namespace"]),
                (&object("apps/v1", "Deployment", "0.a"), &[]),
                (&object("apps/v1", "StatefulSet", "a.b"), &["`a.b` cannot name a StatefulSet"]),
                (&object("batch/v1", "CronJob", "a.b"), &[]),
            ],
        );
    }

    #[test]
    fn names_leave_room_for_what_controllers_add() {
        for (api_version, kind, most) in [
            ("apps/v1", "StatefulSet", 52),
            ("batch/v1", "CronJob", 52),
            ("batch/v1", "Job", 63),
            ("apps/v1", "Deployment", 253),
        ] {
            let wrong = format!("has {} characters, and {most} is the most", most + 1);
            in_objects(
                "LK040",
                &[
                    (&object(api_version, kind, &"a".repeat(most)), &[]),
                    (&object(api_version, kind, &"a".repeat(most + 1)), &[&wrong]),
                ],
            );
        }
    }

    #[test]
    fn names_that_are_no_dns_names_are_those_of_roles() {
        in_objects(
            "LK040",
            &[
                (&object("rbac.authorization.k8s.io/v1", "ClusterRole", "system:Node"), &[]),
                (&object("security.openshift.io/v1", "SecurityContextConstraints", "a:b"), &[]),
                (&object("networking.k8s.io/v1", "IPAddress", "2001:db8::1"), &[]),
                (&object("example.com/v1", "Role", "system:node"), &["`system:node` cannot name a Role"]),
            ],
        );
    }

    #[test]
    fn a_definition_is_named_after_what_it_defines() {
        let of = |name: &str| {
            format!(
                "{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: {name}}}, \
                 spec: {{group: example.com, names: {{plural: racks}}}}}}"
            )
        };
        in_objects("LK040", &[(&of("racks.example.com"), &[]), (&of("rack.example.com"), &["`racks.example.com`"])]);
    }

    #[test]
    fn namespaces_containers_and_volumes_are_labels() {
        let pod = |namespace: &str, spec: &str| {
            format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a, namespace: {namespace}}}, spec: {{{spec}}}}}")
        };
        in_objects(
            "LK040",
            &[
                (&pod("ns", "containers: [{name: a-0}], initContainers: [{name: b}], volumes: [{name: 0c}]"), &[]),
                (&pod("a.b", "containers: []"), &["`a.b` cannot name a namespace"]),
                (&pod("ns", "containers: [{name: a.b}]"), &["`a.b` cannot name a container"]),
                (&pod("ns", "containers: [], initContainers: [{name: A}]"), &["`A` cannot name a container"]),
                (&pod("ns", "containers: [], volumes: [{name: a_b}]"), &["`a_b` cannot name a volume"]),
            ],
        );
    }
}
