//! What goes wrong with registries, and which of it may pass by itself. No text of a registry's own is shown: it
//! could be anything.

use std::error::Error;
use std::io;
use std::time::Duration;

use render_text::diagnostic::Diagnostic;

use super::{Access, Reference, is_plain};

/// Why nothing was pulled.
#[derive(Debug)]
pub(super) enum Trouble {
    /// A request that cannot be made, gets no answer, or half of one.
    Request(reqwest::Error),
    /// A status that is an error of no meaning of its own.
    Status(u16),
    /// A server to which it leads is asked without TLS, and is not on this machine.
    Plain(String),
    /// The registry does not know it.
    Missing,
    /// The registry does not let it be read.
    Refused,
    /// An answer that makes no sense.
    Nonsense,
    /// The whole took longer than this.
    Slow(Duration),
    /// A component is larger than it may be.
    Large { size: usize, most: usize },
    /// A body has more bytes than it may.
    Long { what: &'static str, most: usize },
    /// The content is not that of its digest.
    Altered,
    /// There is no signature.
    Unsigned,
    /// It is there, and not what it should be.
    Other(Diagnostic),
}

impl Trouble {
    /// Whether another try may go better.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Request(error) => !error.is_builder(),
            Self::Status(code) => *code >= 500 || *code == 429,
            _ => false,
        }
    }

    /// The same for a signature: that there is none is another thing than that there is no plugin.
    pub(super) fn unsigned(self) -> Self {
        if matches!(self, Self::Missing) { Self::Unsigned } else { self }
    }

    /// What the user hears of it.
    pub(super) fn explain(self, reference: &Reference, access: Access) -> Diagnostic {
        let (whole, registry) = (reference.whole(), reference.resolve_registry());
        match self {
            Self::Missing => Diagnostic::error(format!("there is no `oci://{whole}`"))
                .hint("check repository and tag; some registries also say so of what may not be read"),
            Self::Refused => Diagnostic::error(format!("`{registry}` does not let `oci://{whole}` be pulled"))
                .hint(format!("`docker login {registry}` writes credentials to where they are looked for")),
            Self::Altered => {
                Diagnostic::error(format!("what `{registry}` sends for `oci://{whole}` is not what its digest says"))
                    .hint("the registry, or something on the way, has altered it; tell its operator")
            }
            Self::Request(error) if error.is_timeout() => silent(registry, access.patience),
            Self::Request(error) if error.is_builder() => nonsense(registry),
            Self::Request(error) => not_reached(registry, &error, access),
            Self::Status(code) => {
                Diagnostic::error(format!("`{registry}` answers with status {code}")).hint("try again later")
            }
            Self::Nonsense => nonsense(registry),
            Self::Plain(host) => Diagnostic::error(format!("`{registry}` leads to `{host}` over http, and not https"))
                .hint("let its operator use https, or allow http with `--plain-http`"),
            Self::Long { what, most } => Diagnostic::error(format!(
                "`{registry}` sends a {what} for `oci://{whole}` that is larger than the limit of {} KiB",
                most >> 10
            ))
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

impl From<reqwest::Error> for Trouble {
    fn from(error: reqwest::Error) -> Self {
        Self::Request(error)
    }
}

impl From<Diagnostic> for Trouble {
    fn from(wrong: Diagnostic) -> Self {
        Self::Other(wrong)
    }
}

fn nonsense(registry: &str) -> Diagnostic {
    Diagnostic::error(format!("`{registry}` answers what no registry should"))
        .hint("check that it is a registry of OCI artifacts")
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
