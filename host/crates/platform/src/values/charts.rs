//! What brings the operators that the manifests need: their Helm charts, and who installs these.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::workload::Object;

/// The Helm charts of the operators that the manifests need.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Charts {
    /// Who installs those that are enabled.
    pub installer: Installer,
    /// The namespace of what the installer reads; that of its own installation when left out.
    #[schemars(length(min = 1))]
    pub namespace: Option<String>,
    /// Whether the controller of `ingress.className` is installed, so that the class alone chooses between Traefik
    /// and ingress-nginx. A release that says `enabled` itself is left alone.
    #[serde(default)]
    pub ingress_controller: bool,
    /// The releases, by name. Those of the defaults wait for `enabled: true`.
    pub releases: BTreeMap<String, Release>,
}

/// Who installs Helm charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Installer {
    /// A person: `render notes` prints the commands.
    Commands,
    /// The controller that k3s and RKE2 bring, which reads `HelmChart` objects.
    HelmController,
    /// Argo CD, by an `Application` each.
    Argocd,
    /// Flux, by a `HelmRelease` each.
    Flux,
}

/// One installed Helm chart.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Release {
    /// Whether it is installed.
    #[serde(default)]
    pub enabled: bool,
    /// The repository of charts, an address that begins with `https://` or `oci://`.
    #[schemars(regex(pattern = r"^(https|oci)://.+"), extend("patternHint" = "an address that begins with https:// or oci://"))]
    pub repo: String,
    /// The chart's name in the repository.
    #[schemars(length(min = 1))]
    pub chart: String,
    /// The chart's version.
    #[schemars(length(min = 1))]
    pub version: String,
    /// The namespace that it is installed into; it is made when it is missing.
    #[schemars(length(min = 1))]
    pub namespace: String,
    /// The chart's own values.
    #[serde(default)]
    pub values: Object,
    /// Never pruned: taking it away would take more with it than itself, as with the network of the pods.
    #[serde(default)]
    pub keep: bool,
    /// Installed while no pod network is there yet; only k3s' controller can do that.
    #[serde(default)]
    pub bootstrap: bool,
}

/// The release that serves the Ingresses of a class.
#[must_use]
pub fn controller(class: &str) -> Option<&'static str> {
    match class {
        "traefik" => Some("traefik"),
        "nginx" => Some("ingress-nginx"),
        _ => None,
    }
}

impl Release {
    /// The command that installs it under a name.
    #[must_use]
    pub fn command(&self, name: &str) -> String {
        let Self { repo, chart, version, namespace, .. } = self;
        let chart =
            if repo.starts_with("oci://") { format!("{repo}/{chart}") } else { format!("{chart} --repo {repo}") };
        let values = self.values.iter().map(|(key, value)| format!(" --set-json '{key}={value}'"));
        format!(
            "helm upgrade --install {name} {chart} --version {version} --namespace {namespace} --create-namespace{}",
            values.collect::<String>()
        )
    }
}
