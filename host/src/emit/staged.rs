//! Files on their way into a folder of the user's. A run writes all of them beside their places first and puts them
//! there when everything is right, so that a run that fails, or a full disk, leaves the folder as it was.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::ops::AddAssign;
use std::path::{Component, Path, PathBuf};

use tempfile::TempDir;

use super::unwritable;
use crate::diagnostic::Failure;

/// Files that are written, and not yet in their places. They go with this value.
#[derive(Debug)]
pub struct Staged {
    folder: PathBuf,
    staging: TempDir,
    /// Locked as long as this run lives, so that another one can tell files on their way from those of a dead run.
    _claim: File,
}

/// What became of the files of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes {
    /// Files that are new, or other than they were.
    pub written: usize,
    /// Files that were there as they are.
    pub same: usize,
    /// Files of an earlier run that are no longer made.
    pub removed: usize,
}

/// Whose files a list names. A folder in which a run of several environments wrote may go with its environment; one
/// that somebody asked for by its name stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Owner {
    /// A run that was told this folder.
    #[default]
    Folder,
    /// A run of several environments, for one of them.
    Fleet,
}

/// Names the files that a run wrote, so that a later one removes only these.
const LIST: &str = ".render-files";
/// The list of what waits, beside it.
const MADE: &str = ".made";
/// Stands in the list where the folder is one of several environments.
const FLEET: &str = "# of one environment of several";
/// Begins the names of folders in which files wait.
const STAGING: &str = ".render-";
/// The file of such a folder that its run keeps locked.
const CLAIM: &str = "claim";
/// What tools that look for manifests do not take for one.
const ENDING: &str = ".new";

impl Staged {
    /// A place beside the files of a folder, which is made if it is not there. What dead runs left there goes.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the folder cannot be written to.
    pub fn in_folder(folder: &Path) -> Result<Self, Failure> {
        let start = || {
            fs::create_dir_all(folder)?;
            remove_dead(folder);
            let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(folder)?;
            let claim = File::create(staging.path().join(CLAIM))?;
            claim.lock()?;
            Ok(Self { folder: folder.to_owned(), staging, _claim: claim })
        };
        start().map_err(|error| unwritable(folder, &error))
    }

    /// Writes the texts of one part of the folder, each under its path relative to that part; the empty path is the
    /// folder itself.
    ///
    /// # Errors
    /// [`Failure::Internal`] when one of them cannot be written.
    pub fn write(&self, part: &Path, texts: &[(PathBuf, String)], owner: Owner) -> Result<(), Failure> {
        texts.iter().try_for_each(|(name, text)| self.write_file(&part.join(name), text))?;
        let list = List { owner, names: texts.iter().map(|(name, _)| name.clone()).collect() };
        self.write_file(&part.join(MADE), &list.text())
    }

    /// Writes one file, which no list names.
    ///
    /// # Errors
    /// [`Failure::Internal`] when it cannot be written.
    pub fn write_file(&self, name: &Path, text: &str) -> Result<(), Failure> {
        let write = || {
            let path = self.waiting(name);
            path.parent().map_or(Ok(()), fs::create_dir_all)?;
            write(&path, text)
        };
        write().map_err(|error| unwritable(&self.folder.join(name), &error))
    }

    /// Puts a part in its place, file by file. Files of an earlier run that are no longer made are removed; others
    /// stay. Meanwhile the list names old files and new ones: whatever ends this run, the next one knows what is its
    /// own.
    ///
    /// # Errors
    /// [`Failure::Internal`] when a file cannot be put there.
    pub fn put(&self, part: &Path) -> Result<Changes, Failure> {
        let place = self.folder.join(part);
        let new = List::read(&self.waiting(&part.join(MADE))).ok_or_else(|| {
            Failure::Internal(format!(
                "{} lost what waited in it: is another run at work there?",
                self.folder.display()
            ))
        })?;
        let old = List::read(&place.join(LIST)).unwrap_or_default();
        let stale: BTreeSet<PathBuf> = old.names.difference(&new.names).cloned().collect();
        let both = List { owner: new.owner, names: new.names.union(&stale).cloned().collect() };
        self.put_list(part, &both)?;
        let mut changes = Changes { removed: stale.len(), ..Changes::default() };
        for name in &new.names {
            changes += self.put_file(&part.join(name))?;
        }
        remove(&place, &stale)?;
        self.put_list(part, &new)?;
        Ok(changes)
    }

    /// Puts a file in its place at once, unless the same is there: whoever reads meanwhile sees the old one or the new
    /// one, and whoever watches hears only of what changed.
    ///
    /// # Errors
    /// [`Failure::Internal`] when it cannot be put there.
    pub fn put_file(&self, name: &Path) -> Result<Changes, Failure> {
        let (waiting, place) = (self.waiting(name), self.folder.join(name));
        let put = || {
            if is_same(&waiting, &place) {
                return Ok(Changes { same: 1, ..Changes::default() });
            }
            place.parent().map_or(Ok(()), fs::create_dir_all)?;
            fs::rename(&waiting, &place)?;
            Ok(Changes { written: 1, ..Changes::default() })
        };
        put().map_err(|error: io::Error| unwritable(&place, &error))
    }

    fn put_list(&self, part: &Path, list: &List) -> Result<(), Failure> {
        let name = part.join(LIST);
        self.write_file(&name, &list.text())?;
        self.put_file(&name).map(drop)
    }

    /// Where a file waits.
    fn waiting(&self, name: &Path) -> PathBuf {
        let mut path = self.staging.path().join("files").join(name).into_os_string();
        path.push(ENDING);
        path.into()
    }
}

impl AddAssign for Changes {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.same += other.same;
        self.removed += other.removed;
    }
}

/// The folders below one that runs of several environments wrote, each of one environment, in the order of their names.
#[must_use]
pub fn of_fleets(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let ours = entries.filter(|path| List::read(&path.join(LIST)).is_some_and(|list| list.owner == Owner::Fleet));
    let mut names: Vec<String> = ours.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    names.sort();
    names
}

/// Removes a file.
///
/// # Errors
/// [`Failure::Internal`] when it cannot be removed.
pub fn remove_file(path: &Path) -> Result<Changes, Failure> {
    fs::remove_file(path)
        .map_err(|error| Failure::Internal(format!("{} cannot be removed: {error}", path.display())))?;
    Ok(Changes { removed: 1, ..Changes::default() })
}

/// Removes what earlier runs wrote into a part of a folder, and the folders that are empty then.
///
/// # Errors
/// [`Failure::Internal`] when a file cannot be removed.
pub fn remove_part(folder: &Path, part: &Path) -> Result<Changes, Failure> {
    let place = folder.join(part);
    let mut names = List::read(&place.join(LIST)).unwrap_or_default().names;
    let removed = names.len();
    names.insert(PathBuf::from(LIST));
    remove(&place, &names)?;
    Ok(Changes { removed, ..Changes::default() })
}

/// The names of files, and whose they are.
#[derive(Default)]
struct List {
    owner: Owner,
    names: BTreeSet<PathBuf>,
}

impl List {
    /// The list in a file, of which only the names count that stay in its folder; none where there is no such file.
    #[expect(clippy::disallowed_methods, reason = "emit is the stage that writes files, and it must know its own")]
    fn read(path: &Path) -> Option<Self> {
        let text = fs::read_to_string(path).ok()?;
        let owner = if text.lines().next() == Some(FLEET) { Owner::Fleet } else { Owner::Folder };
        let inside = |name: &PathBuf| name.components().all(|part| matches!(part, Component::Normal(_)));
        let names = text.lines().filter(|line| *line != FLEET).map(PathBuf::from).filter(inside).collect();
        Some(Self { owner, names })
    }

    fn text(&self) -> String {
        let first = if self.owner == Owner::Fleet { format!("{FLEET}\n") } else { String::new() };
        self.names.iter().fold(first, |lines, name| lines + &name.display().to_string() + "\n")
    }
}

#[expect(clippy::disallowed_methods, reason = "emit is the stage that writes files")]
fn write(path: &Path, text: &str) -> io::Result<()> {
    fs::write(path, text)
}

#[expect(clippy::disallowed_methods, reason = "emit compares what it is about to write with what is there")]
fn is_same(one: &Path, other: &Path) -> bool {
    fs::read(other).is_ok_and(|other| fs::read(one).is_ok_and(|one| one == other))
}

/// Removes files, and the folders below `place` that are empty then.
fn remove(place: &Path, names: &BTreeSet<PathBuf>) -> Result<(), Failure> {
    for path in names.iter().map(|name| place.join(name)).filter(|path| path.exists()) {
        remove_file(&path)?;
        // A folder that still holds something is not removed, which is right.
        let _ = path.ancestors().skip(1).take_while(|above| above.starts_with(place)).try_for_each(fs::remove_dir);
    }
    Ok(())
}

/// Removes the files on their way of runs that were killed, as far as that is possible. A run that is just beginning
/// has not locked its claim yet; should that be taken for dead, it fails, and its user's files are as they were.
fn remove_dead(folder: &Path) {
    for path in fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())) {
        let is_staging = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(STAGING));
        let is_dead = || File::open(path.join(CLAIM)).is_ok_and(|claim| claim.try_lock().is_ok());
        if is_staging && path.is_dir() && is_dead() {
            // Another run may be removing it, too.
            let _ = fs::remove_dir_all(&path);
        }
    }
}
