//! What LiveKit needs on Google Kubernetes Engine: the load balancers' own settings, the node pool, Secret Manager,
//! and in the notes all that is outside the cluster.
//!
//! Each capability is a function from the request to a part of the response, in a file of its name. It adds nothing
//! that the values do not ask for, and finds the objects that it changes among the manifests by the host's names.

mod gcloud;
mod ingress;
mod issuers;
mod machine;
mod maintenance;
mod platform;
mod redis;
mod scheduling;
mod secrets;
mod turn;

#[cfg(test)]
mod description;
#[cfg(test)]
mod values;

use render_plugin_sdk::{Plugin, Request, Response};

/// The plugin.
#[derive(Debug)]
pub struct Gke;

impl Plugin for Gke {
    fn transform(request: &Request) -> Response {
        Response::join([
            platform::transform(request),
            ingress::transform(request),
            turn::transform(request),
            scheduling::transform(request),
            redis::transform(request),
            secrets::transform(request),
            issuers::transform(request),
            maintenance::transform(request),
        ])
    }
}

render_plugin_sdk::export!(crate::Gke, "description.json");
