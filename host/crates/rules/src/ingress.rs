//! Rules about the way of signalling into the cluster.

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::servers::{Servers, annotation, annotation_at, text};
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&RETIRED, &NO_SNIPPETS];

pub(super) const CLASS: &str = "kubernetes.io/ingress.class";

static RETIRED: Rule = Rule {
    code: "LK082",
    severity: Severity::Warning,
    title: "the Ingress controller is maintained",
    why: "ingress-nginx was retired in March 2026: nobody mends what is found in it from then on, and signalling hangs on it.",
    find: Find::Servers(|servers| {
        of_servers(servers, |ingress| {
            let wrong = Diagnostic::warning(format!("{} is for ingress-nginx, which is retired", ingress.id));
            let hint = "use Traefik or a Gateway; or silence LK082 where something else answers to the class nginx";
            let by_field = text(&ingress.value, "/spec/ingressClassName") == Some("nginx");
            let at = if by_field { "/spec/ingressClassName".to_owned() } else { annotation_at(CLASS) };
            let is_nginx = by_field || annotation(ingress, CLASS) == Some("nginx");
            is_nginx.then(|| wrong.about(&ingress.id, at).hint(hint)).into_iter().collect()
        })
    }),
};

static NO_SNIPPETS: Rule = Rule {
    code: "LK083",
    severity: Severity::Warning,
    title: "no snippets of nginx's configuration",
    why: "A snippet is run by the controller, which may read every Secret of the cluster. ingress-nginx refuses an Ingress with \
          one unless its operator allows them, which is not the default.",
    find: Find::Servers(|servers| {
        of_servers(servers, |ingress| {
            let annotations = ingress.value.pointer("/metadata/annotations").and_then(Value::as_object);
            let keys = annotations.into_iter().flat_map(|all| all.keys());
            let snippets =
                keys.filter(|key| key.starts_with("nginx.ingress.kubernetes.io/") && key.ends_with("-snippet"));
            let finding = |key: &String| {
                let wrong = Diagnostic::warning(format!("{} carries the snippet {key}", ingress.id));
                wrong
                    .about(&ingress.id, annotation_at(key))
                    .hint("take it away, or say the same with an annotation that is not code")
            };
            snippets.map(finding).collect()
        })
    }),
};

/// What a function finds in the Ingresses that lead to LiveKit.
fn of_servers<'a>(servers: &Servers<'a>, find: impl Fn(&'a Manifest) -> Vec<Diagnostic>) -> Vec<Diagnostic> {
    servers.each(|server| servers.ingresses(&servers.services(server)).into_iter().flat_map(&find).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects};

    /// An Ingress with annotations and a `spec`, to the Service of a name, and LiveKit behind the Service `s`.
    fn set(annotations: &str, spec: &str, to: &str) -> String {
        let beside = format!(
            "---\n{{apiVersion: v1, kind: Service, metadata: {{name: s, namespace: media}}, spec: {{selector: {{app: lk}}}}}}\n\
             ---\n{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: i, namespace: media, annotations: {{{annotations}}}}}, \
             spec: {{{spec} defaultBackend: {{service: {{name: {to}}}}}}}}}"
        );
        LiveKit { beside: &beside, ..LiveKit::default() }.yaml()
    }

    #[test]
    fn signalling_is_behind_a_controller_that_is_maintained() {
        in_objects(
            "LK082",
            &[
                (&set("", "ingressClassName: nginx,", "s"), &["is for ingress-nginx, which is retired"]),
                (&set("kubernetes.io/ingress.class: nginx", "", "s"), &["is for ingress-nginx, which is retired"]),
                (&set("", "ingressClassName: traefik,", "s"), &[]),
                (&set("", "", "s"), &[]),
                (&set("", "ingressClassName: nginx,", "other"), &[]),
            ],
        );
    }

    #[test]
    fn signalling_is_behind_no_snippets() {
        in_objects(
            "LK083",
            &[
                (&set("nginx.ingress.kubernetes.io/server-snippet: a", "", "s"), &["carries the snippet"]),
                (&set("nginx.ingress.kubernetes.io/proxy-read-timeout: '3600'", "", "s"), &[]),
                (&set("nginx.ingress.kubernetes.io/server-snippet: a", "", "other"), &[]),
            ],
        );
    }
}
