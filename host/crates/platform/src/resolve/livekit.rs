//! What follows for the LiveKit server, its namespace and its own TURN.

use serde_json::json;

use super::{Derived, Given};
use crate::values::cluster::Taint;

pub(super) fn derive(given: &Given) -> Vec<Derived> {
    let mut all = Vec::new();
    all.extend(namespace(given));
    all.extend(server(given));
    all.extend(turn(given));
    all
}

fn namespace(given: &Given) -> Option<Derived> {
    let platform = given.platform;
    let server = platform.livekit.enabled && platform.livekit.host_network;
    let ingress = platform.livekit_ingress.enabled && platform.livekit_ingress.host_network;
    let level = if server || ingress { "privileged" } else { "restricted" };
    let reason = "Pod Security allows the host's network only at the level privileged";
    let derived = Derived::new("namespace.podSecurity", level, reason).from(given.at("livekit.hostNetwork"));
    platform.namespace.pod_security.is_none().then_some(derived)
}

fn server(given: &Given) -> Vec<Derived> {
    let livekit = &given.platform.livekit;
    let mut all = Vec::new();
    if livekit.progress_deadline_seconds.is_none() {
        let seconds = livekit.workload.termination_grace_period_seconds.saturating_add(600);
        let reason = "a rollout waits for pods that drain, so it counts as failed only after the grace period";
        let grace = given.at("livekit.terminationGracePeriodSeconds");
        all.push(Derived::new("livekit.progressDeadlineSeconds", seconds, reason).from(grace));
    }
    let account = livekit.service_account.name.as_deref().unwrap_or_default();
    all.extend(given.named("livekit.serviceAccount.name", account, "", "the ServiceAccount is named as the server"));
    let keys = &livekit.keys.secret_key_ref.name;
    let reason = "the Secret of the keys is named after the server";
    all.extend(given.named("livekit.keys.secretKeyRef.name", keys, "-keys", reason));
    let taints = &given.platform.cluster.node_pool.taints;
    if !taints.is_empty() {
        let own = livekit.workload.tolerations.iter().cloned();
        let tolerations: Vec<_> = own.chain(taints.iter().map(Taint::toleration)).collect();
        let reason = "the pods run on the node pool, so they tolerate its taints";
        let input = given.at("cluster.nodePool.taints");
        all.push(Derived::new("livekit.tolerations", json!(tolerations), reason).from(input));
    }
    all
}

fn turn(given: &Given) -> Vec<Derived> {
    let mut all = Vec::new();
    let secret = &given.platform.turn.certificate.secret_name;
    let reason = "the Secret of TURN's certificate is named after the server";
    all.extend(given.named("turn.certificate.secretName", secret, "-turn-tls", reason));
    let turn = given.platform.livekit.config.turn.clone().unwrap_or_default();
    if given.platform.turn.terminator.is_some() {
        let reason = "something in front of LiveKit ends TLS";
        let input = given.at("turn.terminator");
        all.push(Derived::new("livekit.config.turn.external_tls", true, reason).from(input));
        return all;
    }
    let terminates = turn.enabled == Some(true) && turn.tls_port.is_some() && turn.external_tls != Some(true);
    if !terminates || turn.cert_file.is_some() {
        return all;
    }
    let reason = "the certificate's Secret is mounted there";
    let input = given.at("turn.certificate.secretName");
    all.push(Derived::new("livekit.config.turn.cert_file", "/etc/livekit-turn/tls.crt", reason).from(input));
    all.push(Derived::new("livekit.config.turn.key_file", "/etc/livekit-turn/tls.key", reason).from(input));
    all
}
