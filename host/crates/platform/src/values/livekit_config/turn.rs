//! `turn`: the TURN server inside LiveKit.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scalars::{CIDR, cidr_in_words};

/// The TURN server inside LiveKit; when it is on it needs `tls_port` or `udp_port`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnConfig {
    /// Whether the TURN server runs.
    pub enabled: Option<bool>,
    /// Name under which clients reach TURN over TLS, always on port 443; a name with a dot and without a wildcard.
    #[schemars(regex(pattern = r"^[a-z0-9-]+(\.[a-z0-9-]+)+\.?$"), extend("patternHint" = "a DNS name in lower case, as in turn.example.com"))]
    pub domain: Option<String>,
    /// Path of the certificate for `tls_port`.
    pub cert_file: Option<String>,
    /// Path of the private key for `tls_port`.
    pub key_file: Option<String>,
    /// TCP port of TURN over TLS; left out, there is none.
    #[schemars(range(min = 1, max = 65535))]
    pub tls_port: Option<u16>,
    /// UDP port of TURN, announced with the node's address; left out, there is none.
    #[schemars(range(min = 1, max = 65535))]
    pub udp_port: Option<u16>,
    /// First UDP port from which traffic is relayed.
    #[schemars(range(min = 1, max = 65535))]
    pub relay_range_start: Option<u16>,
    /// Last UDP port from which traffic is relayed, included.
    #[schemars(range(min = 1, max = 65535))]
    pub relay_range_end: Option<u16>,
    /// Whether something in front of LiveKit ends TLS, so that `tls_port` carries plain TCP.
    pub external_tls: Option<bool>,
    /// IP addresses that the TURN listeners bind.
    pub bind_addresses: Vec<String>,
    /// How many allocations a client may have on this relay. From v1.13.6 on.
    pub per_user_relay_allocation_limit: Option<u32>,
    /// How long a client's password is valid for a new allocation, in seconds, at most 86400.
    #[schemars(range(min = 1))]
    pub ttl_seconds: Option<i64>,
    /// Private, loopback and link-local ranges, as CIDR, to which traffic may be relayed; none is by default.
    #[schemars(inner(regex(pattern = CIDR)), transform = cidr_in_words)]
    pub allow_restricted_peer_cidrs: Vec<String>,
    /// Ranges, as CIDR, to which no traffic is relayed; they win over the allowed ones.
    #[schemars(inner(regex(pattern = CIDR)), transform = cidr_in_words)]
    pub deny_peer_cidrs: Vec<String>,
}
