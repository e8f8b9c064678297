//! What Secret Manager and IAM must hold before External Secrets can read anything.

use render_plugin_sdk::{IamBinding, Notes, Request, Step};
use serde_json::Value;

use super::{SERVICE_ACCOUNT, Source, account, creates_store, given_account};
use crate::gcloud;
use crate::platform;

/// What is left to do for the secrets.
pub(super) fn of(request: &Request, sources: &[Source<'_>]) -> Notes {
    // Two Secrets may come from two properties of the same one.
    let names = platform::distinct(sources.iter().map(Source::remote_key).collect());
    let last = |name: &&str| sources.iter().rfind(|source| source.remote_key() == *name);
    let secrets = names.iter().filter_map(last).map(|source| secret(request, source));
    let bindings = names.iter().filter(|_| knows_account(request)).map(|name| accessor(request, name));
    Notes {
        iam: bindings.chain(identity(request)).collect(),
        steps: create_account(request).into_iter().chain(secrets).collect(),
        ..Notes::default()
    }
}

/// Who reads for a store that is not ours is known only when the values say so.
fn knows_account(request: &Request) -> bool {
    creates_store(request) || given_account(request).is_some()
}

fn create_account(request: &Request) -> Option<Step> {
    let project = gcloud::project(request);
    let ours = creates_store(request) && given_account(request).is_none();
    ours.then(|| {
        Step::command(
            "create the Google service account of External Secrets",
            format!("gcloud iam service-accounts create external-secrets --project={project}"),
            "External Secrets reads Secret Manager as this account",
        )
    })
}

/// The material comes through a pipe, so that it stands in no history of a shell.
fn secret(request: &Request, source: &Source<'_>) -> Step {
    let (name, project) = (source.remote_key(), gcloud::project(request));
    let (material, why) = material(request, source);
    Step::command(
        format!("create secret {name} in Secret Manager"),
        format!(
            "{material} | gcloud secrets create {name} --data-file=- --replication-policy=automatic --project={project}"
        ),
        format!("{why}; for a later version: gcloud secrets versions add {name} --data-file=-"),
    )
}

/// What writes a fitting secret, and what it is. A property of a JSON object only its owner can write.
fn material(request: &Request, source: &Source<'_>) -> (String, String) {
    let (region, project) = (gcloud::region(request), gcloud::project(request));
    if let Some(property) = source.remote.get("property").and_then(Value::as_str) {
        return ("cat FILE".to_owned(), format!("a JSON object; member {property} is read"));
    }
    match (source.path, request.text("/redis/mode")) {
        ("/livekit/keys", _) => (
            "printf 'API%s: %s\\n' \"$(openssl rand -hex 6)\" \"$(openssl rand -base64 36)\"".to_owned(),
            "LiveKit's API keys, a line of `key: secret` each; to change one, add its line beside the old one, and take the \
             old one away when all pods have restarted"
                .to_owned(),
        ),
        (_, Some("external")) => (
            format!(
                "gcloud redis instances get-auth-string INSTANCE --region={region} --project={project} \
                 --format='value(authString)' | tr -d '\\n'"
            ),
            "the AUTH string of Memorystore, without an end of line".to_owned(),
        ),
        _ => (
            "openssl rand -hex 32 | tr -d '\\n'".to_owned(),
            "the password of Redis, without an end of line".to_owned(),
        ),
    }
}

fn accessor(request: &Request, secret: &str) -> IamBinding {
    let project = gcloud::project(request);
    let member = format!("serviceAccount:{}", account(request));
    let role = "roles/secretmanager.secretAccessor".to_owned();
    let command =
        format!("gcloud secrets add-iam-policy-binding {secret} --member={member} --role={role} --project={project}");
    let why = "External Secrets reads this secret and no other".to_owned();
    IamBinding { member, role, resource: format!("secret {secret}"), command, why }
}

fn identity(request: &Request) -> Option<IamBinding> {
    let why = "the SecretStore's ServiceAccount becomes the Google service account by Workload Identity";
    let binding =
        || gcloud::impersonation(request, platform::namespace(request), SERVICE_ACCOUNT, &account(request), why);
    creates_store(request).then(binding)
}
