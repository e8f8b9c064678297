//! What every capability reads of the values, and the facts of the cluster for Terraform.

use std::collections::BTreeMap;

pub(crate) use render_plugin_sdk::platform::{metadata, name, namespace};
use render_plugin_sdk::{Notes, Request, Response};
use serde_json::Value;

/// The facts of the cluster as variables for Terraform.
pub(crate) fn transform(request: &Request) -> Response {
    let fact = |path| request.text(path).map(Value::from);
    let tfvars = tfvars(vec![
        ("project_id", fact("/gke/projectID")),
        ("location", fact("/gke/location")),
        ("cluster_name", fact("/gke/clusterName")),
    ]);
    Response { notes: Notes { tfvars, ..Notes::default() }, ..Response::default() }
}

/// Variables for Terraform, without those that the values say nothing about.
pub(crate) fn tfvars(vars: Vec<(&str, Option<Value>)>) -> BTreeMap<String, Value> {
    vars.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// Names in the order of the alphabet, each once. There are a few, which a list holds with less code than a set.
pub(crate) fn distinct(names: Vec<&str>) -> Vec<&str> {
    names.into_iter().fold(Vec::new(), |mut distinct, name| {
        if let Err(place) = distinct.binary_search(&name) {
            distinct.insert(place, name);
        }
        distinct
    })
}

/// The seconds that LiveKit's pods have to end, if there are more of them than Google grants: an hour is the longest
/// that GKE waits for a pod when it replaces a node, and that a load balancer lets a connection drain.
pub(crate) fn long_grace(request: &Request) -> Option<u64> {
    let deployment = request.find("apps/v1", "Deployment", name(request))?;
    let grace = deployment.get("/spec/template/spec/terminationGracePeriodSeconds")?.as_u64()?;
    (grace > 3600).then_some(grace)
}
