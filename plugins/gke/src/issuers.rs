//! cert-manager's access to Cloud DNS. Its `ServiceAccount` belongs to whoever installs it, so this is all notes.

use render_plugin_sdk::{IamBinding, Notes, Request, Response, Step};
use serde_json::{Map, Value};

use crate::{gcloud, platform};

/// Where cert-manager's chart puts its `ServiceAccount`, and how it names it.
const CERT_MANAGER: (&str, &str) = ("cert-manager", "cert-manager");

/// Says which permissions cert-manager needs to prove domains by Cloud DNS.
pub(crate) fn transform(request: &Request) -> Response {
    let projects = dns_projects(request);
    if projects.is_empty() {
        return Response::default();
    }
    let account = account(request);
    let zones = projects.iter().map(|project| dns_admin(&account, project));
    let notes = Notes {
        iam: zones.chain([impersonation(request, &account)]).collect(),
        steps: create(request).into_iter().chain([annotate(&account)]).collect(),
        ..Notes::default()
    };
    Response { notes, ..Response::default() }
}

/// The projects whose zones an issuer writes to as itself. With a key of its own it needs no identity.
fn dns_projects(request: &Request) -> Vec<&str> {
    let issuers = request.values.get("issuers").and_then(Value::as_object);
    let solvers = issuers.into_iter().flat_map(Map::values).filter_map(|issuer| issuer.pointer("/dns01/cloudDNS"));
    let own = solvers.filter(|solver| solver.get("serviceAccountSecretRef").is_none());
    platform::distinct(own.filter_map(|solver| solver.get("project")?.as_str()).collect())
}

fn account(request: &Request) -> String {
    match given(request) {
        Some(account) => account.to_owned(),
        None => gcloud::service_account(request, "cert-manager"),
    }
}

fn given(request: &Request) -> Option<&str> {
    request.text("/gke/certManager/serviceAccount")
}

fn create(request: &Request) -> Option<Step> {
    let project = gcloud::project(request);
    given(request).is_none().then(|| {
        Step::command(
            "create the Google service account of cert-manager",
            format!("gcloud iam service-accounts create cert-manager --project={project}"),
            "it proves domains by records in Cloud DNS",
        )
    })
}

fn annotate(account: &str) -> Step {
    let (namespace, name) = CERT_MANAGER;
    Step::command(
        "let cert-manager act as its Google service account",
        format!(
            "kubectl annotate serviceaccount {name} --namespace={namespace} \
             iam.gke.io/gcp-service-account={account} \
             && kubectl rollout restart deployment cert-manager --namespace={namespace}"
        ),
        "its ServiceAccount belongs to cert-manager's own installation, where the annotation may stand too",
    )
}

fn dns_admin(account: &str, project: &str) -> IamBinding {
    let member = format!("serviceAccount:{account}");
    let command = format!("gcloud projects add-iam-policy-binding {project} --member={member} --role=roles/dns.admin");
    IamBinding {
        member,
        role: "roles/dns.admin".to_owned(),
        resource: format!("project {project}"),
        command,
        why: "cert-manager writes the records that prove a domain".to_owned(),
    }
}

fn impersonation(request: &Request, account: &str) -> IamBinding {
    let (namespace, name) = CERT_MANAGER;
    let why = "cert-manager's pods become the Google service account by Workload Identity";
    gcloud::impersonation(request, namespace, name, account, why)
}
