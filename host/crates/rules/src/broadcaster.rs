//! What the Broadcaster needs, and what contradicts itself there: part of rule LK020.

use render_platform::values::Values;
use render_platform::values::ingress::IngressType;
use render_platform::values::livekit_config::scalars::UdpPorts;
use render_platform::values::stunner::StunnerAuthType;
use render_text::diagnostic::Diagnostic;

use super::{gateways, later_first, place};

/// What is missing, and what contradicts itself.
pub(super) fn missing(values: &Values) -> Vec<Diagnostic> {
    if !values.platform.broadcaster.enabled {
        return Vec::new();
    }
    let mut found = Vec::new();
    found.extend(unnamed(values));
    found.extend(region(values));
    found.extend(names(values));
    found.extend(ice_server(values));
    found.extend(ephemeral(values));
    found.extend(ranges(values));
    found.extend(proof(values));
    found
}

fn wrong(values: &Values, path: &str, message: impl Into<String>, hint: &str) -> Diagnostic {
    Diagnostic::error(message).at(place(values, path)).hint(hint)
}

/// A name, and the secrets, without which nothing can be made.
fn unnamed(values: &Values) -> Vec<Diagnostic> {
    let broadcaster = &values.platform.broadcaster;
    let lacks = |what| format!("`broadcaster.enabled` is true, and `broadcaster.{what}` is not set");
    let mut found = Vec::new();
    if broadcaster.host.is_none() {
        let hint = "set the DNS name of this region, as in germany.broadcaster.example.com, or domain";
        found.push(wrong(values, "broadcaster.enabled", lacks("host"), hint));
    }
    if broadcaster.credentials.secret_ref.is_none() {
        let hint = "name the Secret with ice-server-username, ice-server-credential, secret-key-base, admin-username, \
                    admin-password and whip-token; `render notes` then prints the command that creates it";
        found.push(wrong(values, "broadcaster.enabled", lacks("credentials.secretRef"), hint));
    }
    found
}

/// A region that is not the one that the application takes from its name.
fn region(values: &Values) -> Option<Diagnostic> {
    let broadcaster = &values.platform.broadcaster;
    let (host, region) = (broadcaster.host.as_ref()?, broadcaster.region.as_ref()?);
    let first = host.split('.').next().unwrap_or_default();
    if region == first && first.len() <= LONGEST_REGION {
        return None;
    }
    if region == first {
        let message = format!("the first label of `{host}` is too long for the names of pods");
        let hint = "choose a first label of at most 27 characters";
        return Some(wrong(values, "broadcaster.host", message, hint));
    }
    let message = format!("`broadcaster.region` is `{region}`, and the application takes `{first}` from its name");
    let hint = "leave broadcaster.region out, or change the first label of broadcaster.host";
    let one = wrong(values, "broadcaster.region", message, hint);
    Some(one.with(place(values, "broadcaster.host"), "the region is its first label"))
}

/// The most characters of a region, as the schema has it: name, region and what Kubernetes adds are one label.
const LONGEST_REGION: usize = 27;

/// Two names that are one, or that the Gateway does not answer for.
fn names(values: &Values) -> Vec<Diagnostic> {
    let (broadcaster, gateway) = (&values.platform.broadcaster, &values.platform.gateway);
    let mut found = Vec::new();
    if broadcaster.host.is_some() && broadcaster.host == broadcaster.global_host {
        let (later, earlier) = later_first(values, "broadcaster.host", "broadcaster.globalHost");
        let same = Diagnostic::error("`broadcaster.host` and `broadcaster.globalHost` are the same name").at(later);
        let same = same.with(earlier, "the same name");
        found.push(same.hint("give the region a name of its own; the global name leads to every region"));
    }
    let by_route = values.platform.ingress.kind == IngressType::HttpRoute && gateway.enabled;
    let hosts = [("broadcaster.host", &broadcaster.host), ("broadcaster.globalHost", &broadcaster.global_host)];
    for (path, host) in hosts.into_iter().filter(|_| by_route) {
        if let (Some(host), Some(hostname)) = (host, &gateway.hostname)
            && !gateways::covers(hostname, host)
        {
            let message = format!("the Gateway answers for `{hostname}`, and the Broadcaster is `{host}`");
            let hint = "choose a name that the Gateway answers for, or change gateway.hostname";
            found.push(
                wrong(values, path, message, hint).with(place(values, "gateway.hostname"), "the names of the Gateway"),
            );
        }
    }
    found
}

fn ice_server(values: &Values) -> Option<Diagnostic> {
    let broadcaster = &values.platform.broadcaster;
    let message = "`broadcaster.iceServer.url` is not set, and no listener of STUNner's gives it";
    let hint = "set it, as in turn:turn.example.com:3478?transport=udp, or enable stunner with a listener of TURN-UDP";
    (broadcaster.ice_server.url.is_none() && broadcaster.host.is_some())
        .then(|| wrong(values, "broadcaster.iceServer", message, hint))
}

/// STUNner that asks for passwords which the Broadcaster cannot make.
fn ephemeral(values: &Values) -> Option<Diagnostic> {
    let stunner = &values.platform.stunner;
    let routed = stunner.enabled && values.platform.broadcaster.udp_route.enabled == Some(true);
    let message = "STUNner asks for passwords that expire, and the Broadcaster tells its clients one that does not";
    let hint = "set stunner.auth.type to static, and put the same user name and password into both Secrets";
    (routed && stunner.auth.kind == StunnerAuthType::Ephemeral)
        .then(|| wrong(values, "stunner.auth.type", message, hint))
}

/// Ranges of ports that are none.
fn ranges(values: &Values) -> Vec<Diagnostic> {
    let broadcaster = &values.platform.broadcaster;
    let ranges = [
        ("broadcaster.iceServer.portRange", &broadcaster.ice_server.port_range),
        ("broadcaster.distribution.portRange", &broadcaster.distribution.port_range),
    ];
    let is_none = |range: &&String| UdpPorts::Range((*range).clone()).range().is_none();
    let finding = |(path, range): (&str, &String)| {
        let message = format!("`{path}` is `{range}`, which holds no port");
        wrong(values, path, message, "write the lower port first, and the higher one, at most 65535, behind it")
    };
    ranges.into_iter().filter(|(_, range)| is_none(range)).map(finding).collect()
}

/// A global name whose issuer proves it over HTTP. The authority asks the cluster that is nearest to itself, which is
/// seldom the one that wants the certificate, so that the others never get theirs.
fn proof(values: &Values) -> Option<Diagnostic> {
    let broadcaster = &values.platform.broadcaster;
    let reference = broadcaster.tls.issuer_ref.as_ref().filter(|_| broadcaster.clusters.len() > 1)?;
    let issuer = values.platform.issuers.get(&reference.name).filter(|issuer| issuer.http01.is_some())?;
    let host = broadcaster.global_host.as_ref().filter(|_| issuer.dns01.is_none())?;
    let message =
        format!("the issuer `{}` proves names over HTTP, and of `{host}` another cluster may be asked", reference.name);
    Some(wrong(values, "broadcaster.tls.issuerRef.name", message, "name an issuer with dns01"))
}

#[cfg(test)]
mod tests {
    use super::LONGEST_REGION;
    use crate::testing::in_values;

    /// Values with a Broadcaster that has what it needs, and what is written over it.
    fn broadcaster(over: &str, beside: &str) -> String {
        let base = "enabled: true, credentials: {secretRef: {name: a}}";
        let host = if over.contains("host:") { "" } else { "host: germany.example.com," };
        let ice = if over.contains("iceServer:") { "" } else { "iceServer: {url: 'turn:a.example.com:3478'}," };
        format!("broadcaster: {{{base}, {host} {ice} {over}}}\nlivekit: {{enabled: false}}\n{beside}")
    }

    #[test]
    fn a_broadcaster_has_a_name_a_region_and_secrets() {
        in_values(
            "LK020",
            &[
                ("broadcaster: {region: a}", &[]),
                (&broadcaster("", ""), &[]),
                (&broadcaster("host: null", ""), &["`broadcaster.host` is not set"]),
                (
                    &broadcaster("", "").replace("secretRef: {name: a}", ""),
                    &["`broadcaster.credentials.secretRef` is not set"],
                ),
                (&broadcaster("region: germany", ""), &[]),
                (&broadcaster("region: france", ""), &["the application takes `germany` from its name"]),
                (&broadcaster(&format!("host: {}.example.com", "a".repeat(LONGEST_REGION)), ""), &[]),
                (&broadcaster(&format!("host: {}.example.com", "a".repeat(LONGEST_REGION + 1)), ""), &["is too long"]),
            ],
        );
    }

    #[test]
    fn the_names_of_a_broadcaster_differ_and_are_those_of_the_gateway() {
        let gateway = |hostname: &str| {
            format!("ingress: {{type: HTTPRoute}}\ngateway: {{enabled: true, hostname: '{hostname}'}}")
        };
        in_values(
            "LK020",
            &[
                (&broadcaster("globalHost: world.example.com", ""), &[]),
                (&broadcaster("globalHost: germany.example.com", ""), &["are the same name"]),
                (&broadcaster("", &gateway("*.example.com")), &[]),
                (&broadcaster("", &gateway("*.example.org")), &["the Gateway answers for `*.example.org`"]),
                (
                    &broadcaster("globalHost: world.example.org", &gateway("*.example.com")),
                    &["the Broadcaster is `world.example.org`"],
                ),
            ],
        );
    }

    #[test]
    fn a_broadcaster_has_a_turn_server_whose_password_stays() {
        let stunner = |kind: &str| format!("stunner: {{enabled: true, auth: {{type: {kind}}}}}");
        in_values(
            "LK020",
            &[
                (&broadcaster("iceServer: {url: null}", ""), &["no listener of STUNner's gives it"]),
                (&broadcaster("iceServer: {url: null}", &stunner("static")), &[]),
                (&broadcaster("", &stunner("ephemeral")), &["STUNner asks for passwords that expire"]),
                (&broadcaster("udpRoute: {enabled: false}", &stunner("ephemeral")), &[]),
            ],
        );
    }

    #[test]
    fn a_range_of_the_broadcaster_holds_a_port() {
        let range = |range: &str| broadcaster(&format!("distribution: {{portRange: {range}}}"), "");
        let none: &[&str] = &["which holds no port"];
        in_values(
            "LK020",
            &[
                (&range("9100-9101"), &[]),
                (&range("9100-65535"), &[]),
                (&range("9100-65536"), none),
                (&range("9101-9100"), none),
            ],
        );
    }

    #[test]
    fn a_global_name_is_proved_by_dns_where_several_regions_have_it() {
        let set = |clusters: &str, solver: &str| {
            let issuers = format!("issuers: {{le: {{email: a@example.com, {solver}}}}}");
            let tls = "globalHost: world.example.com, tls: {issuerRef: {kind: ClusterIssuer, name: le}}";
            broadcaster(&format!("{tls}, clusters: [{clusters}]"), &issuers)
        };
        let region = |name: &str| format!("{{name: {name}, latitude: 0, longitude: 0}}");
        let both = format!("{}, {}", region("germany"), region("france"));
        let http = "http01: {ingressClassName: traefik}";
        in_values(
            "LK020",
            &[
                (&set(&both, http), &["of `world.example.com` another cluster may be asked"]),
                (&set(&region("germany"), http), &[]),
                (&set(&both, "dns01: {cloudflare: {apiTokenSecretRef: {name: a, key: b}}}"), &[]),
            ],
        );
    }
}
