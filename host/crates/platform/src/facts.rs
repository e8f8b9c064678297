//! What a cluster says about itself: the objects that `kubectl get gateway,service,node -A -o json`
//! prints. Only addresses are read; everything else of the text is masked in messages.

use render_text::diagnostic::{Diagnostic, Found};
use render_text::node::{Node, Tree};
use render_text::source::{Place, Sources};

/// Whether facts of the cluster may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Need {
    /// Objects that need a fact are wanted, so a missing one is an error.
    #[default]
    Required,
    /// Nothing is wanted that needs facts: only the phase `app` does.
    Optional,
}

/// The addresses of a cluster's Gateways, Services and nodes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    objects: Vec<Object>,
}

/// An object that has an address.
#[derive(Debug, Clone, PartialEq)]
struct Object {
    kind: Kind,
    namespace: String,
    name: String,
    addresses: Vec<Address>,
}

/// What the address of an object means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A Gateway of the Gateway API.
    Gateway,
    /// A Service with a load balancer.
    Service,
    /// A node, with its external addresses.
    Node,
}

/// An address or a DNS name, and where the facts say it.
#[derive(Debug, Clone, PartialEq)]
pub struct Address {
    /// The address or the name.
    pub value: String,
    /// Where it stands.
    pub place: Option<Place>,
}

impl Facts {
    /// The first address of an object.
    #[must_use]
    pub(crate) fn address(&self, kind: Kind, namespace: &str, name: &str) -> Option<&Address> {
        let is_meant = |object: &&Object| (object.kind, &*object.namespace, &*object.name) == (kind, namespace, name);
        self.objects.iter().filter(is_meant).find_map(|object| object.addresses.first())
    }
}

/// The facts in the documents of a text: Lists, or single objects.
///
/// # Errors
/// A document that is neither.
pub fn read(documents: &[Node], sources: &mut Sources) -> Found<Facts> {
    let (mut facts, mut mistakes) = (Facts::default(), Vec::new());
    for document in documents {
        mask(document, sources);
        match items(document) {
            Some(items) => facts.objects.extend(items.into_iter().filter_map(object)),
            None => mistakes.push(not_facts(document)),
        }
    }
    if mistakes.is_empty() { Ok(facts) } else { Err(mistakes) }
}

/// The objects of a document; none when it is no object at all.
fn items(document: &Node) -> Option<Vec<&Node>> {
    let kind = text(document, &["kind"])?;
    match document.get("items").map(|items| &items.tree) {
        Some(Tree::List(items)) if kind.ends_with("List") => Some(items.iter().collect()),
        _ => Some(vec![document]),
    }
}

fn object(node: &Node) -> Option<Object> {
    let kind = match (text(node, &["kind"])?, text(node, &["apiVersion"])?) {
        ("Gateway", version) if version.starts_with("gateway.networking.k8s.io/") => Kind::Gateway,
        ("Service", "v1") => Kind::Service,
        ("Node", "v1") => Kind::Node,
        _ => return None,
    };
    let namespace = text(node, &["metadata", "namespace"]).unwrap_or_default().to_owned();
    let name = text(node, &["metadata", "name"])?.to_owned();
    Some(Object { kind, namespace, name, addresses: addresses(kind, node) })
}

fn addresses(kind: Kind, node: &Node) -> Vec<Address> {
    let (path, keys): (&[&str], &[&str]) = match kind {
        Kind::Gateway => (&["status", "addresses"], &["value"]),
        Kind::Service => (&["status", "loadBalancer", "ingress"], &["ip", "hostname"]),
        Kind::Node => (&["status", "addresses"], &["address"]),
    };
    let Some(Tree::List(entries)) = node.at(path).map(|list| &list.tree) else { return Vec::new() };
    let wanted = |entry: &&Node| kind != Kind::Node || text(entry, &["type"]) == Some("ExternalIP");
    let found = entries.iter().filter(wanted).filter_map(|entry| keys.iter().find_map(|key| address(entry.get(key)?)));
    found.collect()
}

/// An address that is not empty: controllers write an empty one before they have one.
fn address(node: &Node) -> Option<Address> {
    match &node.tree {
        Tree::String(value) if !value.trim().is_empty() => {
            Some(Address { value: value.trim().to_owned(), place: node.place() })
        }
        _ => None,
    }
}

fn text<'a>(node: &'a Node, path: &[&str]) -> Option<&'a str> {
    match &node.at(path)?.tree {
        Tree::String(text) => Some(text),
        _ => None,
    }
}

fn not_facts(document: &Node) -> Diagnostic {
    let what = document.tree.kind();
    Diagnostic::error(format!(
        "facts are what kubectl prints of a cluster's objects, and this is {what} without a kind"
    ))
    .at(document.place())
    .hint("write them with `kubectl get gateway,service,node -A -o json`")
}

/// Masks every value but those that facts are made of: whatever else kubectl was asked for, such as
/// annotations and Secrets, no message shows.
fn mask(document: &Node, sources: &mut Sources) {
    let mut masked = Vec::new();
    for item in items(document).unwrap_or_else(|| vec![document]) {
        collect(item, &mut Vec::new(), &mut masked);
    }
    sources.mask(masked);
    document.place().into_iter().for_each(|place| sources.classified(place.source));
}

fn collect<'a>(node: &'a Node, path: &mut Vec<&'a str>, masked: &mut Vec<Place>) {
    match &node.tree {
        Tree::Map(map) => {
            for (key, member) in map {
                path.push(key);
                collect(&member.node, path, masked);
                path.pop();
            }
        }
        Tree::List(items) => items.iter().for_each(|item| collect(item, path, masked)),
        _ if is_shown(path) => {}
        _ => masked.extend(node.place()),
    }
}

/// Whether a value under this path of keys is one that facts are made of.
fn is_shown(path: &[&str]) -> bool {
    matches!(
        path,
        ["apiVersion" | "kind"]
            | ["metadata", "name" | "namespace"]
            | ["status", "addresses", "type" | "value" | "address"]
            | ["status", "loadBalancer", "ingress", "ip" | "hostname"]
    )
}
