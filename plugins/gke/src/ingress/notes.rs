//! What signalling needs outside the cluster: an address, a record, and a way through the firewall.

use std::collections::BTreeMap;

use render_plugin_sdk::{DnsRecord, FirewallRule, Notes, Request, Step};
use serde_json::Value;

use super::IngressClass;
use super::certificate;
use crate::gcloud;
use crate::platform;

/// From where Google checks the health of pods, and, for the global load balancer, from where requests come.
const LOAD_BALANCERS: [&str; 2] = ["130.211.0.0/22", "35.191.0.0/16"];

/// What is left to do for the Ingress.
pub(super) fn of(request: &Request, class: IngressClass) -> Notes {
    Notes {
        dns: domains(request).into_iter().map(|domain| record(request, domain)).collect(),
        firewall: LOAD_BALANCERS.iter().filter_map(|source| health_check(request, source)).collect(),
        steps: [address(request, class), draining(request)].into_iter().flatten().collect(),
        tfvars: tfvars(request),
        ..Notes::default()
    }
}

/// The Ingress' host, and the certificate's domains where they are others.
fn domains(request: &Request) -> Vec<&str> {
    let host = request.text("/ingress/host");
    let certified = certificate::name(request).map(|_| certificate::domains(request)).unwrap_or_default();
    let others = certified.into_iter().filter(|domain| Some(*domain) != host);
    host.into_iter().chain(others).collect()
}

fn record(request: &Request, domain: &str) -> DnsRecord {
    let target = match super::static_ip_name(request) {
        Some(address) => address.to_owned(),
        None => format!("the address of Ingress {}", platform::name(request)),
    };
    let why = match certificate::name(request) {
        Some(_) => "clients connect to signalling by this name, and Google issues its certificate once it leads here",
        None => "clients connect to signalling by this name",
    };
    DnsRecord::address(domain, target, why)
}

fn health_check(request: &Request, source: &str) -> Option<FirewallRule> {
    let port = request.number("/livekit/config/port")?;
    let why = "the load balancer checks and reaches LiveKit on the nodes' own port; GKE makes this rule itself, except \
               in a Shared VPC";
    Some(FirewallRule {
        protocol: "TCP".to_owned(),
        ports: port.to_string(),
        source: source.to_owned(),
        why: why.to_owned(),
    })
}

fn address(request: &Request, class: IngressClass) -> Option<Step> {
    let name = super::static_ip_name(request)?;
    let (region, project) = (gcloud::region(request), gcloud::project(request));
    let (kind, scope) = match class {
        IngressClass::Gce => ("global", "--global".to_owned()),
        IngressClass::GceRegionalExternal => ("regional", format!("--region={region}")),
        IngressClass::GceInternal => {
            ("internal", format!("--region={region} --subnet=SUBNET --purpose=SHARED_LOADBALANCER_VIP"))
        }
    };
    Some(Step::command(
        format!("reserve the {kind} address {name}"),
        format!("gcloud compute addresses create {name} {scope} --project={project}"),
        "the load balancer of signalling takes it by name, and the DNS record leads to it",
    ))
}

fn draining(request: &Request) -> Option<Step> {
    let grace = platform::long_grace(request)?;
    let draining = request.number("/gke/backendConfig/connectionDraining/drainingTimeoutSec")?;
    let why = format!(
        "the pod has {grace} s, the load balancer ends its connections after {draining} s and never later than 3600 s; \
         clients then reconnect through another pod, while their media goes on"
    );
    Some(Step::fact("know that signalling is cut before a draining pod ends", why))
}

fn tfvars(request: &Request) -> BTreeMap<String, Value> {
    let address = super::static_ip_name(request);
    let certified = certificate::name(request).map(|_| certificate::domains(request).into());
    platform::tfvars(vec![("static_ip_name", address.map(Value::from)), ("managed_certificate_domains", certified)])
}
