//! Rules about Redis.

use render_platform::values::redis::RedisMode;
use render_text::diagnostic::{Diagnostic, Severity};
use render_text::node::Origin;

use super::{Find, Rule, finished, place};

pub(super) static RULES: &[&Rule] = &[&SHARED_BY_PODS, &HAS_HOST, &ENCRYPTED, &ONE_OWNER];

static SHARED_BY_PODS: Rule = Rule {
    code: "LK006",
    severity: Severity::Error,
    title: "several pods share a Redis",
    why: "Without Redis each pod is a LiveKit of its own: two people who join the same room meet only if they reach the same pod.",
    find: Find::Both(
        |values| {
            let platform = &values.platform;
            let most = platform.most_pods();
            if !platform.livekit.enabled || most < 2 || platform.livekit.config.redis.is_some() {
                return Vec::new();
            }
            let autoscaled = platform.scaling.horizontal_pod_autoscaler.enabled;
            let path = if autoscaled { "scaling.horizontalPodAutoscaler" } else { "livekit.replicas" };
            let wrong = Diagnostic::error(format!("up to {most} pods run, and they share no Redis"));
            vec![
                wrong
                    .at(place(values, path))
                    .with(place(values, "redis.mode"), "no Redis")
                    .hint("set redis.mode to embedded or external"),
            ]
        },
        finished::redis::shared,
    ),
};

static HAS_HOST: Rule = Rule {
    code: "LK018",
    severity: Severity::Error,
    title: "an external Redis has a host",
    why: "With an empty address LiveKit starts as a single node and says nothing about it.",
    find: Find::Values(|values| {
        let redis = &values.platform.redis;
        if redis.mode != RedisMode::External || redis.external.host.is_some() {
            return Vec::new();
        }
        let wrong = Diagnostic::error("`redis.mode` is external, and `redis.external.host` is not set");
        let hint =
            "set it in the environment file, with `--set redis.external.host=HOST`, or by `--terraform-output FILE`";
        vec![wrong.at(place(values, "redis.mode")).hint(hint)]
    }),
};

static ENCRYPTED: Rule = Rule {
    code: "LK019",
    severity: Severity::Warning,
    title: "a password travels encrypted",
    why: "AUTH without TLS sends the password in the clear to whoever reads the network between the node and Redis.",
    find: Find::Both(
        |values| {
            let redis = &values.platform.redis;
            if redis.mode != RedisMode::External || !redis.auth.enabled || redis.external.tls.enabled {
                return Vec::new();
            }
            let wrong = Diagnostic::warning("Redis' password is sent without TLS");
            let hint =
                "set redis.external.tls.enabled, with caSecretKeyRef for Memorystore; or silence LK019 with the reason";
            vec![wrong.at(place(values, "redis.mode")).hint(hint)]
        },
        finished::redis::encrypted,
    ),
};

static ONE_OWNER: Rule = Rule {
    code: "LK022",
    severity: Severity::Error,
    title: "one place says which Redis LiveKit uses",
    why: "An address under livekit.config.redis and one under redis would both claim to be the one in force.",
    find: Find::Values(|values| {
        let address = values.tree.at(&["livekit", "config", "redis", "address"]);
        let written = address.and_then(|node| node.origins.iter().find_map(Origin::written));
        let (Some(written), true) = (written, values.platform.redis.mode != RedisMode::None) else { return Vec::new() };
        let wrong = Diagnostic::error("`livekit.config.redis.address` and `redis` both say which Redis LiveKit uses");
        vec![
            wrong
                .at(written)
                .with(place(values, "redis.mode"), "said here too")
                .hint("take livekit.config.redis.address away, or set redis.mode to none"),
        ]
    }),
};

#[cfg(test)]
mod tests {
    use crate::testing::in_values;

    #[test]
    fn several_pods_share_a_redis() {
        in_values(
            "LK006",
            &[
                ("livekit: {replicas: 1}", &[]),
                ("livekit: {replicas: 2}", &["up to 2 pods run, and they share no Redis"]),
                ("livekit: {replicas: 2}\nredis: {mode: embedded}", &[]),
                ("livekit: {replicas: 2, enabled: false}", &[]),
                ("livekit: {replicas: 2, config: {redis: {address: 'a:6379'}}}", &[]),
                ("scaling: {horizontalPodAutoscaler: {enabled: true, maxReplicas: 2}}", &["up to 2 pods run"]),
                ("scaling: {horizontalPodAutoscaler: {enabled: false, maxReplicas: 2}}", &[]),
            ],
        );
    }

    #[test]
    fn an_external_redis_has_a_host() {
        in_values(
            "LK018",
            &[
                ("redis: {mode: external, external: {host: a}}", &[]),
                ("redis: {mode: external}", &["`redis.external.host` is not set"]),
                ("redis: {mode: embedded}", &[]),
            ],
        );
    }

    #[test]
    fn a_password_to_an_external_redis_goes_through_tls() {
        in_values(
            "LK019",
            &[
                ("redis: {mode: external, external: {host: a}}", &["is sent without TLS"]),
                ("redis: {mode: external, external: {host: a, tls: {enabled: true}}}", &[]),
                ("redis: {mode: external, auth: {enabled: false}, external: {host: a}}", &[]),
                ("redis: {mode: embedded}", &[]),
            ],
        );
    }

    #[test]
    fn one_place_names_the_redis() {
        let own = "livekit: {config: {redis: {address: 'a:6379'}}}";
        in_values(
            "LK022",
            &[
                (own, &[]),
                (&format!("{own}\nredis: {{mode: embedded}}"), &["both say which Redis LiveKit uses"]),
                ("redis: {mode: embedded}", &[]),
            ],
        );
    }
}
