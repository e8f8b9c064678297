//! Hetzner's cloud controller, which makes load balancers where the values ask for it.

use render_plugin_sdk::Request;

/// Whether Hetzner's cloud controller serves load balancers.
pub(crate) fn is_hcloud(request: &Request) -> bool {
    request.text("/hetzner-k3s/loadBalancer") == Some("hcloud")
}
