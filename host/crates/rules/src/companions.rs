//! Rules about values that need each other.

use render_platform::values;
use render_platform::values::Values;
use render_platform::values::charts;
use render_platform::values::issuers::IssuerRef;
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::node::Tree;

use super::{Find, Rule, broadcaster, gateways, place};

pub(super) static RULES: &[&Rule] = &[&COMPLETE, &PROVIDER_SECTIONS];

static COMPLETE: Rule = Rule {
    code: "LK020",
    severity: Severity::Error,
    title: "what is switched on has what it needs",
    why: "An Ingress without a host answers for every name, or is refused; a ServiceMonitor without a metrics port finds nothing; \
          an issuer without a solver issues nothing; a certificate whose issuer is not there never appears; workers without a key \
          or a Redis are never asked for anything.",
    find: Find::Values(|values| {
        let mut found = Vec::new();
        found.extend(signalling(values));
        found.extend(ingress(values));
        found.extend(controller(values));
        found.extend(monitoring(values));
        found.extend(issuers(values));
        found.extend(gateways::missing(values));
        found.extend(broadcaster::missing(values));
        found
    }),
};

static PROVIDER_SECTIONS: Rule = Rule {
    code: "LK024",
    severity: Severity::Warning,
    title: "a plugin's section has its plugin",
    why: "A section that no plugin reads looks as if it did something.",
    find: Find::Values(|values| {
        let used = |name: &str| {
            values.platform.provider.as_deref() == Some(name) || values.platform.plugins.iter().any(|used| used == name)
        };
        let Tree::Map(sections) = &values.tree.tree else { return Vec::new() };
        let written = sections.keys().map(String::as_str).filter(|name| !values::schema::names(name) && !used(name));
        let finding = |name: &str| {
            let (why, what) = if values::PROVIDERS.contains(&name) {
                (format!("`provider` is not {name}"), format!("set provider: {name}"))
            } else {
                (format!("`plugins` does not list {name}"), format!("add {name} to `plugins`"))
            };
            let wrong = Diagnostic::warning(format!("nothing reads `{name}`, because {why}"));
            wrong.at(place(values, name)).hint(format!("{what}, or take the section away"))
        };
        written.map(finding).collect()
    }),
};

fn signalling(values: &Values) -> Option<Diagnostic> {
    let livekit = &values.platform.livekit;
    let wrong = Diagnostic::error("`livekit.config.port` is not set, and probes, Services and the Ingress lead to it");
    (livekit.enabled && livekit.config.port.is_none()).then(|| {
        wrong.at(place(values, "livekit.config.port")).hint("leave it at 7880 unless something else listens there")
    })
}

fn ingress(values: &Values) -> Option<Diagnostic> {
    let platform = &values.platform;
    let wrong = Diagnostic::error("`ingress.enabled` is true, and `ingress.host` is not set");
    (platform.has_signalling() && platform.ingress.host.is_none())
        .then(|| wrong.at(place(values, "ingress.enabled")).hint("set ingress.host to the DNS name of signalling"))
}

fn controller(values: &Values) -> Option<Diagnostic> {
    let class = values.platform.ingress.class_name.as_deref();
    let message = match class {
        Some(class) => format!("`charts.ingressController` is true, and no release serves the class `{class}`"),
        None => "`charts.ingressController` is true, and `ingress.className` is not set".to_owned(),
    };
    (values.platform.charts.ingress_controller && class.and_then(charts::controller).is_none()).then(|| {
        Diagnostic::error(message)
            .at(place(values, "ingress.className"))
            .hint("set ingress.className to traefik or nginx, or enable a release of your own under charts.releases")
    })
}

fn monitoring(values: &Values) -> Option<Diagnostic> {
    let port = values.platform.livekit.config.prometheus.as_ref().and_then(|prometheus| prometheus.port);
    let wrong =
        Diagnostic::error("the ServiceMonitor has nothing to scrape: `livekit.config.prometheus.port` is not set");
    (values.platform.monitoring.service_monitor.enabled && port.is_none()).then(|| {
        wrong
            .at(place(values, "monitoring.serviceMonitor.enabled"))
            .hint("set livekit.config.prometheus.port, as in 6789")
    })
}

fn issuers(values: &Values) -> Vec<Diagnostic> {
    let solvers = values.platform.issuers.iter().filter_map(|(name, issuer)| {
        let what = match (issuer.http01.is_some(), issuer.dns01.is_some()) {
            (true, true) => "both",
            (false, false) => "neither",
            _ => return None,
        };
        let wrong = Diagnostic::error(format!("the issuer `{name}` has {what} of `http01` and `dns01`"));
        Some(wrong.at(place(values, &format!("issuers.{name}"))).hint("set one of them"))
    });
    solvers.chain(references(values).into_iter().filter_map(|(path, issuer)| dangling(values, path, issuer))).collect()
}

/// A reference to an issuer that is not under `issuers`, where any are.
fn dangling(values: &Values, path: &str, reference: &IssuerRef) -> Option<Diagnostic> {
    let known = &values.platform.issuers;
    let IssuerRef { kind, name } = reference;
    let there = known.get(name).and_then(|issuer| issuer.kind.as_ref());
    if known.is_empty() || there == Some(kind) {
        return None;
    }
    let all = || known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let (key, message, hint) = if let Some(other) = there {
        ("kind", format!("`{path}` asks for the {kind} `{name}`, which is a {other}"), format!("set kind to {other}"))
    } else {
        let message = format!("`{path}.name` names the issuer `{name}`, which is not under `issuers`");
        ("name", message, format!("there are: {}", all()))
    };
    Some(Diagnostic::error(message).at(place(values, &format!("{path}.{key}"))).hint(hint))
}

/// Every reference to an issuer, and its path.
fn references(values: &Values) -> Vec<(&'static str, &IssuerRef)> {
    let turn = values.platform.turn.certificate.issuer_ref.as_ref();
    let ingress = values.platform.ingress.tls.as_ref().and_then(|tls| tls.issuer_ref.as_ref());
    let gateway = values.platform.gateway.certificate.issuer_ref.as_ref();
    let stunner = values.platform.stunner.certificate.as_ref().and_then(|own| own.issuer_ref.as_ref());
    let broadcaster = Some(&values.platform.broadcaster).filter(|one| one.enabled);
    let broadcaster = broadcaster.and_then(|one| one.tls.issuer_ref.as_ref());
    let named = [
        ("turn.certificate.issuerRef", turn),
        ("ingress.tls.issuerRef", ingress),
        ("gateway.certificate.issuerRef", gateway),
        ("stunner.certificate.issuerRef", stunner),
        ("broadcaster.tls.issuerRef", broadcaster),
    ];
    named.into_iter().filter_map(|(path, reference)| Some((path, reference?))).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    #[test]
    fn signalling_has_a_port_and_a_name() {
        in_values(
            "LK020",
            &[
                ("{}", &[]),
                ("livekit: {config: {port: null}}", &["`livekit.config.port` is not set"]),
                ("livekit: {enabled: false, config: {port: null}}", &[]),
                ("ingress: {enabled: true, host: a.example.com}", &[]),
                ("ingress: {enabled: true}", &["`ingress.host` is not set"]),
                ("ingress: {enabled: true}\ndomain: example.com", &[]),
                ("ingress: {enabled: true}\nlivekit: {enabled: false}", &[]),
            ],
        );
    }

    #[test]
    fn a_controller_serves_the_class_of_the_ingress() {
        let class = |class: &str| format!("ingress: {{className: {class}}}\ncharts: {{ingressController: true}}");
        in_values(
            "LK020",
            &[
                (&class("traefik"), &[]),
                (&class("nginx"), &[]),
                (&class("haproxy"), &["no release serves the class `haproxy`"]),
                ("charts: {ingressController: true}", &["`ingress.className` is not set"]),
                ("ingress: {className: haproxy}", &[]),
            ],
        );
    }

    #[test]
    fn a_service_monitor_has_a_port_to_scrape() {
        let monitor = "monitoring: {serviceMonitor: {enabled: true}}";
        in_values(
            "LK020",
            &[
                (monitor, &["the ServiceMonitor has nothing to scrape"]),
                (&format!("{monitor}\nlivekit: {{config: {{prometheus: {{port: 6789}}}}}}"), &[]),
            ],
        );
    }

    #[test]
    fn an_issuer_has_one_way_to_prove_names() {
        let issuer = |solvers: &str| format!("issuers: {{le: {{email: a@example.com, {solvers}}}}}");
        let (http, dns) =
            ("http01: {ingressClassName: a}", "dns01: {cloudflare: {apiTokenSecretRef: {name: a, key: b}}}");
        in_values(
            "LK020",
            &[
                (&issuer(http), &[]),
                (&issuer(dns), &[]),
                (&issuer(""), &["the issuer `le` has neither of"]),
                (&issuer(&format!("{http}, {dns}")), &["the issuer `le` has both of"]),
            ],
        );
    }

    #[test]
    fn a_reference_names_an_issuer_where_the_file_has_any() {
        let set = |reference: &str, issuers: &str| {
            format!("turn: {{certificate: {{issuerRef: {{{reference}}}}}}}\n{issuers}")
        };
        let issuers = "issuers: {le: {email: a@example.com, http01: {ingressClassName: a}}}";
        in_values(
            "LK020",
            &[
                (&set("kind: ClusterIssuer, name: le", issuers), &[]),
                (
                    &set("kind: ClusterIssuer, name: lf", issuers),
                    &["names the issuer `lf`, which is not under `issuers`"],
                ),
                (&set("kind: Issuer, name: le", issuers), &["asks for the Issuer `le`, which is a ClusterIssuer"]),
                // Without any the issuer is one that the cluster has.
                (&set("kind: ClusterIssuer, name: lf", ""), &[]),
            ],
        );
    }

    #[test]
    fn a_section_is_read_by_a_plugin() {
        in_values(
            "LK024",
            &[
                ("gke: {}", &["nothing reads `gke`, because `provider` is not gke"]),
                ("gke: {}\nprovider: gke", &[]),
                ("acme: {}", &["nothing reads `acme`, because `plugins` does not list acme"]),
                ("acme: {}\nplugins: [acme]", &[]),
                ("custom: {acme: {}}", &[]),
            ],
        );
    }
}
