//! What every capability reads of the values, and what every object that the plugin adds carries.

use render_plugin_sdk::{Notes, Response};
use serde_json::{Value, json};

use crate::values::Gke;

/// What this plugin is asked.
pub(crate) type Request = render_plugin_sdk::Request<Gke>;

/// The facts of the cluster as variables for Terraform.
pub(crate) fn transform(request: &Request) -> Response {
    let section = &request.section;
    let facts =
        [("project_id", &section.project_id), ("location", &section.location), ("cluster_name", &section.cluster_name)];
    let tfvars = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.as_deref()?.into())));
    Response { notes: Notes { tfvars: tfvars.collect(), ..Notes::default() }, ..Response::default() }
}

/// The name of LiveKit's objects.
pub(crate) fn name(request: &Request) -> &str {
    request.text("/livekit/name").unwrap_or_default()
}

/// The namespace of everything.
pub(crate) fn namespace(request: &Request) -> &str {
    request.text("/namespace/name").unwrap_or_default()
}

/// The metadata of an object that the plugin adds for a capability.
pub(crate) fn metadata(request: &Request, name: &str, component: &str) -> Value {
    json!({
        "name": name,
        "namespace": namespace(request),
        "labels": {
            "app.kubernetes.io/name": "livekit-server",
            "app.kubernetes.io/instance": self::name(request),
            "app.kubernetes.io/component": component,
            "app.kubernetes.io/part-of": "livekit",
            "app.kubernetes.io/managed-by": "render",
        },
    })
}

/// The seconds that LiveKit's pods have to end, if there are more of them than Google grants: an hour is the longest
/// that GKE waits for a pod when it replaces a node, and that a load balancer lets a connection drain.
pub(crate) fn long_grace(request: &Request) -> Option<u64> {
    let deployment = request.find("apps/v1", "Deployment", name(request))?;
    let grace = deployment.get("/spec/template/spec/terminationGracePeriodSeconds")?.as_u64()?;
    (grace > 3600).then_some(grace)
}
