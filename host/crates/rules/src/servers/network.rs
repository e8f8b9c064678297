//! What leads to a server: the Services that select its pods, and the names by which it is asked.

use serde_json::Value;

use render_objects::manifest::Manifest;

use super::{Server, Servers, count, list, text};
use crate::selector::Selector;
use crate::view::{Field, may_be_same, of_kind};

impl<'a> Servers<'a> {
    /// The Services that select a server's pods.
    pub(crate) fn services(&self, server: &Server<'a>) -> Vec<&'a Manifest> {
        let services =
            of_kind(self.finished.manifests, "", "Service").filter(|service| server.is_beside(service.manifest));
        let selects = |service: &Field<'a>| {
            let selector = service.at(&["spec", "selector"]).map(Selector::Map);
            selector.is_some_and(|selector| !selector.is_empty() && selector.selects(server.pod.labels()))
        };
        services.filter(selects).map(|service| service.manifest).collect()
    }

    /// The Ingresses that lead to one of these Services.
    pub(crate) fn ingresses(&self, services: &[&'a Manifest]) -> Vec<&'a Manifest> {
        let leads = |ingress: &&Manifest| {
            let names = backends(ingress);
            services.iter().any(|service| {
                may_be_same(service.id.namespace.as_deref(), ingress.id.namespace.as_deref())
                    && names.contains(&service.id.name.as_str())
            })
        };
        self.all("networking.k8s.io", "Ingress").filter(leads).collect()
    }

    /// The names by which a server's signalling is asked, each with what says so and where.
    pub(crate) fn hosts(&self, server: &Server<'a>) -> Vec<(&'a str, &'a Manifest, String)> {
        let services = self.services(server);
        let mut hosts = Vec::new();
        for ingress in self.ingresses(&services) {
            for (index, rule) in list(ingress.value.pointer("/spec/rules")).iter().enumerate() {
                hosts.extend(text(rule, "/host").map(|host| (host, ingress, format!("/spec/rules/{index}/host"))));
            }
            for (index, tls) in list(ingress.value.pointer("/spec/tls")).iter().enumerate() {
                let named = list(tls.get("hosts")).iter().filter_map(Value::as_str);
                hosts.extend(named.map(|host| (host, ingress, format!("/spec/tls/{index}/hosts"))));
            }
        }
        for route in self.all("gateway.networking.k8s.io", "HTTPRoute").filter(|route| routes_to(route, &services)) {
            let named = list(route.value.pointer("/spec/hostnames")).iter().enumerate();
            hosts.extend(
                named.filter_map(|(index, host)| Some((host.as_str()?, route, format!("/spec/hostnames/{index}")))),
            );
        }
        hosts
    }
}

/// The names of the Services that an Ingress leads to.
fn backends(ingress: &Manifest) -> Vec<&str> {
    let rules = list(ingress.value.pointer("/spec/rules")).iter();
    let paths = rules.flat_map(|rule| list(rule.pointer("/http/paths")));
    let named = paths.filter_map(|path| text(path, "/backend/service/name"));
    named.chain(text(&ingress.value, "/spec/defaultBackend/service/name")).collect()
}

fn routes_to(route: &Manifest, services: &[&Manifest]) -> bool {
    let rules = list(route.value.pointer("/spec/rules")).iter();
    let mut backends =
        rules.flat_map(|rule| list(rule.get("backendRefs"))).filter_map(|backend| text(backend, "/name"));
    backends.any(|name| services.iter().any(|service| service.id.name == name))
}

impl Server<'_> {
    /// The port of the container that a port of a Service leads to.
    pub(crate) fn target(&self, port: &Value) -> Option<u32> {
        match port.get("targetPort") {
            None => count(port, "/port"),
            Some(Value::String(name)) => {
                let named = |declared: &&Value| text(declared, "/name") == Some(name);
                let declared = list(self.container.value.get("ports")).iter().find(named);
                declared.and_then(|declared| count(declared, "/containerPort"))
            }
            Some(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        }
    }
}

/// Whether a Service is asked from outside the cluster.
pub(crate) fn is_exposed(service: &Manifest) -> bool {
    matches!(text(&service.value, "/spec/type"), Some("LoadBalancer" | "NodePort"))
}
