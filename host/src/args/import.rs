//! `render import <system>`: environment files from the values of other systems.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use render_import::{Asked, System};

use super::examples;
use super::plugin::MessageArgs;

/// The systems whose values can be read.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Values for LiveKit's published chart, livekit-server
    #[command(after_help = examples::IMPORT_HELM)]
    Helm(Box<ImportArgs>),
    /// An environment of MijnBureau's helmfile
    #[command(after_help = examples::IMPORT_MIJNBUREAU)]
    Mijnbureau(Box<ImportArgs>),
}

/// What to import.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The values, later files win; - is stdin
    #[arg(value_name = "VALUES.yaml", required = true)]
    pub files: Vec<PathBuf>,
    /// The name of the release, which names and selectors follow from
    #[arg(long, value_name = "NAME")]
    pub release: Option<String>,
    /// Its namespace
    #[arg(long, value_name = "NAME")]
    pub namespace: Option<String>,
    /// What runs of it, as `helm get manifest` or `kubectl get -o yaml` printed it: names and selectors stay, and what stays behind is listed; - is stdin
    #[arg(long, value_name = "FILE")]
    pub running: Option<PathBuf>,
    /// Where the environment file goes [default: stdout]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// How findings are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

impl ImportCommand {
    /// What to import, whatever it is for.
    #[must_use]
    pub(crate) fn args(&self) -> &ImportArgs {
        match self {
            Self::Helm(arguments) | Self::Mijnbureau(arguments) => arguments,
        }
    }

    /// What the import is asked for.
    #[must_use]
    pub(crate) fn asked(&self) -> Asked {
        let system = match self {
            Self::Helm(_) => System::Helm,
            Self::Mijnbureau(_) => System::MijnBureau,
        };
        let ImportArgs { files, release, namespace, running, output, .. } = self.args();
        let (files, running, output) = (files.clone(), running.clone(), output.clone());
        Asked { system, files, release: release.clone(), namespace: namespace.clone(), running, output }
    }
}
