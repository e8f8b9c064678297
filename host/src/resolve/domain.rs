//! The names that follow from the name of the site.

use super::{Derived, Given};

/// The name of signalling, where none is written.
pub(super) fn derive(given: &Given) -> Option<Derived> {
    let domain = given.platform.domain.as_ref()?;
    let reason = "signalling is a name below that of the site";
    let derived = Derived::new("ingress.host", format!("livekit.{domain}"), reason).from(given.at("domain"));
    (given.platform.has_signalling() && given.platform.ingress.host.is_none()).then_some(derived)
}
