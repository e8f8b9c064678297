//! Where the installer of the operators' charts looks.

use super::{Derived, Given};
use crate::values::charts::Installer;

/// The namespace of what the installer reads.
pub(super) fn derive(given: &Given) -> Option<Derived> {
    let charts = &given.platform.charts;
    let home = match charts.installer {
        Installer::Commands => return None,
        Installer::HelmController => "kube-system",
        Installer::Argocd => "argocd",
        Installer::Flux => "flux-system",
    };
    let reason = "the installer reads what stands in its own namespace";
    let derived = Derived::new("charts.namespace", home, reason).from(given.at("charts.installer"));
    charts.namespace.is_none().then_some(derived)
}
