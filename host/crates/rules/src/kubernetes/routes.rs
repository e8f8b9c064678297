//! Routes of the Gateway API, and of STUNner, which follows it: a Gateway has the listener and lets the
//! route in, and what is in another namespace is granted.

use render_objects::manifest::{Manifest, ManifestSet};
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::suggest::closest;

use super::reference_list::{is_route, is_stunner, route_backends};
use crate::selector::Selector;
use crate::view::Labels;
use crate::view::{Field, may_be_same, named, of_kind};
use crate::{Find, Rule};

const GROUP: &str = "gateway.networking.k8s.io";

pub(super) static ATTACHED: Rule = Rule {
    code: "LK055",
    severity: Severity::Warning,
    title: "a route has a Gateway that lets it in, and what it sends to lets it",
    why: "A route without a Gateway, for a listener that the Gateway lacks, or from a namespace that the listener does not \
          allow, which by default is every other one, carries nothing, and only its status says so. A Service in another \
          namespace needs a ReferenceGrant there.",
    find: Find::Manifests(|finished| {
        let routes = finished.manifests.iter().filter(|one| is_route(one));
        routes.flat_map(|route| mistakes(route, finished.manifests)).collect()
    }),
};

fn mistakes(route: &Manifest, manifests: &ManifestSet) -> Vec<Diagnostic> {
    let root = Field::root(route);
    let parents = root.get("spec").map_or_else(Vec::new, |spec| spec.list("parentRefs"));
    let is_gateway = |parent: &&Field| {
        parent.text("group").is_none_or(|group| group == GROUP)
            && parent.text("kind").is_none_or(|kind| kind == "Gateway")
    };
    let parents = parents.iter().filter(is_gateway).filter_map(|parent| detached(parent, manifests));
    let backends = route_backends(&root);
    let backends = backends.iter().filter(|one| !is_granted(one, manifests)).map(|one| {
        let namespace = one.text("namespace").unwrap_or_default();
        let wrong = one.wrong(format!("nothing in namespace {namespace} grants {} its Service there", route.id));
        wrong.hint(format!("add a ReferenceGrant in namespace {namespace}, from {}s to Services", route.id.kind))
    });
    parents.chain(backends).collect()
}

/// What keeps a route from its Gateway. One in another namespace that is not in the set is somebody else's.
fn detached(parent: &Field, manifests: &ManifestSet) -> Option<Diagnostic> {
    let name = parent.text("name")?;
    let namespace = parent.text("namespace").or_else(|| parent.namespace());
    let gateways = named(manifests, (GROUP, "Gateway"), namespace, name);
    if gateways.is_empty() {
        let wrong = || parent.wrong(format!("Gateway `{name}` is not in the set"));
        let others = of_kind(manifests, GROUP, "Gateway").map(|one| one.manifest.id.name.as_str());
        let hint = match closest(name, others) {
            Some(meant) => format!("did you mean `{meant}`? If not, it must be in the cluster before"),
            None => "it must be in the cluster before, or come with the set".to_owned(),
        };
        return (namespace == parent.namespace()).then(|| wrong().hint(hint));
    }
    let listeners: Vec<Field> =
        gateways.iter().filter_map(|one| one.get("spec")).flat_map(|spec| spec.list("listeners")).collect();
    let meant: Vec<&Field> = listeners.iter().filter(|listener| is_meant(parent, listener)).collect();
    if meant.is_empty() {
        let names: Vec<&str> = listeners.iter().filter_map(|listener| listener.text("name")).collect();
        let wrong = parent.wrong(format!("Gateway `{name}` has no such listener"));
        return Some(wrong.hint(format!("its listeners are: {}", names.join(", "))));
    }
    if meant.iter().any(|listener| lets_in(listener, parent.namespace(), manifests)) {
        return None;
    }
    let wrong = parent.wrong(format!("Gateway `{name}` lets in no routes of this namespace"));
    Some(wrong.hint("set allowedRoutes.namespaces.from of the listener to All, or to Selector with a selector"))
}

fn is_meant(parent: &Field, listener: &Field) -> bool {
    parent.text("sectionName").is_none_or(|name| listener.text("name") == Some(name))
        && parent.number("port").is_none_or(|port| listener.number("port") == Some(port))
}

fn lets_in(listener: &Field, namespace: Option<&str>, manifests: &ManifestSet) -> bool {
    let namespaces = listener.at(&["allowedRoutes", "namespaces"]);
    match namespaces.as_ref().and_then(|namespaces| namespaces.text("from")).unwrap_or("Same") {
        "Same" => may_be_same(listener.namespace(), namespace),
        "Selector" => {
            let selector = namespaces.and_then(|namespaces| namespaces.get("selector")).map(Selector::Full);
            let home = of_kind(manifests, "", "Namespace").find(|one| Some(one.manifest.id.name.as_str()) == namespace);
            selector.zip(home).is_none_or(|(selector, home)| selector.selects(Labels::of(home.value)))
        }
        from => from != "None",
    }
}

/// Whether a route may send to a Service: it is near, or its namespace grants it.
fn is_granted(backend: &Field, manifests: &ManifestSet) -> bool {
    let (Some(theirs), own) = (backend.text("namespace"), backend.namespace()) else { return true };
    if may_be_same(Some(theirs), own) {
        return true;
    }
    let route = &backend.manifest.id;
    if is_stunner(route) {
        return true;
    }
    let from = |grant: &Field| {
        grant.list("from").iter().any(|from| {
            from.text("kind") == Some(&route.kind)
                && from.text("group") == Some(&route.group)
                && from.text("namespace") == own
        })
    };
    let to = |grant: &Field| {
        let fits = |to: &Field| {
            to.text("kind") == Some("Service") && to.text("name").is_none_or(|name| backend.text("name") == Some(name))
        };
        grant.list("to").iter().any(fits)
    };
    let mut grants =
        of_kind(manifests, GROUP, "ReferenceGrant").filter(|one| may_be_same(one.namespace(), Some(theirs)));
    grants.any(|grant| grant.get("spec").is_some_and(|spec| from(&spec) && to(&spec)))
}

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    const GATEWAY: &str = "gateway.networking.k8s.io/v1";

    fn gateway(listener: &str) -> String {
        format!(
            "{{apiVersion: {GATEWAY}, kind: Gateway, metadata: {{name: gw, namespace: g}}, \
             spec: {{listeners: [{{name: https, port: 443, {listener}}}]}}}}\n---\n"
        )
    }

    fn route(namespace: &str, parent: &str) -> String {
        format!(
            "{{apiVersion: {GATEWAY}, kind: HTTPRoute, metadata: {{name: r, namespace: {namespace}}}, \
             spec: {{parentRefs: [{{{parent}}}]}}}}\n---\n"
        )
    }

    #[test]
    fn a_route_has_its_gateway_and_its_listener() {
        let near = |parent: &str| gateway("") + &route("g", parent);
        in_objects(
            "LK055",
            &[
                (&near("name: gw"), &[]),
                (&near("name: gw, sectionName: https, port: 443"), &[]),
                (&near("name: gw, sectionName: http"), &["Gateway `gw` has no such listener"]),
                (&near("name: gw, port: 80"), &["Gateway `gw` has no such listener"]),
                (&near("name: gv"), &["Gateway `gv` is not in the set"]),
                // The Gateway of another namespace is others' affair, and so are parents of other kinds.
                (&near("name: gv, namespace: other"), &[]),
                (&near("name: s, kind: Service, group: ''"), &[]),
            ],
        );
    }

    #[test]
    fn a_listener_lets_in_routes_of_its_own_namespace_unless_it_says_more() {
        let far = |listener: &str| gateway(listener) + &route("ns", "name: gw, namespace: g");
        let from = |from: &str| far(&format!("allowedRoutes: {{namespaces: {{{from}}}}}"));
        let home =
            |labels: &str| format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: ns, labels: {labels}}}}}");
        let selector = "from: Selector, selector: {matchLabels: {a: b}}";
        in_objects(
            "LK055",
            &[
                (&far(""), &["Gateway `gw` lets in no routes of this namespace"]),
                (&from("from: Same"), &["Gateway `gw` lets in no routes of this namespace"]),
                (&from("from: All"), &[]),
                (&from("from: None"), &["Gateway `gw` lets in no routes of this namespace"]),
                (&from(selector), &[]),
                (&(from(selector) + &home("{a: b}")), &[]),
                (&(from(selector) + &home("{a: c}")), &["Gateway `gw` lets in no routes of this namespace"]),
            ],
        );
    }

    #[test]
    fn a_service_of_another_namespace_is_granted() {
        let route = |kind: &str, namespace: &str| {
            format!(
                "{{apiVersion: {GATEWAY}, kind: {kind}, metadata: {{name: r, namespace: ns}}, \
                 spec: {{rules: [{{backendRefs: [{{name: s, namespace: {namespace}}}]}}]}}}}\n---\n"
            )
        };
        let grant = |namespace: &str, from: &str, to: &str| {
            format!(
                "{{apiVersion: gateway.networking.k8s.io/v1beta1, kind: ReferenceGrant, metadata: {{name: a, namespace: {namespace}}}, \
                 spec: {{from: [{{group: gateway.networking.k8s.io, kind: {from}, namespace: ns}}], to: [{{group: '', {to}}}]}}}}"
            )
        };
        let far = route("HTTPRoute", "m");
        let missing: &[&str] = &["nothing in namespace m grants"];
        in_objects(
            "LK055",
            &[
                (&route("HTTPRoute", "ns"), &[]),
                (&far, missing),
                (&(far.clone() + &grant("m", "HTTPRoute", "kind: Service")), &[]),
                (&(far.clone() + &grant("m", "HTTPRoute", "kind: Service, name: s")), &[]),
                (&(far.clone() + &grant("m", "HTTPRoute", "kind: Service, name: t")), missing),
                (&(far.clone() + &grant("m", "TLSRoute", "kind: Service")), missing),
                (&(far.clone() + &grant("ns", "HTTPRoute", "kind: Service")), missing),
                (&route("UDPRoute", "m"), &[]),
            ],
        );
    }
}
