//! The scalars that LiveKit's configuration writes in its own way: Go durations, secrets, UDP ports.

use std::fmt;
use std::ops::RangeInclusive;

use schemars::JsonSchema;
use serde::Deserialize;

/// What an address range looks like; LiveKit stops at one that it cannot read.
pub(super) const CIDR: &str = r"^(([0-9]{1,3}\.){3}[0-9]{1,3}/[0-9]{1,2}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*/[0-9]{1,3})$";

/// The same in words, for the items of a list.
pub(super) fn cidr_in_words(list: &mut schemars::Schema) {
    if let Some(items) = list.get_mut("items") {
        items["patternHint"] = "a range of addresses, as in 10.0.0.0/8".into();
    }
}

/// A Go duration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum GoDuration {
    /// A number of nanoseconds.
    Nanoseconds(u64),
    /// Numbers with units, such as `500ms`, `1.5s` or `1h30m`.
    Text(
        #[schemars(regex(pattern = r"^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$"), extend("patternHint" = "a duration, as in 500ms or 1h30m"))]
         String,
    ),
}

/// A secret, written out.
#[derive(Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline, extend("writeOnly" = true))]
pub struct SecretText(pub String);

// What holds a secret may be printed in a message; the secret itself may not.
impl fmt::Debug for SecretText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretText(..)")
    }
}

/// The UDP port, or the ports, that all media shares.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum UdpPorts {
    /// One port.
    One(#[schemars(range(min = 1, max = 65535))] u16),
    /// Ports `first-last`, the last one included; LiveKit opens as many as it has processors.
    Range(
        #[schemars(regex(pattern = r"^[0-9]{1,5}( *- *[0-9]{1,5})?$"), extend("patternHint" = "a port or two ports, as in 7882-7892"))]
         String,
    ),
}

impl UdpPorts {
    /// The ports meant; `None` when LiveKit would refuse them: not ports, or a last one that is
    /// not above the first.
    #[must_use]
    pub fn range(&self) -> Option<RangeInclusive<u16>> {
        match self {
            Self::One(port) => valid_port(*port).map(|port| port..=port),
            Self::Range(text) => parse_range(text),
        }
    }
}

fn parse_range(text: &str) -> Option<RangeInclusive<u16>> {
    let Some((first, last)) = text.split_once('-') else {
        return parse_port(text).map(|port| port..=port);
    };
    let (first, last) = (parse_port(first)?, parse_port(last)?);
    (first < last).then_some(first..=last)
}

fn parse_port(text: &str) -> Option<u16> {
    text.trim_matches(' ').parse().ok().and_then(valid_port)
}

fn valid_port(port: u16) -> Option<u16> {
    (port > 0).then_some(port)
}
