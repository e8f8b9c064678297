//! What Google does to nodes while rooms drain, which no manifest can change.

use render_plugin_sdk::{Notes, Request, Response, Step};

use crate::gcloud;
use crate::platform;

/// Says what a grace period of more than an hour does not do, and how to keep upgrades away from it.
pub(crate) fn transform(request: &Request) -> Response {
    let steps = platform::long_grace(request).map(|grace| exclusion(request, grace));
    Response { notes: Notes { steps: steps.into_iter().collect(), ..Notes::default() }, ..Response::default() }
}

fn exclusion(request: &Request, grace: u64) -> Step {
    let start = request.text("/gke/maintenance/exclusion/startTime").unwrap_or("START_TIME");
    let end = request.text("/gke/maintenance/exclusion/endTime").unwrap_or("END_TIME");
    let (cluster, location, project) = (gcloud::cluster(request), gcloud::location(request), gcloud::project(request));
    Step::command(
        "keep upgrades of nodes away from running rooms",
        format!(
            "gcloud container clusters update {cluster} --location={location} --project={project} \
             --add-maintenance-exclusion-name=livekit-rooms --add-maintenance-exclusion-start={start} \
             --add-maintenance-exclusion-end={end} --add-maintenance-exclusion-scope=no_minor_or_node_upgrades"
        ),
        format!(
            "an upgrade or repair of a node may end a pod after an hour, whatever its grace of {grace} s; the cluster \
             autoscaler leaves pods alone that are annotated cluster-autoscaler.kubernetes.io/safe-to-evict: \"false\""
        ),
    )
}
