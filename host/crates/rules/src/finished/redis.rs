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

#[cfg(test)]
mod tests {
    use crate::testing::{LiveKit, in_objects};

    fn pods(replicas: u32, config: &str, env: &str) -> String {
        LiveKit { config, env, spec: &format!("replicas: {replicas}"), ..LiveKit::default() }.yaml()
    }

    #[test]
    fn several_pods_share_a_redis() {
        let secret = "{name: REDIS_HOST, valueFrom: {secretKeyRef: {name: a, key: b}}}";
        in_objects(
            "LK006",
            &[
                (&pods(1, "port: 7880", ""), &[]),
                (&pods(2, "port: 7880", ""), &["run, and they share no Redis"]),
                (&pods(2, "redis: {address: 'a:6379'}", ""), &[]),
                (&pods(2, "redis: {sentinel_addresses: ['a:6379']}", ""), &[]),
                (&pods(2, "redis: {cluster_addresses: []}", ""), &["they share no Redis"]),
                (&pods(2, "redis: {address: ''}", ""), &["the address of their Redis is empty"]),
                (&pods(2, "port: 7880", "{name: REDIS_HOST, value: a}"), &[]),
                (&pods(2, "port: 7880", secret), &[]),
                // The image may bring a configuration, and a variable of the set's may hold one.
                (&pods(2, "", ""), &[]),
                (
                    &LiveKit {
                        config: "port: 7880",
                        spec: "replicas: 2",
                        container: "envFrom: [{secretRef: {name: a}}]",
                        ..LiveKit::default()
                    }
                    .yaml(),
                    &[],
                ),
            ],
        );
    }

    #[test]
    fn a_password_to_a_redis_outside_goes_through_tls() {
        let redis = |address: &str, more: &str| pods(1, &format!("redis: {{address: '{address}', {more}}}"), "");
        let plain: &[&str] = &["sends Redis' password to"];
        in_objects(
            "LK019",
            &[
                (&redis("10.0.0.3:6379", "password: a"), plain),
                (&redis("redis.example.com:6379", "password: a"), plain),
                (&redis("10.0.0.3:6379", ""), &[]),
                (&redis("10.0.0.3:6379", "password: a, tls: {enabled: true}"), &[]),
                (&redis("10.0.0.3:6379", "password: a, use_tls: true"), &[]),
                (&redis("redis:6379", "password: a"), &[]),
                (&redis("redis.media.svc.cluster.local:6379", "password: a"), &[]),
            ],
        );
    }
}
