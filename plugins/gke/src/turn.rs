//! TURN over TLS: a network load balancer of its own, because TURN is advertised on port 443 and so is signalling.

use render_plugin_sdk::{DnsRecord, Manifest, Notes, Patch, Request, Response, Step, pointer};

use crate::gcloud;
use crate::platform;

/// Sets the load balancer's annotations, and says which address and record it needs.
pub(crate) fn transform(request: &Request) -> Response {
    match load_balancer(request) {
        Some(service) => Response {
            changes: vec![annotate(request, service).into()],
            notes: Notes {
                dns: dns(request),
                steps: address(request).into_iter().collect(),
                tfvars: tfvars(request),
                ..Notes::default()
            },
            ..Response::default()
        },
        None => Response::default(),
    }
}

/// TURN's Service, if it asks for a load balancer.
fn load_balancer(request: &Request) -> Option<&Manifest> {
    let service = request.find("v1", "Service", &format!("{}-turn", platform::name(request)))?;
    (service.text("/spec/type") == Some("LoadBalancer")).then_some(service)
}

/// The reserved address, by its name.
fn static_ip_name(request: &Request) -> Option<&str> {
    request.text("/gke/turn/staticIPName")
}

fn annotate(request: &Request, service: &Manifest) -> Patch {
    let patch = service
        .patch("TURN over TLS needs a regional network load balancer, which leaves the client's packets as they are")
        .add(&pointer(&["metadata", "annotations", "cloud.google.com/l4-rbs"]), "enabled");
    match static_ip_name(request) {
        Some(address) => {
            patch.add(&pointer(&["metadata", "annotations", "networking.gke.io/load-balancer-ip-addresses"]), address)
        }
        None => patch,
    }
}

fn dns(request: &Request) -> Vec<DnsRecord> {
    let Some(domain) = request.text("/livekit/config/turn/domain") else { return Vec::new() };
    let target = match static_ip_name(request) {
        Some(address) => address.to_owned(),
        None => format!("the external address of Service {}-turn", platform::name(request)),
    };
    vec![DnsRecord::address(domain, target, "clients connect to TURN over TLS by this name, on an address of its own")]
}

fn address(request: &Request) -> Option<Step> {
    let name = static_ip_name(request)?;
    let (region, project) = (gcloud::region(request), gcloud::project(request));
    Some(Step::command(
        format!("reserve the regional address {name}"),
        format!("gcloud compute addresses create {name} --region={region} --project={project}"),
        "the load balancer of TURN takes it by name, and the DNS record leads to it",
    ))
}

fn tfvars(request: &Request) -> std::collections::BTreeMap<String, serde_json::Value> {
    platform::tfvars(vec![("turn_static_ip_name", static_ip_name(request).map(Into::into))])
}
