//! What LiveKit needs in MijnBureau: what its ingress controllers read, security contexts that `OpenShift` takes, and its
//! sizes of containers. How media gets in, and the address that clients are told, are the host's: any cluster has them.
//!
//! Each capability is a function from the request to a part of the response, in a file of its name. It adds nothing
//! that the values do not ask for, and finds the objects that it changes among the manifests by the host's names.

mod ingress;
mod openshift;
mod platform;
mod resources;

#[cfg(test)]
mod description;
#[cfg(test)]
mod values;

use render_plugin_sdk::{Plugin, Request, Response};

/// The plugin.
#[derive(Debug)]
pub struct MijnBureau;

impl Plugin for MijnBureau {
    fn transform(request: &Request) -> Response {
        Response::join([
            ingress::transform(request),
            openshift::transform(request),
            resources::transform(request),
            platform::transform(request),
        ])
    }
}

render_plugin_sdk::export!(crate::MijnBureau, "description.json");
