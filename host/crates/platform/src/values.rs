//! What an environment says, as Rust types: one file a capability. The schemas in schemas/ are
//! generated from these, and only rules, notes and `resolve` read them; templates and plugins see
//! the validated tree. No type holds a default: those are layer 0, host/defaults.yaml.

pub mod broadcaster;
pub mod charts;
pub mod cluster;
pub mod external_address;
pub mod gateway;
pub mod ingress;
pub mod issuers;
pub mod livekit;
pub mod livekit_config;
pub mod livekit_egress;
pub mod livekit_ingress;
pub mod media_service;
pub mod policy;
pub mod redis;
pub mod scaling;
pub mod schema;
pub mod secret;
pub mod stunner;
pub mod turn;
pub mod workload;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use render_schema::api::version::Version;
use render_text::diagnostic::Diagnostic;
use render_text::node::Node;

use self::livekit_config::turn::TurnConfig;

pub use self::broadcaster::Broadcaster;
pub use self::charts::Charts;
pub use self::cluster::{Cluster, Namespace};
pub use self::gateway::Gateway;
pub use self::ingress::Ingress;
pub use self::issuers::Issuer;
pub use self::livekit::LiveKit;
pub use self::livekit_egress::LiveKitEgress;
pub use self::livekit_ingress::LiveKitIngress;
pub use self::policy::{Argocd, Monitoring, NetworkPolicy, Patch, Rules, Terraform};
pub use self::redis::Redis;
pub use self::scaling::Scaling;
pub use self::secret::ExternalSecrets;
pub use self::stunner::Stunner;
pub use self::turn::Turn;

// `PROVIDERS`: the names of the plugins that the binary carries, made by build.rs.
include!(concat!(env!("OUT_DIR"), "/providers.rs"));

/// Layer 0 of every environment.
pub const DEFAULTS: &str = include_str!("../../../defaults.yaml");

/// Values that satisfy every schema. Only the stage `Valid` of the pipeline and [`crate::resolve`] make one.
#[derive(Clone)]
pub struct Values {
    /// The name of the environment.
    pub environment: String,
    /// The values with the places that set them.
    pub tree: Node,
    /// The same values without places: what templates and plugins see.
    pub json: Value,
    /// The same values as Rust types: what rules read.
    pub platform: Platform,
}

impl Values {
    /// The version of Kubernetes that they name.
    ///
    /// # Errors
    /// One whose schemas the binary does not have.
    pub fn kubernetes_version(&self) -> Result<Version, Diagnostic> {
        Version::parse(&self.platform.cluster.kubernetes_version).map_err(|wrong| {
            let place = self.tree.at(&["cluster", "kubernetesVersion"]).and_then(Node::place);
            Diagnostic::error(wrong).at(place).hint(
                "set `cluster.kubernetesVersion` to the nearest of these, or check with another version of render",
            )
        })
    }
}

/// Values hold secrets, and trees do not know which: only the types, which do, are printed.
impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, platform, .. } = self;
        formatter
            .debug_struct("Values")
            .field("environment", environment)
            .field("platform", platform)
            .finish_non_exhaustive()
    }
}

/// A LiveKit media platform on one cluster.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The plugin that knows the cluster's provider; leave it out on a cluster without one.
    pub provider: Option<String>,
    /// The DNS name of this site. Names that are not written follow from it: signalling is `livekit.` and this, STUNner
    /// and the Broadcaster are this one itself.
    #[schemars(regex(pattern = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"), extend("patternHint" = "a DNS name in lower case, as in germany.example.com"))]
    pub domain: Option<String>,
    /// Further plugins, which run after the provider's in this order: built-in ones, and those of `render.lock`.
    pub plugins: Vec<String>,
    /// Facts of the cluster that the manifests must fit.
    pub cluster: Cluster,
    /// The namespace that everything namespaced goes to.
    pub namespace: Namespace,
    /// The LiveKit server.
    pub livekit: LiveKit,
    /// How clients reach TURN over TLS. LiveKit's own TURN settings are under `livekit.config.turn`.
    pub turn: Turn,
    /// How clients reach LiveKit's signalling (HTTPS and WebSocket).
    pub ingress: Ingress,
    /// A Gateway for signalling, in place of an Ingress controller.
    pub gateway: Gateway,
    /// STUNner, a TURN server as a Gateway, for pods without an address of the node's.
    pub stunner: Stunner,
    /// LiveKit Ingress, which takes RTMP and WHIP.
    pub livekit_ingress: LiveKitIngress,
    /// LiveKit Egress, which records rooms and streams them elsewhere.
    pub livekit_egress: LiveKitEgress,
    /// The Broadcaster, one live stream for several regions.
    pub broadcaster: Broadcaster,
    /// The Redis that LiveKit's nodes share.
    pub redis: Redis,
    /// cert-manager's issuers, by name.
    pub issuers: BTreeMap<String, Issuer>,
    /// How External Secrets finds the store of secrets.
    pub external_secrets: ExternalSecrets,
    /// How many LiveKit pods there are, and how many may be away.
    pub scaling: Scaling,
    /// What brings the operators that the manifests need.
    pub charts: Charts,
    /// What Argo CD reads, where it applies the manifests.
    pub argocd: Argocd,
    /// What scrapes LiveKit's metrics.
    pub monitoring: Monitoring,
    /// `NetworkPolicies`, where they have an effect: never for pods on the host's network.
    pub network_policy: NetworkPolicy,
    /// Changes to rendered objects, the last thing that is done to them.
    pub patches: Vec<Patch>,
    /// Manifest templates of your own, as paths relative to the file that names them.
    #[schemars(inner(regex(pattern = r"\.ya?ml$")), transform = yaml_in_words)]
    pub templates: Vec<String>,
    /// What your own templates read; the project does not.
    pub custom: BTreeMap<String, Value>,
    /// How findings are treated.
    pub rules: Rules,
    /// Where the outputs of Terraform go.
    pub terraform: Terraform,
}

impl Platform {
    /// LiveKit's settings of TURN, when it is reached over TLS.
    #[must_use]
    pub fn turn_over_tls(&self) -> Option<&TurnConfig> {
        let turn = self.livekit.config.turn.as_ref();
        turn.filter(|turn| self.livekit.enabled && turn.enabled == Some(true) && turn.tls_port.is_some())
    }

    /// Whether clients reach `LiveKit`'s signalling by a name of their own.
    #[must_use]
    pub fn has_signalling(&self) -> bool {
        self.livekit.enabled && self.ingress.enabled
    }

    /// The most LiveKit pods that should run.
    #[must_use]
    pub fn most_pods(&self) -> u32 {
        let autoscaler = &self.scaling.horizontal_pod_autoscaler;
        autoscaler.max_replicas.filter(|_| autoscaler.enabled).unwrap_or(self.livekit.replicas)
    }
}

/// What the pattern of the paths of templates means.
fn yaml_in_words(list: &mut schemars::Schema) {
    if let Some(items) = list.get_mut("items") {
        items["patternHint"] = "a path that ends in .yaml".into();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_name_the_default_version_of_kubernetes() {
        assert!(DEFAULTS.contains(&format!("kubernetesVersion: \"{}\"\n", Version::DEFAULT)));
    }
}
