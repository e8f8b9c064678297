//! The fleet: one row for each cluster, which of them this environment is, and what no two of them may share. Nothing
//! has a default: a cluster that no row names would take another one's number and addresses.

use std::net::Ipv4Addr;

use render_plugin_sdk::{Remark, Request, pointer};
use serde_json::Value;

use crate::cidr::Range;
use crate::near::near;

/// What k3s gives Services, unless `server` says otherwise.
const SERVICES: &str = "10.43.0.0/16";

/// How much of the pods' addresses Cilium gives each node: a /24.
const OF_A_NODE: u32 = 24;

/// One cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    /// Its name.
    pub(crate) name: &'a str,
    /// Its number.
    pub(crate) id: u64,
    /// The addresses of its pods.
    pub(crate) pod_cidr: &'a str,
    /// The address of its node.
    pub(crate) node_ip: &'a str,
}

/// Every cluster, in the order of the names.
pub(crate) fn rows(request: &Request) -> Vec<Row<'_>> {
    let fleet = request.get("/hetzner-k3s/fleet").and_then(Value::as_object);
    fleet.into_iter().flatten().filter_map(|(name, row)| Row::read(name, row)).collect()
}

/// This environment's cluster.
pub(crate) fn own(request: &Request) -> Option<Row<'_>> {
    let name = request.text("/hetzner-k3s/cluster")?;
    rows(request).into_iter().find(|row| row.name == name)
}

/// Every other cluster.
pub(crate) fn others<'a>(request: &'a Request, own: &Row) -> Vec<Row<'a>> {
    rows(request).into_iter().filter(|row| row.name != own.name).collect()
}

/// What is wrong with the fleet, and with the choice of the cluster.
pub(crate) fn mistakes(request: &Request) -> Vec<Remark> {
    let rows = rows(request);
    let mut mistakes: Vec<Remark> = chosen(request, &rows).into_iter().collect();
    for (index, row) in rows.iter().enumerate() {
        mistakes.extend(alone(request, row));
        mistakes.extend(rows.iter().take(index).filter_map(|earlier| shared(row, earlier)));
    }
    mistakes
}

/// The choice of the cluster, if it is none.
fn chosen(request: &Request, rows: &[Row]) -> Option<Remark> {
    let names = rows.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
    if rows.is_empty() {
        let none = Remark::new("/hetzner-k3s/fleet", "the fleet has no cluster");
        return Some(none.hint("give each cluster a row with id, podCIDR and nodeIP"));
    }
    let Some(name) = request.text("/hetzner-k3s/cluster") else {
        let message = "`hetzner-k3s.cluster` is not set, so nothing says which cluster of the fleet this is";
        return Some(Remark::new("/hetzner-k3s/cluster", message).hint(format!("set it to one of: {names}")));
    };
    let wrong = Remark::new("/hetzner-k3s/cluster", format!("the fleet has no cluster `{name}`"));
    let hint = match near(name, rows.iter().map(|row| row.name)) {
        Some(near) => format!("did you mean `{near}`? there are: {names}"),
        None => format!("there are: {names}; or give it a row in hetzner-k3s.fleet"),
    };
    rows.iter().all(|row| row.name != name).then(|| wrong.hint(hint))
}

/// What is wrong with a row by itself.
fn alone(request: &Request, row: &Row) -> Vec<Remark> {
    let mut mistakes = Vec::new();
    let is_name = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    let at_the_ends = row.name.starts_with('-') || row.name.ends_with('-');
    if row.name.is_empty() || row.name.len() > 32 || !row.name.chars().all(is_name) || at_the_ends {
        let message = format!("`{}` cannot be the name of a cluster in Cilium", row.name);
        mistakes.push(row.wrong("", message).hint("use at most 32 lower-case letters, digits and hyphens"));
    }
    if row.name == "default" {
        let message = "Cilium takes the name `default` for a cluster that is in no mesh";
        mistakes.push(row.wrong("", message).hint("name the cluster by its region"));
    }
    mistakes.extend(pods(request, row));
    let pods = row.pods();
    match row.node_ip.parse::<Ipv4Addr>() {
        Err(_) => {
            let message = format!("`{}` is no IPv4 address", row.node_ip);
            mistakes.push(row.wrong("nodeIP", message).hint("write the node's address, as in 203.0.113.7"));
        }
        Ok(address) if pods.is_some_and(|pods| pods.overlaps(Range::of(address))) => {
            let message = format!("the node's address {address} is one of the pods' addresses {}", row.pod_cidr);
            mistakes.push(row.wrong("nodeIP", message).hint("choose another podCIDR"));
        }
        Ok(_) => {}
    }
    mistakes
}

/// What is wrong with the addresses of the pods.
fn pods(request: &Request, row: &Row) -> Option<Remark> {
    let pods = match Range::read(row.pod_cidr) {
        Ok(pods) => pods,
        Err(message) => return Some(row.wrong("podCIDR", message).hint("write a range that no other cluster has")),
    };
    if pods.prefix() > OF_A_NODE {
        let message = format!("`{pods}` has no room for a node: Cilium gives each a /{OF_A_NODE}");
        return Some(row.wrong("podCIDR", message).hint("choose a larger range, as in 10.101.0.0/16"));
    }
    let services = request.text("/hetzner-k3s/server/service-cidr").unwrap_or(SERVICES);
    let message = format!("`{pods}` overlaps the addresses of k3s' Services, {services}");
    Range::read(services).is_ok_and(|services| services.overlaps(pods)).then(|| {
        row.wrong("podCIDR", message).hint("choose another range, or set service-cidr under hetzner-k3s.server")
    })
}

/// What two rows share that they must not.
fn shared(row: &Row, earlier: &Row) -> Option<Remark> {
    let (name, other) = (row.name, earlier.name);
    if row.id == earlier.id {
        let message = format!("the clusters `{other}` and `{name}` both have the id {}", row.id);
        return Some(row.wrong("id", message).hint("give each cluster a number of its own, from 1 to 255"));
    }
    if row.node_ip == earlier.node_ip {
        let message = format!("the clusters `{other}` and `{name}` both have the node {}", row.node_ip);
        return Some(row.wrong("nodeIP", message).hint("give each cluster the address of its own node"));
    }
    let (pods, taken) = (row.pods()?, earlier.pods()?);
    let message = format!("the pods of `{name}`, {pods}, overlap those of `{other}`, {taken}");
    pods.overlaps(taken).then(|| row.wrong("podCIDR", message).hint("give each cluster a range of its own"))
}

impl<'a> Row<'a> {
    fn read(name: &'a str, row: &'a Value) -> Option<Self> {
        let text = |key| row.get(key).and_then(Value::as_str);
        Some(Self { name, id: row.get("id")?.as_u64()?, pod_cidr: text("podCIDR")?, node_ip: text("nodeIP")? })
    }

    /// The addresses of its pods, if they are a range.
    fn pods(&self) -> Option<Range> {
        Range::read(self.pod_cidr).ok()
    }

    /// A mistake at one of its values.
    fn wrong(&self, key: &str, message: impl Into<String>) -> Remark {
        let row = pointer(&["hetzner-k3s", "fleet", self.name]);
        let path = if key.is_empty() { row } else { row + "/" + key };
        Remark::new(path, message)
    }
}
