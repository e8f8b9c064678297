//! What the user asked to be read, before anything is.

use std::fmt;
use std::path::{Path, PathBuf};

use render_files::Roots;
use render_plugins::registry::Access;
use render_schema::api::version::Version;
use render_text::node::Node;

/// What the user asked to be read.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The name of the environment.
    pub environment: Option<String>,
    /// The folder of environments, if it was named.
    pub folder: Option<PathBuf>,
    /// Further files, later wins.
    pub files: Vec<PathBuf>,
    /// Files after these that somebody else than the command line names, as in a form.
    pub form_files: Vec<PathBuf>,
    /// Where files may lie that the command line does not name.
    pub roots: Roots,
    /// What `terraform output -json` printed.
    pub terraform_output: Option<PathBuf>,
    /// Folders of the user's CustomResourceDefinitions.
    pub schemas: Vec<PathBuf>,
    /// `--set` and its kin, later wins.
    pub sets: Vec<Set>,
    /// What kubectl printed of the cluster's objects.
    pub facts: Option<PathBuf>,
    /// A layer over the files that was read before.
    pub layer: Option<Node>,
    /// The lock of plugins, if it was named.
    pub lock: Option<PathBuf>,
    /// How registries may be asked for plugins that were never pulled; without it, they are not.
    pub access: Option<Access>,
}

impl Request {
    /// The same for an environment of this name.
    #[must_use]
    pub(crate) fn of(&self, environment: &str) -> Self {
        Self { environment: Some(environment.to_owned()), ..self.clone() }
    }

    /// Whether it reads stdin.
    #[must_use]
    pub(crate) fn reads_stdin(&self) -> bool {
        self.named().any(|file| file == Path::new("-"))
    }

    /// A file that can be read only once, such as stdin or a pipe.
    #[must_use]
    pub(crate) fn read_once(&self) -> Option<&Path> {
        let is_one = |path: &&Path| {
            *path == Path::new("-") || path.metadata().is_ok_and(|file| !file.is_file() && !file.is_dir())
        };
        self.named().map(PathBuf::as_path).chain(self.sets.iter().flat_map(Set::files)).find(is_one)
    }

    fn named(&self) -> impl Iterator<Item = &PathBuf> {
        self.files.iter().chain(&self.facts).chain(&self.terraform_output)
    }
}

/// One argument of `--set` or its kin.
#[derive(Clone)]
pub enum Set {
    /// `--set-json`.
    Json(String),
    /// `--set`.
    Typed(String),
    /// `--set-string`.
    String(String),
    /// `--set-file`.
    File(String),
    /// `--set-env`.
    Env(String),
    /// What another option or a variable stands for: its name, and the path with a value in JSON.
    Meant(&'static str, String),
}

impl Set {
    /// The value that names a version of Kubernetes, on behalf of an option or a variable.
    #[must_use]
    pub fn kubernetes_version(by: &'static str, version: Version) -> Self {
        Self::Meant(by, format!("cluster.kubernetesVersion=\"{version}\""))
    }

    /// The files that it names.
    fn files(&self) -> impl Iterator<Item = &Path> {
        let text = if let Self::File(text) = self { text.as_str() } else { "" };
        text.split(',').filter_map(|part| Some(Path::new(part.split_once('=')?.1)))
    }
}

/// The argument may hold a secret, so only its kind is printed.
impl fmt::Debug for Set {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Json(_) => "Json(..)",
            Self::Typed(_) => "Typed(..)",
            Self::String(_) => "String(..)",
            Self::File(_) => "File(..)",
            Self::Env(_) => "Env(..)",
            Self::Meant(by, _) => by,
        })
    }
}
