//! How clients reach MijnBureau's signalling: an Ingress, a route of a Gateway, or neither.

use serde_json::{Value, json};

use render_text::node::{Node, Tree};

use super::super::draft::Draft;
use super::super::table::{member, place};
use super::{at, text};

/// Carries over how clients reach signalling.
pub(super) fn carry(values: &Node, draft: &mut Draft) {
    let mode = text(values, "cluster.routingMode").unwrap_or_default();
    let from = at(values, "cluster.routingMode");
    match mode {
        "ingress" => {
            draft.set("ingress.enabled", true, from);
            ingress(values, draft);
        }
        "gateway-api" => {
            draft.set("ingress.enabled", true, from);
            draft.set("ingress.type", "HTTPRoute", from);
            gateway(values, draft);
        }
        "none" => return draft.set("ingress.enabled", false, from),
        _ => {
            let message = "`cluster.routingMode` is not `ingress`, `gateway-api` or `none`, and is not carried over";
            return draft.tell(message, from, "say under `ingress` how clients reach signalling");
        }
    }
    if let Some(name) = name(values) {
        draft.set("ingress.host", name, at(values, "global.domain"));
    } else {
        let hint = "set `ingress.host`, the DNS name of signalling";
        draft.tell("`global.domain` and `global.hostname.livekit` name no host", at(values, "global"), hint);
    }
}

/// The DNS name of signalling.
pub(super) fn name(values: &Node) -> Option<String> {
    Some(format!("{}.{}", text(values, "global.hostname.livekit")?, text(values, "global.domain")?))
}

fn ingress(values: &Node, draft: &mut Draft) {
    if let Some(kind) = text(values, "cluster.ingress.type") {
        draft.set("mijnbureau.ingress.type", kind, at(values, "cluster.ingress.type"));
    }
    if let Some(class) = text(values, "cluster.ingress.className") {
        draft.set("ingress.className", class, at(values, "cluster.ingress.className"));
    }
    if let Some(annotations) = member(values, "cluster.ingress.annotations") {
        draft.put(&["ingress", "annotations"], annotations.clone());
    }
    draft.set("ingress.pathType", "ImplementationSpecific", None);
    certificate(values, draft);
}

/// The Secret of the certificate, which the chart takes from `tls.livekit`.
fn certificate(values: &Node, draft: &mut Draft) {
    let listed = member(values, "tls.livekit");
    let items = listed.map(|listed| &listed.node.tree);
    let secret =
        if let Some(Tree::List(items)) = items { items.iter().find_map(|item| item.get("secretName")) } else { None };
    if let Some(Tree::String(name)) = secret.map(|secret| &secret.tree)
        && !name.is_empty()
    {
        return draft.set("ingress.tls.secretName", name.as_str(), listed.and_then(place));
    }
    let off = member(values, "global.tls.enabled").is_some_and(|on| on.node.tree == Tree::Bool(false));
    if off {
        return;
    }
    let from = listed.and_then(place).or_else(|| at(values, "global.tls"));
    draft.set("ingress.tls.secretName", "livekit-tls", from);
    let message = "no Secret of signalling's certificate is named, and the environment file has `livekit-tls`";
    draft.tell(message, from, "put the certificate there, or name its issuer by `ingress.tls.issuerRef`");
}

/// The Gateway that the route hangs on.
fn gateway(values: &Node, draft: &mut Draft) {
    let found = member(values, "cluster.gateway");
    let of = |key: &str| text(values, &format!("cluster.gateway.{key}"));
    let Some(name) = of("name") else {
        let hint = "set `ingress.parentRefs` to the Gateway, as in [{name: NAME, namespace: NAMESPACE}]";
        return draft.tell("`cluster.gateway` names no Gateway", found.and_then(place), hint);
    };
    let parts = [("name", Some(name)), ("namespace", of("namespace")), ("sectionName", of("sectionName"))];
    let parent: serde_json::Map<String, Value> =
        parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value?)))).collect();
    draft.set("ingress.parentRefs", json!([parent]), found.and_then(place));
}
