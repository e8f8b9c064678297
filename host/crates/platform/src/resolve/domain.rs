//! The names that follow from the name of the site.

use super::{Derived, Given};

/// The names of signalling and of the Broadcaster, where none is written.
pub(super) fn derive(given: &Given) -> Vec<Derived> {
    signalling(given).into_iter().chain(broadcaster(given)).collect()
}

fn signalling(given: &Given) -> Option<Derived> {
    let domain = given.platform.domain.as_ref()?;
    let reason = "signalling is a name below that of the site";
    let derived = Derived::new("ingress.host", format!("livekit.{domain}"), reason).from(given.at("domain"));
    (given.platform.has_signalling() && given.platform.ingress.host.is_none()).then_some(derived)
}

fn broadcaster(given: &Given) -> Option<Derived> {
    let (broadcaster, domain) = (&given.platform.broadcaster, given.platform.domain.as_ref()?);
    let reason = "the Broadcaster is reached by the name of the site";
    let derived = Derived::new("broadcaster.host", domain.clone(), reason).from(given.at("domain"));
    (broadcaster.enabled && broadcaster.host.is_none()).then_some(derived)
}
