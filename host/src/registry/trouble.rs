//! What goes wrong with registries, and which of it may pass by itself. No text of a registry's own is shown: it
//! could be anything.

use std::error::Error;
use std::io;
use std::time::Duration;

use docker_credential::DockerCredential;
use oci_client::Reference;
use oci_client::errors::{DigestError, OciDistributionError, OciErrorCode};
use oci_client::secrets::RegistryAuth;

use super::{Access, is_plain};
use crate::diagnostic::Diagnostic;

/// Why nothing was pulled.
#[derive(Debug)]
pub(super) enum Trouble {
    /// What the client says.
    Client(OciDistributionError),
    /// What the stream of a blob says.
    Stream(io::Error),
    /// The whole took longer than this.
    Slow(Duration),
    /// Something is larger than it may be.
    Large { size: usize, most: usize },
    /// The content is not that of its digest.
    Altered,
    /// There is no signature.
    Unsigned,
    /// It is there, and not what it should be.
    Other(Diagnostic),
}

/// Who we are to a registry.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) auth: RegistryAuth,
}

impl Credentials {
    /// Those that `docker login` and its kin wrote. Where they cannot be had, the registry says whether it needs them.
    pub(super) fn of_docker(registry: &str) -> Self {
        // Docker Hub is the one registry with a name of its own in that file.
        let server = if registry == "docker.io" { "https://index.docker.io/v1/" } else { registry };
        let auth = match docker_credential::get_credential(server) {
            Ok(DockerCredential::UsernamePassword(name, password)) => RegistryAuth::Basic(name, password),
            Ok(DockerCredential::IdentityToken(_)) | Err(_) => RegistryAuth::Anonymous,
        };
        Self { auth }
    }
}

impl Trouble {
    /// Whether another try may go better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Client(OciDistributionError::RequestError(_) | OciDistributionError::IoError(_)) => true,
            Self::Client(OciDistributionError::ServerError { code, .. }) => *code >= 500 || *code == 429,
            Self::Client(OciDistributionError::RegistryError { envelope, .. }) => {
                envelope.errors.iter().any(|error| error.code == OciErrorCode::Toomanyrequests)
            }
            Self::Stream(error) => !is_altered(error),
            _ => false,
        }
    }

    /// The same for a signature: that there is none is another thing than that there is no plugin.
    pub(super) fn unsigned(self) -> Self {
        if self.is_missing() { Self::Unsigned } else { self }
    }

    fn is_missing(&self) -> bool {
        match self {
            Self::Client(OciDistributionError::ServerError { code, .. }) => *code == 404,
            Self::Client(OciDistributionError::ImageManifestNotFoundError(_)) => true,
            Self::Client(OciDistributionError::RegistryError { envelope, .. }) => envelope.errors.iter().any(|error| {
                use OciErrorCode::{BlobUnknown, ManifestUnknown, NameUnknown, NotFound};
                matches!(error.code, BlobUnknown | ManifestUnknown | NameUnknown | NotFound)
            }),
            _ => false,
        }
    }

    fn is_refusal(&self) -> bool {
        match self {
            Self::Client(OciDistributionError::ServerError { code, .. }) => matches!(code, 401 | 403),
            Self::Client(
                OciDistributionError::UnauthorizedError { .. } | OciDistributionError::AuthenticationFailure(_),
            ) => true,
            Self::Client(OciDistributionError::RegistryError { envelope, .. }) => envelope
                .errors
                .iter()
                .any(|error| matches!(error.code, OciErrorCode::Denied | OciErrorCode::Unauthorized)),
            _ => false,
        }
    }

    /// What the user hears of it.
    pub(super) fn explain(self, reference: &Reference, access: Access) -> Diagnostic {
        let (whole, registry) = (reference.whole(), reference.resolve_registry());
        if self.is_missing() {
            return Diagnostic::error(format!("there is no `oci://{whole}`"))
                .hint("check repository and tag; some registries also say so of what may not be read");
        }
        if self.is_refusal() {
            return Diagnostic::error(format!("`{registry}` does not let `oci://{whole}` be pulled"))
                .hint(format!("`docker login {registry}` writes credentials to where they are looked for"));
        }
        let altered =
            Diagnostic::error(format!("what `{registry}` sends for `oci://{whole}` is not what its digest says"))
                .hint("the registry, or something on the way, has altered it; tell its operator");
        match self {
            Self::Altered | Self::Client(OciDistributionError::DigestError(_)) => altered,
            Self::Stream(error) if is_altered(&error) => altered,
            Self::Stream(error) => not_reached(registry, &error, access),
            Self::Client(OciDistributionError::RequestError(error)) if error.is_timeout() => {
                silent(registry, access.patience)
            }
            Self::Client(OciDistributionError::RequestError(error)) => not_reached(registry, &error, access),
            Self::Client(OciDistributionError::ServerError { code, .. }) => {
                Diagnostic::error(format!("`{registry}` answers with status {code}")).hint("try again later")
            }
            Self::Client(_) => Diagnostic::error(format!("`{registry}` answers what no registry should"))
                .hint("check that it is a registry of OCI artifacts"),
            Self::Slow(whole) => Diagnostic::error(format!("`{registry}` takes longer than {} s", whole.as_secs()))
                .hint("a longer `--registry-timeout` waits longer"),
            Self::Large { size, most } => {
                Diagnostic::error(format!("`oci://{whole}` is {size} bytes, and a component may be {most}"))
                    .hint("raise it with `--plugin-limit component-size=64MiB`, or with `limits:` in render.lock")
            }
            Self::Unsigned => Diagnostic::error(format!("`oci://{whole}` is not signed"))
                .hint("let its author sign it with `cosign sign --key`, or leave the key out"),
            Self::Other(wrong) => {
                let message = format!("`oci://{whole}` cannot be used: {}", wrong.message);
                Diagnostic { message, ..wrong }
            }
        }
    }
}

impl From<OciDistributionError> for Trouble {
    fn from(error: OciDistributionError) -> Self {
        Self::Client(error)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Stream(error)
    }
}

impl From<Diagnostic> for Trouble {
    fn from(wrong: Diagnostic) -> Self {
        Self::Other(wrong)
    }
}

fn is_altered(error: &io::Error) -> bool {
    error.get_ref().is_some_and(<dyn Error + Send + Sync>::is::<DigestError>)
}

fn silent(registry: &str, patience: Duration) -> Diagnostic {
    let patience = patience.as_secs_f64();
    Diagnostic::error(format!("`{registry}` says nothing for {patience} s"))
        .hint("check the address; a longer `--registry-timeout` waits longer")
}

/// The last of the causes, which says most.
fn not_reached(registry: &str, error: &(dyn Error + 'static), access: Access) -> Diagnostic {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let timed_out = cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
    if timed_out {
        return silent(registry, access.patience);
    }
    let hint = if is_plain(registry, access) {
        "check the address and that the registry runs"
    } else {
        "check the address and the network; a registry without TLS needs `--plain-http`"
    };
    Diagnostic::error(format!("`{registry}` cannot be reached: {cause}")).hint(hint)
}
