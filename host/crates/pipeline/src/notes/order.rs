//! In which order to do what the notes say, and when to apply what: on an empty cluster a Secret needs its namespace, a
//! custom resource its operator, and a DNS record the address of something that is applied before.

use std::collections::BTreeSet;

use serde_json::Value;

use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::phase::{self, Phase};
use render_platform::values::Values;
use render_plugins::notes::{Notes, Step, Text};
use render_text::hex;

use super::print::quoted;
use crate::load::{Request, Set};

/// The steps from an empty cluster to a running one. A phase of which there is no manifest is left out, because asking
/// for it is an error.
pub(super) fn steps(values: &Values, set: &ManifestSet, plugin: &Notes, request: &Request) -> Vec<Step> {
    let has = |phase: Phase| set.iter().any(|manifest| phase::of(manifest, set) == phase);
    let mut all: Vec<Step> = before(plugin).into_iter().collect();
    if has(Phase::Bootstrap) {
        let why = "namespaces come first, because Secrets go into them, and whatever the manifests bring of operators";
        all.push(step("apply the phase bootstrap", Some(apply(request, Phase::Bootstrap, "")), why));
    }
    let why = "operators, files, Secrets and permissions have to be there before what reads them";
    all.push(step("do what stands below, as far as it needs no address", None, why));
    if has(Phase::Platform) {
        let why = "it tries again while operators are starting: their kinds and their webhooks are not there at once";
        let command = format!("until {}; do sleep 10; done", apply(request, Phase::Platform, ""));
        all.push(step("apply the phase platform", Some(command), why));
    }
    if has(Phase::App) {
        all.push(app(values, request));
    }
    let why =
        "the addresses are known now; a certificate that is proven over HTTP is issued only when its name leads here";
    all.push(step("set the DNS records", None, why));
    all.push(later(values, set, request));
    all
}

/// What comes before there is a cluster, or before anything is applied to it: files that nodes read, and Secrets of the
/// one namespace that is always there.
fn before(plugin: &Notes) -> Option<Step> {
    let has_secrets = plugin.secrets.iter().any(|secret| secret.namespace.as_str() == "kube-system");
    let title = match (!plugin.files.is_empty(), has_secrets) {
        (true, true) => "write the files, start what reads them, and create the Secrets of kube-system",
        (true, false) => "write the files, and start what reads them",
        (false, true) => "create the Secrets of kube-system",
        (false, false) => return None,
    };
    Some(step(
        title,
        None,
        "nodes read files before there is a cluster, and the phase bootstrap brings what reads those Secrets",
    ))
}

/// The last phase, which may have to be told what address its TURN server has got.
fn app(values: &Values, request: &Request) -> Step {
    let command = told(values, |facts| apply(request, Phase::App, facts));
    let why = if has_all(values) {
        "what users reach"
    } else {
        "what users reach; wait first until STUNner's Gateway has its address, which clients are told"
    };
    step("apply the phase app", Some(command), why)
}

/// Every change after the first installation. kubectl deletes what is gone from the manifests where all of them are in
/// the namespace in which it remembers them; it reads no annotation that would keep an object.
fn later(values: &Values, set: &ManifestSet, request: &Request) -> Step {
    let namespaces: BTreeSet<&str> = set.iter().filter_map(|manifest| manifest.id.namespace.as_deref()).collect();
    let namespace = namespaces.first().filter(|_| namespaces.len() == 1);
    match (namespace, request.environment.as_deref().filter(|_| is_told_whole(request))) {
        (Some(namespace), Some(environment)) => pruned(values, set, request, (environment, namespace)),
        (None, _) => unpruned(values, request, "kubectl deletes it only where all are in one namespace"),
        (_, None) => unpruned(
            values,
            request,
            "a command that prunes needs an environment with all of its values in files, or it deletes what follows from \
             the others",
        ),
    }
}

fn pruned(values: &Values, set: &ManifestSet, request: &Request, (environment, namespace): (&str, &str)) -> Step {
    let remembered = format!("--applyset={} -n {namespace}", applyset(environment));
    let command = told(values, |facts| {
        format!("{} | KUBECTL_APPLYSET=true kubectl apply --prune {remembered} -f -", run(request, facts))
    });
    let kept = set.iter().filter(|manifest| is_kept(manifest)).map(|manifest| manifest.id.to_string());
    let kept = kept.collect::<Vec<_>>().join(", ");
    let mark = if kept.is_empty() { String::new() } else { format!(", {kept} too, whatever its annotations say") };
    let why = format!(
        "kubectl deletes what is gone from the manifests{mark}: look first, with --dry-run=server. Never do so with one \
         phase, which would delete the others"
    );
    step("apply a later change, and delete what it takes away", Some(command), &why)
}

fn unpruned(values: &Values, request: &Request, because: &str) -> Step {
    let command = told(values, |facts| format!("{} | kubectl apply -f -", run(request, facts)));
    let why = format!("what is gone from the manifests stays in the cluster: {because}; Argo CD and Flux delete it");
    step("apply a later change", Some(command), &why)
}

/// Whether a command can name all that the values were made of: what `--set` says may be secret, and stdin is gone.
fn is_told_whole(request: &Request) -> bool {
    request.sets.is_empty() && request.read_once().is_none()
}

/// The name under which kubectl remembers what it applied: a name of a Secret that no other environment has.
fn applyset(environment: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' };
    let name: String = environment.chars().map(plain).collect();
    let name = name.trim_end_matches('-');
    let sum =
        if name == environment { String::new() } else { format!("-{}", &hex::sha256(environment.as_bytes())[..6]) };
    format!("render-{name}{sum}")
}

/// Whether an object must never be pruned, which Argo CD, Flux and Helm read in its annotations.
fn is_kept(manifest: &Manifest) -> bool {
    let kept = manifest.value.pointer("/metadata/annotations/helm.sh~1resource-policy").and_then(Value::as_str);
    kept == Some("keep")
}

/// Whether the values say every address that clients are told.
fn has_all(values: &Values) -> bool {
    let platform = &values.platform;
    let stunner = &platform.stunner;
    stunner.livekit.host.is_some() || !(stunner.livekit.enabled && platform.livekit.enabled)
}

/// A command that may have to be told an address which only the cluster knows.
fn told(values: &Values, command: impl Fn(&str) -> String) -> String {
    if has_all(values) {
        return command("");
    }
    format!("kubectl get gateway,service,node -A -o json | {}", command(" --facts -"))
}

fn apply(request: &Request, phase: Phase, further: &str) -> String {
    run(request, &format!(" --phase {}{further} | kubectl apply -f -", phase.name()))
}

/// The command that renders the same again, as far as a command can say it.
fn run(request: &Request, further: &str) -> String {
    let files = request.files.iter().map(|file| ("-f", Some(file)));
    let all = [("--environments", request.folder.as_ref()), ("--terraform-output", request.terraform_output.as_ref())];
    let environment = request.environment.as_deref().map(|name| format!(" --env {}", quoted(name)));
    let paths = all.into_iter().chain(files).filter_map(|(option, path)| Some((option, path?)));
    let paths = paths.map(|(option, path)| format!(" {option} {}", quoted(&path.to_string_lossy())));
    // They may be secret, and a command that is run without them would do something else.
    let sets = request.sets.iter().any(|set| !matches!(set, Set::Meant(..))).then(|| " --set ...".to_owned());
    format!("render{}{further}", environment.into_iter().chain(paths).chain(sets).collect::<String>())
}

fn step(title: &str, command: Option<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: command.map(Text::new), why: Text::new(why) }
}
