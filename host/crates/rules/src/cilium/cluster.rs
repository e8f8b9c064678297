//! What a cluster's Cilium is told about itself: by the values of its chart, or by its `ConfigMap`.

use std::fmt;
use std::net::IpAddr;

use serde_json::Value;

use render_objects::manifest::Manifest;
use render_text::source::Sources;
use render_text::yaml;

use super::super::servers::{Servers, list, text};

/// One cluster of a mesh.
#[derive(Debug)]
pub(super) struct Cluster<'a> {
    /// What says it.
    pub(super) manifest: &'a Manifest,
    /// Where in it.
    pub(super) pointer: String,
    /// Its name.
    pub(super) name: Option<String>,
    /// Its number.
    pub(super) id: Option<u64>,
    /// The addresses of its pods.
    pub(super) ranges: Vec<Range>,
    /// Whether it joins others.
    pub(super) is_meshed: bool,
}

/// A range of addresses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    base: IpAddr,
    prefix: u32,
}

/// Every cluster that the manifests tell of.
pub(super) fn all<'a>(servers: &Servers<'a>) -> Vec<Cluster<'a>> {
    let configured = servers.all("", "ConfigMap").filter(|one| one.id.name == "cilium-config");
    charts(servers).map(of_chart).chain(configured.map(of_config_map)).collect()
}

/// The `HelmChart`s of k3s that bring Cilium.
pub(super) fn charts<'a>(servers: &Servers<'a>) -> impl Iterator<Item = &'a Manifest> {
    servers.all("helm.cattle.io", "HelmChart").filter(|chart| {
        let name = text(&chart.value, "/spec/chart").unwrap_or_default();
        name.rsplit('/').next() == Some("cilium")
    })
}

fn of_chart(chart: &Manifest) -> Cluster<'_> {
    let content = text(&chart.value, "/spec/valuesContent").and_then(|content| {
        let source = Sources::default().add("", "");
        Some(yaml::read(source, content).ok()?.first()?.to_json())
    });
    let written = [content.as_ref(), chart.value.pointer("/spec/values")];
    let get = |path: &str| {
        let set = chart.value.pointer("/spec/set").and_then(|set| set.get(path)).cloned();
        let pointer = format!("/{}", path.replace('.', "/"));
        set.or_else(|| written.into_iter().flatten().find_map(|values| values.pointer(&pointer).cloned()))
    };
    let is_on = |path: &str| get(path).is_some_and(|value| value == Value::Bool(true) || value == "true");
    let meshed =
        ["clustermesh.useAPIServer", "clustermesh.config.enabled", "clustermesh.enableEndpointSliceSynchronization"];
    let ranges = get("ipam.operator.clusterPoolIPv4PodCIDRList");
    let pointer = if content.is_some() { "/spec/valuesContent" } else { "/spec" };
    Cluster {
        manifest: chart,
        pointer: pointer.to_owned(),
        name: get("cluster.name").and_then(|name| name.as_str().map(str::to_owned)),
        id: get("cluster.id").and_then(|id| number(&id)),
        ranges: texts(ranges.as_ref()).iter().filter_map(|text| Range::read(text)).collect(),
        is_meshed: meshed.into_iter().any(is_on),
    }
}

fn of_config_map(config: &Manifest) -> Cluster<'_> {
    let get = |key: &str| text(&config.value, &format!("/data/{key}"));
    let ranges = get("cluster-pool-ipv4-cidr").unwrap_or_default();
    Cluster {
        manifest: config,
        pointer: "/data".to_owned(),
        name: get("cluster-name").map(str::to_owned),
        id: get("cluster-id").and_then(|id| id.parse().ok()),
        ranges: ranges.split([' ', ',']).filter_map(Range::read).collect(),
        is_meshed: get("enable-clustermesh") == Some("true"),
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The texts of a list, or the one text that stands in its place.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(one)) => vec![one.clone()],
        several => list(several).iter().filter_map(|one| one.as_str().map(str::to_owned)).collect(),
    }
}

impl Range {
    /// `10.101.0.0/16` as a range.
    fn read(text: &str) -> Option<Self> {
        let (base, prefix) = text.trim().split_once('/')?;
        Some(Self { base: base.parse().ok()?, prefix: prefix.parse().ok()? })
    }

    /// Whether any address is in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let shorter = self.prefix.min(other.prefix);
        let network = |address: IpAddr| match address {
            IpAddr::V4(address) => (4, u128::from(address.to_bits()).checked_shr(32u32.saturating_sub(shorter))),
            IpAddr::V6(address) => (6, address.to_bits().checked_shr(128u32.saturating_sub(shorter))),
        };
        network(self.base) == network(other.base)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.base, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_overlap_where_an_address_is_in_both() {
        for (one, other, overlap) in [
            ("10.0.0.0/16", "10.0.0.0/16", true),
            ("10.0.0.0/16", "10.0.255.0/24", true),
            ("10.0.255.0/24", "10.0.0.0/16", true),
            ("10.0.0.0/16", "10.1.0.0/16", false),
            ("10.0.0.0/15", "10.1.0.0/16", true),
            ("0.0.0.0/0", "10.0.0.0/8", true),
            ("10.0.0.1/32", "10.0.0.1/32", true),
            ("10.0.0.1/32", "10.0.0.2/32", false),
            ("fd00::/64", "fd00::1:0/112", true),
            ("fd00::/64", "fd01::/64", false),
            ("::/0", "0.0.0.0/0", false),
        ] {
            let (first, second) = (Range::read(one).unwrap(), Range::read(other).unwrap());
            assert_eq!(first.overlaps(&second), overlap, "{one} {other}");
        }
    }

    #[test]
    fn a_range_is_an_address_and_a_prefix() {
        for text in ["", "10.0.0.0", "10.0.0/16", "10.0.0.0/", "a/16"] {
            assert_eq!(Range::read(text), None, "{text}");
        }
    }
}
