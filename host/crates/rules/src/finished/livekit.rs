//! What finished manifests show of the rules about LiveKit's own configuration.

use render_text::diagnostic::Diagnostic;

use super::super::servers::{Servers, text};
use crate::livekit_keys::{SINCE, version};

/// LK009: a port beside a range that wins.
pub(crate) fn one_udp_mode(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let settings = &server.settings;
        let has_range = settings.is_set("rtc.port_range_start") && settings.is_set("rtc.port_range_end");
        let wrong = Diagnostic::error(format!("`rtc.udp_port` of {} has no effect beside a port range", server.id()));
        (has_range && settings.is_set("rtc.udp_port"))
            .then(|| server.about(wrong, "rtc.udp_port").hint("take the port away, or the range, which wins"))
    })
}

/// LK010: an address beside its discovery.
pub(crate) fn one_address(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let settings = &server.settings;
        let wrong = Diagnostic::error(format!(
            "`rtc.node_ip` of {} has no effect while `rtc.use_external_ip` is true",
            server.id()
        ));
        (settings.is_on("rtc.use_external_ip") && settings.is_set("rtc.node_ip"))
            .then(|| server.about(wrong, "rtc.node_ip").hint("set use_external_ip to false, or take the address away"))
    })
}

/// LK014: a Service whose variables the server reads as its own.
pub(crate) fn service_name(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let is_it =
            |id: &render_text::resource::ResourceId| id.name == "livekit" && id.namespace == server.id().namespace;
        let service = servers.all("", "Service").find(|service| is_it(&service.id))?;
        let wrong = Diagnostic::error(format!(
            "{} sets LIVEKIT_PORT in the pods of {}, which read it as their own port and exit",
            service.id,
            server.id()
        ));
        let asks = server.pod.spec.value.get("enableServiceLinks").and_then(serde_json::Value::as_bool) != Some(false);
        let hint = "choose another name, as in livekit-server, or set enableServiceLinks: false in the pods";
        asks.then(|| wrong.about(&service.id, "/metadata/name").hint(hint))
    })
}

/// LK028: keys that the image is too old for.
pub(crate) fn keys_of_the_image(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let image = text(server.container.value, "/image").unwrap_or_default();
        let tag = image.split('@').next().and_then(|image| image.rsplit_once(':')).map_or("", |(_, tag)| tag);
        let known = version(tag);
        let too_new = SINCE.iter().filter(move |(_, since)| known.is_some_and(|known| known < *since));
        too_new.filter_map(move |(path, (major, minor, patch))| {
            let path = path.strip_prefix("livekit.config.")?;
            server.settings.in_file(path)?;
            let wrong = Diagnostic::warning(format!(
                "`{path}` came with LiveKit v{major}.{minor}.{patch}, and {} runs {tag}",
                server.id()
            ));
            let hint = format!("run v{major}.{minor}.{patch} or later, or take the key away");
            Some(server.about(wrong, path).hint(hint))
        })
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects, livekit};

    #[test]
    fn media_has_a_port_or_a_range() {
        let range = "port_range_start: 50000, port_range_end: 50010";
        in_objects(
            "LK009",
            &[
                (&livekit("rtc: {udp_port: 7882}"), &[]),
                (&livekit(&format!("rtc: {{{range}}}")), &[]),
                (&livekit(&format!("rtc: {{{range}, udp_port: 7882}}")), &["`rtc.udp_port` of"]),
                (&livekit("rtc: {port_range_start: 50000, udp_port: 7882}"), &[]),
                (
                    &LiveKit {
                        config: &format!("rtc: {{{range}}}"),
                        env: "{name: UDP_PORT, value: '7882'}",
                        ..LiveKit::default()
                    }
                    .yaml(),
                    &["`rtc.udp_port` of"],
                ),
            ],
        );
    }

    #[test]
    fn an_address_is_given_or_discovered() {
        in_objects(
            "LK010",
            &[
                (&livekit("rtc: {use_external_ip: true}"), &[]),
                (&livekit("rtc: {use_external_ip: false, node_ip: 192.0.2.1}"), &[]),
                (&livekit("rtc: {use_external_ip: true, node_ip: ''}"), &[]),
                (&livekit("rtc: {use_external_ip: true, node_ip: 192.0.2.1}"), &["`rtc.node_ip` of"]),
            ],
        );
    }

    #[test]
    fn a_service_named_livekit_is_read_by_pods_of_its_namespace_that_ask_for_links() {
        let with = |metadata: &str, pod: &str| {
            let beside = format!("---\n{{apiVersion: v1, kind: Service, metadata: {{{metadata}}}}}");
            LiveKit { pod, beside: &beside, ..LiveKit::default() }.yaml()
        };
        in_objects(
            "LK014",
            &[
                (&with("name: livekit, namespace: media", ""), &["sets LIVEKIT_PORT in the pods of"]),
                (&with("name: livekit, namespace: media", "enableServiceLinks: false"), &[]),
                (&with("name: livekit, namespace: other", ""), &[]),
                (&with("name: livekit-server, namespace: media", ""), &[]),
            ],
        );
    }

    #[test]
    fn a_key_is_no_younger_than_the_image() {
        let with =
            |image: &str| livekit("limit: {signal_message_size_limit: 1}").replace("livekit-server:v1.13.5", image);
        in_objects(
            "LK028",
            &[
                (&with("livekit-server:v1.13.5"), &["came with LiveKit v1.13.6"]),
                (&with("livekit-server:1.9.0"), &["came with LiveKit v1.13.6"]),
                (&with("livekit-server:v1.13.6"), &[]),
                (&with("livekit-server:v1.14.0"), &[]),
                // Nobody knows what these are.
                (&with("livekit-server:latest"), &[]),
                (&with("livekit-server"), &[]),
                (&with("livekit-server:v1.13.5@sha256:00"), &["runs v1.13.5"]),
            ],
        );
    }
}
