//! Signalling behind Google's load balancer: its settings for LiveKit (`BackendConfig`) and for clients
//! (`FrontendConfig`), its certificate, and the annotations by which it finds them.

mod certificate;
mod notes;
mod service;

use render_plugin_sdk::{Change, Manifest, Patch, Remark, Request, Response, pointer};
use serde_json::{Value, json};

use crate::platform;

/// The component in the labels of what this capability adds.
const COMPONENT: &str = "ingress";

/// Which load balancer serves an Ingress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum IngressClass {
    /// The external one, which is global.
    Gce,
    /// The internal one, inside the VPC.
    GceInternal,
    /// The external one of the cluster's region.
    GceRegionalExternal,
}

/// Gives LiveKit's Ingress to Google's load balancer, unless it is another controller's.
pub(crate) fn transform(request: &Request) -> Response {
    let Some(ingress) = request.find("networking.k8s.io/v1", "Ingress", platform::name(request)) else {
        return Response { warnings: certificate::without_ingress(request), ..Response::default() };
    };
    match class(request, ingress) {
        Ok(class) => load_balancer(request, ingress, class),
        Err(class) => Response { mistakes: foreign(request, class), ..Response::default() },
    }
}

fn load_balancer(request: &Request, ingress: &Manifest, class: IngressClass) -> Response {
    let (service, unserved) = service::annotate(request, ingress);
    let settings = [Some(backend_config(request)), frontend_config(request, class), certificate::manifest(request)];
    let patches = [Some(annotate(request, ingress, class)), service].into_iter().flatten().map(Change::from);
    Response {
        changes: settings.into_iter().flatten().chain(patches).collect(),
        mistakes: certificate::mistakes(request, class)
            .into_iter()
            .chain(unserved)
            .chain(slow_answer(request))
            .collect(),
        warnings: redirect_to_nowhere(request, ingress, class),
        notes: notes::of(request, class),
    }
}

/// The load balancer that the Ingress asks for, or else the values; or the class of another controller.
fn class<'a>(request: &'a Request, ingress: &'a Manifest) -> Result<IngressClass, &'a str> {
    let asked = ingress.text("/spec/ingressClassName").or_else(|| request.text("/gke/ingress/className"));
    match asked.unwrap_or_default() {
        "gce" => Ok(IngressClass::Gce),
        "gce-internal" => Ok(IngressClass::GceInternal),
        "gce-regional-external" => Ok(IngressClass::GceRegionalExternal),
        other => Err(other),
    }
}

/// The reserved address, by its name.
fn static_ip_name(request: &Request) -> Option<&str> {
    request.text("/gke/ingress/staticIPName")
}

/// Another controller's Ingress is left alone, so what the values say about Google's would be lost without a word.
fn foreign(request: &Request, class: &str) -> Vec<Remark> {
    let lost = [
        ("/gke/ingress/staticIPName", static_ip_name(request).is_some()),
        ("/gke/ingress/managedCertificate/enabled", certificate::name(request).is_some()),
    ];
    let remark = |path| {
        Remark::new(path, format!("the Ingress is of class {class}, and only Google's load balancer reads this"))
            .hint("leave it out, or leave ingress.className out")
    };
    lost.into_iter().filter(|(_, asked)| *asked).map(|(path, _)| remark(path)).collect()
}

fn backend_config(request: &Request) -> Change {
    let name = platform::name(request);
    let mut spec = written(request, "backendConfig");
    spec["healthCheck"]["type"] = "HTTP".into();
    spec["healthCheck"]["requestPath"] = "/".into();
    if let Some(port) = request.number("/livekit/config/port") {
        spec["healthCheck"]["port"] = port.into();
    }
    let manifest = json!({
        "apiVersion": "cloud.google.com/v1",
        "kind": "BackendConfig",
        "metadata": platform::metadata(request, name, COMPONENT),
        "spec": spec,
    });
    Change::add(manifest, "by default Google's load balancer cuts a WebSocket after 30 seconds")
}

/// A part of the section that has the shape of the custom resource's spec.
fn written(request: &Request, key: &str) -> Value {
    request.get(&pointer(&["gke", key])).cloned().unwrap_or_default()
}

/// The settings for clients, if there are any. The internal load balancer does not read them.
fn frontend_config(request: &Request, class: IngressClass) -> Option<Change> {
    let has_settings = redirects(request) || request.text("/gke/frontendConfig/sslPolicy").is_some();
    if class == IngressClass::GceInternal || !has_settings {
        return None;
    }
    let manifest = json!({
        "apiVersion": "networking.gke.io/v1beta1",
        "kind": "FrontendConfig",
        "metadata": platform::metadata(request, platform::name(request), COMPONENT),
        "spec": written(request, "frontendConfig"),
    });
    Some(Change::add(manifest, "browsers give a page its microphone only over HTTPS, so HTTP leads there"))
}

fn redirects(request: &Request) -> bool {
    request.is_on("/gke/frontendConfig/redirectToHttps/enabled")
}

fn annotate(request: &Request, ingress: &Manifest, class: IngressClass) -> Patch {
    let patch = ingress.patch("GKE's Ingress controller reads its class and its settings from annotations");
    let patch = annotations(request, class)
        .into_iter()
        .fold(patch, |patch, (key, value)| patch.add(&pointer(&["metadata", "annotations", key]), value));
    // The controller would look for an IngressClass object of that name, which GKE does not have.
    if ingress.get("/spec/ingressClassName").is_some() { patch.remove("/spec/ingressClassName") } else { patch }
}

fn annotations(request: &Request, class: IngressClass) -> Vec<(&'static str, Value)> {
    let (name, address) = match class {
        IngressClass::Gce => ("gce", "kubernetes.io/ingress.global-static-ip-name"),
        IngressClass::GceInternal => ("gce-internal", "kubernetes.io/ingress.regional-static-ip-name"),
        IngressClass::GceRegionalExternal => ("gce-regional-external", "kubernetes.io/ingress.regional-static-ip-name"),
    };
    let all = [
        ("kubernetes.io/ingress.class", Some(name)),
        (address, static_ip_name(request)),
        ("networking.gke.io/managed-certificates", certificate::name(request)),
        ("networking.gke.io/v1beta1.FrontendConfig", frontend_config(request, class).map(|_| platform::name(request))),
    ];
    all.into_iter().filter_map(|(key, value)| Some((key, value?.into()))).collect()
}

/// Google refuses a health check whose answer may take longer than the time to the next question.
fn slow_answer(request: &Request) -> Vec<Remark> {
    let number = |key| request.number(&pointer(&["gke", "backendConfig", "healthCheck", key])).unwrap_or_default();
    let (timeout, interval) = (number("timeoutSec"), number("checkIntervalSec"));
    let message = format!("an answer may take {timeout} s, but the next question comes after {interval} s");
    let remark = Remark::new("/gke/backendConfig/healthCheck/timeoutSec", message)
        .hint("make timeoutSec at most checkIntervalSec");
    if timeout > interval { vec![remark] } else { Vec::new() }
}

/// Without a certificate there is no HTTPS to redirect to.
fn redirect_to_nowhere(request: &Request, ingress: &Manifest, class: IngressClass) -> Vec<Remark> {
    let redirects = frontend_config(request, class).is_some() && redirects(request);
    let pre_shared = pointer(&["metadata", "annotations", "ingress.gcp.kubernetes.io/pre-shared-cert"]);
    let certified = certificate::name(request).is_some()
        || ingress.get("/spec/tls").is_some_and(|tls| tls.as_array().is_some_and(|list| !list.is_empty()))
        || ingress.get(&pre_shared).is_some();
    let remark =
        Remark::new("/gke/frontendConfig/redirectToHttps/enabled", "HTTP leads to HTTPS, and there is no certificate")
            .hint("set gke.ingress.managedCertificate.enabled or ingress.tls, or do not redirect");
    if redirects && !certified { vec![remark] } else { Vec::new() }
}
