//! `render plugin <verb>`: the commands about plugins themselves.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};

use render_files::{Root, Roots};
use render_plugins::open::Runtime;
use render_plugins::registry::{Access, Http};
use render_text::diagnostic::Diagnostic;

use super::MessageFormat;
use super::examples;

/// What to do with plugins. The verbs are in alphabetical order.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Take a plugin into render.lock: show what it asks for, and with --accept grant it
    #[command(after_help = examples::PLUGIN_ADD)]
    Add(AddArgs),
    /// Show what a component says of itself, without running it
    #[command(after_help = examples::PLUGIN_INSPECT)]
    Inspect(InspectArgs),
    /// List the built-in plugins and those of render.lock
    #[command(after_help = examples::PLUGIN_LIST)]
    List(ListArgs),
    /// Write the crate of a new plugin, which builds and passes its tests as it is
    #[command(after_help = examples::PLUGIN_NEW)]
    New(NewArgs),
    /// Put a description into a component or a module of any language
    #[command(after_help = examples::PLUGIN_PACK)]
    Pack(PackArgs),
    /// Take plugins out of render.lock
    #[command(after_help = examples::PLUGIN_REMOVE)]
    Remove(RemoveArgs),
    /// Run a plugin on its fixtures, and compare what it answers
    #[command(after_help = examples::PLUGIN_TEST)]
    Test(TestArgs),
    /// Look at the sources of plugins again: show what changed, and with --accept pin it
    #[command(after_help = examples::PLUGIN_UPDATE)]
    Update(UpdateArgs),
    /// Compare plugins with what render.lock pins, without the network
    #[command(after_help = examples::PLUGIN_VERIFY)]
    Verify(VerifyArgs),
}

/// Where render.lock is.
#[derive(Debug, Clone, Args)]
pub(crate) struct LockArgs {
    /// The lock of plugins that are not built in [default: render.lock beside the folder of environments]
    #[arg(long, value_name = "FILE")]
    pub lock: Option<PathBuf>,
    /// Which files it and others may name.
    #[command(flatten)]
    pub root: RootArgs,
}

/// Which files may be read that the command line does not name.
#[derive(Debug, Clone, Args)]
pub(crate) struct RootArgs {
    /// Read only files below this folder, apart from those that the command line names; may be given several times
    /// [default: read files everywhere; for fn and argocd, below the nearest folder upwards that holds .git, else the
    /// current one]
    #[arg(long = "root", value_name = "DIR", value_parser = Root::new)]
    roots: Vec<Root>,
}

impl RootArgs {
    /// The folders below which they lie.
    #[must_use]
    pub(crate) fn roots(&self) -> Roots {
        Roots::new(self.roots.clone())
    }
}

/// Where plugins are kept once they were pulled, and how they may be.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Where pulled plugins and compiled code are kept [default: render/ in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub plugin_cache: Option<PathBuf>,
    /// Never use the network: a plugin that is not in the cache is an error
    #[arg(long)]
    pub offline: bool,
    /// Ask any registry over http, not only those on this machine
    #[arg(long, conflicts_with = "offline")]
    pub plain_http: bool,
    /// How long a registry may be silent
    #[arg(long, value_name = "SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub registry_timeout: u64,
}

impl StoreArgs {
    /// How registries may be asked; not at all when the network is refused.
    #[must_use]
    pub(crate) fn access(&self) -> Option<Access> {
        let http = if self.plain_http { Http::Anywhere } else { Http::Loopback };
        (!self.offline).then_some(Access { http, patience: Duration::from_secs(self.registry_timeout) })
    }
}

/// How plugins are found and run.
#[derive(Debug, Clone, Args)]
pub(crate) struct RuntimeArgs {
    /// Another limit for every plugin, as in memory=128MiB, fuel=4000000000, wall-time=10s or component-size=64MiB
    #[arg(long = "plugin-limit", value_name = "NAME=VALUE")]
    pub limits: Vec<String>,
    /// Where the lock is.
    #[command(flatten)]
    pub lock: LockArgs,
    /// Where plugins are kept.
    #[command(flatten)]
    pub store: StoreArgs,
}

impl RuntimeArgs {
    /// The sandbox, with the folder that was named for plugins or else the user's.
    ///
    /// # Errors
    /// A limit that is none.
    pub(crate) fn runtime(&self, cache: Option<PathBuf>) -> Result<Runtime, Diagnostic> {
        Runtime::with_options(self.limits.clone(), self.store.plugin_cache.clone().or(cache))
    }
}

/// Which plugin to add.
#[derive(Debug, Args)]
pub(crate) struct AddArgs {
    /// The component: a file, or a reference as in `oci://ghcr.io/acme/plugin:1.2.0`
    pub source: String,
    /// The name that the plugin must have
    #[arg(long)]
    pub name: Option<String>,
    /// Grant what it asks for
    #[arg(long, visible_alias = "yes")]
    pub accept: bool,
    /// The public key that must have signed it, as cosign writes it; it is pinned
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// How plugins are found and run.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The component
    #[arg(value_name = "FILE")]
    pub component: PathBuf,
    /// How it is written
    #[arg(short, long, value_enum, default_value_t)]
    pub output: InspectFormat,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// How an inspected plugin is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum InspectFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// What to list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Where the lock is.
    #[command(flatten)]
    pub lock: LockArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// Which plugin to begin.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Its name: that of the folder, the crate, and its section of the values
    pub name: String,
    /// What it is written in
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// What a new plugin is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Language {
    /// Rust, with the sdk.
    #[default]
    Rust,
}

/// What to pack.
#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// The component, or a module that exports what a component is made of
    #[arg(value_name = "COMPONENT")]
    pub component: PathBuf,
    /// What the plugin says of itself: JSON, as schemas/plugin-description.json has it
    #[arg(long, value_name = "FILE")]
    pub description: PathBuf,
    /// Where the plugin goes
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// Which plugins to take out.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Their names
    #[arg(required = true, value_name = "NAME")]
    pub names: Vec<String>,
    /// Where the lock is.
    #[command(flatten)]
    pub lock: LockArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// Which fixtures to run.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// Where fixtures are: each folder, at any depth, that has a values.yaml
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// The component [default: what cargo built last in the nearest target/ from DIR upwards]
    #[arg(long, value_name = "FILE")]
    pub component: Option<PathBuf>,
    /// Write what is answered as what is expected
    #[arg(long)]
    pub bless: bool,
    /// Another limit, as in memory=128MiB, fuel=4000000000 or wall-time=10s
    #[arg(long = "plugin-limit", value_name = "NAME=VALUE")]
    pub plugin_limits: Vec<String>,
    /// Treat permissions that no fixture uses as errors
    #[arg(long)]
    pub strict: bool,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// Which plugins to look at again.
#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    /// Their names [default: all of the lock]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Pin what is there now, and grant what it asks for
    #[arg(long, visible_alias = "yes")]
    pub accept: bool,
    /// How plugins are found and run.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// Which plugins to compare.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// Their names [default: all of the lock]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// Where pulled plugins are kept [default: render/ in the user's cache folder]
    #[arg(long, value_name = "DIR")]
    pub plugin_cache: Option<PathBuf>,
    /// Where the lock is.
    #[command(flatten)]
    pub lock: LockArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}

/// How mistakes are written.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct MessageArgs {
    /// How mistakes are written
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,
}

impl PluginCommand {
    /// For whom mistakes are written.
    #[must_use]
    pub(crate) fn message_format(&self) -> MessageFormat {
        match self {
            Self::Add(arguments) => arguments.messages.message_format,
            Self::Inspect(arguments) => arguments.messages.message_format,
            Self::List(arguments) => arguments.messages.message_format,
            Self::New(arguments) => arguments.messages.message_format,
            Self::Pack(arguments) => arguments.messages.message_format,
            Self::Remove(arguments) => arguments.messages.message_format,
            Self::Test(arguments) => arguments.messages.message_format,
            Self::Update(arguments) => arguments.messages.message_format,
            Self::Verify(arguments) => arguments.messages.message_format,
        }
    }
}
