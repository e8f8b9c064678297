//! Which nodes LiveKit's pods run on, and whether they fit there.

use render_plugin_sdk::{Manifest, Notes, Patch, Remark, Request, Response, Step, pointer};
use serde_json::{Value, json};

use crate::gcloud;
use crate::machine;
use crate::platform;

/// What GKE labels the nodes of a pool with.
const NODE_POOL: &str = "cloud.google.com/gke-nodepool";
/// What GKE labels Spot nodes with, and what its documentation taints them with.
const SPOT: &str = "cloud.google.com/gke-spot";

/// Keeps LiveKit on its node pool, and refuses pods that no machine of the pool can take.
pub(crate) fn transform(request: &Request) -> Response {
    let Some(deployment) = request.find("apps/v1", "Deployment", platform::name(request)) else {
        return Response::default();
    };
    let patches = [keep_on_pool(request, deployment), allow_spot(request, deployment)];
    Response {
        changes: patches.into_iter().flatten().map(Into::into).collect(),
        mistakes: too_large(request).into_iter().collect(),
        notes: Notes { steps: node_pool(request).into_iter().collect(), ..Notes::default() },
        ..Response::default()
    }
}

/// GKE counts nodes per zone unless it is told totals.
fn node_pool(request: &Request) -> Option<Step> {
    let pool = request.text("/cluster/nodePool/name")?;
    let machine_type = request.text("/cluster/nodePool/machineType").unwrap_or("MACHINE_TYPE");
    let (least, most) = (
        request.number("/cluster/nodePool/totalMinNodeCount")?,
        request.number("/cluster/nodePool/totalMaxNodeCount")?,
    );
    let (cluster, location, project) = (gcloud::cluster(request), gcloud::location(request), gcloud::project(request));
    let spot = if request.is_on("/cluster/nodePool/spot") { " --spot" } else { "" };
    let command = format!(
        "gcloud container node-pools create {pool} --cluster={cluster} --location={location} --project={project} \
         --machine-type={machine_type} --enable-autoscaling --total-min-nodes={least} --total-max-nodes={most}{spot}{}",
        taints(request)
    );
    let why = "LiveKit's pods run on it, one a node; the counts are totals over all zones";
    Some(Step::command("create the node pool, unless Terraform does", command, why))
}

/// The taints of the pool, which no command line can add later.
fn taints(request: &Request) -> String {
    let Some(taints) = request.get("/cluster/nodePool/taints").and_then(Value::as_array) else { return String::new() };
    let text = |taint: &Value, key: &str| taint.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let taint = |taint: &Value| format!("{}={}:{}", text(taint, "key"), text(taint, "value"), text(taint, "effect"));
    let all: Vec<String> = taints.iter().map(taint).collect();
    if all.is_empty() { String::new() } else { format!(" --node-taints={}", all.join(",")) }
}

fn keep_on_pool(request: &Request, deployment: &Manifest) -> Option<Patch> {
    let pool = request.text("/cluster/nodePool/name")?;
    Some(select(deployment.patch(format!("the values put LiveKit on node pool {pool}")), NODE_POOL, pool))
}

/// A Spot node may have a taint, which GKE sets only where somebody asks for it, so the pod both selects and tolerates.
fn allow_spot(request: &Request, deployment: &Manifest) -> Option<Patch> {
    let patch = || {
        let reason = "the node pool is made of Spot machines, which GKE marks with a label and may mark with a taint";
        tolerate(select(deployment.patch(reason), SPOT, "true"), deployment)
    };
    request.is_on("/cluster/nodePool/spot").then(patch)
}

fn select(patch: Patch, label: &str, value: &str) -> Patch {
    patch.add(&pointer(&["spec", "template", "spec", "nodeSelector", label]), value)
}

/// Appends the toleration. A list that is absent is made whole, because a path alone does not say that it is a list.
fn tolerate(patch: Patch, deployment: &Manifest) -> Patch {
    let toleration = json!({ "key": SPOT, "operator": "Equal", "value": "true", "effect": "NoSchedule" });
    match deployment.get("/spec/template/spec/tolerations").and_then(Value::as_array) {
        Some(present) if present.contains(&toleration) => patch,
        Some(_) => patch.add("/spec/template/spec/tolerations/-", toleration),
        None => patch.add("/spec/template/spec/tolerations", json!([toleration])),
    }
}

/// GKE keeps a part of each node for itself, so a pod that asks for all CPUs of a machine never starts.
fn too_large(request: &Request) -> Option<Remark> {
    let machine_type = request.text("/cluster/nodePool/machineType")?;
    let vcpus = machine::vcpus(machine_type)?;
    let requested = request.get("/livekit/resources/requests/cpu")?;
    if machine::milli_cpu(requested)? < vcpus.checked_mul(1000)? {
        return None;
    }
    let requested = requested.as_str().map_or_else(|| requested.to_string(), str::to_owned);
    let message = format!("a pod asks for {requested} CPU, and {machine_type} has {vcpus}, of which GKE keeps a part");
    let hint = "request less, or choose a larger machine in cluster.nodePool.machineType";
    Some(Remark::new("/livekit/resources/requests/cpu", message).hint(hint))
}
