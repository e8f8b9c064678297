//! The spellings in which a canary could be met.

use super::ways::{canary, fields};

/// That an output shows no canary.
pub(super) fn assert_clean(run: &impl std::fmt::Debug, output: &str) {
    for number in (0..fields().len()).chain([90]) {
        let secret = canary(number);
        let first = &secret[..8];
        for spelling in [vec![first.to_owned(), percent(&secret)], base64(&secret)].concat() {
            assert!(!output.contains(&spelling), "{run:?} shows {spelling}:\n{output}");
        }
    }
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// The middle of the text in base64, at each of the three places where it can begin.
fn base64(text: &str) -> Vec<String> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let encode = |bytes: &[u8]| -> String {
        let groups =
            bytes.chunks_exact(3).map(|group| group.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte)));
        groups
            .flat_map(|group| [18, 12, 6, 0].map(|shift| char::from(LETTERS[(group >> shift & 63) as usize])))
            .collect()
    };
    (0..3).map(|skipped| encode(&text.as_bytes()[skipped..])).collect()
}
