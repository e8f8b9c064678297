//! Rules about the finished manifests: whatever a plugin, a patch or a template of the user's made of
//! them, they keep to what the cluster has. The modules hold the same for rules whose first half reads
//! the values: what a foreign manifest, or a changed one, shows of the same mistake.

pub(super) mod livekit;
pub(super) mod nodes;
pub(super) mod ports;
pub(super) mod redis;
pub(super) mod scaling;
pub(super) mod secrets;
pub(super) mod turn;

use render_objects::manifest::Manifest;
use render_text::diagnostic::{Diagnostic, Severity};

use super::servers::{Server, Servers};
use super::{Find, Rule, place};

const POOL: &str = "cluster.nodePool.totalMaxNodeCount";

pub(super) static RULES: &[&Rule] = &[&FITS_THE_NODES];

static FITS_THE_NODES: Rule = Rule {
    code: "LK029",
    severity: Severity::Error,
    title: "no finished object asks for more pods than nodes",
    why: "The values are capped at the number of nodes, and a patch or a plugin that comes later could lift the cap again. \
          What reaches the cluster counts.",
    find: Find::Servers(|servers| {
        let Some(nodes) = servers.finished.nodes else { return Vec::new() };
        servers
            .each(|server| asking(servers, server).into_iter().filter_map(move |asks| too_many(servers, asks, nodes)))
    }),
};

/// An object, the field that asks for pods, and how many.
type Asking<'a> = (&'a Manifest, &'static str, u32);

/// What asks for pods of a server on the node's network.
fn asking<'a>(servers: &Servers<'a>, server: &Server<'a>) -> Vec<Asking<'a>> {
    let asked = |manifest: &'a Manifest, field| Some((manifest, field, super::servers::count(&manifest.value, field)?));
    let autoscaler = servers.autoscaler(server).and_then(|autoscaler| asked(autoscaler, "/spec/maxReplicas"));
    let replicas = asked(server.workload(), "/spec/replicas");
    if server.on_host_network() { replicas.into_iter().chain(autoscaler).collect() } else { Vec::new() }
}

fn too_many(servers: &Servers, (manifest, field, pods): Asking, nodes: u32) -> Option<Diagnostic> {
    if pods <= nodes {
        return None;
    }
    let wrong = Diagnostic::error(format!("{} asks for {pods} pods, and there are at most {nodes} nodes", manifest.id));
    let pool = servers.finished.values.and_then(|values| place(values, POOL));
    let hint = match servers.finished.values {
        Some(_) => {
            format!(
                "look for what sets it under `patches`, in a template or in a plugin, and lower it to {nodes} or less"
            )
        }
        None => format!(
            "lower it to {nodes} or less, or give the pool more nodes: on the host's network each pod needs its own"
        ),
    };
    Some(wrong.at(pool).about(&manifest.id, field).hint(hint))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, on_nodes};

    #[test]
    fn objects_ask_for_as_many_pods_as_there_are_nodes() {
        let replicas = |replicas: u32, pod: &str| {
            LiveKit { spec: &format!("replicas: {replicas}"), pod, ..LiveKit::default() }.yaml()
        };
        let autoscaled = |most: u32| {
            let beside = format!(
                "---\n{{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {{name: a, namespace: media}}, \
                 spec: {{scaleTargetRef: {{kind: Deployment, name: lk}}, maxReplicas: {most}}}}}"
            );
            LiveKit { pod: "hostNetwork: true", beside: &beside, ..LiveKit::default() }.yaml()
        };
        on_nodes(
            3,
            "LK029",
            &[
                (&replicas(3, "hostNetwork: true"), &[]),
                (&replicas(4, "hostNetwork: true"), &["asks for 4 pods, and there are at most 3 nodes"]),
                (&replicas(4, ""), &[]),
                (&autoscaled(3), &[]),
                (&autoscaled(4), &["asks for 4 pods, and there are at most 3 nodes"]),
            ],
        );
        in_objects("LK029", &[(&replicas(4, "hostNetwork: true"), &[])]);
    }
}
