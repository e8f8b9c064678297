//! Keys of LiveKit's configuration that not every release knows.

/// Keys that are younger than the oldest release whose keys are all known, each with its release.
pub(super) const SINCE: [(&str, (u32, u32, u32)); 4] = [
    ("livekit.config.limit.agent_signal_message_size_limit", (1, 13, 6)),
    ("livekit.config.limit.max_api_request_body_size", (1, 13, 6)),
    ("livekit.config.limit.signal_message_size_limit", (1, 13, 6)),
    ("livekit.config.turn.per_user_relay_allocation_limit", (1, 13, 6)),
];

/// `v1.13.5` as numbers; `None` for a tag of another form, about which nothing is known.
pub(super) fn version(tag: &str) -> Option<(u32, u32, u32)> {
    let mut parts = tag.strip_prefix('v').unwrap_or(tag).split('.').map(str::parse);
    let version = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    parts.next().is_none().then_some(version)
}
