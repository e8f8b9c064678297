//! Rules about the finished manifests: whatever a plugin, a patch or a template of the user's made of
//! them, they keep to what the cluster has.

use serde_json::Value;

use super::{Find, Rule, place};
use crate::diagnostic::{Diagnostic, Severity};
use crate::manifest::{Manifest, ManifestSet};

const POOL: &str = "cluster.nodePool.totalMaxNodeCount";

pub(super) static RULES: &[&Rule] = &[&FITS_THE_NODES];

static FITS_THE_NODES: Rule = Rule {
    code: "LK029",
    severity: Severity::Error,
    title: "no finished object asks for more pods than nodes",
    why: "The values are capped at the number of nodes, and a patch or a plugin that comes later could lift the cap again. \
          What reaches the cluster counts.",
    find: Find::Manifests(|finished| {
        let (Some(nodes), manifests) = (finished.nodes, finished.manifests) else { return Vec::new() };
        let asking = manifests.iter().filter_map(|manifest| Some((manifest, pods(manifest, manifests)?)));
        let finding = |(manifest, (pointer, pods)): (&Manifest, (&str, u64))| {
            let wrong =
                Diagnostic::error(format!("{} asks for {pods} pods, and there are at most {nodes} nodes", manifest.id));
            let pool = finished.values.and_then(|values| place(values, POOL));
            wrong.about(&manifest.id, pointer).with(pool, "the most nodes").hint(format!(
                "look for what sets it under `patches`, in a template or in a plugin, and lower it to {nodes} or less"
            ))
        };
        asking.filter(|(_, (_, pods))| *pods > u64::from(nodes)).map(finding).collect()
    }),
};

/// How many pods on the host's network an object asks for, if it does, and in which field.
fn pods(manifest: &Manifest, manifests: &ManifestSet) -> Option<(&'static str, u64)> {
    let number = |pointer| Some((pointer, number(manifest, pointer)?));
    match manifest.id.kind.as_str() {
        "Deployment" | "StatefulSet" if on_host_network(manifest) => number("/spec/replicas"),
        "HorizontalPodAutoscaler" => {
            let scaled = |other: &&Manifest| is_target(manifest, other) && on_host_network(other);
            manifests.iter().find(scaled).and_then(|_| number("/spec/maxReplicas"))
        }
        _ => None,
    }
}

fn on_host_network(manifest: &Manifest) -> bool {
    manifest.value.pointer("/spec/template/spec/hostNetwork") == Some(&Value::Bool(true))
}

fn is_target(autoscaler: &Manifest, manifest: &Manifest) -> bool {
    let target =
        |field: &str| autoscaler.value.pointer(&format!("/spec/scaleTargetRef/{field}")).and_then(Value::as_str);
    target("kind") == Some(&manifest.id.kind)
        && target("name") == Some(&manifest.id.name)
        && autoscaler.id.namespace == manifest.id.namespace
}

fn number(manifest: &Manifest, pointer: &str) -> Option<u64> {
    manifest.value.pointer(pointer).and_then(Value::as_u64)
}
