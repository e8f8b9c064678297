//! Google Cloud's names of things, as commands need them. What the values do not say is a word in capitals.

use render_plugin_sdk::{IamBinding, Request};

/// The project.
pub(crate) fn project(request: &Request) -> &str {
    request.text("/gke/projectID").unwrap_or("PROJECT_ID")
}

/// The cluster's region or zone.
pub(crate) fn location(request: &Request) -> &str {
    request.text("/gke/location").unwrap_or("LOCATION")
}

/// The cluster's name.
pub(crate) fn cluster(request: &Request) -> &str {
    request.text("/gke/clusterName").unwrap_or("CLUSTER_NAME")
}

/// The cluster's region: a zone is its region, a dash, and a letter.
pub(crate) fn region(request: &Request) -> &str {
    let Some(location) = request.text("/gke/location") else { return "REGION" };
    match location.rsplit_once('-') {
        Some((region, zone)) if zone.len() == 1 => region,
        _ => location,
    }
}

/// A service account of the project. In its address a project of a domain, `example.com:name`, is turned round.
pub(crate) fn service_account(request: &Request, account: &str) -> String {
    let project = match project(request).split_once(':') {
        Some((domain, name)) => format!("{name}.{domain}"),
        None => project(request).to_owned(),
    };
    format!("{account}@{project}.iam.gserviceaccount.com")
}

/// Lets a service account of the cluster act as one of Google.
pub(crate) fn impersonation(
    request: &Request,
    namespace: &str,
    service_account: &str,
    account: &str,
    why: &str,
) -> IamBinding {
    let member = workload_identity(request, namespace, service_account);
    let role = "roles/iam.workloadIdentityUser".to_owned();
    let project = project(request);
    let command = format!(
        "gcloud iam service-accounts add-iam-policy-binding {account} --member='{member}' --role={role} \
         --project={project}"
    );
    IamBinding { member, role, resource: account.to_owned(), command, why: why.to_owned() }
}

/// How IAM names a service account of the cluster.
fn workload_identity(request: &Request, namespace: &str, service_account: &str) -> String {
    format!("serviceAccount:{}.svc.id.goog[{namespace}/{service_account}]", project(request))
}
