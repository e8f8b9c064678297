//! Memorystore, when Redis runs outside the cluster. It is no manifest, so this is notes and variables for Terraform.

use std::collections::BTreeMap;

use render_plugin_sdk::{Notes, Request, Response, SecretToCreate, Step};
use serde_json::Value;

use crate::gcloud;
use crate::platform;

/// Says how to create the instance that the values describe.
pub(crate) fn transform(request: &Request) -> Response {
    let Some(memorystore) = memorystore(request).filter(|_| is_external(request)) else {
        return Response::default();
    };
    let notes = Notes {
        secrets: authority(request).into_iter().collect(),
        steps: vec![create(request, &memorystore)],
        tfvars: tfvars(request, &memorystore),
        ..Notes::default()
    };
    Response { notes, ..Response::default() }
}

/// A Memorystore instance.
struct Memorystore<'a> {
    /// `BASIC`, or with a replica in another zone `STANDARD_HA`.
    tier: &'a str,
    /// How many gigabytes of memory it has.
    gigabytes: u64,
}

fn memorystore(request: &Request) -> Option<Memorystore<'_>> {
    let tier = request.text("/gke/memorystore/tier")?;
    Some(Memorystore { tier, gigabytes: request.number("/gke/memorystore/memorySizeGb")? })
}

fn is_external(request: &Request) -> bool {
    request.text("/redis/mode") == Some("external")
}

fn has_tls(request: &Request) -> bool {
    request.is_on("/redis/external/tls/enabled")
}

fn has_auth(request: &Request) -> bool {
    request.is_on("/redis/auth/enabled")
}

fn create(request: &Request, memorystore: &Memorystore<'_>) -> Step {
    let (region, project) = (gcloud::region(request), gcloud::project(request));
    let tier = if memorystore.tier == "BASIC" { "basic" } else { "standard" };
    let size = memorystore.gigabytes;
    let mode = encryption(request);
    let auth = if has_auth(request) { " --enable-auth" } else { "" };
    let command = format!(
        "gcloud redis instances create INSTANCE --tier={tier} --size={size} --transit-encryption-mode={mode}{auth} \
         --region={region} --project={project}"
    );
    let port = if has_tls(request) { 6378 } else { 6379 };
    let why = format!(
        "rooms are shared between nodes through it; it listens on port {port}, and its address goes to \
         redis.external.host, or comes from Terraform's output"
    );
    Step::command("create the Memorystore instance, unless Terraform does", command, why)
}

fn encryption(request: &Request) -> &'static str {
    if has_tls(request) { "SERVER_AUTHENTICATION" } else { "DISABLED" }
}

/// Memorystore signs its certificate itself, so LiveKit must be given the authority.
fn authority(request: &Request) -> Option<SecretToCreate> {
    let name = request.text("/redis/external/tls/caSecretKeyRef/name").filter(|_| has_tls(request))?.to_owned();
    let key = request.text("/redis/external/tls/caSecretKeyRef/key")?.to_owned();
    let (region, project) = (gcloud::region(request), gcloud::project(request));
    let namespace = platform::namespace(request).to_owned();
    let command = format!(
        "gcloud redis instances describe INSTANCE --region={region} --project={project} \
         --format='value(serverCaCerts[0].cert)' \
         | kubectl create secret generic {name} --namespace={namespace} --from-file={key}=/dev/stdin"
    );
    let why = "Memorystore's certificate is signed by an authority of its own instance".to_owned();
    Some(SecretToCreate { namespace, name, keys: vec![key], command, why })
}

fn tfvars(request: &Request, memorystore: &Memorystore<'_>) -> BTreeMap<String, Value> {
    platform::tfvars(vec![
        ("redis_tier", Some(memorystore.tier.into())),
        ("redis_memory_size_gb", Some(memorystore.gigabytes.into())),
        ("redis_transit_encryption_mode", Some(encryption(request).into())),
        ("redis_auth_enabled", Some(has_auth(request).into())),
    ])
}
