//! Rules about Cilium, which joins clusters: who is who, and what takes the network down.

mod cluster;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::selector::Selector;
use super::servers::{annotation, text};
use super::view::Labels;
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

#[cfg(test)]
mod tests {
    use crate::testing::in_objects;

    fn chart(name: &str, annotations: &str, spec: &str) -> String {
        format!(
            "{{apiVersion: helm.cattle.io/v1, kind: HelmChart, metadata: {{name: {name}, annotations: {{{annotations}}}}}, \
             spec: {{chart: cilium, {spec}}}}}\n---\n"
        )
    }

    /// A chart with a cluster's name, number and range of pods, and more of the values' flow style.
    fn cluster(name: &str, id: u16, range: &str, more: &str) -> String {
        let values = format!(
            "{{cluster: {{name: {name}, id: {id}}}, ipam: {{operator: {{clusterPoolIPv4PodCIDRList: [{range}]}}}}, {more}}}"
        );
        chart(name, "", &format!("valuesContent: '{values}'"))
    }

    #[test]
    fn clusters_differ_in_name_number_and_ranges() {
        let one = cluster("a", 1, "10.1.0.0/16", "");
        in_objects(
            "LK072",
            &[
                (&one, &[]),
                (&(one.clone() + &cluster("b", 2, "10.2.0.0/16", "")), &[]),
                (&(one.clone() + &cluster("b", 1, "10.2.0.0/16", "")), &["has the id 1, as"]),
                (&(one.clone() + &cluster("b", 2, "10.1.128.0/24", "")), &["has pods at 10.1.128.0/24, as"]),
                (&(one.clone() + &chart("b", "", "set: {cluster.name: a}")), &["has the name a, as"]),
                (&(one.clone() + &chart("b", "", "values: {cluster: {id: 1}}")), &["has the id 1, as"]),
                (&(one.clone() + &chart("b", "", "")), &[]),
                (
                    &(one.clone()
                        + "{apiVersion: v1, kind: ConfigMap, metadata: {name: cilium-config}, data: {cluster-id: '1'}}"),
                    &["has the id 1"],
                ),
            ],
        );
    }

    #[test]
    fn a_cluster_of_a_mesh_has_a_name_and_a_number_up_to_255() {
        let meshed = |name: &str, id: u16| cluster(name, id, "", "clustermesh: {useAPIServer: true}");
        let refused: &[&str] = &["joins a mesh without a name and an id of its own"];
        in_objects(
            "LK073",
            &[
                (&meshed("a", 1), &[]),
                (&meshed("a", 255), &[]),
                (&meshed("a", 256), refused),
                (&meshed("a", 0), refused),
                (&meshed("default", 1), refused),
                (&cluster("default", 0, "", ""), &[]),
                (&chart("a", "", "set: {clustermesh.useAPIServer: 'true', cluster.name: a, cluster.id: '7'}"), &[]),
                (&chart("a", "", "set: {clustermesh.useAPIServer: 'true'}"), refused),
            ],
        );
    }

    #[test]
    fn pods_behind_a_global_headless_service_carry_their_clusters_name() {
        let set = |name: &str, service: &str| {
            cluster("germany", 1, "", "")
                + &format!(
                    "{{apiVersion: apps/v1, kind: StatefulSet, metadata: {{name: {name}}}, \
                     spec: {{template: {{metadata: {{labels: {{app: a}}}}, spec: {{containers: []}}}}}}}}\n\
                     ---\n{{apiVersion: v1, kind: Service, metadata: {{name: s, annotations: {{{service}}}}}, \
                     spec: {{clusterIP: None, selector: {{app: a}}}}}}"
                )
        };
        let global = "service.cilium.io/global: 'true'";
        in_objects(
            "LK074",
            &[
                (&set("broadcaster-germany", global), &[]),
                (&set("broadcaster", global), &["are not named after their cluster, germany"]),
                (
                    &set("broadcaster", "service.cilium.io/global-sync-endpoint-slices: 'true'"),
                    &["are not named after"],
                ),
                (&set("broadcaster", "service.cilium.io/global: 'false'"), &[]),
                (&set("broadcaster", global).replace("clusterIP: None, ", ""), &[]),
                (&set("broadcaster", global).replace("selector: {app: a}", "selector: {app: b}"), &[]),
            ],
        );
    }

    #[test]
    fn ciliums_chart_is_kept_by_argo_cd_or_by_flux() {
        let refused: &[&str] = &["may be pruned"];
        in_objects(
            "LK085",
            &[
                (&chart("a", "", ""), refused),
                (&chart("a", "argocd.argoproj.io/sync-options: 'Prune=false, Delete=false'", ""), &[]),
                (&chart("a", "argocd.argoproj.io/sync-options: Prune=false", ""), refused),
                (&chart("a", "kustomize.toolkit.fluxcd.io/prune: disabled", ""), &[]),
                (&chart("a", "", "").replace("chart: cilium", "chart: traefik"), &[]),
            ],
        );
    }

    #[test]
    fn ciliums_chart_is_installed_on_the_hosts_network() {
        in_objects(
            "LK086",
            &[
                (&chart("a", "", "bootstrap: true"), &[]),
                (&chart("a", "", "bootstrap: false"), &["waits for the network that it is to bring"]),
                (&chart("a", "", ""), &["waits for the network that it is to bring"]),
            ],
        );
    }
}
