//! When an object is applied: on an empty cluster the phases go in order, each complete by itself.

use crate::manifest::Manifest;

/// A phase of applying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Phase {
    /// Namespaces, and what brings new kinds.
    Bootstrap,
    /// What operators read: issuers, stores of secrets, gateways.
    Platform,
    /// Everything else.
    App,
}

/// The phase of an object, by its kind.
#[must_use]
pub fn of(manifest: &Manifest) -> Phase {
    match manifest.id.kind.as_str() {
        "Namespace" | "CustomResourceDefinition" => Phase::Bootstrap,
        "ClusterIssuer" | "Issuer" | "SecretStore" | "ClusterSecretStore" | "GatewayClass" | "GatewayConfig"
        | "Gateway" | "HelmChart" | "HelmChartConfig" => Phase::Platform,
        _ => Phase::App,
    }
}

impl Phase {
    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Platform => "platform",
            Self::App => "app",
        }
    }
}
