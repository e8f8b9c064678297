//! The one place that opens files for reading. What a file may be depends on who named it. The command line is a
//! person's own: it may name a pipe or a device, anywhere. Whatever a file names, a form asks for or a folder holds may
//! be the work of others: it must be a regular file, and, where there are roots, lie below one of them.

pub mod beneath;

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::OFlags;

use render_text::diagnostic::Failure;

use crate::beneath::{Folder, Kind, Trouble};

/// Who named a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The command line.
    Person,
    /// Another file, a form, or nobody, as for what lies in a folder.
    Other,
}

/// A folder below which files may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root {
    /// What messages call it.
    shown: String,
    /// The path that the system knows it by.
    real: PathBuf,
}

/// Where files may lie that the command line does not name: below these folders, or, where there are none, everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roots {
    roots: Vec<Root>,
    /// Folders elsewhere that the command line names, for what lies in them.
    named: Vec<Root>,
}

/// Why a file cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// It does not lie below these folders. Nothing else is told of it, not even whether it is there.
    Outside(Vec<String>),
    /// It is no regular file.
    Is(Kind),
    /// It is longer than so many bytes; how long, as far as that is known.
    TooLong(usize, usize),
    /// What the system says.
    System(io::Error),
}

/// How many links that lead nowhere are followed to tell where.
const MOST_LINKS: usize = 40;

impl Root {
    /// The folder of this path.
    ///
    /// # Errors
    /// There is none, as the end of a sentence.
    pub fn new(path: &str) -> Result<Self, String> {
        Self::of(Path::new(path)).ok_or_else(|| "there is no such folder".to_owned())
    }

    fn of(path: &Path) -> Option<Self> {
        let real = fs::canonicalize(path).ok().filter(|real| real.is_dir())?;
        Some(Self { shown: path.display().to_string(), real })
    }

    /// The repository that the current folder is in: the nearest folder upwards that holds `.git`, else the current
    /// folder. Argo CD starts a plugin in the folder of the application, in a copy of the whole repository.
    fn repository() -> Result<Self, Failure> {
        let unreadable = |error| Failure::Internal(format!("the current folder cannot be read: {error}"));
        let here = std::env::current_dir().and_then(fs::canonicalize).map_err(unreadable)?;
        let levels = here.ancestors().position(|folder| folder.join(".git").symlink_metadata().is_ok()).unwrap_or(0);
        let shown = if levels == 0 { ".".to_owned() } else { vec![".."; levels].join("/") };
        let real = here.ancestors().nth(levels).unwrap_or(&here).to_owned();
        Ok(Self { shown, real })
    }
}

impl Roots {
    /// These folders.
    #[must_use]
    pub fn new(roots: Vec<Root>) -> Self {
        Self { roots, named: Vec::new() }
    }

    /// The same, or the repository that the current folder is in where there are none.
    ///
    /// # Errors
    /// [`Failure::Internal`] when there is no current folder.
    pub fn or_repository(self) -> Result<Self, Failure> {
        if self.roots.is_empty() { Ok(Self::new(vec![Root::repository()?])) } else { Ok(self) }
    }

    /// The same with a folder that the command line names, for what lies in it.
    #[must_use]
    pub fn with(&self, folder: &Path) -> Self {
        let folder = if folder == Path::new("") { Path::new(".") } else { folder };
        let mut roots = self.clone();
        if !self.roots.is_empty() && !self.are_entered_by(folder) {
            roots.named.extend(Root::of(folder));
        }
        roots
    }

    /// The bytes of a file, `most` at most.
    ///
    /// # Errors
    /// It cannot be read, or must not be.
    pub fn read(&self, path: &Path, by: By, most: usize) -> Result<Vec<u8>, Unreadable> {
        let file = self.open(path, by)?;
        let length = file.metadata().map_or(0, |data| usize::try_from(data.len()).unwrap_or(usize::MAX));
        up_to(most, file).map_err(|error| match error {
            Unreadable::TooLong(most, read) => Unreadable::TooLong(most, read.max(length)),
            error => error,
        })
    }

    /// The names of what lies in a folder, sorted.
    ///
    /// # Errors
    /// It cannot be read, or must not be.
    pub fn names(&self, folder: &Path) -> Result<Vec<OsString>, Unreadable> {
        let folder = if self.roots.is_empty() {
            Folder::open(folder)?
        } else {
            let (root, below) = self.locate(folder)?;
            Folder::open(&root.real)?.folder(&below)?
        };
        Ok(folder.names()?)
    }

    /// Whether a path may be read, as far as where it leads says so.
    ///
    /// # Errors
    /// It leads out of the roots.
    pub fn hold(&self, path: &Path) -> Result<(), Unreadable> {
        if self.roots.is_empty() { Ok(()) } else { self.locate(path).map(drop) }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that opens files")]
    fn open(&self, path: &Path, by: By) -> Result<File, Unreadable> {
        if !self.roots.is_empty() && (by == By::Other || self.are_entered_by(path)) {
            let (root, below) = self.locate(path)?;
            if below == Path::new("") {
                return Err(Unreadable::Is(Kind::Folder));
            }
            // By the path that was looked at: whoever puts a link there since then gets an error.
            return Ok(Folder::open(&root.real)?.file(&below)?);
        }
        match by {
            By::Person => Ok(File::open(path)?),
            By::Other => regular(path),
        }
    }

    /// Whether a path of the command line leads into a root as it is written. A link that it passes there may be the
    /// work of others, so the path must stay there.
    fn are_entered_by(&self, path: &Path) -> bool {
        let Ok(absolute) = std::path::absolute(path) else { return true };
        let holds = |real: &Path| self.roots.iter().any(|root| real.starts_with(&root.real));
        let held = |above: &Path| fs::canonicalize(above).is_ok_and(|real| holds(&real));
        without_dots(&absolute).ancestors().any(held)
    }

    /// The root that a path leads into, and its real path below that.
    fn locate(&self, path: &Path) -> Result<(&Root, PathBuf), Unreadable> {
        if self.are_left_by(path) {
            return Err(self.outside());
        }
        match fs::canonicalize(path) {
            Ok(real) => self.below(&real).ok_or_else(|| self.outside()),
            Err(error) if self.is_missing_inside(path, MOST_LINKS) => Err(error.into()),
            Err(_) => Err(self.outside()),
        }
    }

    /// Whether a path with `..` leads, as it is written, past a folder that is neither in a root nor above one. Where it
    /// leads in the end would tell whether there is such a folder.
    fn are_left_by(&self, path: &Path) -> bool {
        if !path.components().any(|part| part == Component::ParentDir) {
            return false;
        }
        let Ok(absolute) = std::path::absolute(path) else { return true };
        let is_beside =
            |walked: &Path| !self.all().any(|root| walked.starts_with(&root.real) || root.real.starts_with(walked));
        absolute
            .components()
            .scan(PathBuf::new(), |walked, part| {
                match part {
                    Component::ParentDir => drop(walked.pop()),
                    part => walked.push(part),
                }
                Some(is_beside(walked))
            })
            .any(|is_beside| is_beside)
    }

    fn below(&self, real: &Path) -> Option<(&Root, PathBuf)> {
        self.all().find_map(|root| Some((root, real.strip_prefix(&root.real).ok()?.to_owned())))
    }

    /// Whether the part of a path that is there lies below a root, so that the rest may be called missing.
    fn is_missing_inside(&self, path: &Path, links: usize) -> bool {
        let absolute = std::path::absolute(path).unwrap_or_default();
        let Some(there) = absolute.ancestors().find(|part| part.symlink_metadata().is_ok()) else { return false };
        match (fs::canonicalize(there), fs::read_link(there)) {
            (Ok(real), _) => self.below(&real).is_some(),
            (Err(_), Ok(target)) if links > 0 => {
                self.is_missing_inside(&there.parent().unwrap_or(there).join(target), links - 1)
            }
            // A link that leads back to itself.
            (Err(_), Ok(_)) => true,
            (Err(_), Err(_)) => false,
        }
    }

    fn outside(&self) -> Unreadable {
        Unreadable::Outside(self.all().map(|root| root.shown.clone()).collect())
    }

    fn all(&self) -> impl Iterator<Item = &Root> {
        self.roots.iter().chain(&self.named)
    }
}

impl Unreadable {
    /// What is wrong, as the end of a sentence that begins with the name of the file.
    #[must_use]
    pub fn problem(&self) -> String {
        match self {
            Self::Outside(roots) => {
                let roots: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
                let them = if roots.len() == 1 { "it" } else { "them" };
                format!("leads out of {}, and only files below {them} are read", roots.join(" and "))
            }
            Self::Is(kind) => format!("is {kind}, not a file"),
            Self::TooLong(most, _) => format!("is longer than {} MiB", most >> 20),
            Self::System(error) => match error.kind() {
                ErrorKind::NotFound => "does not exist".to_owned(),
                ErrorKind::IsADirectory => Self::Is(Kind::Folder).problem(),
                _ => format!("cannot be read: {error}"),
            },
        }
    }

    /// Whether there is no such file.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == ErrorKind::NotFound)
    }

    /// What to do, where the name of the file is not at fault.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Outside(_) => Some("move it there, or name a folder that holds it with `--root`"),
            Self::Is(Kind::Folder) => Some("name a file in it"),
            Self::Is(_) => Some("put a file in its place: only the command line may name a pipe or a device"),
            Self::TooLong(..) => Some("split it into several files"),
            Self::System(error) if error.kind() == ErrorKind::IsADirectory => Some("name a file in it"),
            Self::System(_) => None,
        }
    }
}

/// Everything up to the end, which must come within so many bytes: a device has none, and the memory has one.
///
/// # Errors
/// It is longer, or cannot be read.
pub fn up_to(most: usize, from: impl Read) -> Result<Vec<u8>, Unreadable> {
    let mut bytes = Vec::new();
    from.take(most as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > most { Err(Unreadable::TooLong(most, bytes.len())) } else { Ok(bytes) }
}

/// Opens a regular file wherever it lies, and waits for nothing: a pipe may have no writer.
#[expect(clippy::disallowed_methods, reason = "this is the one place that opens files")]
fn regular(path: &Path) -> Result<File, Unreadable> {
    // Opening a device can do something, so it is looked at before, too.
    let is_file = |data: fs::Metadata| match Kind::from(data.file_type()) {
        Kind::File => Ok(()),
        kind => Err(Unreadable::Is(kind)),
    };
    is_file(fs::metadata(path)?)?;
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    is_file(file.metadata()?)?;
    Ok(file)
}

/// A path without `.` and `..`, as it is written: links are not looked at.
fn without_dots(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Trouble> for Unreadable {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Is(_, kind) => Self::Is(kind),
            Trouble::System(error) => Self::System(error),
        }
    }
}
