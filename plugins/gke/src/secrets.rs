//! Secrets out of Secret Manager, by External Secrets: what it reads, the store that it reads from, and the identity
//! under which it does.

mod notes;

use std::collections::BTreeMap;

use render_plugin_sdk::{Change, Remark, Response};
use serde_json::{Value, json};

use crate::gcloud;
use crate::platform::{self, Request};

/// The component in the labels of what this capability adds.
const COMPONENT: &str = "secrets";
/// The `ServiceAccount` of the store.
const SERVICE_ACCOUNT: &str = "external-secrets-gsm";
/// The API group of External Secrets, and the versions of it in which these objects have the same shape.
const GROUP: &str = "external-secrets.io";
const VERSIONS: [&str; 2] = ["v1", "v1beta1"];

/// Renders an `ExternalSecret` for each Secret that the values take from a store, and the store.
pub(crate) fn transform(request: &Request) -> Response {
    let sources = sources(request);
    if sources.is_empty() {
        return Response::default();
    }
    Response {
        changes: [external_secrets(request, &sources), store(request)].concat(),
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
    let is_on = |pointer| request.value(pointer).unwrap_or(false);
    let redis = is_on("/redis/auth/enabled") && request.text("/redis/mode").is_some_and(|mode| mode != "none");
    let asked = [("/livekit/keys", is_on("/livekit/enabled")), ("/redis/auth", redis)];
    let present = asked.into_iter().filter(|(_, asked)| *asked).map(|(path, _)| path);
    present.filter_map(|path| read(path, request.values.pointer(path)?)).collect()
}

fn read<'a>(path: &'static str, written: &'a Value) -> Option<Source<'a>> {
    let text = |pointer| written.pointer(pointer).and_then(Value::as_str);
    let (secret, key) = (text("/secretKeyRef/name")?, text("/secretKeyRef/key")?);
    Some(Source { path, secret, key, remote: written.pointer("/externalSecret/remoteRef")? })
}

/// One for each Secret: two owners of the same one would take it from each other.
fn external_secrets(request: &Request, sources: &[Source<'_>]) -> Vec<Change> {
    let mut data: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for source in sources {
        data.entry(source.secret).or_default().push(json!({ "secretKey": source.key, "remoteRef": source.remote }));
    }
    data.into_iter().map(|(name, data)| external_secret(request, name, &data)).collect()
}

fn external_secret(request: &Request, name: &str, data: &[Value]) -> Change {
    let settings = |key: &str| request.values.pointer(&format!("/externalSecrets/{key}")).cloned().unwrap_or_default();
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
    let section = &request.section;
    let (true, Some(project), Some(location), Some(cluster)) =
        (creates_store(request), &section.project_id, &section.location, &section.cluster_name)
    else {
        return Vec::new();
    };
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
    request.section.secret_manager.secret_store.create
        && request.text("/externalSecrets/secretStoreRef/kind") == Some("SecretStore")
}

fn service_account(request: &Request) -> Value {
    let mut metadata = platform::metadata(request, SERVICE_ACCOUNT, COMPONENT);
    metadata["annotations"] = json!({ "iam.gke.io/gcp-service-account": account(request) });
    json!({ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata })
}

/// The Google service account that reads the secrets.
fn account(request: &Request) -> String {
    let given = request.section.secret_manager.service_account.clone();
    given.unwrap_or_else(|| gcloud::service_account(request, "external-secrets"))
}

fn version(request: &Request) -> Option<&str> {
    request.values.pointer("/cluster/servedAPIs")?.get(GROUP)?.as_str()
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

/// A store names its project and its cluster, for Workload Identity.
fn unplaced_store(request: &Request) -> Vec<Remark> {
    let section = &request.section;
    let needed = [
        ("projectID", section.project_id.is_none()),
        ("location", section.location.is_none()),
        ("clusterName", section.cluster_name.is_none()),
    ];
    let missing = needed.into_iter().filter(|(_, absent)| *absent && creates_store(request));
    let remark = |key| {
        Remark::new(format!("/gke/{key}"), format!("the SecretStore needs gke.{key}"))
            .hint("name it, or set gke.secretManager.secretStore.create to false and make the store yourself")
    };
    missing.map(|(key, _)| remark(key)).collect()
}
