//! A folder by its handle. A path below it leads through folders only: a symbolic link on the way is an error, so that
//! whoever can put a link there cannot lead a run elsewhere, and cannot do so between a check and its use either.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt;
use std::path::{Component, Path, PathBuf};

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;

/// A folder that was opened.
#[derive(Debug)]
pub struct Folder(OwnedFd);

/// Why a path below a folder cannot be used.
#[derive(Debug)]
pub enum Trouble {
    /// This part of it, as seen from the folder, is something else than it has to be.
    Is(PathBuf, Kind),
    /// What the system says.
    System(io::Error),
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A named pipe, or one without a name.
    Pipe,
    /// A socket.
    Socket,
    /// A device.
    Device,
}

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);

impl Folder {
    /// Opens a folder, wherever links in its path lead.
    ///
    /// # Errors
    /// There is no such folder, or it cannot be read.
    pub fn open(path: &Path) -> io::Result<Self> {
        let path = if path == Path::new("") { Path::new(".") } else { path };
        Ok(Self(rustix::fs::open(path, FOLDER, Mode::empty())?))
    }

    /// The folder at a path below; the empty path is the folder itself.
    ///
    /// # Errors
    /// A part of the path is no folder, or a link to one.
    pub fn folder(&self, path: &Path) -> Result<Self, Trouble> {
        let mut walked = PathBuf::new();
        let mut folder = Self(self.0.try_clone().map_err(Trouble::System)?);
        for part in path.components() {
            let Component::Normal(name) = part else { return Err(Trouble::System(io::ErrorKind::InvalidInput.into())) };
            walked.push(name);
            folder = match rustix::fs::openat(&folder.0, name, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(next) => Self(next),
                Err(error) => return Err(folder.because(error, name, &walked)),
            };
        }
        Ok(folder)
    }

    /// What lies at a path below; nothing where a part of it is missing.
    ///
    /// # Errors
    /// As [`Self::folder`].
    pub fn kind(&self, path: &Path) -> Result<Option<Kind>, Trouble> {
        match self.holding(path) {
            Ok((folder, name)) => Ok(folder.kind_of(name)?),
            Err(trouble) if trouble.is_missing() => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Opens a regular file for reading. A pipe is refused and not waited for.
    ///
    /// # Errors
    /// There is no such file, or it is something else.
    pub fn file(&self, path: &Path) -> Result<File, Trouble> {
        let (folder, name) = self.holding(path)?;
        // Opening a device can do something, so it is looked at before, too.
        folder.kind_of(name)?.map_or(Ok(()), |kind| regular(kind, path))?;
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let opened = rustix::fs::openat(&folder.0, name, flags, Mode::empty());
        let file = File::from(opened.map_err(|error| folder.because(error, name, path))?);
        regular(file.metadata().map_err(Trouble::System)?.file_type().into(), path)?;
        Ok(file)
    }

    /// Makes a file that is not there yet.
    ///
    /// # Errors
    /// It is there, or cannot be written.
    pub fn new_file(&self, path: &Path) -> Result<File, Trouble> {
        let (folder, name) = self.holding(path)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        // As a file that a user makes: the umask takes away what it does.
        let opened = rustix::fs::openat(&folder.0, name, flags, Mode::from_raw_mode(0o666));
        Ok(File::from(opened.map_err(|error| folder.because(error, name, path))?))
    }

    /// Makes the folders that are missing on a path, and names them, the outermost first.
    ///
    /// # Errors
    /// One cannot be made; a part of the path is no folder, or a link to one.
    pub fn make_folders(&self, path: &Path, made: &mut Vec<PathBuf>) -> Result<(), Trouble> {
        let mut walked = PathBuf::new();
        for part in path.components() {
            walked.push(part);
            if self.kind(&walked)?.is_some() {
                continue;
            }
            let (folder, name) = self.holding(&walked)?;
            match rustix::fs::mkdirat(&folder.0, name, Mode::from_raw_mode(0o777)) {
                Ok(()) => made.push(walked.clone()),
                // Another run made it meanwhile.
                Err(Errno::EXIST) => {}
                Err(error) => return Err(folder.because(error, name, &walked)),
            }
        }
        self.folder(path).map(drop)
    }

    /// Gives a file another place, in the place of whatever file lies there.
    ///
    /// # Errors
    /// As [`Self::folder`], of both paths; it cannot be moved.
    pub fn rename(&self, from: &Path, to: (&Self, &Path)) -> Result<(), Trouble> {
        let (source, old) = self.holding(from)?;
        let (target, new) = to.0.holding(to.1)?;
        Ok(rustix::fs::renameat(&source.0, old, &target.0, new)?)
    }

    /// Removes a file, or a link and not where it leads.
    ///
    /// # Errors
    /// As [`Self::folder`]; it cannot be removed.
    pub fn remove_file(&self, path: &Path) -> Result<(), Trouble> {
        let (folder, name) = self.holding(path)?;
        Ok(rustix::fs::unlinkat(&folder.0, name, AtFlags::empty())?)
    }

    /// Removes a folder that is empty.
    ///
    /// # Errors
    /// As [`Self::folder`]; it is not empty, or cannot be removed.
    pub fn remove_folder(&self, path: &Path) -> Result<(), Trouble> {
        let (folder, name) = self.holding(path)?;
        Ok(rustix::fs::unlinkat(&folder.0, name, AtFlags::REMOVEDIR)?)
    }

    /// The names in the folder, sorted.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn names(&self) -> io::Result<Vec<OsString>> {
        let mut names = Vec::new();
        for entry in Dir::read_from(&self.0)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name != b"." && name != b".." {
                names.push(OsString::from_vec(name));
            }
        }
        names.sort();
        Ok(names)
    }

    /// The folder that holds the last part of a path, and that part.
    fn holding<'p>(&self, path: &'p Path) -> Result<(Self, &'p OsStr), Trouble> {
        let name = path.file_name().ok_or_else(|| Trouble::System(io::ErrorKind::InvalidInput.into()))?;
        Ok((self.folder(path.parent().unwrap_or(Path::new("")))?, name))
    }

    fn kind_of(&self, name: &OsStr) -> io::Result<Option<Kind>> {
        match rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode).into())),
            Err(Errno::NOENT) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Says what is in the way rather than how the system calls it.
    fn because(&self, error: Errno, name: &OsStr, path: &Path) -> Trouble {
        let expected = [Errno::LOOP, Errno::NOTDIR, Errno::NXIO, Errno::MLINK];
        match self.kind_of(name) {
            Ok(Some(kind)) if expected.contains(&error) => Trouble::Is(path.to_owned(), kind),
            _ => Trouble::System(error.into()),
        }
    }
}

fn regular(kind: Kind, path: &Path) -> Result<(), Trouble> {
    if kind == Kind::File { Ok(()) } else { Err(Trouble::Is(path.to_owned(), kind)) }
}

impl Trouble {
    /// Whether a path, or a part of it, is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl From<Errno> for Trouble {
    fn from(error: Errno) -> Self {
        Self::System(error.into())
    }
}

impl From<FileType> for Kind {
    fn from(kind: FileType) -> Self {
        match kind {
            FileType::RegularFile => Self::File,
            FileType::Directory => Self::Folder,
            FileType::Symlink => Self::Link,
            FileType::Fifo => Self::Pipe,
            FileType::Socket => Self::Socket,
            _ => Self::Device,
        }
    }
}

impl From<std::fs::FileType> for Kind {
    fn from(kind: std::fs::FileType) -> Self {
        use std::os::unix::fs::FileTypeExt;
        match kind {
            kind if kind.is_file() => Self::File,
            kind if kind.is_dir() => Self::Folder,
            kind if kind.is_symlink() => Self::Link,
            kind if kind.is_fifo() => Self::Pipe,
            kind if kind.is_socket() => Self::Socket,
            _ => Self::Device,
        }
    }
}

/// As messages call it, with its article.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "a file",
            Self::Folder => "a folder",
            Self::Link => "a symbolic link",
            Self::Pipe => "a named pipe",
            Self::Socket => "a socket",
            Self::Device => "a device",
        })
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test writes what is looked at")]
mod tests {
    use super::*;

    #[test]
    fn no_part_of_a_path_is_followed_when_it_is_a_link() {
        let place = tempfile::tempdir().unwrap();
        let path = |name: &str| place.path().join(name);
        std::fs::create_dir_all(path("out/real")).unwrap();
        std::fs::write(path("out/real/file"), "mine").unwrap();
        std::fs::write(path("file"), "mine").unwrap();
        for (target, link) in [("real", "out/inside"), ("..", "out/outside"), ("file", "out/real/link")] {
            std::os::unix::fs::symlink(target, path(link)).unwrap();
        }
        let folder = Folder::open(&path("out")).unwrap();
        let is_link =
            |trouble: Trouble, at: &str| matches!(trouble, Trouble::Is(path, Kind::Link) if path == Path::new(at));
        for (below, link) in [
            ("inside/file", "inside"),
            ("outside/file", "outside"),
            ("outside/out/real/file", "outside"),
            ("real/link", "real/link"),
        ] {
            assert!(is_link(folder.file(Path::new(below)).unwrap_err(), link), "{below}");
        }
        for (below, link) in [("inside/new", "inside"), ("outside/new", "outside")] {
            let below = Path::new(below);
            assert!(is_link(folder.new_file(below).unwrap_err(), link), "{link}");
            assert!(is_link(folder.make_folders(below, &mut Vec::new()).unwrap_err(), link), "{link}");
            assert!(is_link(folder.remove_file(below).unwrap_err(), link), "{link}");
            assert!(is_link(folder.rename(Path::new("real/file"), (&folder, below)).unwrap_err(), link), "{link}");
            assert!(is_link(folder.kind(below).unwrap_err(), link), "{link}");
        }
        for out in ["../file", "/etc/passwd", "real/../../file"] {
            assert!(matches!(folder.file(Path::new(out)), Err(Trouble::System(_))), "{out}");
        }
        assert!(folder.file(Path::new("real/file")).is_ok());
        assert_eq!(folder.kind(Path::new("absent/file")).unwrap(), None);
    }
}
