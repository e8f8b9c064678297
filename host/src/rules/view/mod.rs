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
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, ManifestSet, ResourceId};
use crate::values::livekit::IntOrPercent;

/// Finished manifests, and the LiveKit in them.
#[derive(Debug)]
pub(super) struct Fleet<'a> {
    /// The manifests, and what is known of where they go.
    pub(super) finished: &'a Finished<'a>,
    /// Every workload that runs LiveKit.
    pub(super) servers: Vec<Server<'a>>,
}

/// A workload that runs LiveKit.
#[derive(Debug)]
pub(super) struct Server<'a> {
    /// The whole object.
    pub(super) workload: &'a Manifest,
    /// The specification of its pods.
    pub(super) pod: &'a Value,
    /// Where that stands in the object, as a JSON Pointer.
    pub(super) pod_at: &'static str,
    /// The container that runs LiveKit.
    pub(super) container: &'a Value,
    /// Where that stands in the object.
    pub(super) container_at: String,
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

impl<'a> Fleet<'a> {
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
        let id = &server.workload.id;
        self.all("autoscaling", "HorizontalPodAutoscaler").find(|autoscaler| {
            let target = |field: &str| text(&autoscaler.value, &format!("/spec/scaleTargetRef/{field}"));
            target("kind") == Some(&id.kind)
                && target("name") == Some(&id.name)
                && autoscaler.id.namespace == id.namespace
        })
    }

    /// How many pods of a server there may be. A `DaemonSet` has one for each node, which are several.
    pub(super) fn pods(&self, server: &Server) -> Pods {
        if server.workload.id.kind == "DaemonSet" {
            return Pods { least: 1, most: self.finished.nodes.unwrap_or(2) };
        }
        let replicas = count(&server.workload.value, "/spec/replicas").unwrap_or(1);
        let Some(autoscaler) = self.autoscaler(server) else { return Pods { least: replicas, most: replicas } };
        let least = count(&autoscaler.value, "/spec/minReplicas").unwrap_or(1);
        Pods { least, most: count(&autoscaler.value, "/spec/maxReplicas").unwrap_or(least) }
    }

    /// The budgets that select a server's pods.
    pub(super) fn budgets(&self, server: &Server) -> Vec<&'a Manifest> {
        let (labels, namespace) = (server.labels(), &server.workload.id.namespace);
        self.all("policy", "PodDisruptionBudget")
            .filter(|budget| {
                let selector = budget.value.pointer("/spec/selector/matchLabels");
                budget.id.namespace == *namespace && selects(selector, labels)
            })
            .collect()
    }
}

impl<'a> Server<'a> {
    /// What identifies the workload.
    pub(super) fn id(&self) -> &'a ResourceId {
        &self.workload.id
    }

    /// Whether its pods use the node's network.
    pub(super) fn on_host_network(&self) -> bool {
        self.pod.get("hostNetwork") == Some(&Value::Bool(true))
    }

    /// The labels of its pods.
    pub(super) fn labels(&self) -> Option<&'a Value> {
        let at = if self.pod_at == "/spec" { "/metadata/labels" } else { "/spec/template/metadata/labels" };
        self.workload.value.pointer(at)
    }

    /// An annotation of its pods.
    pub(super) fn pod_annotation(&self, key: &str) -> Option<&'a str> {
        let at = if self.pod_at == "/spec" { "/metadata/annotations" } else { "/spec/template/metadata/annotations" };
        self.workload.value.pointer(at)?.get(key)?.as_str()
    }

    /// How long a pod may drain, in seconds: 30 where nothing is said.
    pub(super) fn grace(&self) -> u64 {
        self.pod.get("terminationGracePeriodSeconds").and_then(Value::as_u64).unwrap_or(30)
    }

    /// A pointer to a field of its pods.
    pub(super) fn in_pod(&self, field: &str) -> String {
        format!("{}/{field}", self.pod_at)
    }

    /// A finding about a setting of LiveKit's, at what sets it.
    pub(super) fn about(&self, finding: Diagnostic, path: &str) -> Diagnostic {
        let (object, pointer) = self.settings.place(path, self);
        finding.about(&object, pointer)
    }
}

/// The workload's LiveKit, if it runs one.
fn server<'a>(manifest: &'a Manifest, manifests: &ManifestSet) -> Option<Server<'a>> {
    let pod_at = match manifest.id.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" if manifest.id.group == "apps" => "/spec/template/spec",
        "Pod" if manifest.id.group.is_empty() => "/spec",
        _ => return None,
    };
    let pod = manifest.value.pointer(pod_at)?;
    let containers = list(pod.get("containers"));
    let (index, container) = containers.iter().enumerate().find(|(_, container)| runs_livekit(container))?;
    let container_at = format!("{pod_at}/containers/{index}");
    let mut server = Server { workload: manifest, pod, pod_at, container, container_at, settings: Settings::default() };
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

/// Whether a selector, which is not empty, finds objects with these labels.
pub(super) fn selects(selector: Option<&Value>, labels: Option<&Value>) -> bool {
    let (Some(selector), Some(labels)) = (selector.and_then(Value::as_object), labels) else { return false };
    !selector.is_empty() && selector.iter().all(|(key, value)| labels.get(key) == Some(value))
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
