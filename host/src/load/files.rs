//! Where files are, and how they are read: on the disk, on stdin, or in the program itself. A file
//! that cannot be read is told with what could have been meant.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Failure};
use crate::embedded;
use crate::mask::Known;
use crate::source::{Place, SourceId, Sources};
use crate::suggest::closest;
use crate::yaml::limits::MAX_BYTES;

/// Where environment files are.
pub(super) enum Folder {
    /// This one, or, with an empty path, wherever a path leads from here.
    Disk(PathBuf),
    /// In the program.
    Embedded,
}

/// The folder that was named, else the nearest `environments/` from here upwards, else the embedded one.
pub(super) fn folder(named: Option<&Path>) -> Result<Folder, Failure> {
    if let Some(named) = named {
        if named.is_dir() {
            return Ok(Folder::Disk(named.to_owned()));
        }
        let missing = Diagnostic::error(format!("there is no folder `{}`", display(named)));
        return Err(missing.hint("give the folder of environment files after `--environments`").into());
    }
    let here = std::env::current_dir()
        .map_err(|error| Failure::Internal(format!("the current folder cannot be read: {error}")))?;
    let levels = here.ancestors().position(|folder| folder.join("environments").is_dir());
    // Named as seen from here, as the user would: a path from the root says more than a message should.
    let upwards = |levels| std::iter::repeat_n("..", levels).chain(["environments"]).collect();
    Ok(levels.map_or(Folder::Embedded, |levels| Folder::Disk(upwards(levels))))
}

/// The name to show and the path to read of a file in the folder.
pub(super) fn locate(folder: &Folder, file: &str) -> (String, PathBuf) {
    match folder {
        Folder::Disk(folder) => (display(&folder.join(file)), folder.join(file)),
        Folder::Embedded => (format!("environments/{file} (built in)"), PathBuf::from(file)),
    }
}

/// The same for a file that another one names, which stands in the folder `base`.
pub(super) fn locate_beside(folder: &Folder, base: &Path, file: &str) -> (String, PathBuf) {
    match folder {
        Folder::Disk(_) => (display(&base.join(file)), base.join(file)),
        Folder::Embedded => locate(folder, file),
    }
}

/// The one path of a file, whatever way leads to it.
pub(super) fn identity(folder: &Folder, path: &Path) -> PathBuf {
    match folder {
        Folder::Disk(_) => std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        Folder::Embedded => path.to_owned(),
    }
}

/// Reads a text: `shown` is what messages call it, `named_at` the place that asked for it.
pub(super) fn read(
    folder: &Folder,
    path: &Path,
    named: (&str, Option<Place>),
    sources: &mut Sources,
) -> Result<SourceId, Failure> {
    read_as(Known::Nothing, folder, path, named, sources)
}

/// The same for a text of which as much is known as `known` says.
pub(super) fn read_as(
    known: Known,
    folder: &Folder,
    path: &Path,
    (shown, named_at): (&str, Option<Place>),
    sources: &mut Sources,
) -> Result<SourceId, Failure> {
    let read = match folder {
        Folder::Disk(_) if path == Path::new("-") => whole(std::io::stdin().lock()),
        Folder::Disk(_) => File::open(path).and_then(whole),
        Folder::Embedded => embedded::environment(path).map(Into::into).ok_or_else(|| ErrorKind::NotFound.into()),
    };
    let bytes = read.map_err(|error| unreadable(folder, path, (shown, named_at), &error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.keep(shown.to_owned(), text, known)),
        Err(error) => Err(not_utf8(shown, &error, known, sources)),
    }
}

/// The text of a file that a value is set to, or why there is none, as the end of a sentence.
pub(super) fn text(path: &Path) -> Result<String, String> {
    let bytes = File::open(path).and_then(whole).map_err(|error| problem(&error))?;
    String::from_utf8(bytes).map_err(|_| problem(&ErrorKind::InvalidData.into()))
}

/// The bytes of a file, `most` at most.
pub(super) fn bytes(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let read = File::open(path).and_then(|file| up_to(most, file));
    read.map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => {
            let long = format!("`{}` is longer than {} MiB", display(path), most >> 20);
            Diagnostic::error(long).hint("name a smaller file").into()
        }
        _ => unreadable(&Folder::Disk(PathBuf::new()), path, (&display(path), None), &error),
    })
}

/// The folders at and below one that hold a file of this name.
pub(super) fn folders_with(file: &str, folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        open.extend(entries.filter(|path| path.is_dir() && !path.is_symlink() && is_written(path)));
        if next.join(file).is_file() {
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

/// Everything up to the end, which must come: a device has none, and the memory has one.
fn whole(from: impl Read) -> std::io::Result<Vec<u8>> {
    up_to(MAX_BYTES, from)
}

fn up_to(most: usize, from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(ErrorKind::FileTooLarge.into()) } else { Ok(bytes) }
}

fn unreadable(
    folder: &Folder,
    path: &Path,
    (shown, named_at): (&str, Option<Place>),
    error: &std::io::Error,
) -> Failure {
    let hint = match (closest_file(folder, path), named_at) {
        _ if error.kind() == ErrorKind::IsADirectory => "name a file in it".to_owned(),
        _ if error.kind() == ErrorKind::FileTooLarge => "split it into several files".to_owned(),
        _ if error.kind() != ErrorKind::NotFound => "check the path and its permissions".to_owned(),
        (Some(near), _) => format!("did you mean `{near}`?"),
        (None, Some(_)) => "check the path, which is relative to the file that names it".to_owned(),
        (None, None) => "check the path, which is relative to the current folder".to_owned(),
    };
    Diagnostic::error(format!("`{shown}` {}", problem(error))).at(named_at).hint(hint).into()
}

/// Why a file cannot be read, as the end of a sentence.
pub(super) fn problem(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
        ErrorKind::IsADirectory => "is a folder, not a file".to_owned(),
        ErrorKind::FileTooLarge => format!("is longer than {} MiB", MAX_BYTES >> 20),
        _ => format!("cannot be read: {error}"),
    }
}

/// The file of the same folder whose name is most like that of one that does not exist.
fn closest_file(folder: &Folder, path: &Path) -> Option<String> {
    let beside = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let there: Vec<String> = match folder {
        Folder::Disk(_) => std::fs::read_dir(beside)
            .into_iter()
            .flatten()
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect(),
        Folder::Embedded => embedded::environments().map(|name| format!("{name}.yaml")).collect(),
    };
    let mut there: Vec<&str> = there.iter().map(String::as_str).collect();
    there.sort_unstable();
    closest(path.file_name()?.to_str()?, there.into_iter()).map(str::to_owned)
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

/// The same paths, with the manifests that it holds in the place of each folder, in the order of their names.
pub(super) fn in_folders(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        match std::fs::read_dir(path) {
            Ok(entries) => all.extend(in_folder(path, entries)?),
            Err(_) => all.push(path.clone()),
        }
    }
    Ok(all)
}

fn in_folder(folder: &Path, entries: std::fs::ReadDir) -> Result<Vec<PathBuf>, Failure> {
    let is_manifest = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        path.is_dir() || matches!(ending, Some("yaml" | "yml" | "json"))
    };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_manifest).collect();
    paths.sort();
    // A folder that links to one above it has no end.
    let is_link = |path: &PathBuf| path.is_dir() && path.is_symlink();
    paths.retain(|path| !is_link(path));
    let found = in_folders(&paths)?;
    if found.is_empty() {
        let empty = Diagnostic::error(format!("the folder `{}` has no manifests", display(folder)));
        return Err(empty.hint("manifests are files whose names end in .yaml, .yml or .json").into());
    }
    Ok(found)
}

/// The names of the environment files of a folder, shared layers included. Hidden files are those of editors.
pub(super) fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> = match folder {
        Folder::Disk(folder) => std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.file_name().to_str()?.strip_suffix(".yaml")?.to_owned()))
            .filter(|name| !name.starts_with('.') && !name.contains(char::is_control))
            .collect(),
        Folder::Embedded => embedded::environments().map(str::to_owned).collect(),
    };
    names.sort();
    names
}

/// Whether there is an environment file of this name.
pub(super) fn is_there(name: &str, folder: &Folder) -> bool {
    let file = format!("{name}.yaml");
    match folder {
        Folder::Disk(folder) => Path::new(&file).components().count() == 1 && folder.join(file).exists(),
        Folder::Embedded => embedded::environment(Path::new(&file)).is_some(),
    }
}

/// What messages call a file of which `-` is stdin.
pub(crate) fn shown(file: &Path) -> String {
    if file == Path::new("-") { "stdin".to_owned() } else { display(file) }
}

/// What messages call a path.
pub(super) fn display(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
