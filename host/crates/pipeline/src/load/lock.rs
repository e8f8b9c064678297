//! Where `render.lock` is, and its text.

use std::path::{Path, PathBuf};

use render_files::{By, Roots};
use render_plugins::lock::{self, Lock};
use render_text::diagnostic::Failure;
use render_text::source::Sources;

use super::files::{Asked, Folder, display, folder, read};

/// The lock of a run: the one that was named, else the one beside the folder of environments, if it is there.
///
/// # Errors
/// A lock that was named and is missing, or one that is no lock.
pub fn lock(
    named: Option<&Path>,
    environments: Option<&Path>,
    roots: &Roots,
    sources: &mut Sources,
) -> Result<Lock, Failure> {
    let path = lock_path(named, environments, roots)?;
    let (by, roots) = match named {
        Some(named) => (By::Person, roots.with(named.parent().unwrap_or(Path::new("")))),
        None => (By::Other, beside_of(environments, roots)),
    };
    if by == By::Other && path.symlink_metadata().is_err() {
        return Ok(Lock::empty(path).below(roots));
    }
    let (shown, folder) = (display(&path), Folder::Disk(PathBuf::new(), roots.clone()));
    let source = read(&folder, &path, Asked::new(&shown, by), sources)?;
    let lock = lock::read(path, source, sources)?;
    sources.classified(source);
    Ok(lock.below(roots))
}

/// Where files may be that a lock beside the folder of environments names. A folder outside of the roots is one that
/// the command line names, and so is the one that holds it.
fn beside_of(environments: Option<&Path>, roots: &Roots) -> Roots {
    match environments {
        Some(named) if roots.with(named) != *roots => roots.with(named.parent().unwrap_or(Path::new(""))),
        _ => roots.clone(),
    }
}

/// Where the lock is, or would be.
///
/// # Errors
/// A folder of environments that was named and is missing.
pub fn lock_path(named: Option<&Path>, environments: Option<&Path>, roots: &Roots) -> Result<PathBuf, Failure> {
    if let Some(named) = named {
        return Ok(named.to_owned());
    }
    beside(environments, lock::NAME, roots)
}

/// The path of this name beside the folder of environments.
///
/// # Errors
/// A folder of environments that was named and is missing.
pub fn beside(environments: Option<&Path>, name: &str, roots: &Roots) -> Result<PathBuf, Failure> {
    Ok(match folder(environments, roots)? {
        Folder::Embedded => PathBuf::from(name),
        Folder::Disk(folder, _) if folder.file_name().is_none() => folder.join("..").join(name),
        Folder::Disk(folder, _) => folder.with_file_name(name),
    })
}
