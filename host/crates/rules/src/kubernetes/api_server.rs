//! Rules about what the API server takes: whatever a template, a plugin, a patch or another renderer made, each
//! object is one that a cluster of the chosen version accepts.

use render_objects::manifest::Manifest;
use render_schema::api::{self, Answer, Scope, Served};
use render_text::diagnostic::{Diagnostic, Severity};

use crate::{Find, Finished, Rule};

pub(crate) static RULES: &[&Rule] = &[&ACCEPTED, &KNOWN, &SERVED, &NAMESPACED];

static ACCEPTED: Rule = Rule {
    code: "LK031",
    severity: Severity::Error,
    title: "every object is one that the API server accepts",
    why: "An unknown key is dropped in silence by older clients and refused by newer ones, a wrong type or a missing key is refused \
          by all: half of the objects are then applied, and the other half is not.",
    find: Find::Manifests(|finished| {
        served(finished).flat_map(|(manifest, served)| api::check(&served, manifest)).collect()
    }),
};

static KNOWN: Rule = Rule {
    code: "LK032",
    severity: Severity::Warning,
    title: "every kind is one that can be checked",
    why: "An object whose schema nobody has may hold any mistake, and a misspelt kind looks like a custom resource. With its \
          CustomResourceDefinition, which `--schema-dir` takes, it is checked as all others are.",
    find: Find::Manifests(|finished| {
        let unknown = finished.manifests.iter().filter_map(|manifest| match finished.api.answer(manifest) {
            Answer::Unknown(unknown) => Some(unknown.about(&manifest.id, "/kind")),
            Answer::Served(_) | Answer::Refused(_) => None,
        });
        unknown.collect()
    }),
};

static SERVED: Rule = Rule {
    code: "LK033",
    severity: Severity::Error,
    title: "every object is of an API version that is served",
    why: "Kubernetes removes versions of its API, and operators versions of their resources. A cluster that no longer serves a version, \
          or does not serve it yet, refuses its objects.",
    find: Find::Manifests(|finished| {
        let refused = finished.manifests.iter().filter_map(|manifest| match finished.api.answer(manifest) {
            Answer::Refused(refused) => Some(refused),
            Answer::Served(_) | Answer::Unknown(_) => None,
        });
        refused.collect()
    }),
};

static NAMESPACED: Rule = Rule {
    code: "LK034",
    severity: Severity::Warning,
    title: "an object says its namespace if its kind has one, and only then",
    why: "An object without a namespace goes to whichever one the context of kubectl names on that day. One that has a namespace though \
          its kind has none is another object than it seems. What `helm template` prints may leave namespaces to the installation: \
          so this is asked of environments only.",
    find: Find::Manifests(|finished| {
        let Some(values) = finished.values else { return Vec::new() };
        let namespace = &values.platform.namespace.name;
        served(finished).filter_map(|(manifest, served)| misplaced(manifest, served.scope, namespace)).collect()
    }),
};

/// The objects whose kinds are served, each with what is known of its kind.
fn served<'a>(finished: &'a Finished) -> impl Iterator<Item = (&'a Manifest, Served<'a>)> {
    finished.manifests.iter().filter_map(|manifest| match finished.api.answer(manifest) {
        Answer::Served(served) => Some((manifest, served)),
        Answer::Refused(_) | Answer::Unknown(_) => None,
    })
}

fn misplaced(manifest: &Manifest, scope: Scope, namespace: &str) -> Option<Diagnostic> {
    let id = &manifest.id;
    let (wrong, hint) = match (scope, &id.namespace) {
        (Scope::Namespaced, None) => ("has no namespace", format!("add `namespace: {namespace}` to its `metadata`")),
        (Scope::Cluster, Some(_)) => {
            ("has a namespace, and its kind has none", "take `namespace` out of its `metadata`".to_owned())
        }
        _ => return None,
    };
    Some(Diagnostic::warning(format!("{id} {wrong}")).about(id, "/metadata").hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::testing::{in_environment, in_objects};

    #[test]
    fn an_object_has_the_keys_and_types_of_its_kind() {
        let service =
            |spec: &str| format!("{{apiVersion: v1, kind: Service, metadata: {{name: a}}, spec: {{{spec}}}}}");
        in_objects(
            "LK031",
            &[
                (&service("ports: [{port: 80, targetPort: http}, {port: 81, targetPort: 81}]"), &[]),
                (&service("ports: [{port: '80'}]"), &["must be"]),
                (&service("prots: []"), &["unknown key"]),
                ("{apiVersion: example.com/v1, kind: Rack, metadata: {name: a}, spec: {anything: 1}}", &[]),
            ],
        );
    }

    #[test]
    fn an_unknown_kind_is_known_with_its_definition() {
        let rack = "{apiVersion: example.com/v1, kind: Rack, metadata: {name: a}, spec: {size: 1}}\n---\n";
        let definition = "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {name: racks.example.com}, \
                          spec: {group: example.com, scope: Namespaced, names: {kind: Rack, plural: racks}, versions: [{name: v1, \
                          served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, \
                          properties: {size: {type: string}}}}}}}]}}";
        let both = rack.to_owned() + definition;
        in_objects("LK032", &[(rack, &["example.com/v1"]), (&both, &[])]);
        in_objects("LK031", &[(rack, &[]), (&both, &["must be"])]);
    }

    #[test]
    fn a_version_is_one_that_the_cluster_serves() {
        let object = |api_version: &str, kind: &str| {
            format!("{{apiVersion: {api_version}, kind: {kind}, metadata: {{name: a}}}}")
        };
        in_objects(
            "LK033",
            &[
                (&object("networking.k8s.io/v1", "IngressClass"), &[]),
                (&object("networking.k8s.io/v1beta1", "IngressClass"), &["networking.k8s.io/v1beta1"]),
                (&object("v1", "Servise"), &["has no kind `Servise`"]),
                (&object("example.com/v1", "Rack"), &[]),
            ],
        );
    }

    #[test]
    fn objects_of_an_environment_have_a_namespace_if_their_kind_has() {
        let object =
            |kind: &str, metadata: &str| format!("{{apiVersion: v1, kind: {kind}, metadata: {{name: a, {metadata}}}}}");
        let cases: [(&str, &[&str]); 4] = [
            (&object("ConfigMap", "namespace: ns"), &[]),
            (&object("ConfigMap", ""), &["has no namespace"]),
            (&object("Namespace", ""), &[]),
            (&object("Namespace", "namespace: ns"), &["has a namespace, and its kind has none"]),
        ];
        in_environment("{}", "LK034", &cases);
        // What Helm prints may leave namespaces to the installation.
        in_objects("LK034", &cases.map(|(object, _)| (object, &[] as &[&str])));
    }
}
