//! Files on their way into a folder of the user's. A run writes all of them beside their places first and puts them
//! there when everything is right, so that a run that fails, or a full disk, leaves the folder as it was.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;

use render_files::beneath::{Folder, Kind, Trouble};
use render_text::diagnostic::Failure;
use render_text::hex;
use render_text::yaml::limits::MAX_BYTES;

use super::list::{List, Owner};

/// A folder, and a place in it in which files wait. They go with this value.
#[derive(Debug)]
pub struct Staged {
    /// The folder as the user named it.
    pub(super) named: PathBuf,
    pub(super) folder: Folder,
    pub(super) waiting: Folder,
    /// The number of the next file that waits.
    next: AtomicU64,
    _staging: TempDir,
    /// Locked as long as this run lives, so that another one can tell files on their way from those of a dead run.
    _claim: File,
}

/// Files that wait, all of one part of the folder.
#[derive(Debug)]
pub struct Part {
    pub(super) path: PathBuf,
    pub(super) known: Known,
    pub(super) files: Vec<New>,
}

/// A file that waits for its place.
#[derive(Debug)]
pub(super) struct New {
    /// Its path, relative to the part.
    pub(super) name: PathBuf,
    pub(super) waiting: Waiting,
    /// The sha256 of its text, in hexadecimal digits.
    pub(super) sum: String,
}

/// How a file of an earlier run is told from one that somebody else wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// A list in the part names it, with its checksum.
    ByList(Owner),
    /// Whoever gave the file looked at the one in its place.
    ByItsText,
}

/// The name of a file in the place in which files wait. It is a number, so that no tool takes it for a manifest and no
/// name is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting(pub(super) PathBuf);

/// Begins the names of folders in which files wait.
const STAGING: &str = ".render-";
/// The file of such a folder that its run keeps locked.
const CLAIM: &str = "claim";
/// What that file says, so that no folder of a person's is taken for one of a run's.
const CLAIMED: &[u8] =
    b"Files of a run of render, on their way. A later run removes this folder if that one was killed.\n";

impl Staged {
    /// A place beside the files of a folder, which is made if it is not there. What dead runs left there goes.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the folder cannot be written to.
    pub(crate) fn in_folder(named: &Path) -> Result<Self, Failure> {
        let start = || {
            fs::create_dir_all(named)?;
            let folder = Folder::open(named)?;
            remove_dead(&folder);
            let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(named)?;
            let waiting = Folder::open(staging.path())?;
            let mut claim = waiting.new_file(Path::new(CLAIM))?;
            claim.lock()?;
            claim.write_all(CLAIMED)?;
            let (named, next) = (named.to_owned(), AtomicU64::new(0));
            Ok(Self { named, folder, waiting, next, _staging: staging, _claim: claim })
        };
        start().map_err(|trouble: Trouble| match trouble {
            Trouble::System(error) => unwritable(named, &error),
            Trouble::Is(path, kind) => unwritable(&named.join(path), &io::Error::other(format!("it is {kind}"))),
        })
    }

    /// Writes the texts of one part of the folder, each under its path relative to that part; the empty path is the
    /// folder itself.
    ///
    /// # Errors
    /// [`Failure::Internal`] when one of them cannot be written.
    pub(crate) fn write(&self, part: &Path, texts: &[(PathBuf, String)], owner: Owner) -> Result<Part, Failure> {
        let files = texts.iter().map(|(name, text)| self.new_file(part, name, text)).collect::<Result<_, _>>()?;
        Ok(Part { path: part.to_owned(), known: Known::ByList(owner), files })
    }

    /// Writes one file, which no list names: the caller has looked at what is in its place.
    ///
    /// # Errors
    /// [`Failure::Internal`] when it cannot be written.
    pub(crate) fn write_file(&self, name: &Path, text: &str) -> Result<Part, Failure> {
        let files = vec![self.new_file(Path::new(""), name, text)?];
        Ok(Part { path: PathBuf::new(), known: Known::ByItsText, files })
    }

    fn new_file(&self, part: &Path, name: &Path, text: &str) -> Result<New, Failure> {
        let waiting = self.wait(&part.join(name), text)?;
        Ok(New { name: name.to_owned(), waiting, sum: hex::sha256(text.as_bytes()) })
    }

    /// The parts of the folder that runs of several environments wrote, each of one environment, in the order of their
    /// names. What cannot be read is none of theirs.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the folder cannot be read.
    pub(crate) fn of_fleets(&self) -> Result<Vec<String>, Failure> {
        let names = self.folder.names().map_err(|error| unwritable(&self.named, &error))?;
        let list = |name: &Path| List::read(&self.folder, name).ok().flatten();
        let ours = |name: &String| list(Path::new(name)).is_some_and(|(list, _)| list.owner == Owner::Fleet);
        Ok(names.into_iter().filter_map(|name| name.into_string().ok()).filter(ours).collect())
    }

    /// Writes a text that is to have the place `name`.
    pub(super) fn wait(&self, name: &Path, text: &str) -> Result<Waiting, Failure> {
        let write = || {
            let waiting = self.number();
            self.waiting.new_file(&waiting.0)?.write_all(text.as_bytes())?;
            Ok(waiting)
        };
        write().map_err(|trouble| self.trouble(name, trouble))
    }

    /// Keeps a copy of a file of the folder. What is longer than this program writes is not one of its own.
    pub(super) fn copy(&self, name: &Path) -> Result<Waiting, Trouble> {
        let (mut file, waiting) = (self.folder.file(name)?, self.number());
        if file.metadata()?.len() > MAX_BYTES as u64 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
        }
        let mut copy = self.waiting.new_file(&waiting.0)?;
        copy.set_permissions(file.metadata()?.permissions())?;
        io::copy(&mut file, &mut copy)?;
        Ok(waiting)
    }

    /// Whether the file in a place is the one that waits for it.
    pub(super) fn is_same(&self, waiting: &Waiting, name: &Path) -> Result<bool, Trouble> {
        let (new, old) = (self.waiting.file(&waiting.0)?, self.folder.file(name)?);
        let length = new.metadata()?.len();
        if old.metadata()?.len() != length {
            return Ok(false);
        }
        let bytes = |file: File| {
            let mut bytes = Vec::new();
            file.take(length + 1).read_to_end(&mut bytes).map(|_| bytes)
        };
        Ok(bytes(new)? == bytes(old)?)
    }

    /// The sha256 of the file in a place; nothing for one that is longer than this program writes.
    pub(super) fn sum(&self, name: &Path) -> Result<Option<String>, Failure> {
        let read = || {
            let (file, mut bytes) = (self.folder.file(name)?, Vec::new());
            if file.metadata()?.len() > MAX_BYTES as u64 {
                return Ok(None);
            }
            file.take(MAX_BYTES as u64).read_to_end(&mut bytes)?;
            Ok(Some(hex::sha256(&bytes)))
        };
        read().map_err(|trouble| self.trouble(name, trouble))
    }

    /// Puts a file that waits into a place.
    pub(super) fn put(&self, waiting: &Waiting, name: &Path) -> Result<(), Trouble> {
        self.waiting.rename(&waiting.0, (&self.folder, name))
    }

    /// Takes a file from its place, to wait.
    pub(super) fn take(&self, name: &Path) -> Result<Waiting, Trouble> {
        let waiting = self.number();
        self.folder.rename(name, (&self.waiting, &waiting.0))?;
        match self.waiting.kind(&waiting.0)? {
            None | Some(Kind::File) => Ok(waiting),
            // Somebody put it there meanwhile.
            Some(kind) => {
                self.put(&waiting, name)?;
                Err(Trouble::Is(name.to_owned(), kind))
            }
        }
    }

    /// What keeps the run from a place, as the user has to see it: what is in the way, by its name.
    pub(super) fn trouble(&self, name: &Path, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::System(error) => unwritable(&self.named.join(name), &error),
            Trouble::Is(path, kind) => {
                let expected = if path == name { "a file" } else { "a folder" };
                let path = self.named.join(path);
                let advice = match kind {
                    Kind::Link => "links below the folder are not followed; remove it, or name another folder",
                    _ => "nothing was written; move it away, or name another folder",
                };
                Failure::Internal(format!("{} is {kind}, not {expected}: {advice}", path.display()))
            }
        }
    }

    fn number(&self) -> Waiting {
        Waiting(self.next.fetch_add(1, Ordering::Relaxed).to_string().into())
    }
}

/// Removes the files on their way of runs that were killed, as far as that is possible.
fn remove_dead(folder: &Folder) {
    for name in folder.names().unwrap_or_default() {
        if name.to_string_lossy().starts_with(STAGING) {
            // What is none of a run's stays, and so does what another run is removing, too.
            let _ = remove_staging(folder, Path::new(&name));
        }
    }
}

/// Removes a folder of a dead run. It holds the claim and files that have numbers, and nothing else.
fn remove_staging(folder: &Folder, name: &Path) -> Result<(), Trouble> {
    let staging = folder.folder(name)?;
    let claim = staging.file(Path::new(CLAIM))?;
    let mut said = Vec::new();
    (&claim).take(CLAIMED.len() as u64 + 1).read_to_end(&mut said)?;
    let names = staging.names()?;
    let numbered = |name: &Path| name.to_string_lossy().bytes().all(|digit| digit.is_ascii_digit());
    let is_ours = |name: &Path| name == Path::new(CLAIM) || numbered(name);
    if said != CLAIMED || !names.iter().all(|name| is_ours(Path::new(name))) || claim.try_lock().is_err() {
        return Ok(());
    }
    names.iter().map(Path::new).filter(|name| numbered(name)).try_for_each(|name| staging.remove_file(name))?;
    staging.remove_file(Path::new(CLAIM))?;
    folder.remove_folder(name)
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::Internal(format!("{} cannot be written: {error}", path.display()))
}
