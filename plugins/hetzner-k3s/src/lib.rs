//! Regional k3s clusters at Hetzner, joined by Cilium's mesh: what differs from cluster to cluster follows from one table,
//! the fleet, so that nothing is written twice and collisions are found before a cluster has them.
//!
//! Each capability is a function from the request to a part of the response, in a file of its name. What any cluster can
//! use, such as `STUNner` and its Gateway, is the host's.

mod cidr;
mod cilium;
mod dns;
mod fleet;
mod hcloud;
mod ingress;
mod load_balancer;
mod mesh;
mod near;
mod overlay;
mod ports;
mod server;
mod static_services;

#[cfg(test)]
mod description;
#[cfg(test)]
mod values;

use render_plugin_sdk::{Plugin, Request, Response};

/// The plugin.
#[derive(Debug)]
pub struct HetznerK3s;

impl Plugin for HetznerK3s {
    fn transform(request: &Request) -> Response {
        let fleet = fleet::mistakes(request);
        // Without its row nothing is known of the cluster, and everything else would only repeat that.
        let Some(own) = fleet::own(request).filter(|_| fleet.is_empty()) else {
            return Response { mistakes: fleet, ..Response::default() };
        };
        Response::join([
            server::transform(request, &own),
            cilium::transform(request, &own),
            mesh::transform(request, &own),
            load_balancer::transform(request),
            ports::transform(request, &own),
            static_services::transform(request),
            dns::transform(request, &own),
        ])
    }
}

render_plugin_sdk::export!(crate::HetznerK3s, "description.json");
