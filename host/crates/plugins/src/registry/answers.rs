//! What a registry answers, once it is read: the challenge, the token, the manifest. Any server can answer any bytes,
//! so nothing here trusts them.

use std::collections::BTreeMap;

use http_auth::parser::ChallengeParser;
use serde::Deserialize;
use serde::de::IgnoredAny;

use render_objects::manifest::list;
use render_text::diagnostic::Diagnostic;
use render_text::hex;

use crate::notes::Text;

/// Media types of a component: the ecosystem's, and the one that it had before.
const COMPONENTS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];

/// Where a registry says that tokens are to be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The address of the token server.
    pub realm: String,
    /// The registry's name there.
    pub service: Option<String>,
}

/// The part of a manifest that leads to a component.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Layer {
    /// What it is.
    #[serde(rename = "mediaType")]
    pub media_type: String,
    /// Which content it is.
    pub digest: String,
    /// How many bytes it has.
    pub size: u64,
    /// What is said about it, such as a signature. Where else it can be had (`urls`) is not read.
    #[serde(default)]
    pub annotations: BTreeMap<String, String>,
}

/// The first challenge for a token in a `WWW-Authenticate` header.
#[must_use]
pub fn challenge(header: &str) -> Option<Challenge> {
    ChallengeParser::new(header).map_while(Result::ok).find_map(|challenge| {
        let of = |name: &str| {
            let named = challenge.params.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            named.map(|(_, value)| value.to_unescaped())
        };
        let is_bearer = challenge.scheme.eq_ignore_ascii_case("Bearer");
        Some(Challenge { realm: of("realm").filter(|_| is_bearer)?, service: of("service") })
    })
}

/// The token in the answer of a token server.
#[must_use]
pub fn token(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Answer {
        token: Option<String>,
        access_token: Option<String>,
    }
    let answer: Answer = serde_json::from_slice(body).ok()?;
    answer.token.or(answer.access_token)
}

/// The layers of a manifest.
///
/// # Errors
/// A manifest that is none, or an index of several.
pub fn layers(manifest: &str) -> Result<Vec<Layer>, Diagnostic> {
    #[derive(Deserialize)]
    struct Manifest {
        layers: Option<Vec<Layer>>,
        manifests: Option<IgnoredAny>,
    }
    match serde_json::from_str(manifest) {
        Ok(Manifest { layers: Some(layers), .. }) => Ok(layers),
        Ok(Manifest { manifests: Some(_), .. }) => Err(other("it is an index of several manifests".to_owned())),
        Ok(_) => Err(other("its manifest has no `layers`".to_owned())),
        Err(error) => Err(other(format!("its manifest cannot be read: {error}"))),
    }
}

/// The one layer of a manifest that is a component.
///
/// # Errors
/// A manifest without one, with several, or with one that has no SHA-256 digest.
pub fn component(manifest: &str) -> Result<Layer, Diagnostic> {
    let layers = layers(manifest)?;
    let components = layers.iter().filter(|layer| COMPONENTS.contains(&layer.media_type.as_str()));
    match components.collect::<Vec<_>>().as_slice() {
        [one] if hex::is_sha256(&one.digest) => Ok((*one).clone()),
        [_] => Err(other("the digest of its component is not `sha256:` and 64 hexadecimal digits".to_owned())),
        [] => {
            let found = list(layers.iter().map(|layer| format!("`{}`", Text::new(&layer.media_type))));
            let found = if found.is_empty() { "nothing".to_owned() } else { found };
            Err(other(format!("it holds {found}, and no WebAssembly component")))
        }
        several => Err(other(format!("it holds {} components, and a plugin is one", several.len()))),
    }
}

/// Content that is not that of a plugin.
pub(super) fn other(message: String) -> Diagnostic {
    Diagnostic::error(message)
        .hint("name what `wkg oci push` or `oras push ... plugin.wasm:application/wasm` has pushed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_challenge_for_a_token_counts() {
        for (header, expected) in [
            (r#"Bearer realm="https://a.example/token",service="a.example""#, Some(("https://a.example/token", true))),
            (r#"Basic realm="x", bearer REALM="https://b.example""#, Some(("https://b.example", false))),
            (r#"Basic realm="x""#, None),
            ("Bearer service=x", None),
            ("", None),
            (",,,=\"", None),
        ] {
            let found = challenge(header);
            let found = found.as_ref().map(|found| (found.realm.as_str(), found.service.is_some()));
            assert_eq!(found, expected, "{header}");
        }
    }

    #[test]
    fn a_token_has_two_names() {
        for (body, expected) in [
            (r#"{"token": "a", "expires_in": 300}"#, Some("a")),
            (r#"{"access_token": "b"}"#, Some("b")),
            (r#"{"token": null, "access_token": "c"}"#, Some("c")),
            ("{}", None),
            ("[]", None),
            ("\u{fffd}", None),
        ] {
            assert_eq!(token(body.as_bytes()).as_deref(), expected, "{body}");
        }
    }

    #[test]
    fn a_digest_that_could_lead_elsewhere_is_refused() {
        let manifest = |digest: &str| {
            format!(r#"{{"layers": [{{"mediaType": "application/wasm", "digest": "{digest}", "size": 1}}]}}"#)
        };
        let good = format!("sha256:{}", "0a".repeat(32));
        assert_eq!(component(&manifest(&good)).unwrap().digest, good);
        for bad in ["", "sha256:", "sha256:../../../manifests/1", "md5:0a", &good.to_uppercase(), &good[..70]] {
            let message = component(&manifest(bad)).unwrap_err().message;
            assert_eq!(message, "the digest of its component is not `sha256:` and 64 hexadecimal digits", "{bad}");
        }
    }
}
