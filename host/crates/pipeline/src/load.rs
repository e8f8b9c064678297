//! The one stage that reads: environment files, `-f` files, Terraform's outputs, and the files and
//! variables that `--set-file` and `--set-env` name. What it returns is all that later stages know.

mod examples;
mod files;
mod lock;
mod printed;
mod request;
mod stdin;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use render_files::{By, Roots};
use render_platform::values;
use render_platform::values::schema::VOCABULARY;
use render_plugins::lock::Lock;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::mask::{Known, parts};
use render_text::node::{Node, Tree};
use render_text::source::{Place, SourceId, Sources};
use render_text::suggest::closest;
use render_text::yaml;

use crate::set::{self, Assignment, SetKind};

use self::files::{Asked, Folder, display, folder, identity, is_there, locate, locate_beside, names, read, text};
use self::printed::{facts, terraform_outputs};

pub use self::files::shown;
pub use self::lock::{beside, lock, lock_path};
pub use self::request::{Request, Set};

/// What was read, not yet merged.
#[derive(Debug)]
pub struct Loaded {
    /// The environment's name, as templates and plugins see it.
    pub environment: String,
    /// Layers, the earliest first; the first one is layer 0.
    pub layers: Vec<Node>,
    /// Terraform's outputs.
    pub terraform: Option<Node>,
    /// `--set` and its kin.
    pub assignments: Vec<Assignment>,
    /// The user's own templates by the path that names them.
    pub templates: IndexMap<String, SourceId>,
    /// The user's CustomResourceDefinitions.
    pub schemas: Vec<SourceId>,
    /// The documents of the cluster's facts.
    pub facts: Vec<Node>,
    /// The plugins that are not built in.
    pub lock: Lock,
}

/// Reads everything that a request names.
///
/// # Errors
/// A file that is missing or no YAML, an environment that does not exist, files that extend each
/// other in a circle, an unreadable `--set`.
pub fn load(request: &Request, sources: &mut Sources) -> Result<Loaded, Failure> {
    stdin::once(request)?;
    let roots = &request.roots;
    let mut reader = Reader { sources, layers: Vec::new(), templates: IndexMap::new(), open: Vec::new(), files: 0 };
    reader.layer_zero()?;
    if let Some(name) = &request.environment {
        reader.environment(name, &folder(request.folder.as_deref(), roots)?)?;
    }
    for file in &request.files {
        reader.file(Asked::by_person(&shown(file)), &Folder::of_file(file, roots), file)?;
    }
    for file in &request.form_files {
        reader.file(Asked::by_other(&display(file), None), &Folder::Disk(PathBuf::new(), roots.clone()), file)?;
    }
    let Reader { mut layers, templates, sources, .. } = reader;
    layers.extend(request.layer.clone());
    let terraform =
        request.terraform_output.as_deref().map(|file| terraform_outputs(file, roots, sources)).transpose()?;
    let facts = request.facts.as_deref().map(|file| facts(file, roots, sources)).transpose()?.unwrap_or_default();
    let assignments = assignments(&request.sets, roots, sources)?;
    let schemas = manifests(&request.schemas, roots, sources)?;
    let environment = request.environment.clone().unwrap_or_else(|| "default".to_owned());
    let lock = lock(request.lock.as_deref(), request.folder.as_deref(), roots, sources)?;
    Ok(Loaded { environment, layers, terraform, assignments, templates, schemas, facts, lock })
}

/// The texts of manifests: files, folders of `.yaml`, `.yml` and `.json` files, and `-` for stdin.
///
/// # Errors
/// A path that cannot be read, or a folder without manifests.
pub fn manifests(paths: &[PathBuf], roots: &Roots, sources: &mut Sources) -> Result<Vec<SourceId>, Failure> {
    stdin::once_among(paths)?;
    let mut texts = Vec::new();
    for found in files::in_folders(paths, roots)? {
        texts.push(file(&found.path, found.by, &found.roots, sources)?);
    }
    Ok(texts)
}

/// One text: a file, or stdin for `-` on the command line.
///
/// # Errors
/// A file that cannot be read, or that is no text.
pub fn file(path: &Path, by: By, roots: &Roots, sources: &mut Sources) -> Result<SourceId, Failure> {
    let shown = shown(path);
    let asked = Asked::new(&shown, by);
    read(&Folder::Disk(PathBuf::new(), roots.clone()), path, asked, sources)
}

/// A text that the command line names and another program wrote, with whatever that program knows: until it is read, only its keys are shown.
///
/// # Errors
/// As [`file()`].
pub fn foreign_file(path: &Path, roots: &Roots, sources: &mut Sources) -> Result<SourceId, Failure> {
    let shown = shown(path);
    let asked = Asked { known: Known::Foreign, ..Asked::by_person(&shown) };
    read(&Folder::Disk(PathBuf::new(), roots.clone()), path, asked, sources)
}

/// The bytes of a file.
///
/// # Errors
/// A file that cannot be read, or that is longer than `most`.
pub fn bytes(path: &Path, by: By, most: usize) -> Result<Vec<u8>, Failure> {
    files::bytes(path, by, most)
}

/// The folders at and below one that hold a file of this name, in the order of their paths. Hidden folders, and those
/// that tools make (`target`, `node_modules`), are passed over.
#[must_use]
pub fn folders_with(file: &str, folder: &Path) -> Vec<PathBuf> {
    files::folders_with(file, folder)
}

/// The names of the environments in a folder, or of the embedded ones: the files that no other one extends.
///
/// # Errors
/// The folder cannot be read.
pub fn environments(folder_argument: Option<&Path>, roots: &Roots) -> Result<Vec<String>, Failure> {
    Ok(environments_of(&folder(folder_argument, roots)?))
}

/// The names of the environments in a folder of the user's.
///
/// # Errors
/// There is no such folder, or it cannot be read.
pub(crate) fn environments_on_disk(folder_argument: Option<&Path>, roots: &Roots) -> Result<Vec<String>, Failure> {
    let folder = folder(folder_argument, roots)?;
    match &folder {
        Folder::Embedded => {
            let none = Diagnostic::error("there is no folder `environments` here, nor above");
            Err(none.hint("the built-in environments are examples: name a folder with --environments").into())
        }
        Folder::Disk(path, roots) => match roots.names(path) {
            Ok(_) => Ok(environments_of(&folder)),
            Err(error) => {
                let wrong = Diagnostic::error(format!("the folder `{}` {}", display(path), error.problem()));
                Err(wrong.hint("check its permissions").into())
            }
        },
    }
}

/// Whether a file of this name is in the folder of environments, be it an environment or a layer of others.
///
/// # Errors
/// A folder of environments that was named and is missing.
pub fn is_file(name: &str, folder_argument: Option<&Path>, roots: &Roots) -> Result<bool, Failure> {
    Ok(is_there(name, &folder(folder_argument, roots)?))
}

/// The names of what lies in a folder that nobody named, sorted; none where there is no such folder.
///
/// # Errors
/// It cannot be read.
pub fn names_in(folder: &Path, roots: &Roots) -> Result<Vec<String>, Failure> {
    match roots.names(folder) {
        Ok(names) => Ok(names.into_iter().filter_map(|name| name.into_string().ok()).collect()),
        Err(error) if error.is_missing() => Ok(Vec::new()),
        Err(error) => {
            let wrong = Diagnostic::error(format!("the folder `{}` {}", display(folder), error.problem()));
            Err(wrong.hint(error.remedy().unwrap_or("check the path and its permissions")).into())
        }
    }
}

/// How many files one run reads. Thirty of them that each extend the next one twice would be a billion.
const MAX_FILES: usize = 256;

struct Reader<'a> {
    sources: &'a mut Sources,
    layers: Vec<Node>,
    templates: IndexMap<String, SourceId>,
    /// The files that are being read, outermost first, each with the one path that the system knows it
    /// by: a file that comes again extends itself.
    open: Vec<(String, PathBuf)>,
    /// How many files were read, a file that several extend once for each.
    files: usize,
}

impl Reader<'_> {
    fn layer_zero(&mut self) -> Result<(), Failure> {
        let source = self.sources.add("render's defaults.yaml", values::DEFAULTS);
        let layer = one_document(source, self.sources)?;
        self.layers.push(layer);
        Ok(())
    }

    fn environment(&mut self, name: &str, folder: &Folder) -> Result<(), Failure> {
        if !is_there(name, folder) {
            return Err(unknown_environment(name, folder));
        }
        let (shown, path) = locate(folder, &format!("{name}.yaml"));
        self.file(Asked::by_other(&shown, None), folder, &path)
    }

    /// Reads a file after the files that it extends.
    fn file(&mut self, asked: Asked<'_>, folder: &Folder, path: &Path) -> Result<(), Failure> {
        let identity = identity(folder, path);
        if self.open.iter().any(|(_, open)| *open == identity) {
            return Err(self.circle(asked.shown).at(asked.at).into());
        }
        self.files += 1;
        if self.files > MAX_FILES {
            return Err(too_many().at(asked.at).into());
        }
        let source = read(folder, path, asked, self.sources)?;
        let mut layer = one_document(source, self.sources)?;
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        self.open.push((asked.shown.to_owned(), identity));
        for (name, place) in take_extends(&mut layer)? {
            let (shown, path) = locate_beside(folder, &base, &name);
            self.file(Asked::by_other(&shown, place), folder, &path)?;
        }
        self.open.pop();
        self.read_templates(&layer, folder, &base)?;
        self.layers.push(layer);
        Ok(())
    }

    fn circle(&self, shown: &str) -> Diagnostic {
        let way: Vec<&str> = self.open.iter().map(|(open, _)| open.as_str()).chain([shown]).collect();
        Diagnostic::error(format!("`{shown}` extends itself: {}", way.join(" -> ")))
            .hint("take one of the `extends` lines away")
    }

    fn read_templates(&mut self, layer: &Node, folder: &Folder, base: &Path) -> Result<(), Failure> {
        let Some(Tree::List(items)) = layer.get("templates").map(|node| &node.tree) else { return Ok(()) };
        for item in items {
            let Tree::String(name) = &item.tree else { continue };
            let (shown, path) = locate_beside(folder, base, name);
            let source = read(folder, &path, Asked::by_other(&shown, item.place()), self.sources)?;
            self.templates.insert(name.clone(), source);
        }
        Ok(())
    }
}

fn too_many() -> Diagnostic {
    Diagnostic::error(format!("more than {MAX_FILES} files extend each other"))
        .hint("let each file be extended once: a file that two others extend is read twice")
}

fn one_document(source: SourceId, sources: &Sources) -> Result<Node, Failure> {
    let mut documents = yaml::read(source, &sources.get(source).text)?;
    if let [_, second, ..] = documents.as_slice() {
        let several = Diagnostic::error("an environment file holds one document, and this one holds several");
        return Err(several.at(second.place()).hint("move what follows `---` to a file of its own").into());
    }
    let document = documents.pop().unwrap_or(Node { tree: Tree::Null, origins: Vec::new() });
    let place = document.place();
    match document.tree {
        Tree::Map(_) => Ok(document),
        Tree::Null => Ok(Node { tree: Tree::Map(IndexMap::new()), ..document }),
        other => {
            let wrong = Diagnostic::error(format!("an environment file is a map, and this one is {}", other.kind()));
            Err(wrong.at(place).hint("write `key: value` lines").into())
        }
    }
}

fn take_extends(layer: &mut Node) -> Result<Vec<(String, Option<Place>)>, Failure> {
    let Tree::Map(map) = &mut layer.tree else { return Ok(Vec::new()) };
    let Some(member) = map.shift_remove("extends") else { return Ok(Vec::new()) };
    let wrong = |node: &Node| {
        let wrong = Diagnostic::error(format!("`extends` must be a list of file names, not {}", node.tree.kind()));
        Failure::from(wrong.at(node.place()).hint("write `extends: [gke.yaml]`"))
    };
    let Tree::List(items) = &member.node.tree else { return Err(wrong(&member.node)) };
    items
        .iter()
        .map(|item| match &item.tree {
            Tree::String(name) => Ok((name.clone(), item.place())),
            _ => Err(wrong(item)),
        })
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "load is the stage that reads variables")]
fn assignments(sets: &[Set], roots: &Roots, sources: &mut Sources) -> Result<Vec<Assignment>, Failure> {
    let file = |path: &str| text(Path::new(path), roots).map_err(|problem| format!("the file `{path}` {problem}"));
    let variable = |name: &str| {
        std::env::var(name).map_err(|error| match error {
            std::env::VarError::NotPresent => format!("the environment variable `{name}` is not set"),
            std::env::VarError::NotUnicode(_) => format!("the environment variable `{name}` is not UTF-8 text"),
        })
    };
    let mut all = Vec::new();
    for set in sets {
        let (flag, text, kind) = match set {
            Set::Json(text) => ("--set-json", text, SetKind::Json),
            Set::Typed(text) => ("--set", text, SetKind::Typed),
            Set::String(text) => ("--set-string", text, SetKind::String),
            Set::File(text) => ("--set-file", text, SetKind::File(&file)),
            Set::Env(text) => ("--set-env", text, SetKind::Env(&variable)),
            Set::Meant(by, text) => (*by, text, SetKind::Json),
        };
        let source = sources.add_unread(flag, text.clone());
        let assignments = set::parse(kind, source, text)?;
        sources
            .mask_texts(assignments.iter().flat_map(|set| set.value.given_texts()).flat_map(|text| parts::of(&text)));
        all.extend(assignments);
    }
    Ok(all)
}

/// The names of the environment files that no other file of the folder extends. A file that cannot be
/// read counts too: its name is what is asked for here.
fn environments_of(folder: &Folder) -> Vec<String> {
    let mut sources = Sources::new(&VOCABULARY);
    let known = names(folder);
    let extended: BTreeSet<PathBuf> = known.iter().flat_map(|name| extended_by(name, folder, &mut sources)).collect();
    let path = |name: &String| identity(folder, &locate(folder, &format!("{name}.yaml")).1);
    known.into_iter().filter(|name| !extended.contains(&path(name))).collect()
}

fn extended_by(name: &str, folder: &Folder, sources: &mut Sources) -> Vec<PathBuf> {
    let (shown, path) = locate(folder, &format!("{name}.yaml"));
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    let layer =
        read(folder, &path, Asked::by_other(&shown, None), sources).and_then(|source| one_document(source, sources));
    let extended = layer.and_then(|mut layer| take_extends(&mut layer)).unwrap_or_default();
    extended.into_iter().map(|(file, _)| identity(folder, &locate_beside(folder, &base, &file).1)).collect()
}

fn unknown_environment(name: &str, folder: &Folder) -> Failure {
    let known = environments_of(folder);
    let place = match folder {
        Folder::Disk(folder, _) => format!("in `{}`", display(folder)),
        Folder::Embedded => "built in".to_owned(),
    };
    let hint = match closest(name.trim_end_matches(".yaml"), known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are: {}", known.join(", ")),
    };
    Diagnostic::error(format!("there is no environment `{name}` {place}")).hint(hint).into()
}
