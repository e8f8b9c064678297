//! Rules about TURN.

use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, finished, place, place_of};

pub(super) static RULES: &[&Rule] = &[&COMPLETE, &ADVERTISED_PORT, &PROVED_BY_DNS];

static COMPLETE: Rule = Rule {
    code: "LK008",
    severity: Severity::Error,
    title: "TURN has ports, and TURN over TLS a domain of its own",
    why: "LiveKit exits when TURN has no port. It tells clients turns:DOMAIN:443, so a domain that is also the site's leads them \
          to the site's proxy instead of TURN, and networks that need TURN stay shut out.",
    find: Find::Both(
        |values| {
            let Some(turn) = values.platform.livekit.config.turn.as_ref().filter(|turn| turn.enabled == Some(true))
            else {
                return Vec::new();
            };
            let at =
                |message: String, path: &str, hint: &str| Diagnostic::error(message).at(place(values, path)).hint(hint);
            if turn.tls_port.is_none() && turn.udp_port.is_none() {
                let message = "TURN is enabled and has neither `tls_port` nor `udp_port`".to_owned();
                return vec![at(
                    message,
                    "livekit.config.turn.enabled",
                    "set livekit.config.turn.tls_port to 5349, or udp_port to 3478",
                )];
            }
            match (&turn.domain, turn.tls_port) {
                (None, Some(_)) => {
                    let message = "TURN over TLS needs `livekit.config.turn.domain`".to_owned();
                    vec![at(
                        message,
                        "livekit.config.turn.tls_port",
                        "set a DNS name that leads to the TURN Service, as in turn.example.com",
                    )]
                }
                (Some(domain), Some(_))
                    if values.platform.ingress.enabled && values.platform.ingress.host.as_ref() == Some(domain) =>
                {
                    let message =
                        format!("TURN and signalling share the name `{domain}`, and both are asked on port 443");
                    let one = at(
                        message,
                        "livekit.config.turn.domain",
                        "give TURN a name of its own, as in turn.example.com",
                    );
                    vec![one.with(place(values, "ingress.host"), "the name of signalling")]
                }
                _ => Vec::new(),
            }
        },
        finished::turn::complete,
    ),
};

static ADVERTISED_PORT: Rule = Rule {
    code: "LK023",
    severity: Severity::Warning,
    title: "TURN over TLS is reached on port 443",
    why: "LiveKit advertises port 443 whatever tls_port says. Unless something outside the cluster listens there, no client \
          reaches TURN.",
    find: Find::Both(
        |values| {
            let turn = values.platform.livekit.config.turn.as_ref();
            let used = turn.is_some_and(|turn| turn.enabled == Some(true) && turn.tls_port.is_some());
            if !used || values.platform.turn.service.port == 443 {
                return Vec::new();
            }
            let wrong = Diagnostic::warning(format!(
                "clients are told port 443, and the TURN Service listens on {}",
                values.platform.turn.service.port
            ));
            vec![
                wrong
                    .at(place(values, "turn.service.port"))
                    .hint("set it to 443, or silence LK023 where a proxy outside listens on 443"),
            ]
        },
        finished::turn::advertised,
    ),
};

static PROVED_BY_DNS: Rule = Rule {
    code: "LK030",
    severity: Severity::Warning,
    title: "TURN's certificate is proved by DNS",
    why: "An http01 solver is asked on port 80 of TURN's name, where only TURN's own load balancer is, and it answers nothing: \
          the certificate never comes.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let reference =
                platform.turn.certificate.issuer_ref.as_ref().filter(|_| platform.turn_over_tls().is_some());
            let Some(reference) = reference else { return Vec::new() };
            let by_http = platform.issuers.get(&reference.name).is_some_and(|issuer| issuer.http01.is_some());
            if !by_http {
                return Vec::new();
            }
            let wrong = Diagnostic::warning(format!(
                "the issuer `{}` asks port 80 of TURN's name, which answers nothing",
                reference.name
            ));
            let http = place_of(values, &["issuers", &reference.name, "http01"]);
            vec![
                wrong
                    .at(place(values, "turn.certificate.issuerRef.name"))
                    .with(http, "it proves domains over HTTP")
                    .hint("name an issuer with dns01, or silence LK030 where port 80 of that name leads to the solver"),
            ]
        },
        finished::turn::proved_by_dns,
    ),
};

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    fn turn(settings: &str, beside: &str) -> String {
        format!("livekit: {{config: {{turn: {{enabled: true, {settings}}}}}}}\n{beside}")
    }

    const TLS: &str = "tls_port: 5349, domain: turn.example.com";

    #[test]
    fn turn_has_a_port_and_over_tls_a_name_of_its_own() {
        let site = |host: &str| format!("ingress: {{enabled: true, host: {host}}}");
        in_values(
            "LK008",
            &[
                ("{}", &[]),
                (&turn("udp_port: 3478", ""), &[]),
                (&turn("", ""), &["has neither `tls_port` nor `udp_port`"]),
                (&turn(TLS, ""), &[]),
                (&turn("tls_port: 5349", ""), &["TURN over TLS needs `livekit.config.turn.domain`"]),
                (&turn(TLS, &site("turn.example.com")), &["share the name `turn.example.com`"]),
                (&turn(TLS, &site("www.example.com")), &[]),
                (&turn("udp_port: 3478, domain: turn.example.com", &site("turn.example.com")), &[]),
            ],
        );
    }

    #[test]
    fn turn_over_tls_is_reached_on_443() {
        in_values(
            "LK023",
            &[
                (&turn(TLS, ""), &[]),
                (&turn(TLS, "turn: {service: {port: 5349}}"), &["the TURN Service listens on 5349"]),
                (&turn("udp_port: 3478", "turn: {service: {port: 5349}}"), &[]),
            ],
        );
    }

    #[test]
    fn a_certificate_for_turn_is_proved_by_dns() {
        let set = |settings: &str, solver: &str| {
            turn(
                settings,
                &format!(
                    "turn: {{certificate: {{issuerRef: {{kind: ClusterIssuer, name: le}}}}}}\n\
                     issuers: {{le: {{email: a@example.com, {solver}}}}}"
                ),
            )
        };
        let http = "http01: {ingressClassName: a}";
        in_values(
            "LK030",
            &[
                (&set(TLS, http), &["the issuer `le` asks port 80 of TURN's name"]),
                (&set(TLS, "dns01: {cloudflare: {apiTokenSecretRef: {name: a, key: b}}}"), &[]),
                (&set("udp_port: 3478", http), &[]),
            ],
        );
    }
}
