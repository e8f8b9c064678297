//! Secrets out of Secret Manager, by External Secrets: what it reads, the store that it reads from, and the identity
//! under which it does.

mod notes;

use render_plugin_sdk::{Change, Remark, Request, Response};
use serde_json::{Value, json};

use crate::gcloud;
use crate::platform;

/// The component in the labels of what this capability adds.
const COMPONENT: &str = "secrets";
/// The `ServiceAccount` of the store.
const SERVICE_ACCOUNT: &str = "external-secrets-gsm";
/// The API group of External Secrets, and the versions of it in which these objects have the same shape.
const GROUP: &str = "external-secrets.io";
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];
/// Where the values name the project and the cluster, which a store needs for Workload Identity.
const PLACE: [&str; 3] = ["/gke/projectID", "/gke/location", "/gke/clusterName"];

/// Renders an `ExternalSecret` for each Secret that the values take from a store, and the store.
pub(crate) fn transform(request: &Request) -> Response {
    let sources = sources(request);
    if sources.is_empty() {
        return Response::default();
    }
    Response {
        changes: external_secrets(request, &sources).into_iter().chain(store(request)).collect(),
        mistakes: unknown_version(request).into_iter().chain(unplaced_store(request)).collect(),
        notes: notes::of(request, &sources),
        ..Response::default()
    }
}

/// A Secret that the values take from a store.
struct Source<'a> {
    /// Its place in the values.
    path: &'static str,
    /// Its name.
    secret: &'a str,
    /// The key in its data.
    key: &'a str,
    /// Where it is in the store: a name there, and perhaps a version and a property.
    remote: &'a Value,
}

impl Source<'_> {
    /// Its name in the store.
    fn remote_key(&self) -> &str {
        self.remote.get("key").and_then(Value::as_str).unwrap_or_default()
    }
}

fn sources(request: &Request) -> Vec<Source<'_>> {
    let redis = request.is_on("/redis/auth/enabled") && request.text("/redis/mode").is_some_and(|mode| mode != "none");
    let asked = [("/livekit/keys", request.is_on("/livekit/enabled")), ("/redis/auth", redis)];
    let present = asked.into_iter().filter(|(_, asked)| *asked).map(|(path, _)| path);
    present.filter_map(|path| read(path, request.get(path)?)).collect()
}

fn read<'a>(path: &'static str, written: &'a Value) -> Option<Source<'a>> {
    let text = |pointer| written.pointer(pointer).and_then(Value::as_str);
    let (secret, key) = (text("/secretKeyRef/name")?, text("/secretKeyRef/key")?);
    Some(Source { path, secret, key, remote: written.pointer("/externalSecret/remoteRef")? })
}

/// One for each Secret: two owners of the same one would take it from each other.
fn external_secrets(request: &Request, sources: &[Source<'_>]) -> Vec<Change> {
    let names = platform::distinct(sources.iter().map(|source| source.secret).collect());
    names.into_iter().map(|name| external_secret(request, name, sources)).collect()
}

fn external_secret(request: &Request, name: &str, sources: &[Source<'_>]) -> Change {
    let data: Vec<Value> = sources
        .iter()
        .filter(|source| source.secret == name)
        .map(|source| json!({ "secretKey": source.key, "remoteRef": source.remote }))
        .collect();
    let settings = |key: &str| request.get(&format!("/externalSecrets/{key}")).cloned().unwrap_or_default();
    let manifest = json!({
        "apiVersion": api_version(request),
        "kind": "ExternalSecret",
        "metadata": platform::metadata(request, name, COMPONENT),
        "spec": {
            "refreshInterval": settings("refreshInterval"),
            "secretStoreRef": settings("secretStoreRef"),
            "target": { "name": name, "creationPolicy": "Owner" },
            "data": data,
        },
    });
    Change::add(manifest, format!("Secret {name} is written from Secret Manager, so no secret stands in a file"))
}

/// The store with its `ServiceAccount`, unless it belongs to the cluster or the values do not want it.
fn store(request: &Request) -> Vec<Change> {
    let [Some(project), Some(location), Some(cluster)] = PLACE.map(|path| request.text(path)) else {
        return Vec::new();
    };
    if !creates_store(request) {
        return Vec::new();
    }
    let name = request.text("/externalSecrets/secretStoreRef/name").unwrap_or_default();
    let identity = json!({
        "clusterLocation": location,
        "clusterName": cluster,
        "serviceAccountRef": { "name": SERVICE_ACCOUNT },
    });
    let store = json!({
        "apiVersion": api_version(request),
        "kind": "SecretStore",
        "metadata": platform::metadata(request, name, COMPONENT),
        "spec": { "provider": { "gcpsm": { "projectID": project, "auth": { "workloadIdentity": identity } } } },
    });
    let reason = "External Secrets reads Secret Manager under the identity of this namespace, not of the cluster";
    vec![Change::add(service_account(request), reason), Change::add(store, reason)]
}

/// Whether the store is ours to make.
fn creates_store(request: &Request) -> bool {
    request.is_on("/gke/secretManager/secretStore/create")
        && request.text("/externalSecrets/secretStoreRef/kind") == Some("SecretStore")
}

fn service_account(request: &Request) -> Value {
    let mut metadata = platform::metadata(request, SERVICE_ACCOUNT, COMPONENT);
    metadata["annotations"] = json!({ "iam.gke.io/gcp-service-account": account(request) });
    json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata })
}

/// The Google service account that reads the secrets.
fn account(request: &Request) -> String {
    match given_account(request) {
        Some(account) => account.to_owned(),
        None => gcloud::service_account(request, "external-secrets"),
    }
}

fn given_account(request: &Request) -> Option<&str> {
    request.text("/gke/secretManager/serviceAccount")
}

fn version(request: &Request) -> Option<&str> {
    request.get("/cluster/servedAPIs")?.get(GROUP)?.as_str()
}

fn api_version(request: &Request) -> String {
    format!("{GROUP}/{}", version(request).unwrap_or_default())
}

fn unknown_version(request: &Request) -> Option<Remark> {
    let version = version(request).unwrap_or("no version");
    let message = format!("the cluster serves {version} of {GROUP}, and ExternalSecrets are known in v1 and v1beta1");
    let remark = Remark::new(format!("/cluster/servedAPIs/{GROUP}"), message)
        .hint("name the version that the installed External Secrets serves: v1 since 0.17");
    (!VERSIONS.contains(&version)).then_some(remark)
}

fn unplaced_store(request: &Request) -> Vec<Remark> {
    let missing = PLACE.into_iter().filter(|path| creates_store(request) && request.text(path).is_none());
    missing.map(unplaced).collect()
}

fn unplaced(path: &str) -> Remark {
    let key = path.trim_start_matches('/').replace('/', ".");
    Remark::new(path, format!("the SecretStore needs {key}"))
        .hint(format!("set {key}, or set gke.secretManager.secretStore.create to false and make the store yourself"))
}
