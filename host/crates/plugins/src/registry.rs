//! Pulling a component from an OCI registry: as `wkg` and `oras` push them, with a digest for everything that is
//! read, a limit for everything that is kept, and an end to all waiting. Nothing here runs, the runtime of the client
//! included, unless something is pulled.

pub mod answers;
mod client;
mod docker;
mod session;
mod trouble;

use std::net::IpAddr;
use std::time::Duration;

pub use oci_spec::distribution::Reference;

use self::client::Visit;
use self::trouble::Trouble;
use crate::signature::{Key, Signature64};
use render_text::diagnostic::Diagnostic;

/// How sources in registries begin.
pub const SCHEME: &str = "oci://";

/// How registries may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// Where TLS is done without.
    pub http: Http,
    /// How long a registry may be silent.
    pub patience: Duration,
}

/// Where TLS is done without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Http {
    /// On this machine only.
    Loopback,
    /// Everywhere.
    Anywhere,
}

/// What was pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The digest of the manifest.
    pub digest: String,
    /// The manifest, byte for byte.
    pub manifest: String,
    /// The component.
    pub component: Vec<u8>,
    /// The signature that the key was found to vouch with, where a key was asked for.
    pub signature: Option<Signature64>,
}

/// Tries before a registry that does not answer is given up.
const TRIES: u32 = 3;
/// The first pause between two tries; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// Reads a reference, as in `ghcr.io/acme/plugin:1.2.0` or `ghcr.io/acme/plugin@sha256:...`.
///
/// # Errors
/// Anything else; a reference without a registry among it, which other tools take for one at Docker Hub.
pub(crate) fn reference(text: &str) -> Result<Reference, Diagnostic> {
    let host = text.split_once('/').map_or("", |(host, _)| host);
    let parsed = Reference::try_from(text).ok().filter(|_| host == "localhost" || host.contains(['.', ':']));
    parsed.ok_or_else(|| {
        Diagnostic::error(format!("`{SCHEME}{text}` is not a reference to a registry"))
            .hint("write host, repository and tag, as in `oci://ghcr.io/acme/plugin:1.2.0`")
    })
}

/// Pulls the component that a reference leads to, at most `most` bytes of it. With a key, its signature is looked for
/// and checked before the component is pulled.
///
/// # Errors
/// A registry that does not answer, refuses, or holds something else; a missing or wrong signature.
pub(crate) fn pull(
    reference: &Reference,
    access: Access,
    most: usize,
    key: Option<&Key>,
) -> Result<Pulled, Diagnostic> {
    // Another part of the program may have chosen it before; there is only one to choose.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let visit = Visit::new(reference, access, most, key).map_err(|trouble| trouble.explain(reference, access))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Diagnostic::error(format!("the network cannot be used: {error}")))?;
    let pulled = runtime.block_on(tries(&visit));
    visit.bar.finish_and_clear();
    pulled.map_err(|trouble| trouble.explain(reference, access))
}

async fn tries(visit: &Visit<'_>) -> Result<Pulled, Trouble> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match visit.pull().await {
            Err(trouble) if trouble.may_pass() => tokio::time::sleep(pause).await,
            done => return done,
        }
        pause *= 2;
    }
    visit.pull().await
}

/// Whether a registry, with or without a port, is on this machine, where nobody can listen.
fn is_loopback(registry: &str) -> bool {
    let port = registry.rsplit_once(':').filter(|_| !registry.ends_with(']'));
    let host = port.map_or(registry, |(host, _)| host);
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Whether a registry is asked without TLS.
fn is_plain(registry: &str, access: Access) -> bool {
    access.http == Http::Anywhere || is_loopback(registry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_asked_without_tls() {
        for (registry, loopback) in [
            ("localhost:5000", true),
            ("127.0.0.1:5000", true),
            ("127.9.9.9", true),
            ("[::1]:5000", true),
            ("[::1]", true),
            ("localhost.example.com", false),
            ("127.0.0.1.example.com", false),
            ("10.0.0.1:5000", false),
            ("ghcr.io", false),
        ] {
            assert_eq!(is_loopback(registry), loopback, "{registry}");
        }
    }

    #[test]
    fn a_reference_names_its_registry() {
        for good in ["ghcr.io/acme/plugin", "localhost/acme:1", "127.0.0.1:5000/acme/plugin:1.2.0"] {
            assert!(reference(good).is_ok(), "{good}");
        }
        for bad in ["", "acme", "acme/plugin:1", "ghcr.io/", "ghcr.io/Acme", "ghcr.io/acme@sha256:12", "ghcr.io/../x"] {
            assert!(reference(bad).is_err(), "{bad}");
        }
    }
}
