//! Whatever a registry answers, it is a component with a digest, a token or a challenge, or it is refused with a word.

use render_plugins::registry::answers;
use render_text::hex;
use render_text::source::Sources;

/// The same bytes as each of the answers that a registry gives.
pub fn check(bytes: &[u8]) {
    let _ = answers::token(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(challenge) = answers::challenge(text) {
        assert!(challenge.realm.len() <= text.len(), "a realm that nobody sent");
    }
    match answers::component(text) {
        Ok(layer) => {
            assert!(hex::is_sha256(&layer.digest), "{} is a part of an address", layer.digest);
            assert!(answers::layers(text).is_ok_and(|layers| layers.contains(&layer)), "a layer of no manifest");
        }
        Err(found) => super::told(&[found], &Sources::default()),
    }
}
