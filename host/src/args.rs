//! The command line: what each option means is its doc comment, which is also the help.

mod examples;
mod fleet;
mod formats;
pub(crate) mod import;
pub(crate) mod plugin;
pub(crate) mod schema;
pub(crate) mod texts;
pub(crate) mod usage;

use std::fmt;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde_json::json;

use render_pipeline::load::{Request, Set};
use render_pipeline::options::{Options, Warnings};
use render_pipeline::stream::Foreign;
use render_platform::facts::Need;
use render_schema::api::version::Version;

use self::import::ImportCommand;
use self::plugin::{PluginCommand, RootArgs, RuntimeArgs};
use self::schema::SchemaArgs;

pub(crate) use self::fleet::{FleetArgs, SnapshotArgs};
pub(crate) use self::formats::{Format, MessageFormat, NotesFormat, Phase};

/// Turns an environment file into the complete, checked Kubernetes manifests of a LiveKit platform.
#[derive(Debug, Parser)]
#[command(name = "render", version, args_conflicts_with_subcommands = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    /// What to do; without a command, manifests are rendered.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What to render.
    #[command(flatten)]
    pub render: RenderArgs,
    /// Several environments, each in a folder of its own below --output-dir.
    #[command(flatten)]
    pub fleet: FleetArgs,
}

const EXAMPLES: &str = "Examples:
  render --env prd
  render --env prd | kubectl diff -f -
  render --env prd --set livekit.image.tag=v1.13.5 --output-dir manifests
  render notes --env prd
  render check --env prd
  render --all --output-dir manifests
  helm template livekit livekit/livekit-server | render check -

Exit status: 0 done, 1 the input is wrong, 2 render or its surroundings failed.";

/// A command other than rendering.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print what is left to do outside the cluster: DNS, firewall, secrets, permissions, commands
    #[command(after_help = examples::NOTES)]
    Notes(Box<NotesArgs>),
    /// Check an environment, or manifests that something else rendered, and say all that is wrong
    #[command(after_help = examples::CHECK)]
    Check(Box<CheckArgs>),
    /// Keep what environments render to as files, and say what a change of them changes
    #[command(after_help = examples::SNAPSHOT)]
    Snapshot(Box<SnapshotArgs>),
    /// Change the manifests on stdin by a plugin and by the patches of an environment, for helm and helmfile
    #[command(after_help = examples::POST_RENDER)]
    PostRender(Box<PostRenderArgs>),
    /// Run as a KRM function for kustomize and kpt: a list of resources on stdin, and one on stdout
    #[command(after_help = examples::FN)]
    Fn(Box<InputArgs>),
    /// Run as a config management plugin of Argo CD
    #[command(subcommand)]
    Argocd(ArgocdCommand),
    /// Make render a plugin of Helm 4, which takes a post-renderer by the name of a plugin
    #[command(subcommand)]
    HelmPlugin(HelmPluginCommand),
    /// Use plugins of others, and write your own
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Turn the values of another system into an environment file, and list what could not be carried over
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write a commented environments/ folder that renders as it is
    #[command(after_help = examples::INIT)]
    Init {
        /// Where it goes
        #[arg(value_name = "DIR", default_value = ".")]
        folder: PathBuf,
    },
    /// Print the command that creates the Secret with a fresh pair of LiveKit's API keys
    #[command(after_help = examples::KEYS)]
    Keys(Box<InputArgs>),
    /// Print the JSON Schema of environment files, for editors, with the sections of the plugins in render.lock
    #[command(after_help = examples::SCHEMA)]
    Schema(Box<SchemaArgs>),
    /// List all rules, with the reason of each
    #[command(after_help = examples::RULES)]
    Rules,
    /// Print a script that completes commands and options in a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page of render, or of one of its commands
    #[command(after_help = examples::MAN)]
    Man {
        /// The command, as in plugin add
        #[arg(value_name = "COMMAND")]
        command: Vec<String>,
    },
    /// Print the version of render, and what it knows of others
    #[command(after_help = examples::VERSION)]
    Version {
        /// How it is written
        #[arg(short, long, value_enum, default_value_t)]
        output: VersionFormat,
    },
    /// Compile the built-in plugins for the distributed build
    #[command(hide = true)]
    Precompile {
        /// Where the compiled plugins go
        folder: PathBuf,
    },
}

/// How versions are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum VersionFormat {
    /// Lines for a person.
    #[default]
    Text,
    /// One JSON object.
    Json,
}

/// What Argo CD asks of a config management plugin.
#[derive(Debug, Subcommand)]
pub(crate) enum ArgocdCommand {
    /// Announce the parameters of an application, for the form of Argo CD
    #[command(after_help = examples::ARGOCD_PARAMETERS)]
    Parameters(RootArgs),
    /// Render what the parameters of the application ask for, which Argo CD hands over in variables
    #[command(after_help = examples::ARGOCD_GENERATE)]
    Generate(Box<RenderArgs>),
}

/// What to do with the plugin of Helm.
#[derive(Debug, Subcommand)]
pub(crate) enum HelmPluginCommand {
    /// Write it into Helm's folder of plugins, or into a folder that `helm plugin package` takes
    #[command(after_help = examples::HELM_PLUGIN_INSTALL)]
    Install {
        /// Where it goes [default: render/ in Helm's folder of plugins]
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}

/// Which values to use.
#[derive(Args)]
pub(crate) struct InputArgs {
    /// The environment: the name of a file in the folder of environments, without .yaml; where there may be several, a
    /// pattern, as in 'eu-*'
    #[arg(short, long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// The folder of environments [default: the nearest environments/ upwards, else the built-in ones]
    #[arg(long, value_name = "DIR")]
    pub environments: Option<PathBuf>,
    /// A further file of values, later wins; - is stdin
    #[arg(short = 'f', long = "values", value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What `terraform output -json` printed; `terraform.outputs` says where each output goes
    #[arg(long, value_name = "FILE")]
    pub terraform_output: Option<PathBuf>,
    /// What `kubectl get gateway,service,node -A -o json` printed: addresses that only the cluster knows; - is stdin
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Set a value by its path as JSON: a.b={"c": 1}
    #[arg(long, value_name = "PATH=JSON")]
    pub set_json: Vec<String>,
    /// Set values by their paths: a.b=c,d[0]=e; numbers, booleans and null are typed
    #[arg(long, value_name = "PATH=VALUE")]
    #[expect(rustdoc::broken_intra_doc_links, reason = "the help is read in a terminal, where an escape would show")]
    pub set: Vec<String>,
    /// Set values by their paths, always as strings
    #[arg(long, value_name = "PATH=VALUE")]
    pub set_string: Vec<String>,
    /// Set a value to the content of a file
    #[arg(long, value_name = "PATH=FILE")]
    pub set_file: Vec<String>,
    /// Set a value to that of an environment variable, so that no secret is on the command line
    #[arg(long, value_name = "PATH=VARIABLE")]
    pub set_env: Vec<String>,
    /// The Kubernetes version to check against, as in 1.36 [default: `cluster.kubernetesVersion`]
    #[arg(long, value_name = "VERSION", value_parser = Version::parse)]
    pub kube_version: Option<Version>,
    /// Check custom resources against the CustomResourceDefinitions in this folder, too
    #[arg(long = "schema-dir", value_name = "DIR")]
    pub schema_dirs: Vec<PathBuf>,
    /// How plugins are found and run.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// How findings are written: on stderr, or on stdout where they are what was asked for
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub message_format: MessageFormat,
}

/// What to render, and how.
#[derive(Debug, Args)]
pub(crate) struct RenderArgs {
    /// Which values to use.
    #[command(flatten)]
    pub input: InputArgs,
    /// How manifests are written
    #[arg(short, long, value_enum, default_value_t)]
    pub output: Format,
    /// Write a file for each manifest into a folder, instead of all to stdout
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
    /// Only the manifests of one phase; all of them are checked
    #[arg(long, value_enum)]
    pub phase: Option<Phase>,
}

/// What notes to print.
#[derive(Debug, Args)]
pub(crate) struct NotesArgs {
    /// Which values to use.
    #[command(flatten)]
    pub input: InputArgs,
    /// How notes are written
    #[arg(short, long, value_enum, default_value_t)]
    pub output: NotesFormat,
    /// Write the files of the notes, such as the configuration of a node, below a folder, too
    #[arg(long, value_name = "DIR")]
    pub output_dir: Option<PathBuf>,
}

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Manifests to check instead of an environment: files, folders, and - for stdin
    #[arg(value_name = "FILE", conflicts_with_all = ["all", "environment", "files", "shard"])]
    pub manifests: Vec<PathBuf>,
    /// How many nodes `LiveKit` can have at most; the rules on pods per node need it, and manifests do not contain it
    #[arg(long, value_name = "COUNT", requires = "manifests")]
    pub nodes: Option<u32>,
    /// Which values to use.
    #[command(flatten)]
    pub input: InputArgs,
    /// Several environments.
    #[command(flatten)]
    pub fleet: FleetArgs,
}

/// How to change manifests of another renderer.
#[derive(Debug, Args)]
pub(crate) struct PostRenderArgs {
    /// The plugin to ask; may be given several times, in the order of asking [default: those of the environment]
    #[arg(long = "plugin", value_name = "NAME")]
    pub plugins: Vec<String>,
    /// Print the manifests even if errors are found in them
    #[arg(long, conflicts_with = "strict")]
    pub allow_findings: bool,
    /// Write findings to this file, too: Helm 4 shows nothing of what a plugin says [default: `$RENDER_DIAGNOSTICS_FILE`]
    #[arg(long, value_name = "FILE")]
    pub diagnostics_file: Option<PathBuf>,
    /// Which values the plugins and the patches see.
    #[command(flatten)]
    pub input: InputArgs,
}

/// Arguments of `--set` may hold secrets, so only what they add up to is printed.
impl fmt::Debug for InputArgs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InputArgs").field("request", &self.request()).finish_non_exhaustive()
    }
}

impl Cli {
    /// For whom findings are written.
    #[must_use]
    pub(crate) fn message_format(&self) -> MessageFormat {
        match &self.command {
            None => self.render.input.message_format,
            Some(Command::Notes(notes)) => notes.input.message_format,
            Some(Command::Check(check)) => check.input.message_format,
            Some(Command::Snapshot(snapshot)) => snapshot.input.message_format,
            Some(Command::PostRender(post_render)) => post_render.input.message_format,
            Some(Command::Import(command)) => command.args().messages.message_format,
            Some(Command::Plugin(command)) => command.message_format(),
            Some(Command::Fn(input) | Command::Keys(input)) => input.message_format,
            Some(Command::Argocd(ArgocdCommand::Generate(render))) => render.input.message_format,
            Some(Command::Schema(arguments)) => arguments.messages.message_format,
            Some(
                Command::Argocd(ArgocdCommand::Parameters(_))
                | Command::Completions { .. }
                | Command::HelmPlugin(_)
                | Command::Init { .. }
                | Command::Man { .. }
                | Command::Precompile { .. }
                | Command::Rules
                | Command::Version { .. },
            ) => MessageFormat::Human,
        }
    }
}

impl InputArgs {
    /// How a run treats what it finds.
    #[must_use]
    pub(crate) fn options(&self) -> Options {
        let warnings = if self.strict { Warnings::Denied } else { Warnings::Told };
        Options { warnings, facts: Need::Required }
    }

    /// The same for a run of which nothing waits for facts.
    #[must_use]
    pub(crate) fn without_facts(&self) -> Options {
        Options { facts: Need::Optional, ..self.options() }
    }

    /// What the load stage is asked for. The kinds of `--set` go in Helm's order: JSON, typed, string, file, then env.
    #[must_use]
    pub(crate) fn request(&self) -> Request {
        let of = |texts: &[String], kind: fn(String) -> Set| texts.iter().cloned().map(kind).collect::<Vec<_>>();
        // It is a value like any other: what reads the version of the cluster reads the one that is checked against.
        let version = self.kube_version.map(|version| Set::kubernetes_version("--kube-version", version));
        let sets = [
            of(&self.set_json, Set::Json),
            of(&self.set, Set::Typed),
            of(&self.set_string, Set::String),
            of(&self.set_file, Set::File),
            of(&self.set_env, Set::Env),
            version.into_iter().collect(),
        ];
        Request {
            environment: self.environment.clone(),
            folder: self.environments.clone(),
            files: self.files.clone(),
            form_files: Vec::new(),
            roots: self.runtime.lock.root.roots(),
            terraform_output: self.terraform_output.clone(),
            schemas: self.schema_dirs.clone(),
            sets: sets.concat(),
            facts: self.facts.clone(),
            layer: None,
            lock: self.runtime.lock.lock.clone(),
            access: self.runtime.store.access(),
        }
    }
}

impl RenderArgs {
    /// How a run treats what it finds. Only the phase `app` needs facts.
    #[must_use]
    pub(crate) fn options(&self) -> Options {
        match self.phase {
            Some(Phase::Bootstrap | Phase::Platform) => self.input.without_facts(),
            Some(Phase::App) | None => self.input.options(),
        }
    }
}

impl PostRenderArgs {
    /// What the load stage is asked for.
    #[must_use]
    pub(crate) fn request(&self) -> Request {
        let mut request = self.input.request();
        if let Some((first, others)) = self.plugins.split_first() {
            let sets = [format!("provider={}", json!(first)), format!("plugins={}", json!(others))];
            request.sets.extend(sets.map(|set| Set::Meant("--plugin", set)));
        }
        request
    }
}

impl CheckArgs {
    /// The manifests of another renderer that were named.
    #[must_use]
    pub(crate) fn foreign(&self) -> Foreign {
        Foreign {
            files: self.manifests.clone(),
            nodes: self.nodes,
            kube_version: self.input.kube_version,
            schemas: self.input.schema_dirs.clone(),
            roots: self.input.runtime.lock.root.roots(),
        }
    }
}
