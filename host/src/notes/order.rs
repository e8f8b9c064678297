//! In which order to do what the notes say, and when to apply what: on an empty cluster a Secret needs its namespace, a
//! custom resource its operator, and a DNS record the address of something that is applied before.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::manifest::{Manifest, ManifestSet};
use crate::phase::{self, Phase};
use crate::plugins::notes::{Notes, Step, Text};
use crate::values::Values;

/// The steps from an empty cluster to a running one. A phase of which there is no manifest is left out, because asking
/// for it is an error.
pub(super) fn steps(values: &Values, set: &ManifestSet, plugin: &Notes) -> Vec<Step> {
    let has = |phase: Phase| set.iter().any(|manifest| phase::of(manifest, set) == phase);
    let mut all: Vec<Step> = before(plugin).into_iter().collect();
    if has(Phase::Bootstrap) {
        let why = "namespaces come first, because Secrets go into them, and whatever the manifests bring of operators";
        all.push(step("apply the phase bootstrap", Some(apply(values, Phase::Bootstrap, "")), why));
    }
    let why = "operators, files, Secrets and permissions have to be there before what reads them";
    all.push(step("do what stands below, as far as it needs no address", None, why));
    if has(Phase::Platform) {
        let why = "it tries again while operators are starting: their kinds and their webhooks are not there at once";
        let command = format!("until {}; do sleep 10; done", apply(values, Phase::Platform, ""));
        all.push(step("apply the phase platform", Some(command), why));
    }
    if has(Phase::App) {
        all.push(app(values));
    }
    let why =
        "the addresses are known now; a certificate that is proven over HTTP is issued only when its name leads here";
    all.push(step("set the DNS records", None, why));
    all.push(later(values, set));
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
fn app(values: &Values) -> Step {
    let command = told(values, |facts| apply(values, Phase::App, facts));
    let why = if has_all(values) {
        "what users reach"
    } else {
        "what users reach; wait first until STUNner's Gateway has its address, which clients are told"
    };
    step("apply the phase app", Some(command), why)
}

/// Every change after the first installation. kubectl deletes what is gone from the manifests where all of them are in
/// the namespace in which it remembers them; it reads no annotation that would keep an object.
fn later(values: &Values, set: &ManifestSet) -> Step {
    let whole = |facts: &str| run(values, facts);
    let namespaces: BTreeSet<&str> = set.iter().filter_map(|manifest| manifest.id.namespace.as_deref()).collect();
    let Some(namespace) = namespaces.first().filter(|_| namespaces.len() == 1) else {
        let command = told(values, |facts| format!("{} | kubectl apply -f -", whole(facts)));
        let why = "what is gone from the manifests stays in the cluster: kubectl deletes it only where all are in one \
                   namespace; Argo CD and Flux delete it";
        return step("apply a later change", Some(command), why);
    };
    let remembered = format!("--applyset={} -n {namespace}", applyset(&values.environment));
    let command = told(values, |facts| {
        format!("{} | KUBECTL_APPLYSET=true kubectl apply --prune {remembered} -f -", whole(facts))
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

/// The name under which kubectl remembers what it applied, of which the environment makes a name of a Secret.
fn applyset(environment: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '-' };
    let name: String = environment.chars().map(plain).collect();
    format!("render-{name}").trim_end_matches('-').to_owned()
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

fn apply(values: &Values, phase: Phase, further: &str) -> String {
    run(values, &format!(" --phase {}{further} | kubectl apply -f -", phase.name()))
}

fn run(values: &Values, further: &str) -> String {
    // The values of a run without `--env` are called so.
    let named = Some(&values.environment).filter(|name| *name != "default");
    let environment = named.map(|name| format!(" --env {name}")).unwrap_or_default();
    format!("render{environment}{further}")
}

fn step(title: &str, command: Option<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: command.map(Text::new), why: Text::new(why) }
}
