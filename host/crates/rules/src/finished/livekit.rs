//! What finished manifests show of the rules about LiveKit's own configuration.

use render_text::diagnostic::Diagnostic;

use super::super::livekit::{SINCE, version};
use super::super::servers::{Servers, text};

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
