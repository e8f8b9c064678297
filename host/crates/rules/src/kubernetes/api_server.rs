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
