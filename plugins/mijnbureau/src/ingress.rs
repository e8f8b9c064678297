//! Signalling behind one of MijnBureau's ingress controllers, or a Gateway: HTTP leads to HTTPS, and browsers are told to stay there
//! (HSTS). Each controller has its own way; none needs a snippet, which lets who may write an Ingress write
//! configuration of the controller.

mod gateway;

use render_plugin_sdk::{Change, Manifest, Notes, Patch, Remark, Request, Response, Step, pointer};
use serde_json::json;

use crate::platform;

/// The component in the labels of what this capability adds.
const COMPONENT: &str = "ingress";

/// Where Traefik finds the middlewares of an Ingress.
const MIDDLEWARES: &str = "traefik.ingress.kubernetes.io/router.middlewares";

/// What the controller of the values reads.
pub(crate) fn transform(request: &Request) -> Response {
    let Some(ingress) = request.find("networking.k8s.io/v1", "Ingress", platform::name(request)) else {
        return gateway::transform(request);
    };
    match request.text("/mijnbureau/ingress/type").unwrap_or_default() {
        "nginx" => nginx(request, ingress),
        "haproxy-openshift" => haproxy(request, ingress),
        _ => traefik(request, ingress),
    }
}

/// The value of the header; none when there is to be no header.
fn hsts(request: &Request) -> Option<String> {
    let on = |key| request.is_on(&pointer(&["mijnbureau", "ingress", "hsts", key]));
    let age = request.number("/mijnbureau/ingress/hsts/maxAgeSeconds")?;
    let parts = [("includeSubDomains", ";includeSubDomains"), ("preload", ";preload")];
    let parts = parts.into_iter().filter(|(key, _)| on(key)).map(|(_, text)| text);
    on("enabled").then(|| parts.fold(format!("max-age={age}"), |header, part| header + part))
}

fn nginx(request: &Request, ingress: &Manifest) -> Response {
    let patch = ingress.patch("a call is never set up without encryption");
    let patch = annotate(patch, "nginx.ingress.kubernetes.io/force-ssl-redirect", "true");
    let retired = Remark::new("/mijnbureau/ingress/type", "ingress-nginx is retired, and gets no more fixes")
        .hint("use traefik, haproxy-openshift or the Gateway API");
    let why = "it sends the header for every host with TLS unless its ConfigMap says hsts: \"false\"; hsts-max-age, \
               hsts-include-subdomains and hsts-preload stand there too, and no Ingress can say them without a snippet";
    let step =
        hsts(request).map(|_| Step::fact("know that ingress-nginx itself tells browsers to stay with HTTPS", why));
    Response {
        changes: vec![patch.into()],
        warnings: vec![retired],
        notes: Notes { steps: step.into_iter().collect(), ..Notes::default() },
        ..Response::default()
    }
}

fn haproxy(request: &Request, ingress: &Manifest) -> Response {
    let patch = ingress.patch("OpenShift makes a Route of the Ingress, and reads from it how TLS ends");
    let patch = annotate(patch, "route.openshift.io/termination", "edge");
    let patch = match hsts(request) {
        Some(header) => annotate(patch, "haproxy.router.openshift.io/hsts_header", &header),
        None => patch,
    };
    Response { changes: vec![patch.into()], ..Response::default() }
}

fn traefik(request: &Request, ingress: &Manifest) -> Response {
    let middlewares: Vec<(String, Change)> =
        [Some(redirect(request)), headers(request)].into_iter().flatten().collect();
    let namespace = platform::namespace(request);
    let own = middlewares.iter().map(|(name, _)| format!("{namespace}-{name}@kubernetescrd"));
    let written = ingress.text(&pointer(&["metadata", "annotations", MIDDLEWARES])).map(str::to_owned);
    let all: Vec<String> = written.into_iter().chain(own).collect();
    let patch =
        annotate(ingress.patch("Traefik uses a Middleware where an Ingress names it"), MIDDLEWARES, &all.join(","));
    let changes = middlewares.into_iter().map(|(_, change)| change).chain([patch.into()]).collect();
    Response { changes, ..Response::default() }
}

fn redirect(request: &Request) -> (String, Change) {
    let spec = json!({ "redirectScheme": { "scheme": "https", "permanent": true } });
    middleware(request, "https", &spec, "a call is never set up without encryption")
}

fn headers(request: &Request) -> Option<(String, Change)> {
    hsts(request)?;
    let on = |key| request.is_on(&pointer(&["mijnbureau", "ingress", "hsts", key]));
    let spec = json!({ "headers": {
        "stsSeconds": request.number("/mijnbureau/ingress/hsts/maxAgeSeconds"),
        "stsIncludeSubdomains": on("includeSubDomains"),
        "stsPreload": on("preload"),
    } });
    Some(middleware(request, "hsts", &spec, "browsers that were here once come back with HTTPS only"))
}

fn middleware(request: &Request, what: &str, spec: &serde_json::Value, reason: &str) -> (String, Change) {
    let name = format!("{}-{what}", platform::name(request));
    let manifest = json!({
        "apiVersion": "traefik.io/v1alpha1",
        "kind": "Middleware",
        "metadata": platform::metadata(request, &name, COMPONENT),
        "spec": spec,
    });
    (name, Change::add(manifest, reason))
}

fn annotate(patch: Patch, key: &str, value: &str) -> Patch {
    patch.add(&pointer(&["metadata", "annotations", key]), value)
}
