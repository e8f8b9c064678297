//! In which order to do what the notes say, and when to apply what: on an empty cluster a Secret needs its namespace, a
//! custom resource its operator, and a DNS record the address of something that is applied before.

use crate::manifest::ManifestSet;
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
    let platform = &values.platform;
    let stunner = &platform.stunner;
    let told = stunner.livekit.host.is_some() || !(stunner.livekit.enabled && platform.livekit.enabled);
    let command = apply(values, Phase::App, if told { "" } else { " --facts -" });
    if told {
        return step("apply the phase app", Some(command), "what users reach");
    }
    let why = "what users reach; wait first until STUNner's Gateway has its address, which clients are told";
    step("apply the phase app", Some(format!("kubectl get gateway,service,node -A -o json | {command}")), why)
}

fn apply(values: &Values, phase: Phase, further: &str) -> String {
    // The values of a run without `--env` are called so.
    let named = Some(&values.environment).filter(|name| *name != "default");
    let environment = named.map(|name| format!(" --env {name}")).unwrap_or_default();
    format!("render{environment} --phase {}{further} | kubectl apply -f -", phase.name())
}

fn step(title: &str, command: Option<String>, why: &str) -> Step {
    Step { title: Text::new(title), command: command.map(Text::new), why: Text::new(why) }
}
