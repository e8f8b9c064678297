//! Rules about files that LiveKit reads from mounted Secrets.

use serde_json::Value;

use render_platform::values::turn::OnRenewal;
use render_text::diagnostic::{Diagnostic, Severity};

use super::finished::turn::{on_443, over_tls};
use super::servers::{Mounted, Server, Servers, list, text};
use super::{Find, Rule};

pub(super) static RULES: &[&Rule] = &[&READABLE, &TURN_CERTIFICATE, &TURN_TERMINATED, &NOT_MANAGED, &RENEWED];

static READABLE: Rule = Rule {
    code: "LK071",
    severity: Severity::Error,
    title: "LiveKit can read its files, and nobody else its keys",
    why: "LiveKit exits when others may read the file with its API keys, as Kubernetes' own mode 0644 lets them. A file of mode \
          0400 or 0600 belongs to root: a container that runs as someone else reads it only with an fsGroup.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let settings = &server.settings;
            let paths = ["key_file", "turn.cert_file", "turn.key_file", "redis.tls.ca_cert_file"];
            let single = paths.into_iter().filter_map(|path| Some((path, settings.text(path)?)));
            let servers = settings.in_file("rtc.turn_servers");
            let secret = list(servers)
                .iter()
                .filter_map(|one| Some(("rtc.turn_servers", text(one, "/secret_file")?.to_owned())));
            single.chain(secret).filter_map(|(path, file)| unreadable(server, path, &file)).collect::<Vec<_>>()
        })
    }),
};

static TURN_CERTIFICATE: Rule = Rule {
    code: "LK065",
    severity: Severity::Error,
    title: "TURN over TLS has a certificate",
    why: "Without external_tls LiveKit ends TLS itself, and exits when cert_file or key_file is not set or not there.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let settings = &server.settings;
            let ends_tls = over_tls(server).is_some() && !settings.is_on("turn.external_tls") && !settings.is_partial;
            let paths = ["turn.cert_file", "turn.key_file"].into_iter().filter(move |_| ends_tls);
            paths.filter_map(|path| certificate_mistake(server, path))
        })
    }),
};

static TURN_TERMINATED: Rule = Rule {
    code: "LK066",
    severity: Severity::Error,
    title: "something ends TLS in front of TURN with external_tls",
    why: "With external_tls LiveKit speaks plain TCP on tls_port. Clients speak TLS, so a load balancer that only passes bytes on \
          leads every one of them to an error.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let port = over_tls(server).filter(|_| server.settings.is_on("turn.external_tls"))?;
            let service = on_443(servers, server, port)?;
            let annotations = service.value.pointer("/metadata/annotations").and_then(Value::as_object);
            let speaks = |key: &String| ["ssl", "tls", "certificate"].iter().any(|word| key.contains(word));
            let wrong = Diagnostic::error(format!(
                "`turn.external_tls` of {} is true, and {} passes TCP on as it comes",
                server.id(),
                service.id
            ));
            let hint = "mount a certificate and set external_tls to false, or put what ends TLS in between";
            (!annotations.is_some_and(|all| all.keys().any(speaks)))
                .then(|| server.about(wrong, "turn.external_tls").hint(hint))
        })
    }),
};

static NOT_MANAGED: Rule = Rule {
    code: "LK067",
    severity: Severity::Error,
    title: "TURN's certificate is no ManagedCertificate",
    why: "Google keeps the key of a ManagedCertificate in its load balancer for HTTP. TURN never passes there, and its name leads \
          elsewhere, so that the certificate stays in Provisioning for ever.",
    find: Find::Servers(|servers| {
        servers.each(|server| {
            let domain = server.settings.text("turn.domain").filter(|_| server.settings.is_on("turn.enabled"));
            servers.all("networking.gke.io", "ManagedCertificate").filter_map(move |certificate| {
                let domains = list(certificate.value.pointer("/spec/domains"));
                let index =
                    domains.iter().position(|one| one.as_str().is_some() && one.as_str() == domain.as_deref())?;
                let wrong = Diagnostic::error(format!("{} is for TURN's name, and cannot serve TURN", certificate.id));
                let hint = "take the name away, and have cert-manager write a Secret for TURN by dns01";
                Some(wrong.about(&certificate.id, format!("/spec/domains/{index}")).hint(hint))
            })
        })
    }),
};

static RENEWED: Rule = Rule {
    code: "LK080",
    severity: Severity::Warning,
    title: "a renewed certificate reaches TURN",
    why: "LiveKit reads TURN's certificate once, at start. What renews it in a Secret changes nothing in a running pod, and TURN \
          over TLS fails on the day when the first one ends.",
    find: Find::Servers(|servers| servers.each(|server| renewed(servers, server))),
};

/// Why a file cannot be read, or can be by too many.
fn unreadable(server: &Server, path: &str, file: &str) -> Option<Diagnostic> {
    let Mounted::Secret { name, mode, .. } = server.mounted(file)? else { return None };
    let is_strict = matches!(path, "key_file" | "rtc.turn_servers");
    let (what, hint) = if is_strict && mode & 0o007 != 0 {
        ("others may read it, at which LiveKit exits", "set defaultMode: 0440 on the volume, and an fsGroup in the pod")
    } else if mode & 0o004 == 0 && is_someone(server) && !has_group(server) {
        ("only root may, and the container runs as someone else", "set fsGroup in the pod's securityContext")
    } else {
        return None;
    };
    let wrong = Diagnostic::error(format!(
        "{} reads `{path}` from Secret {name} as a file of mode {mode:04o}: {what}",
        server.id()
    ));
    Some(wrong.about(server.id(), server.in_pod("volumes")).hint(hint))
}

/// Whether the container is told to run as another user than root. Where no user is named, the platform may choose
/// one, and then chooses the group with it, as OpenShift does.
fn is_someone(server: &Server) -> bool {
    let contexts = [server.container.get("securityContext"), server.pod.spec.get("securityContext")];
    let said = |field: &str| contexts.iter().flatten().find_map(|context| context.value.get(field).cloned());
    said("runAsUser").and_then(|user| user.as_u64()).is_some_and(|user| user != 0)
}

fn has_group(server: &Server) -> bool {
    server.pod.spec.at(&["securityContext", "fsGroup"]).is_some()
}

fn certificate_mistake(server: &Server, path: &str) -> Option<Diagnostic> {
    let settings = &server.settings;
    let hint = "mount the Secret of the certificate, and name tls.crt and tls.key of it; or set turn.external_tls";
    let message = match settings.text(path) {
        None if settings.is_set(path) => return None,
        None => format!("TURN over TLS of {} has no `{path}`", server.id()),
        Some(file) if server.mounted(&file).is_none() => {
            format!("`{path}` of {} is {file}, and nothing is mounted there", server.id())
        }
        Some(_) => return None,
    };
    Some(server.about(Diagnostic::error(message), path).hint(hint))
}

fn renewed(servers: &Servers, server: &Server) -> Option<Diagnostic> {
    let file = server.settings.text("turn.cert_file").filter(|_| over_tls(server).is_some())?;
    let Mounted::Secret { name, .. } = server.mounted(&file)? else { return None };
    let writes = |object: &&render_objects::manifest::Manifest| {
        let (group, kind) = (object.id.group.as_str(), object.id.kind.as_str());
        let target = match (group, kind) {
            ("cert-manager.io", "Certificate") => text(&object.value, "/spec/secretName"),
            ("external-secrets.io", "ExternalSecret") => {
                text(&object.value, "/spec/target/name").or(Some(object.id.name.as_str()))
            }
            _ => None,
        };
        target == Some(name) && server.is_beside(object)
    };
    let renewing = servers.iter().find(writes)?;
    let values = servers.finished.values;
    let is_accepted = values.is_some_and(|values| values.platform.turn.certificate.on_renewal == OnRenewal::Ignore);
    let wrong = Diagnostic::warning(format!(
        "{} renews the certificate of TURN, and nothing restarts the pods of {}",
        renewing.id,
        server.id()
    ));
    let hint = format!("annotate it with secret.reloader.stakater.com/reload: {name}, where Stakater's Reloader runs");
    (!is_accepted && !is_reloaded(server)).then(|| wrong.about(server.id(), "/metadata/annotations").hint(hint))
}

/// Whether something restarts the pods when a Secret changes.
fn is_reloaded(server: &Server) -> bool {
    let own = server.workload().value.pointer("/metadata/annotations");
    let of_pods = server.pod.template.value.pointer("/metadata/annotations");
    let all = [own, of_pods].into_iter().flatten().filter_map(Value::as_object);
    all.flat_map(|annotations| annotations.keys()).any(|key| key.contains("reloader.stakater.com/"))
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_environment, in_objects};

    /// LiveKit whose Secret `s` is mounted at `/s`.
    fn mounted(config: &str, volume: &str, container: &str, pod: &str, beside: &str) -> String {
        let container = format!("volumeMounts: [{{name: v, mountPath: /s}}], {container}");
        let pod = format!("volumes: [{{name: v, secret: {{secretName: s, {volume}}}}}], {pod}");
        LiveKit { config, container: &container, pod: &pod, beside, ..LiveKit::default() }.yaml()
    }

    #[test]
    fn a_file_of_keys_is_for_livekit_alone() {
        let keys = |volume: &str, container: &str, pod: &str| mounted("key_file: /s/keys", volume, container, pod, "");
        let someone = "securityContext: {runAsUser: 1000}";
        in_objects(
            "LK071",
            &[
                (&keys("", "", ""), &["mode 0644: others may read it"]),
                (&keys("defaultMode: 0o440", "", ""), &[]),
                (&keys("defaultMode: 0o441", "", ""), &["mode 0441: others may read it"]),
                (&keys("defaultMode: 0o400", someone, ""), &["mode 0400: only root may"]),
                (&keys("defaultMode: 0o400", someone, "securityContext: {fsGroup: 1000}"), &[]),
                (&keys("defaultMode: 0o400", "securityContext: {runAsUser: 0}", ""), &[]),
                (&keys("defaultMode: 0o644, items: [{key: k, path: keys, mode: 0o440}]", "", ""), &[]),
                // A certificate is no secret from others in the pod.
                (&mounted("turn: {cert_file: /s/tls.crt}", "", "", "", ""), &[]),
                (&mounted("key_file: /elsewhere/keys", "", "", "", ""), &[]),
            ],
        );
    }

    #[test]
    fn turn_over_tls_has_its_certificate() {
        let turn = |more: &str| mounted(&format!("turn: {{enabled: true, tls_port: 5349, {more}}}"), "", "", "", "");
        in_objects(
            "LK065",
            &[
                (&turn("cert_file: /s/tls.crt, key_file: /s/tls.key"), &[]),
                (&turn("cert_file: /s/tls.crt"), &["has no `turn.key_file`"]),
                (
                    &turn("cert_file: /t/tls.crt, key_file: /s/tls.key"),
                    &["is /t/tls.crt, and nothing is mounted there"],
                ),
                (&turn("external_tls: true"), &[]),
                (&mounted("turn: {enabled: true, udp_port: 3478}", "", "", "", ""), &[]),
                (&turn("").replace("env: [", "envFrom: [{secretRef: {name: a}}], env: ["), &[]),
            ],
        );
    }

    #[test]
    fn something_in_front_of_external_tls_speaks_tls() {
        let set = |annotations: &str, external: bool| {
            let beside = format!(
                "---\n{{apiVersion: v1, kind: Service, metadata: {{name: t, namespace: media, annotations: {{{annotations}}}}}, \
                 spec: {{type: LoadBalancer, selector: {{app: lk}}, ports: [{{port: 443, targetPort: 5349}}]}}}}"
            );
            let config = format!("turn: {{enabled: true, tls_port: 5349, external_tls: {external}}}");
            LiveKit { config: &config, beside: &beside, ..LiveKit::default() }.yaml()
        };
        in_objects(
            "LK066",
            &[
                (&set("", true), &["passes TCP on as it comes"]),
                (&set("service.beta.kubernetes.io/aws-load-balancer-ssl-cert: a", true), &[]),
                (&set("", false), &[]),
            ],
        );
    }

    #[test]
    fn a_managed_certificate_is_not_for_turn() {
        let set = |domain: &str, turn: &str| {
            let beside = format!(
                "---\n{{apiVersion: networking.gke.io/v1, kind: ManagedCertificate, metadata: {{name: c}}, spec: {{domains: [{domain}]}}}}"
            );
            LiveKit {
                config: &format!("turn: {{{turn} domain: turn.example.com}}"),
                beside: &beside,
                ..LiveKit::default()
            }
            .yaml()
        };
        in_objects(
            "LK067",
            &[
                (&set("turn.example.com", "enabled: true,"), &["is for TURN's name, and cannot serve TURN"]),
                (&set("www.example.com", "enabled: true,"), &[]),
                (&set("turn.example.com", ""), &[]),
            ],
        );
    }

    #[test]
    fn pods_restart_when_turns_certificate_is_renewed() {
        let set = |annotations: &str, secret: &str| {
            let beside = format!(
                "---\n{{apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {{name: c, namespace: media}}, spec: {{secretName: {secret}}}}}"
            );
            let config = "turn: {enabled: true, tls_port: 5349, cert_file: /s/tls.crt}";
            let yaml = mounted(config, "", "", "", &beside);
            yaml.replace("labels: {app: lk}}", &format!("labels: {{app: lk}}, annotations: {{{annotations}}}}}"))
        };
        let lost: &[&str] = &["and nothing restarts the pods of"];
        in_objects(
            "LK080",
            &[(&set("", "s"), lost), (&set("secret.reloader.stakater.com/reload: s", "s"), &[]), (&set("", "t"), &[])],
        );
        in_environment("turn: {certificate: {onRenewal: restart}}", "LK080", &[(&set("", "s"), lost)]);
        in_environment("turn: {certificate: {onRenewal: ignore}}", "LK080", &[(&set("", "s"), &[])]);
    }
}
