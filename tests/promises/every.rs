//! What every environment promises: it renders without its provider, its notes say in which order to go, and what
//! must never be pruned says so.

use serde_json::{Value, json};

use super::{all, named};
use crate::rendered::manifests;
use crate::support::environments;
use crate::support::printed;

/// What goes with an object and does not come back with it.
#[test]
fn what_must_never_be_pruned_says_so() {
    let kept = json!({
        "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "helm.sh/resource-policy": "keep",
    });
    for environment in environments() {
        let set = manifests(&environment, &[]);
        let spaces = all(&set, "Namespace");
        assert!(!spaces.is_empty(), "{environment} makes its namespace");
        assert!(spaces.iter().all(|one| one["metadata"]["annotations"] == kept), "{environment}");
        for stateful in all(&set, "StatefulSet").iter().filter(|one| one["spec"]["volumeClaimTemplates"].is_array()) {
            let policy = &stateful["spec"]["persistentVolumeClaimRetentionPolicy"];
            assert_eq!(*policy, json!({"whenDeleted": "Retain", "whenScaled": "Retain"}), "{environment}");
        }
    }
    let installs = ["charts.releases.cilium.enabled=true", "charts.releases.external-secrets.enabled=true"];
    let set =
        manifests("pool", &["--set", "charts.installer=helm-controller", "--set", installs[0], "--set", installs[1]]);
    assert_eq!(named(&set, "HelmChart", "cilium")["metadata"]["annotations"], kept);
    let values = named(&set, "HelmChart", "external-secrets")["spec"]["valuesContent"].as_str().unwrap();
    assert!(values.contains("helm.sh/resource-policy: keep"), "its definitions stay: {values}");
}

/// Each phase that there is, in order, and nothing that would fail; then the whole, for every change after that.
#[test]
fn the_notes_begin_with_the_order() {
    for environment in environments() {
        let notes: Value = serde_json::from_str(&printed(&["notes", "--env", &environment, "-o", "json"])).unwrap();
        let commands = notes["order"].as_array().unwrap().iter().filter_map(|one| one["command"].as_str());
        let (phases, whole): (Vec<&str>, Vec<&str>) = commands.partition(|command| command.contains("--phase "));
        assert_eq!(whole.len(), 1, "{environment}: {whole:?}");
        assert!(whole[0].starts_with(&format!("render --env {environment} | ")), "{whole:?}");
        let mut last = None;
        for command in phases {
            let phase = command.split("--phase ").nth(1).unwrap().split(' ').next().unwrap();
            let place = ["bootstrap", "platform", "app"].iter().position(|one| *one == phase);
            assert!(place > last, "{environment}: {command}");
            last = place;
            assert!(!printed(&["--env", &environment, "--phase", phase]).is_empty());
        }
        assert_eq!(last, Some(2), "{environment} ends with the application");
    }
}

/// Any of the systems on a plain cluster: kind, EKS, bare metal.
#[test]
fn every_environment_renders_without_its_provider() {
    for environment in environments() {
        let set = manifests(&environment, &["--set", "provider=null"]);
        let of_a_provider = |one: &&Value| {
            let group = one["apiVersion"].as_str().unwrap();
            ["cloud.google.com", "gke.io", "cnrm", "hetzner"].iter().any(|word| group.contains(word))
        };
        assert_eq!(set.iter().find(of_a_provider), None, "{environment}");
        let workloads = all(&set, "Deployment").len() + all(&set, "StatefulSet").len();
        assert!(workloads > 0, "{environment} runs nothing");
    }
}
