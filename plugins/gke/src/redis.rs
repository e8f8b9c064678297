//! Memorystore, when Redis runs outside the cluster. It is no manifest, so this is notes and variables for Terraform.

use std::collections::BTreeMap;

use render_plugin_sdk::{Notes, Remark, Request, Response, SecretToCreate, Step};
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
    Response {
        notes,
        mistakes: mistakes(request),
        warnings: by_name(request).into_iter().collect(),
        ..Response::default()
    }
}

/// With TLS a Memorystore instance has an authority of its own, and a port of its own.
fn mistakes(request: &Request) -> Vec<Remark> {
    let mut found = Vec::new();
    if !has_tls(request) {
        return found;
    }
    if request.get("/redis/external/tls/caSecretKeyRef").is_none() {
        let message = "Memorystore's certificate is signed by an authority that LiveKit is not given";
        let hint = "set redis.external.tls.caSecretKeyRef to the Secret with the authority's certificates";
        found.push(Remark::new("/redis/external/tls", message).hint(hint));
    }
    if let Some(port) = request.number("/redis/external/port").filter(|port| *port != 6378) {
        let message = format!("Memorystore listens on port 6378 with TLS, not on {port}");
        found.push(
            Remark::new("/redis/external/port", message).hint("leave redis.external.port out, or set it to 6378"),
        );
    }
    found
}

/// The certificate of an instance is for its address, so a name of one's own does not fit it.
fn by_name(request: &Request) -> Option<Remark> {
    let host = request.text("/redis/external/host").filter(|_| has_tls(request))?;
    let is_address = host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b':');
    if is_address || request.get("/livekit/config/redis/tls/server_name").is_some() {
        return None;
    }
    let message = format!("Memorystore's certificate is for its address, and LiveKit would compare it with {host}");
    let hint =
        "set redis.external.host to the address, or livekit.config.redis.tls.server_name to what the certificate says";
    Some(Remark::new("/redis/external/host", message).hint(hint))
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
         --flatten='serverCaCerts[]' --format='value(serverCaCerts.cert)' \
         | kubectl create secret generic {name} --namespace={namespace} --from-file={key}=/dev/stdin"
    );
    let why =
        "Memorystore's certificate is signed by an authority of its own instance; while that changes there are two"
            .to_owned();
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
