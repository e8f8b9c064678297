//! Signatures as cosign writes them with a key: ECDSA over P-256 and SHA-256. A file is signed as it is
//! (`cosign sign-blob --key`, beside it as `FILE.sig`); in a registry a small document is signed that names the digest
//! of a manifest (`cosign sign --key`, under the tag `sha256-<digest>.sig`).

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::pkcs8::DecodePublicKey;
use serde::{Deserialize, Serialize};

use render_text::diagnostic::Diagnostic;
use render_text::yaml::base64;

/// A public key.
#[derive(Debug, Clone)]
pub struct Key(VerifyingKey);

/// A signed document of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Signature64 {
    /// The document, byte for byte; it is JSON.
    pub payload: String,
    /// The signature of it, in base64.
    pub signature: String,
}

/// What the document says, of which only this counts.
#[derive(Deserialize)]
struct Payload {
    critical: Critical,
}

#[derive(Deserialize)]
struct Critical {
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// The one kind of document that cosign signs.
const KIND: &str = "cosign container image signature";

impl Key {
    /// Reads a key in PEM.
    ///
    /// # Errors
    /// Anything else, keys of other kinds among it.
    pub fn read(pem: &str) -> Result<Self, Diagnostic> {
        VerifyingKey::from_public_key_pem(pem.trim()).map(Self).map_err(|_| {
            Diagnostic::error("the key is no public key of ECDSA over P-256 in PEM")
                .hint("give the file `cosign.pub` that `cosign generate-key-pair` writes")
        })
    }

    /// Whether a signature, in base64, is this key's over a text.
    #[must_use]
    pub(crate) fn signed(&self, text: &[u8], signature: &str) -> bool {
        let signature = base64::decode(signature.trim()).and_then(|der| Signature::from_der(&der).ok());
        signature.is_some_and(|signature| self.0.verify(text, &signature).is_ok())
    }

    /// Whether a document of a registry is signed by this key and speaks of this manifest.
    #[must_use]
    pub(crate) fn vouches(&self, document: &Signature64, manifest: &str) -> bool {
        let speaks = |payload: Payload| payload.critical.kind == KIND && payload.critical.image.digest == manifest;
        self.signed(document.payload.as_bytes(), &document.signature)
            && serde_json::from_str(&document.payload).is_ok_and(speaks)
    }
}
