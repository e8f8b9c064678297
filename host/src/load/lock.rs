//! Where `render.lock` is, and its text.

use std::path::{Path, PathBuf};

use super::files::{Folder, display, folder, read};
use crate::diagnostic::Failure;
use crate::lock::{self, Lock};
use crate::source::Sources;

/// The lock of a run: the one that was named, else the one beside the folder of environments, if it is there.
///
/// # Errors
/// A lock that was named and is missing, or one that is no lock.
pub fn lock(named: Option<&Path>, environments: Option<&Path>, sources: &mut Sources) -> Result<Lock, Failure> {
    let path = lock_path(named, environments)?;
    if named.is_none() && !path.exists() {
        return Ok(Lock::empty(path));
    }
    let source = read(&Folder::Disk(PathBuf::new()), &path, (&display(&path), None), sources)?;
    let lock = lock::read(path, source, sources)?;
    sources.classified(source);
    Ok(lock)
}

/// Where the lock is, or would be.
///
/// # Errors
/// A folder of environments that was named and is missing.
pub fn lock_path(named: Option<&Path>, environments: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    beside(environments, lock::NAME)
}

/// The path of this name beside the folder of environments.
///
/// # Errors
/// A folder of environments that was named and is missing.
pub fn beside(environments: Option<&Path>, name: &str) -> Result<PathBuf, Failure> {
    Ok(match folder(environments)? {
        Folder::Embedded => PathBuf::from(name),
        Folder::Disk(folder) if folder.file_name().is_none() => folder.join("..").join(name),
        Folder::Disk(folder) => folder.with_file_name(name),
    })
}
