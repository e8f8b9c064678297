//! The names of the site: one record for each region, and one name for all, whose records a DNS service that knows where
//! clients are, and which regions answer, gives out. No manifest can do that.

use std::net::Ipv4Addr;

use render_plugin_sdk::{DnsRecord, Notes, Request, Response, Step};

use crate::fleet::{self, Row};
use crate::hcloud;

/// For how many seconds clients keep to a region that stopped to answer.
const TTL: u32 = 30;

/// The records, and how the DNS service sees that a region answers.
pub(crate) fn transform(request: &Request, own: &Row) -> Response {
    // The address of a load balancer of Hetzner's is not known before it is there.
    if hcloud::is_hcloud(request) {
        return Response::default();
    }
    let global = global(request);
    let dns = of_regions(request, own)
        .into_iter()
        .chain(global.iter().flat_map(|name| fleet::rows(request).into_iter().map(|row| to_all(name, &row))))
        .collect();
    let steps = global.map(|name| probe(request, name)).unwrap_or_default();
    Response { notes: Notes { dns, steps, ..Notes::default() }, ..Response::default() }
}

/// The name that leads to the nearest region.
fn global(request: &Request) -> Option<&str> {
    request.text("/broadcaster/globalHost").filter(|_| request.is_on("/broadcaster/enabled"))
}

/// The names of this region, and those of the others' sites where they differ by the region alone.
fn of_regions(request: &Request, own: &Row) -> Vec<DnsRecord> {
    let site = request.text("/domain");
    let rest = site.and_then(|site| site.strip_prefix(own.name)?.strip_prefix('.'));
    let others = rest.into_iter().flat_map(|rest| {
        let others = fleet::others(request, own).into_iter();
        others.map(move |row| (format!("{}.{rest}", row.name), row))
    });
    let why = |row: &Row| format!("clients of {} reach its Ingress controller and STUNner by this name", row.name);
    let of_own = names(request).into_iter().map(|name| (name.to_owned(), *own));
    of_own.chain(others).map(|(name, row)| DnsRecord::address(name, row.node_ip, why(&row))).collect()
}

/// The names that this cluster answers for, each once.
fn names(request: &Request) -> Vec<&str> {
    let on = |path: &str| request.is_on(path);
    let livekit = on("/livekit/enabled");
    let all = [
        request.text("/domain"),
        request.text("/broadcaster/host").filter(|_| on("/broadcaster/enabled")),
        request.text("/ingress/host").filter(|_| livekit && on("/ingress/enabled")),
        request.text("/stunner/livekit/host").filter(|_| livekit && on("/stunner/livekit/enabled")),
    ];
    let is_name = |name: &&str| name.parse::<Ipv4Addr>().is_err();
    all.into_iter().flatten().filter(is_name).fold(Vec::new(), |mut names, name| {
        if !names.contains(&name) {
            names.push(name);
        }
        names
    })
}

/// One of the records of the name for all.
fn to_all(name: &str, row: &Row) -> DnsRecord {
    let why = "clients anywhere open this name and are led to the region that answers them soonest; a region that fails the \
               health probe is left out";
    let routing = format!("clients whose latency to {} is the lowest", row.name);
    DnsRecord { ttl: Some(TTL), routing: Some(routing), ..DnsRecord::address(name, row.node_ip, why) }
}

/// The health probe, which anybody can try out.
fn probe(request: &Request, name: &str) -> Vec<Step> {
    let rows = fleet::rows(request);
    let nodes: Vec<&str> = rows.iter().map(|row| row.node_ip).collect();
    let command = format!(
        "for node in {}; do curl --silent --output /dev/null --write-out \"$node %{{http_code}}\\n\" --header 'Host: {name}' \"http://$node/\"; done",
        nodes.join(" ")
    );
    let why = format!(
        "probe HTTP on port 80 of each address, path /, with the header `Host: {name}`: 200 to 399 is healthy. A service such as \
         Azure Traffic Manager (routing by performance) or Route 53 (by latency) gives out records by it; plain DNS does not"
    );
    vec![Step::command(
        format!("make {name} a name with a record for each region, chosen by latency and health"),
        command,
        why,
    )]
}
