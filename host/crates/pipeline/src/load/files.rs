//! Where files are, and how they are read: on the disk, on stdin, or in the program itself. A file
//! that cannot be read is told with what could have been meant.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use render_files::{By, Roots, Unreadable, up_to};
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::mask::Known;
use render_text::source::{Place, SourceId, Sources};
use render_text::suggest::closest;
use render_text::yaml::limits::MAX_BYTES;

use super::examples;

/// Where environment files are.
pub(super) enum Folder {
    /// This one, or, with an empty path, wherever a path leads from here; and where files may be that they name.
    Disk(PathBuf, Roots),
    /// In the program.
    Embedded,
}

impl Folder {
    /// Where a file is that the command line names, and the files are that it names.
    pub(super) fn of_file(path: &Path, roots: &Roots) -> Self {
        Self::Disk(PathBuf::new(), roots.with(path.parent().unwrap_or(Path::new(""))))
    }
}

/// A file that is asked for.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What messages call it.
    pub(super) shown: &'a str,
    /// Who asks for it.
    pub(super) by: By,
    /// Where it is asked for.
    pub(super) at: Option<Place>,
    /// What is known of its text before it is read.
    pub(super) known: Known,
}

impl<'a> Asked<'a> {
    /// A file of which nothing is known.
    pub(super) fn new(shown: &'a str, by: By) -> Self {
        Self { shown, by, at: None, known: Known::Nothing }
    }

    /// A file that the command line names.
    pub(super) fn by_person(shown: &'a str) -> Self {
        Self::new(shown, By::Person)
    }

    /// A file that somebody else names, or that lies in a folder.
    pub(super) fn by_other(shown: &'a str, at: Option<Place>) -> Self {
        Self { at, ..Self::new(shown, By::Other) }
    }
}

/// The folder that was named, else the nearest `environments/` from here upwards, else the embedded one.
pub(super) fn folder(named: Option<&Path>, roots: &Roots) -> Result<Folder, Failure> {
    let folder = match named {
        Some(named) if named.is_dir() => Some((named.to_owned(), roots.with(named))),
        Some(named) => {
            let missing = Diagnostic::error(format!("there is no folder `{}`", display(named)));
            return Err(missing.hint("give the folder of environment files after `--environments`").into());
        }
        None => upwards()?.map(|folder| (folder, roots.clone())),
    };
    let Some((folder, roots)) = folder else { return Ok(Folder::Embedded) };
    match roots.hold(&folder) {
        Ok(()) => Ok(Folder::Disk(folder, roots)),
        Err(error) => {
            let outside = Diagnostic::error(format!("the folder `{}` {}", display(&folder), error.problem()));
            Err(outside.hint("name a folder that holds it with `--root`").into())
        }
    }
}

/// The nearest `environments/` from here upwards.
fn upwards() -> Result<Option<PathBuf>, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::Internal(format!("the current folder cannot be read: {error}")))?;
    let levels = here.ancestors().position(|folder| folder.join("environments").is_dir());
    // Named as seen from here, as the user would: a path from the root says more than a message should.
    Ok(levels.map(|levels| std::iter::repeat_n("..", levels).chain(["environments"]).collect()))
}

/// The name to show and the path to read of a file in the folder.
pub(super) fn locate(folder: &Folder, file: &str) -> (String, PathBuf) {
    match folder {
        Folder::Disk(folder, _) => (display(&folder.join(file)), folder.join(file)),
        Folder::Embedded => (format!("environments/{file} (built in)"), PathBuf::from(file)),
    }
}

/// The same for a file that another one names, which stands in the folder `base`.
pub(super) fn locate_beside(folder: &Folder, base: &Path, file: &str) -> (String, PathBuf) {
    match folder {
        Folder::Disk(..) => (display(&base.join(file)), base.join(file)),
        Folder::Embedded => locate(folder, file),
    }
}

/// The one path of a file, whatever way leads to it.
pub(super) fn identity(folder: &Folder, path: &Path) -> PathBuf {
    match folder {
        Folder::Disk(..) => std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        Folder::Embedded => path.to_owned(),
    }
}

/// Reads a text.
pub(super) fn read(folder: &Folder, path: &Path, asked: Asked<'_>, sources: &mut Sources) -> Result<SourceId, Failure> {
    let read = match folder {
        Folder::Disk(..) if path == Path::new("-") && asked.by == By::Person => {
            up_to(MAX_BYTES, std::io::stdin().lock())
        }
        Folder::Disk(_, roots) => roots.read(path, asked.by, MAX_BYTES),
        Folder::Embedded => {
            examples::environment(path).map(Into::into).ok_or_else(|| Unreadable::System(ErrorKind::NotFound.into()))
        }
    };
    let bytes = read.map_err(|error| unreadable(folder, path, asked, &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.keep(asked.shown.to_owned(), text, asked.known)),
        Err(error) => Err(not_utf8(asked.shown, &error, asked.known, sources)),
    }
}

/// The text of a file that the command line sets a value to, or why there is none, as the end of a sentence.
pub(super) fn text(path: &Path, roots: &Roots) -> Result<String, String> {
    let bytes = roots.read(path, By::Person, MAX_BYTES).map_err(|error| error.problem())?;
    String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())
}

/// The bytes of a file, `most` at most.
pub(super) fn bytes(path: &Path, by: By, most: usize) -> Result<Vec<u8>, Failure> {
    let roots = Roots::default();
    roots.read(path, by, most).map_err(|error| {
        if let Unreadable::TooLong(..) = error {
            let long = format!("`{}` {}", display(path), error.problem());
            return Diagnostic::error(long).hint("name a smaller file").into();
        }
        let shown = display(path);
        let asked = Asked::new(&shown, by);
        unreadable(&Folder::Disk(PathBuf::new(), roots.clone()), path, asked, &error)
    })
}

/// The folders at and below one that hold a file of this name.
pub(super) fn folders_with(file: &str, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = Roots::default().names(&next).unwrap_or_default().into_iter().map(|name| next.join(name));
        open.extend(entries.filter(|path| path.is_dir() && !path.is_symlink() && is_written(path)));
        if next.join(file).symlink_metadata().is_ok_and(|found| !found.is_dir()) {
            found.push(next);
        }
    }
    found.sort();
    found
}

/// Whether people write in a folder of that name, and not only tools.
fn is_written(folder: &Path) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !name.starts_with('.') && !["target", "node_modules"].contains(&name)
}

fn unreadable(folder: &Folder, path: &Path, asked: Asked<'_>, error: &Unreadable) -> Failure {
    let near = || closest_file(folder, path).map(|near| format!("did you mean `{near}`?"));
    let hint = match (error.remedy(), asked.by) {
        (Some(remedy), _) => remedy.to_owned(),
        (None, _) if !error.is_missing() => "check the path and its permissions".to_owned(),
        (None, By::Other) => {
            near().unwrap_or_else(|| "check the path, which is relative to the file that names it".to_owned())
        }
        (None, By::Person) => {
            near().unwrap_or_else(|| "check the path, which is relative to the current folder".to_owned())
        }
    };
    Diagnostic::error(format!("`{}` {}", asked.shown, error.problem())).at(asked.at).hint(hint).into()
}

/// The file of the same folder whose name is most like that of one that does not exist.
fn closest_file(folder: &Folder, path: &Path) -> Option<String> {
    let there: Vec<String> = match folder {
        Folder::Disk(_, roots) => {
            let beside = roots.names(path.parent().unwrap_or(Path::new(""))).unwrap_or_default();
            beside.into_iter().filter_map(|name| name.into_string().ok()).collect()
        }
        Folder::Embedded => examples::environments().map(|name| format!("{name}.yaml")).collect(),
    };
    closest(path.file_name()?.to_str()?, there.iter().map(String::as_str)).map(str::to_owned)
}

fn not_utf8(shown: &str, error: &std::string::FromUtf8Error, known: Known, sources: &mut Sources) -> Failure {
    // Up to the first wrong byte the text is as it was, so the place of that byte stays.
    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
    let source = sources.keep(shown.to_owned(), text, known);
    let wrong = error.utf8_error().valid_up_to();
    Diagnostic::error(format!("`{shown}` is not UTF-8 text"))
        .at(Place::new(source, wrong..wrong + char::REPLACEMENT_CHARACTER.len_utf8()))
        .hint("save the file as UTF-8")
        .into()
}

/// A manifest that was named, or that lies in a folder that was, and where it may be.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) by: By,
    pub(super) roots: Roots,
}

/// The files of these paths, with the manifests that it holds in the place of each folder, in the order of their names.
pub(super) fn in_folders(paths: &[PathBuf], roots: &Roots) -> Result<Vec<Found>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        if path.is_dir() {
            all.extend(in_folder(path, &roots.with(path))?);
        } else {
            all.push(Found { path: path.clone(), by: By::Person, roots: roots.clone() });
        }
    }
    Ok(all)
}

fn in_folder(folder: &Path, roots: &Roots) -> Result<Vec<Found>, Failure> {
    let names = roots.names(folder).map_err(|error| {
        let unreadable = Diagnostic::error(format!("the folder `{}` {}", display(folder), error.problem()));
        let remedy = error.remedy().unwrap_or("check the path and its permissions");
        Failure::from(unreadable.hint(remedy))
    })?;
    let mut found = Vec::new();
    for path in names.into_iter().map(|name| folder.join(name)) {
        let ending = path.extension().and_then(|ending| ending.to_str());
        match path.is_dir() {
            // A folder that links to one above it has no end.
            true if path.is_symlink() => {}
            true => found.extend(in_folder(&path, roots)?),
            false if matches!(ending, Some("yaml" | "yml" | "json")) => {
                found.push(Found { path, by: By::Other, roots: roots.clone() });
            }
            false => {}
        }
    }
    if found.is_empty() {
        let empty = Diagnostic::error(format!("the folder `{}` has no manifests", display(folder)));
        return Err(empty.hint("manifests are files whose names end in .yaml, .yml or .json").into());
    }
    Ok(found)
}

/// The names of the environment files of a folder, shared layers included. Hidden files are those of editors.
pub(super) fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = match folder {
        Folder::Disk(folder, roots) => {
            let names = roots.names(folder).unwrap_or_default().into_iter();
            names
                .filter_map(|name| Some(name.to_str()?.strip_suffix(".yaml")?.to_owned()))
                .filter(|name| !name.starts_with('.') && !name.contains(char::is_control))
                .collect()
        }
        Folder::Embedded => examples::environments().map(str::to_owned).collect(),
    };
    names.sort();
    names
}

/// Whether there is an environment file of this name. A link counts wherever it leads: reading it says the rest.
pub(super) fn is_there(name: &str, folder: &Folder) -> bool {
    let file = format!("{name}.yaml");
    match folder {
        Folder::Disk(folder, _) => {
            Path::new(&file).components().count() == 1 && folder.join(file).symlink_metadata().is_ok()
        }
        Folder::Embedded => examples::environment(Path::new(&file)).is_some(),
    }
}

/// What messages call a file of which `-` is stdin.
#[must_use]
pub fn shown(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { display(file) }
}

/// What messages call a path.
pub(super) fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
