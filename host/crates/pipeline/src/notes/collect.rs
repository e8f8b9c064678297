//! What the host knows to be left to do, without knowing the provider, and the plugin's notes on top.

use render_objects::manifest::ManifestSet;
use render_platform::values::{Platform, Values};
use render_plugins::notes as plugin;

use super::{Notes, Rollout, dns, firewall, order, secrets, steps, tfvars};
use crate::load::Request;

/// The notes of an environment: the host's own, and the plugin's on top. Where both speak of the
/// same DNS name or Secret, the plugin knows better.
#[must_use]
pub fn collect(values: &Values, set: &ManifestSet, plugin: plugin::Notes, request: &Request) -> Notes {
    let platform = &values.platform;
    let mut notes = Notes {
        dns: dns::records(platform),
        firewall: firewall::openings(platform),
        secrets: secrets::missing(platform, set),
        steps: steps::prerequisites(platform, set),
        rollout: rollout(platform),
        order: order::steps(values, set, &plugin, request),
        verify: steps::verify(platform),
        tfvars: tfvars::of(values),
        iam: Vec::new(),
        files: Vec::new(),
    };
    notes.dns.retain(|record| !plugin.dns.iter().any(|other| other.name == record.name));
    notes.secrets.retain(|secret| {
        !plugin.secrets.iter().any(|other| (&other.namespace, &other.name) == (&secret.namespace, &secret.name))
    });
    // Named one by one, so that the compiler asks for whatever notes learn to hold.
    let plugin::Notes { dns, firewall, secrets, iam, steps, files, tfvars } = plugin;
    notes.dns.extend(dns);
    notes.firewall.extend(firewall);
    notes.secrets.extend(secrets);
    notes.iam.extend(iam);
    notes.steps.extend(steps);
    notes.files.extend(files);
    notes.tfvars.extend(tfvars);
    notes
}

fn rollout(platform: &Platform) -> Option<Rollout> {
    let pods = platform.most_pods();
    let update = platform.livekit.strategy.rolling();
    // Kubernetes lets one pod go where a share of few pods would let none.
    let at_once = update.map_or(pods, |update| update.max_unavailable.rounded_down(pods)).max(1);
    let grace = platform.livekit.workload.termination_grace_period_seconds;
    let turns = u64::from(pods.div_ceil(at_once));
    platform.livekit.enabled.then(|| Rollout {
        worst_case_seconds: turns * u64::from(grace),
        why: format!(
            "{pods} {}, {at_once} at a time, and each may drain for {grace} s before its successor gets the node",
            if pods == 1 { "pod" } else { "pods" }
        ),
    })
}
