//! The charts of the Ingress controllers: which of their values say what their Service is. It is the chart that makes
//! the Service, so it is in none of the manifests.

use render_plugin_sdk::{Request, pointer};
use serde_json::Value;

/// An Ingress controller that a release brings.
#[derive(Debug)]
pub(crate) struct Controller {
    /// The name of the release.
    pub(crate) release: &'static str,
    /// Where its chart's values say what its Service is; `annotations` and `type` are below.
    pub(crate) service: &'static [&'static str],
    /// Where they say whether its pods are on the node's network.
    host_network: &'static [&'static str],
    /// Where they say a port of its Service, and the port unless they do.
    ports: [(&'static [&'static str], u64); 2],
}

const CONTROLLERS: [Controller; 2] = [
    Controller {
        release: "traefik",
        service: &["service"],
        host_network: &["hostNetwork"],
        ports: [(&["ports", "web", "exposedPort"], 80), (&["ports", "websecure", "exposedPort"], 443)],
    },
    Controller {
        release: "ingress-nginx",
        service: &["controller", "service"],
        host_network: &["controller", "hostNetwork"],
        ports: [(&["controller", "service", "ports", "http"], 80), (&["controller", "service", "ports", "https"], 443)],
    },
];

/// Every Ingress controller that is installed.
pub(crate) fn controllers(request: &Request) -> impl Iterator<Item = &'static Controller> {
    CONTROLLERS.iter().filter(|one| request.is_on(&pointer(&["charts", "releases", one.release, "enabled"])))
}

impl Controller {
    /// The ports of its Service, all TCP.
    pub(crate) fn ports(&self, request: &Request) -> Vec<u64> {
        let port = |(path, port): &(&[&str], u64)| self.value(request, path).and_then(Value::as_u64).unwrap_or(*port);
        self.ports.iter().map(port).collect()
    }

    /// Whether it takes the ports by a load balancer.
    pub(crate) fn is_load_balancer(&self, request: &Request) -> bool {
        let says = |key: &str| self.value(request, &[self.service, &[key]].concat());
        let kind = says("type").and_then(Value::as_str).unwrap_or("LoadBalancer");
        kind == "LoadBalancer" && says("enabled") != Some(&Value::Bool(false))
    }

    /// Whether it takes the ports by its pods.
    pub(crate) fn is_on_host_network(&self, request: &Request) -> bool {
        self.value(request, self.host_network) == Some(&Value::Bool(true))
    }

    fn value<'a>(&self, request: &'a Request, path: &[&str]) -> Option<&'a Value> {
        request.get(&pointer(&[&["charts", "releases", self.release, "values"], path].concat()))
    }
}
