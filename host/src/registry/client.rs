//! One visit to a registry: the manifest, its signature where one is asked for, the component.

use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use oci_client::client::{ClientConfig, ClientProtocol};
use oci_client::manifest::{OciDescriptor, OciManifest};
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference, RegistryOperation};
use tokio::time::timeout;

use super::trouble::{Credentials, Trouble};
use super::{Access, Pulled, is_plain};
use crate::diagnostic::Diagnostic;
use crate::hex;
use crate::manifest::list;
use crate::plugins::notes::Text;
use crate::signature::{Key, Signature64};

/// Media types of a component: the ecosystem's, and the one that it had before.
const COMPONENTS: [&str; 2] = ["application/wasm", "application/vnd.wasm.content.layer.v1+wasm"];
/// The media type of a document that cosign signs, and the annotation with its signature.
const SIGNED: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Manifests that are asked for. An index of several is only told of: a component is the same for every machine.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
];
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
    client: Client,
    reference: &'a Reference,
    credentials: Credentials,
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
        let plain = is_plain(reference.resolve_registry(), access);
        let config = ClientConfig {
            protocol: if plain { ClientProtocol::Http } else { ClientProtocol::Https },
            platform_resolver: None,
            connect_timeout: Some(access.patience),
            read_timeout: Some(access.patience),
            user_agent: concat!("render/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config)?;
        let credentials = Credentials::of_docker(reference.registry());
        // It draws nothing where stderr is no terminal.
        let bar = ProgressBar::new_spinner().with_message(format!("pulling {}", reference.whole()));
        Ok(Self { client, reference, credentials, access, most, key, bar })
    }

    pub(super) async fn pull(&self) -> Result<Pulled, Trouble> {
        self.bar.tick();
        let whole = timeout(self.access.patience * WHOLE, self.everything());
        whole.await.map_err(|_| Trouble::Slow(self.access.patience * WHOLE))?
    }

    fn auth(&self) -> &RegistryAuth {
        &self.credentials.auth
    }

    async fn everything(&self) -> Result<Pulled, Trouble> {
        // Later requests pass over what goes wrong here, and would only be refused.
        self.client.auth(self.reference, self.auth(), RegistryOperation::Pull).await?;
        let (manifest, digest) = self.manifest(self.reference).await?;
        let layer = component(&manifest)?;
        let signature = match self.key {
            Some(key) => Some(self.signature(key, &digest).await.map_err(Trouble::unsigned)?),
            None => None,
        };
        let component = self.blob(self.reference, layer, self.most).await?;
        Ok(Pulled { digest, manifest, component, signature })
    }

    /// A manifest and its digest, which the client has compared with what was asked for.
    async fn manifest(&self, reference: &Reference) -> Result<(String, String), Trouble> {
        let (bytes, digest) = self.client.pull_manifest_raw(reference, self.auth(), &MANIFESTS).await?;
        if bytes.len() > MOST_OF_MANIFEST {
            let size = bytes.len();
            return Err(other(format!("its manifest is {size} bytes, and may be {MOST_OF_MANIFEST}")).into());
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| other("its manifest is not UTF-8 text".to_owned()))?;
        Ok((text, digest))
    }

    async fn signature(&self, key: &Key, digest: &str) -> Result<Signature64, Trouble> {
        let tag = format!("{}.sig", digest.replace(':', "-"));
        let (registry, repository) = (self.reference.registry().to_owned(), self.reference.repository().to_owned());
        let reference = Reference::with_tag(registry, repository, tag);
        let (manifest, _) = self.manifest(&reference).await?;
        for layer in layers(&manifest)?.iter().filter(|layer| layer.media_type == SIGNED).take(MOST_DOCUMENTS) {
            let signature = layer.annotations.as_ref().and_then(|annotations| annotations.get(SIGNATURE));
            let payload = String::from_utf8(self.blob(&reference, layer.clone(), MOST_OF_DOCUMENT).await?);
            let (Some(signature), Ok(payload)) = (signature, payload) else { continue };
            let signature = Signature64 { payload, signature: signature.clone() };
            if key.vouches(&signature, digest) {
                return Ok(signature);
            }
        }
        Err(Diagnostic::error("it is signed, and not by the key that is pinned")
            .hint("do not use it until its author has said why")
            .into())
    }

    async fn blob(&self, reference: &Reference, layer: OciDescriptor, most: usize) -> Result<Vec<u8>, Trouble> {
        let size = usize::try_from(layer.size).unwrap_or(usize::MAX);
        if size > most {
            return Err(Trouble::Large { size, most });
        }
        self.bar.set_length(layer.size.unsigned_abs());
        self.bar.set_style(style());
        let mut stream = self.client.pull_blob_stream(reference, &layer).await?.stream;
        let mut bytes = Vec::with_capacity(size);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk?;
            if bytes.len() + chunk.len() > size {
                return Err(Trouble::Altered);
            }
            bytes.extend_from_slice(&chunk);
            self.bar.set_position(bytes.len() as u64);
        }
        // The client has compared it, too; all that follows depends on it.
        if format!("sha256:{}", hex::sha256(&bytes)) != layer.digest {
            return Err(Trouble::Altered);
        }
        Ok(bytes)
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{msg} {bar:30} {bytes}/{total_bytes}")
        .unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// The one layer of a manifest that is a component.
fn component(manifest: &str) -> Result<OciDescriptor, Trouble> {
    let layers = layers(manifest)?;
    let components = layers.iter().filter(|layer| COMPONENTS.contains(&layer.media_type.as_str()));
    match components.collect::<Vec<_>>().as_slice() {
        [one] => Ok((*one).clone()),
        [] => {
            let found = list(layers.iter().map(|layer| format!("`{}`", Text::new(&layer.media_type))));
            let found = if found.is_empty() { "nothing".to_owned() } else { found };
            Err(other(format!("it holds {found}, and no WebAssembly component")).into())
        }
        several => Err(other(format!("it holds {} components, and a plugin is one", several.len())).into()),
    }
}

/// The layers of a manifest. They are read from this registry only, wherever else they are said to be.
fn layers(manifest: &str) -> Result<Vec<OciDescriptor>, Trouble> {
    match serde_json::from_str(manifest) {
        Ok(OciManifest::Image(manifest)) => {
            Ok(manifest.layers.into_iter().map(|layer| OciDescriptor { urls: None, ..layer }).collect())
        }
        Ok(OciManifest::ImageIndex(_)) => Err(other("it is an index of several manifests".to_owned()).into()),
        Err(error) => Err(other(format!("its manifest cannot be read: {error}")).into()),
    }
}

fn other(message: String) -> Diagnostic {
    Diagnostic::error(message)
        .hint("name what `wkg oci push` or `oras push ... plugin.wasm:application/wasm` has pushed")
}
