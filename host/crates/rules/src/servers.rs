//! LiveKit in a set of manifests, whoever rendered them: which workloads run it, how it is configured,
//! how many pods there are, and what leads to them. Rules ask here, so that each says only what is wrong.
//! What cannot be seen (a Secret that is not in the set, a file that a script writes) is never guessed.

mod files;
mod network;
mod settings;

use serde_json::Value;

pub(super) use self::files::Mounted;
pub(super) use self::network::is_exposed;
use self::settings::Settings;
use super::Finished;
use super::selector::Selector;
use super::view::{Field, Pod, may_be_same, of_kind};
use render_objects::manifest::{Manifest, ManifestSet};
use render_platform::values::livekit::IntOrPercent;
use render_text::diagnostic::{Diagnostic, Part};
use render_text::resource::ResourceId;

/// Finished manifests, and the LiveKit in them.
#[derive(Debug)]
pub(super) struct Servers<'a> {
    /// The manifests, and what is known of where they go.
    pub(super) finished: &'a Finished<'a>,
    /// Every workload that runs LiveKit.
    pub(super) servers: Vec<Server<'a>>,
}

/// A workload that runs LiveKit.
#[derive(Debug)]
pub(super) struct Server<'a> {
    /// Its pods.
    pub(super) pod: Pod<'a>,
    /// The container that runs LiveKit.
    pub(super) container: Field<'a>,
    /// How it is configured.
    pub(super) settings: Settings,
}

/// How many pods of a server there are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pods {
    /// The fewest.
    pub(super) least: u32,
    /// The most.
    pub(super) most: u32,
}

impl<'a> Servers<'a> {
    /// The LiveKit in these manifests.
    pub(super) fn of(finished: &'a Finished<'a>) -> Self {
        let servers = finished.manifests.iter().filter_map(|manifest| server(manifest, finished.manifests));
        Self { finished, servers: servers.collect() }
    }

    /// Every object.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a Manifest> {
        self.finished.manifests.iter()
    }

    /// Every object of a kind of a group; an empty group is Kubernetes' core.
    pub(super) fn all(&self, group: &'a str, kind: &'a str) -> impl Iterator<Item = &'a Manifest> {
        self.iter().filter(move |manifest| manifest.id.group == group && manifest.id.kind == kind)
    }

    /// What a function finds for each server.
    pub(super) fn each<'f, Found: IntoIterator<Item = Diagnostic>>(
        &'f self,
        find: impl Fn(&'f Server<'a>) -> Found,
    ) -> Vec<Diagnostic> {
        self.servers.iter().flat_map(find).collect()
    }

    /// The autoscaler of a server.
    pub(super) fn autoscaler(&self, server: &Server) -> Option<&'a Manifest> {
        let id = server.id();
        self.all("autoscaling", "HorizontalPodAutoscaler").find(|autoscaler| {
            let target = |field: &str| text(&autoscaler.value, &format!("/spec/scaleTargetRef/{field}"));
            target("kind") == Some(&id.kind)
                && target("name") == Some(&id.name)
                && autoscaler.id.namespace == id.namespace
        })
    }

    /// How many pods of a server there may be. A `DaemonSet` has one for each node, which are several.
    pub(super) fn pods(&self, server: &Server) -> Pods {
        if server.id().kind == "DaemonSet" {
            return Pods { least: 1, most: self.finished.nodes.unwrap_or(2) };
        }
        let replicas = count(&server.workload().value, "/spec/replicas").unwrap_or(1);
        let Some(autoscaler) = self.autoscaler(server) else { return Pods { least: replicas, most: replicas } };
        let least = count(&autoscaler.value, "/spec/minReplicas").unwrap_or(1);
        Pods { least, most: count(&autoscaler.value, "/spec/maxReplicas").unwrap_or(least) }
    }

    /// The budgets that select a server's pods.
    pub(super) fn budgets(&self, server: &Server<'a>) -> Vec<&'a Manifest> {
        let budgets = of_kind(self.finished.manifests, "policy", "PodDisruptionBudget");
        let selects = |budget: &Field<'a>| {
            let selector = budget.at(&["spec", "selector"]).map(Selector::Full);
            selector.is_some_and(|selector| selector.selects(server.pod.labels()))
        };
        let beside = budgets.filter(|budget| server.is_beside(budget.manifest));
        beside.filter(selects).map(|budget| budget.manifest).collect()
    }
}

impl<'a> Server<'a> {
    /// The whole object.
    pub(super) fn workload(&self) -> &'a Manifest {
        self.pod.owner()
    }

    /// What identifies it.
    pub(super) fn id(&self) -> &'a ResourceId {
        &self.workload().id
    }

    /// Whether an object is in its namespace, as far as the two say.
    pub(super) fn is_beside(&self, object: &Manifest) -> bool {
        may_be_same(self.id().namespace.as_deref(), object.id.namespace.as_deref())
    }

    /// Whether its pods use the node's network.
    pub(super) fn on_host_network(&self) -> bool {
        self.pod.on_host_network()
    }

    /// An annotation of its pods.
    pub(super) fn pod_annotation(&self, key: &str) -> Option<&'a str> {
        self.pod.template.value.pointer("/metadata/annotations")?.get(key)?.as_str()
    }

    /// How long a pod may drain, in seconds: 30 where nothing is said.
    pub(super) fn grace(&self) -> u64 {
        self.pod.spec.number("terminationGracePeriodSeconds").unwrap_or(30)
    }

    /// A pointer to a field of its pods.
    pub(super) fn in_pod(&self, field: &str) -> String {
        format!("{}/{field}", self.pod.spec.pointer)
    }

    /// A finding about a setting of LiveKit's, at what sets it.
    pub(super) fn about(&self, finding: Diagnostic, path: &str) -> Diagnostic {
        let (object, pointer) = self.settings.place(path, self);
        finding.about(&object, pointer).part(self.settings.bytes(path).map_or(Part::Value, Part::Bytes))
    }
}

/// The workload's LiveKit, if it runs one.
fn server<'a>(manifest: &'a Manifest, manifests: &ManifestSet) -> Option<Server<'a>> {
    let pod = Pod::of(manifest).filter(|pod| !pod.is_temporary())?;
    let container = pod.containers().into_iter().find(|container| runs_livekit(container.value))?;
    let mut server = Server { pod, container, settings: Settings::default() };
    server.settings = settings::read(&server, manifests);
    Some(server)
}

/// Whether a container runs LiveKit: by the name of its image in any registry, or by the variables that
/// only LiveKit reads. Labels do not say it: the pod of a chart's test carries the same ones.
fn runs_livekit(container: &Value) -> bool {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split(['@', ':']).next().unwrap_or_default();
    let variables = list(container.get("env")).iter().filter_map(|variable| text(variable, "/name"));
    name == "livekit-server" || variables.into_iter().any(|name| matches!(name, "LIVEKIT_CONFIG" | "LIVEKIT_KEYS"))
}

/// A text under a JSON Pointer.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str()
}

/// A count under a JSON Pointer.
pub(super) fn count(value: &Value, pointer: &str) -> Option<u32> {
    value.pointer(pointer)?.as_u64().and_then(|count| u32::try_from(count).ok())
}

/// A count or a share under a JSON Pointer.
pub(super) fn amount(value: &Value, pointer: &str) -> Option<IntOrPercent> {
    serde_json::from_value(value.pointer(pointer)?.clone()).ok()
}

/// An annotation of an object.
pub(super) fn annotation<'v>(manifest: &'v Manifest, key: &str) -> Option<&'v str> {
    manifest.value.pointer("/metadata/annotations")?.get(key)?.as_str()
}

/// A JSON Pointer to an annotation.
pub(super) fn annotation_at(key: &str) -> String {
    format!("/metadata/annotations/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The items of a list, none for anything else.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects};

    /// Pods on the host's network without names of the cluster, which LK092 finds in each LiveKit.
    fn found(object: &str) -> [(&str, &'static [&'static str]); 1] {
        [(object, &["cannot resolve names of the cluster"])]
    }

    #[test]
    fn livekit_is_known_by_its_image_or_its_own_variables() {
        let pod = |image: &str, env: &str| {
            format!(
                "{{apiVersion: v1, kind: Pod, metadata: {{name: a}}, \
                 spec: {{hostNetwork: true, containers: [{{name: a, image: '{image}', env: [{env}]}}]}}}}"
            )
        };
        for image in ["livekit/livekit-server", "livekit-server:v1.9.0", "registry:5000/a/livekit-server@sha256:00"] {
            in_objects("LK092", &found(&pod(image, "")));
        }
        in_objects("LK092", &found(&pod("example.com/own", "{name: LIVEKIT_CONFIG}")));
        for image in ["livekit/egress", "livekit-server-exporter", "livekit-server/tools"] {
            in_objects("LK092", &[(&pod(image, "{name: LIVEKIT_URL}"), &[])]);
        }
    }

    #[test]
    fn a_job_that_runs_livekit_is_no_server() {
        let pod = "hostNetwork: true";
        let deployment = LiveKit { pod, ..LiveKit::default() }.yaml();
        let job = deployment.replace("apps/v1", "batch/v1").replace("kind: Deployment", "kind: Job");
        in_objects("LK092", &found(&deployment));
        in_objects("LK092", &[(&job, &[])]);
    }

    #[test]
    fn an_operators_object_with_a_template_is_a_server() {
        let rollout = LiveKit { pod: "hostNetwork: true", ..LiveKit::default() }.yaml();
        in_objects(
            "LK092",
            &found(&rollout.replace("apps/v1", "argoproj.io/v1alpha1").replace("kind: Deployment", "kind: Rollout")),
        );
    }
}
