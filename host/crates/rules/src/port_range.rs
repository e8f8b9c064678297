//! A range of ports in words.

use std::ops::RangeInclusive;

/// `7880`, or `50000-60000`.
#[must_use]
pub fn text(ports: &RangeInclusive<u16>) -> String {
    if ports.start() == ports.end() { ports.start().to_string() } else { format!("{}-{}", ports.start(), ports.end()) }
}
