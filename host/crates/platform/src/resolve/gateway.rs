//! What follows for the route of signalling.

use serde_json::json;

use super::{Derived, Given};
use crate::values::ingress::IngressType;

pub(super) fn derive(given: &Given) -> Option<Derived> {
    let (ingress, gateway) = (&given.platform.ingress, &given.platform.gateway);
    if ingress.kind != IngressType::HttpRoute || ingress.parent_refs.is_some() {
        return None;
    }
    let parent = json!([{"name": gateway.name, "namespace": gateway.namespace, "sectionName": "https"}]);
    let reason = "signalling goes through the Gateway";
    Some(Derived::new("ingress.parentRefs", parent, reason).from(given.at("gateway.name")))
}
