//! `OpenShift` chooses the user and the groups of pods from a range of the namespace, and refuses pods that name others.

use render_plugin_sdk::{Manifest, Patch, Request, Response};

/// What `OpenShift` chooses itself.
const CHOSEN: [&str; 3] = ["runAsUser", "runAsGroup", "fsGroup"];

/// Takes user and groups out of every pod, where the router is `OpenShift`'s.
pub(crate) fn transform(request: &Request) -> Response {
    if request.text("/mijnbureau/ingress/type") != Some("haproxy-openshift") {
        return Response::default();
    }
    let patches = request.manifests.iter().filter_map(|manifest| release(manifest, pod(manifest)?));
    Response { changes: patches.map(Into::into).collect(), ..Response::default() }
}

/// Where the pod is in a workload.
fn pod(manifest: &Manifest) -> Option<&'static str> {
    match manifest.kind() {
        "Deployment" | "StatefulSet" | "Job" => Some("/spec/template/spec"),
        "CronJob" => Some("/spec/jobTemplate/spec/template/spec"),
        _ => None,
    }
}

fn release(manifest: &Manifest, pod: &str) -> Option<Patch> {
    let paths = CHOSEN.map(|field| format!("{pod}/securityContext/{field}"));
    let mut written = paths.iter().filter(|path| manifest.get(path).is_some()).peekable();
    written.peek()?;
    let patch = manifest.patch("OpenShift refuses pods that name a user or a group outside of the namespace's range");
    Some(written.fold(patch, |patch, path| patch.remove(path)))
}
