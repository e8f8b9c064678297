//! The rule about who ends TLS of TURN when LiveKit does not.

use render_platform::values::Values;
use render_platform::values::turn::Terminator;
use render_text::diagnostic::{Diagnostic, Severity};

use super::{Find, Rule, place};

pub(super) static RULES: &[&Rule] = &[&DECLARED];

static DECLARED: Rule = Rule {
    code: "LK109",
    severity: Severity::Error,
    title: "somebody ends TLS of TURN",
    why: "With external_tls LiveKit speaks plain TCP on tls_port. A load balancer that only passes packets on leaves it at \
          that, and every client that opens turns:// to it fails.",
    find: Find::Values(|values| {
        let external = values.platform.turn_over_tls().is_some_and(|turn| turn.external_tls == Some(true));
        if external { mistake(values).into_iter().collect() } else { Vec::new() }
    }),
};

fn mistake(values: &Values) -> Option<Diagnostic> {
    let turn = &values.platform.turn;
    let at = |path: &str, message: &str, hint: &str| Diagnostic::error(message).at(place(values, path)).hint(hint);
    match turn.terminator {
        None => Some(at(
            "livekit.config.turn.external_tls",
            "`livekit.config.turn.external_tls` is true, and nothing says who ends TLS",
            "set turn.terminator to loadBalancer or proxy instead, or leave both out: LiveKit then uses turn.certificate",
        )),
        Some(Terminator::LoadBalancer) if turn.service.kind != "LoadBalancer" => Some(at(
            "turn.terminator",
            "the TURN Service has no load balancer that could end TLS",
            "set turn.service.type to LoadBalancer, or turn.terminator to proxy",
        )),
        Some(Terminator::LoadBalancer) if turn.service.annotations.is_empty() => Some(at(
            "turn.terminator",
            "nothing tells the load balancer of TURN to end TLS, or with which certificate",
            "set turn.service.annotations to those of the provider that name the certificate",
        )),
        Some(Terminator::LoadBalancer | Terminator::Proxy) => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    #[test]
    fn somebody_ends_tls_of_turn() {
        let set = |config: &str, turn: &str| {
            format!(
                "livekit: {{config: {{turn: {{enabled: true, tls_port: 5349, domain: turn.example.com, {config}}}}}}}\nturn: {{{turn}}}"
            )
        };
        let annotated = "service: {annotations: {example.com/certificate: a}}";
        in_values(
            "LK109",
            &[
                (&set("", ""), &[]),
                (&set("external_tls: true", ""), &["nothing says who ends TLS"]),
                (&set("", "terminator: proxy"), &[]),
                (&set("", &format!("terminator: loadBalancer, {annotated}")), &[]),
                (&set("", "terminator: loadBalancer"), &["nothing tells the load balancer of TURN to end TLS"]),
                (
                    &set("", "terminator: loadBalancer, service: {type: NodePort}"),
                    &["has no load balancer that could end TLS"],
                ),
                (&set("external_tls: true", "").replace("enabled: true", "enabled: false"), &[]),
            ],
        );
    }
}
