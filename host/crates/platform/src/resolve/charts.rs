//! Where the installer of the operators' charts looks, and which Ingress controller it installs.

use super::{Derived, Given};
use crate::values::charts::{self, Installer};

/// The namespace of what the installer reads, and the release of the Ingress controller.
pub(super) fn derive(given: &Given) -> Vec<Derived> {
    namespace(given).into_iter().chain(ingress_controller(given)).collect()
}

fn namespace(given: &Given) -> Option<Derived> {
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

/// The controller of the class, unless its release says itself whether it is installed.
fn ingress_controller(given: &Given) -> Option<Derived> {
    let class = given.platform.ingress.class_name.as_deref().filter(|_| given.platform.charts.ingress_controller)?;
    let release = charts::controller(class)?;
    let path = ["charts", "releases", release, "enabled"];
    let derived = Derived::at(&path, true, "it serves the class of the Ingress").from(given.at("ingress.className"));
    given.tree.at(&path).is_none().then_some(derived)
}
