//! One visit to a registry: the manifest, its signature where one is asked for, the component.

use indicatif::{ProgressBar, ProgressStyle};
use oci_spec::distribution::Reference;
use tokio::time::timeout;

use render_text::diagnostic::Diagnostic;
use render_text::hex;

use super::answers::{self, Layer, other};
use super::session::{Authorized, Session};
use super::trouble::Trouble;
use super::{Access, Pulled};
use crate::signature::{Key, Signature64};

/// The media type of a document that cosign signs, and the annotation with its signature.
const SIGNED: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// The largest manifest that registries must take is 4 MiB; that of a plugin is a kilobyte.
const MOST_OF_MANIFEST: usize = 256 << 10;
/// The largest document that is looked at, and how many of them.
const MOST_OF_DOCUMENT: usize = 64 << 10;
const MOST_DOCUMENTS: usize = 16;
/// A pull may take this many times as long as a registry may be silent, so that one that sends a byte now and then has
/// an end, too.
const WHOLE: u32 = 40;

/// What one pull needs.
pub(super) struct Visit<'a> {
    session: Session,
    reference: &'a Reference,
    access: Access,
    most: usize,
    key: Option<&'a Key>,
    /// How far it is, for whoever waits at a terminal.
    pub(super) bar: ProgressBar,
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        reference: &'a Reference,
        access: Access,
        most: usize,
        key: Option<&'a Key>,
    ) -> Result<Self, Trouble> {
        let session = Session::new(reference, access)?;
        // It draws nothing where stderr is no terminal.
        let bar = ProgressBar::new_spinner().with_message(format!("pulling {}", reference.whole()));
        Ok(Self { session, reference, access, most, key, bar })
    }

    pub(super) async fn pull(&self) -> Result<Pulled, Trouble> {
        self.bar.tick();
        let whole = timeout(self.access.patience * WHOLE, self.everything());
        whole.await.map_err(|_| Trouble::Slow(self.access.patience * WHOLE))?
    }

    async fn everything(&self) -> Result<Pulled, Trouble> {
        let registry = &self.session.authorized().await?;
        let (manifest, digest) = manifest(registry, self.reference).await?;
        let layer = answers::component(&manifest)?;
        let signature = match self.key {
            Some(key) => Some(self.signature(key, &digest, registry).await.map_err(Trouble::unsigned)?),
            None => None,
        };
        let component = self.blob(&layer, self.most, registry).await?;
        Ok(Pulled { digest, manifest, component, signature })
    }

    async fn signature(&self, key: &Key, digest: &str, registry: &Authorized<'_>) -> Result<Signature64, Trouble> {
        let tag = format!("{}.sig", digest.replace(':', "-"));
        let (host, repository) = (self.reference.registry().to_owned(), self.reference.repository().to_owned());
        let reference = Reference::with_tag(host, repository, tag);
        let (manifest, _) = manifest(registry, &reference).await?;
        for layer in answers::layers(&manifest)?.iter().filter(|layer| layer.media_type == SIGNED).take(MOST_DOCUMENTS)
        {
            let Some(signature) = layer.annotations.get(SIGNATURE) else { continue };
            let document = self.blob(layer, MOST_OF_DOCUMENT, registry).await?;
            let Ok(payload) = String::from_utf8(document) else { continue };
            let signature = Signature64 { payload, signature: signature.clone() };
            if key.vouches(&signature, digest) {
                return Ok(signature);
            }
        }
        Err(Diagnostic::error("it is signed, and not by the key that is pinned")
            .hint("do not use it until its author has said why")
            .into())
    }

    async fn blob(&self, layer: &Layer, most: usize, registry: &Authorized<'_>) -> Result<Vec<u8>, Trouble> {
        let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
        if size > most {
            return Err(Trouble::Large { size, most });
        }
        if !hex::is_sha256(&layer.digest) {
            return Err(Trouble::Altered);
        }
        self.bar.set_length(layer.size);
        self.bar.set_style(style());
        let mut answer = registry.blob(&layer.digest).await?;
        let mut bytes = Vec::with_capacity(size);
        while let Some(piece) = answer.piece().await? {
            if bytes.len() + piece.as_ref().len() > size {
                return Err(Trouble::Altered);
            }
            bytes.extend_from_slice(piece.as_ref());
            self.bar.set_position(bytes.len() as u64);
        }
        if format!("sha256:{}", hex::sha256(&bytes)) != layer.digest {
            return Err(Trouble::Altered);
        }
        Ok(bytes)
    }
}

/// A manifest and its digest, which has been compared with what was asked for.
async fn manifest(registry: &Authorized<'_>, reference: &Reference) -> Result<(String, String), Trouble> {
    let mut answer = registry.manifest(reference).await?;
    let bytes = answer.body("manifest", MOST_OF_MANIFEST).await?;
    let digest = format!("sha256:{}", hex::sha256(&bytes));
    if [reference.digest(), answer.digest()].into_iter().flatten().any(|expected| expected != digest) {
        return Err(Trouble::Altered);
    }
    let text = String::from_utf8(bytes).map_err(|_| other("its manifest is not UTF-8 text".to_owned()))?;
    Ok((text, digest))
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}
