//! Rules about Cilium, which joins clusters: who is who, and what takes the network down.

mod cluster;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::selector::{Labels, Selector};
use super::servers::{annotation, text};
use super::view::{Pod, of_kind};
use super::{Find, Rule};

use self::cluster::Cluster;

pub(super) static RULES: &[&Rule] = &[&DISTINCT, &NAMED, &DISTINCT_PODS, &NEVER_PRUNED, &BOOTSTRAPS];

static DISTINCT: Rule = Rule {
    code: "LK072",
    severity: Severity::Error,
    title: "clusters of a mesh are told apart",
    why: "In a mesh each cluster has a name, a number and pod addresses of its own. Two with the same join, and each sends traffic \
          of the other's pods to its own.",
    find: Find::Servers(|servers| {
        let clusters = cluster::all(servers);
        let mut found = Vec::new();
        for (index, one) in clusters.iter().enumerate() {
            for other in &clusters[..index] {
                found.extend(shared(one, other).map(|what| {
                    let wrong =
                        Diagnostic::error(format!("{} has {what}, as {} has", one.manifest.id, other.manifest.id));
                    wrong
                        .about(&one.manifest.id, one.pointer.clone())
                        .hint("give each cluster a name, an id and pod CIDRs of its own")
                }));
            }
        }
        found
    }),
};

static NAMED: Rule = Rule {
    code: "LK073",
    severity: Severity::Error,
    title: "a cluster of a mesh has a name and a number",
    why: "Cilium's defaults, the name `default` and the id 0, are those of a cluster that is in no mesh. The id is 1 to 255.",
    find: Find::Servers(|servers| {
        let finding = |cluster: Cluster| {
            let is_numbered = cluster.id.is_some_and(|id| (1..=255).contains(&id));
            let is_named = cluster.name.as_deref().is_some_and(|name| !name.is_empty() && name != "default");
            let wrong =
                Diagnostic::error(format!("{} joins a mesh without a name and an id of its own", cluster.manifest.id));
            let hint = "set cluster.name, and cluster.id to a number from 1 to 255 that no other cluster has";
            (cluster.is_meshed && !(is_numbered && is_named))
                .then(|| wrong.about(&cluster.manifest.id, cluster.pointer.clone()).hint(hint))
        };
        cluster::all(servers).into_iter().filter_map(finding).collect()
    }),
};

static DISTINCT_PODS: Rule = Rule {
    code: "LK074",
    severity: Severity::Error,
    title: "pods behind a global headless Service have names of their own in each cluster",
    why: "Cilium copies the host names of such pods into every cluster and resolves no conflict: of two `broadcaster-0`, one is \
          not found.",
    find: Find::Servers(|servers| {
        let Some(name) = cluster::all(servers).into_iter().find_map(|cluster| cluster.name) else { return Vec::new() };
        let shared = of_kind(servers.finished.manifests, "", "Service").filter(|service| is_synced(service.manifest));
        let selectors: Vec<Selector> =
            shared.filter_map(|service| service.at(&["spec", "selector"]).map(Selector::Map)).collect();
        let behind = |manifest: &&Manifest| {
            let labels = Pod::of(manifest).map(|pod| Labels::of(pod.template.value));
            labels.is_some_and(|labels| selectors.iter().any(|selector| selector.selects(labels)))
        };
        let same = servers.all("apps", "StatefulSet").filter(behind).filter(|one| !one.id.name.contains(&name));
        let finding = |one: &Manifest| {
            let wrong = Diagnostic::error(format!("the pods of {} are not named after their cluster, {name}", one.id));
            wrong.about(&one.id, "/metadata/name").hint(format!(
                "put the cluster's name into it, as in broadcaster-{name}; the Broadcaster takes it from its host"
            ))
        };
        same.map(finding).collect()
    }),
};

static NEVER_PRUNED: Rule = Rule {
    code: "LK085",
    severity: Severity::Warning,
    title: "Cilium's HelmChart is never pruned",
    why: "Deleting a HelmChart uninstalls what it brought: without Cilium no pod of the cluster has a network.",
    find: Find::Servers(|servers| {
        let finding = |chart: &Manifest| {
            let sync = annotation(chart, "argocd.argoproj.io/sync-options").unwrap_or_default();
            let by_argo =
                ["Prune=false", "Delete=false"].iter().all(|option| sync.split(',').any(|one| one.trim() == *option));
            let by_flux = annotation(chart, "kustomize.toolkit.fluxcd.io/prune") == Some("disabled");
            let wrong =
                Diagnostic::warning(format!("{} may be pruned, which takes the cluster's network away", chart.id));
            let hint = "annotate it with argocd.argoproj.io/sync-options: Prune=false,Delete=false, or for Flux with \
                        kustomize.toolkit.fluxcd.io/prune: disabled";
            (!by_argo && !by_flux).then(|| wrong.about(&chart.id, "/metadata/annotations").hint(hint))
        };
        cluster::charts(servers).filter_map(finding).collect()
    }),
};

static BOOTSTRAPS: Rule = Rule {
    code: "LK086",
    severity: Severity::Error,
    title: "Cilium is installed before there is a network",
    why: "k3s installs a HelmChart by a pod, which needs the network that Cilium is to bring. With bootstrap it runs on the host's, \
          on a node that is not ready.",
    find: Find::Servers(|servers| {
        let waits = cluster::charts(servers)
            .filter(|chart| chart.value.pointer("/spec/bootstrap") != Some(&serde_json::Value::Bool(true)));
        let finding = |chart: &Manifest| {
            let wrong = Diagnostic::error(format!("{} waits for the network that it is to bring", chart.id));
            wrong.about(&chart.id, "/spec/bootstrap").hint("set bootstrap: true")
        };
        waits.map(finding).collect()
    }),
};

/// Whether a Service is headless and known in every cluster.
fn is_synced(service: &Manifest) -> bool {
    let says = |key: &str| annotation(service, key) == Some("true");
    let is_global = says("service.cilium.io/global") || says("service.cilium.io/global-sync-endpoint-slices");
    text(&service.value, "/spec/clusterIP") == Some("None") && is_global
}

/// What two clusters share that they must not.
fn shared(one: &Cluster, other: &Cluster) -> Option<String> {
    if one.name.is_some() && one.name == other.name {
        return one.name.as_ref().map(|name| format!("the name {name}"));
    }
    if one.id.is_some() && one.id == other.id {
        return one.id.map(|id| format!("the id {id}"));
    }
    let overlap = one.ranges.iter().find(|range| other.ranges.iter().any(|taken| range.overlaps(taken)))?;
    Some(format!("pods at {overlap}"))
}
