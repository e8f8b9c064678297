//! A real registry on a loopback port, with its storage in a folder of its own, and a client that pushes as `wkg` and
//! `oras` do.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use oci_client::client::{ClientConfig, ClientProtocol, Config, ImageLayer};
use oci_client::manifest::OciImageManifest;
use oci_client::secrets::RegistryAuth;
use oci_client::{Client, Reference};
use tempfile::TempDir;

/// Who may pull from a registry that asks: the user `reader` with the password `secret`.
const HTPASSWD: &str = "reader:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";

/// The media types of one way to push.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) config: &'static str,
    pub(super) layer: &'static str,
}

pub(super) const WKG: Way = Way { config: "application/vnd.wasm.config.v0+json", layer: "application/wasm" };
pub(super) const ORAS: Way = Way { config: "application/vnd.oci.empty.v1+json", layer: "application/wasm" };
pub(super) const OLDER: Way =
    Way { config: "application/vnd.wasm.config.v1+json", layer: "application/vnd.wasm.content.layer.v1+wasm" };
pub(super) const IMAGE: Way =
    Way { config: "application/vnd.oci.image.config.v1+json", layer: "application/vnd.oci.image.layer.v1.tar+gzip" };

/// A registry that stops when the test is through with it.
pub(super) struct Registry {
    process: Child,
    pub(super) port: u16,
    folder: TempDir,
    auth: RegistryAuth,
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A registry that everybody may read; none on a machine without the program, which in CI is a failure.
pub(super) fn open() -> Option<Registry> {
    start("", RegistryAuth::Anonymous)
}

/// A registry that asks for a password.
pub(super) fn closed() -> Option<Registry> {
    let auth = "auth: {htpasswd: {realm: tests, path: htpasswd}}\n";
    start(auth, RegistryAuth::Basic("reader".to_owned(), "secret".to_owned()))
}

fn start(auth: &str, credentials: RegistryAuth) -> Option<Registry> {
    if Command::new("docker-registry").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "docker-registry is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let config = format!(
        "version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: storage}}}}\n\
         http: {{addr: 127.0.0.1:{port}}}\n{auth}"
    );
    fs::write(folder.path().join("config.yml"), config).unwrap();
    fs::write(folder.path().join("htpasswd"), HTPASSWD).unwrap();
    let process = Command::new("docker-registry")
        .args(["serve", "config.yml"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let registry = Registry { process, port, folder, auth: credentials };
    for _ in 0..200 {
        if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Some(registry);
        }
        sleep(Duration::from_millis(50));
    }
    panic!("docker-registry does not listen on port {port}");
}

impl Registry {
    /// Pushes one layer, and returns the digest of the manifest.
    pub(super) fn push(&self, repository: &str, way: Way, content: &[u8]) -> String {
        self.push_layers(repository, way.config, &[ImageLayer::new(content.to_vec(), way.layer.to_owned(), None)])
    }

    pub(super) fn push_layers(&self, repository: &str, config: &str, layers: &[ImageLayer]) -> String {
        let config = Config::new(b"{}".to_vec(), config.to_owned(), None);
        let manifest = OciImageManifest::build(layers, &config, None);
        let reference = self.reference(repository);
        Self::run(async |client| {
            client.push(&reference, layers, config, &self.auth, Some(manifest)).await.unwrap();
            client.fetch_manifest_digest(&reference, &self.auth).await.unwrap()
        })
    }

    /// Pushes a manifest as it is.
    pub(super) fn push_manifest(&self, repository: &str, media_type: &'static str, manifest: &str) {
        let reference = self.reference(repository);
        Self::run(async |client| {
            client.store_auth_if_needed(reference.resolve_registry(), &self.auth).await;
            let media_type = media_type.parse().unwrap();
            client.push_manifest_raw(&reference, manifest.as_bytes().to_vec(), media_type).await.unwrap()
        });
    }

    /// Where the registry keeps the content of a digest.
    pub(super) fn blob(&self, sha256: &str) -> PathBuf {
        let blobs = Path::new("storage/docker/registry/v2/blobs/sha256");
        self.folder.path().join(blobs).join(&sha256[..2]).join(sha256).join("data")
    }

    fn reference(&self, repository: &str) -> Reference {
        format!("127.0.0.1:{}/{repository}", self.port).parse().unwrap()
    }

    fn run<T>(visit: impl AsyncFnOnce(Client) -> T) -> T {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() };
        let client = Client::try_from(config).unwrap();
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(visit(client))
    }
}
