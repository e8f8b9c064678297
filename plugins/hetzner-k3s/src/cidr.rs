//! Ranges of IPv4 addresses.

use std::fmt;
use std::net::Ipv4Addr;

/// A range of IPv4 addresses, as in `10.101.0.0/16`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Range {
    first: u32,
    prefix: u32,
}

impl Range {
    /// Reads a range that begins at its first address.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let no_range = || format!("`{text}` is no range of IPv4 addresses, as 10.101.0.0/16 is");
        let (address, prefix) = text.split_once('/').ok_or_else(no_range)?;
        let address: Ipv4Addr = address.parse().map_err(|_| no_range())?;
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32).ok_or_else(no_range)?;
        let range = Self { first: address.to_bits() & mask(prefix), prefix };
        if range.first == address.to_bits() {
            Ok(range)
        } else {
            Err(format!("`{text}` does not begin at its first address, which is {range}"))
        }
    }

    /// The range of one address.
    pub(crate) fn of(address: Ipv4Addr) -> Self {
        Self { first: address.to_bits(), prefix: 32 }
    }

    /// Whether any address is in both.
    pub(crate) fn overlaps(self, other: Self) -> bool {
        let shared = mask(self.prefix.min(other.prefix));
        self.first & shared == other.first & shared
    }

    /// How many bits all its addresses share.
    pub(crate) fn prefix(self) -> u32 {
        self.prefix
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", Ipv4Addr::from_bits(self.first), self.prefix)
    }
}

/// The bits that the addresses of a range share.
fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn ranges_overlap_when_one_holds_the_other() {
        let overlap = |one, other| Range::read(one).unwrap().overlaps(Range::read(other).unwrap());
        assert!(overlap("10.101.0.0/16", "10.101.128.0/17"));
        assert!(overlap("0.0.0.0/0", "10.43.0.0/16"));
        assert!(overlap("10.1.2.3/32", "10.1.2.3/32"));
        assert!(!overlap("10.101.0.0/16", "10.102.0.0/16"));
        assert!(!overlap("10.0.0.0/9", "10.128.0.0/9"));
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["10.101.0.0", "10.101.0.0/33", "10.101.0.0/-1", "10.101.0/16", "fd00::/8", "a/8"] {
            assert!(Range::read(text).unwrap_err().contains("no range"), "{text}");
        }
        let inside = Range::read("10.101.3.0/16").unwrap_err();
        assert!(inside.ends_with("which is 10.101.0.0/16"), "{inside}");
    }
}
