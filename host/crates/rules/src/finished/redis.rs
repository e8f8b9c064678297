//! What finished manifests show of the rules about Redis.

use render_text::diagnostic::Diagnostic;

use super::super::servers::{Server, Servers};

/// The settings that name a Redis; one of them that is not empty makes LiveKit use it.
const ADDRESSES: [&str; 3] = ["redis.sentinel_addresses", "redis.cluster_addresses", "redis.address"];

/// LK006: several pods without a Redis.
pub(crate) fn shared(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let most = servers.pods(server).most;
        let settings = &server.settings;
        let is_used = ADDRESSES.iter().any(|path| settings.is_set(path) || settings.may_set(path));
        if most < 2 || is_used {
            return None;
        }
        let is_empty = settings.in_file("redis.address").is_some();
        let why = if is_empty { "the address of their Redis is empty" } else { "they share no Redis" };
        let wrong = Diagnostic::error(format!("up to {most} pods of {} run, and {why}", server.id()));
        let hint = "set redis.address in LiveKit's configuration, or REDIS_HOST in the container's env, to host:port";
        Some(server.about(wrong, "redis.address").hint(hint))
    })
}

/// LK019: a password in the clear, to a Redis outside the cluster.
pub(crate) fn encrypted(servers: &Servers) -> Vec<Diagnostic> {
    servers.each(|server| {
        let settings = &server.settings;
        let address = settings.text("redis.address")?;
        let is_plain = !settings.is_on("redis.tls.enabled") && !settings.is_on("redis.use_tls");
        let is_outside = !is_in_cluster(servers, server, &address);
        if !(settings.is_set("redis.password") && is_plain && is_outside) {
            return None;
        }
        let wrong = Diagnostic::warning(format!("{} sends Redis' password to {address} without TLS", server.id()));
        let hint = "set redis.tls.enabled; Memorystore with TLS listens on 6378 and needs redis.tls.ca_cert_file";
        Some(server.about(wrong, "redis.address").hint(hint))
    })
}

/// Whether an address is that of a Service: by its name alone, or by a name that ends inside the cluster.
pub(crate) fn is_in_cluster(servers: &Servers, server: &Server, address: &str) -> bool {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let mut parts = host.split('.');
    let (name, namespace) = (parts.next().unwrap_or_default(), parts.next());
    let is_there = servers.all("", "Service").any(|service| {
        let of = service.id.namespace.as_deref();
        service.id.name == name && (of == namespace || of == server.id().namespace.as_deref())
    });
    let is_address = host.parse::<std::net::IpAddr>().is_ok();
    !is_address && (namespace.is_none() || host.contains(".svc") || is_there)
}
