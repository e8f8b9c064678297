//! A folder of the user's own in which files appear as a whole or not at all. Who may write a file there may
//! write the user's other files too: the folder is made for its owner alone, and a folder that is anybody
//! else's, or that others may write to, is not used.

use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use render_files::beneath;

/// A folder that was found to be the user's own.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// A file is marked as used once in this time at most, so that a run costs no write.
const MARKED: Duration = Duration::from_hours(1);

impl Folder {
    /// Makes the folder, if need be, and looks whose it is.
    ///
    /// # Errors
    /// It cannot be made, or others may write to it.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        builder.mode(0o700).create(path)?;
        if is_private(&fs::metadata(path)?) {
            Ok(Self(path.to_owned()))
        } else {
            Err(ErrorKind::PermissionDenied.into())
        }
    }

    /// Where a file is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A file's content, when it is there and not larger than `most`.
    pub(super) fn read(&self, name: &str, most: usize) -> Option<Vec<u8>> {
        let file = beneath::Folder::open(&self.0).ok()?.file(Path::new(name)).ok()?;
        let length = usize::try_from(file.metadata().ok()?.len()).ok().filter(|length| *length <= most)?;
        let mut bytes = Vec::with_capacity(length + 1);
        (&file).take(most as u64 + 1).read_to_end(&mut bytes).ok()?;
        mark(&file);
        (bytes.len() <= most).then_some(bytes)
    }

    /// Puts a file in place as a whole. Of two that write the same name, either wins.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn write(&self, name: &str, parts: &[&[u8]]) -> io::Result<()> {
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        parts.iter().try_for_each(|part| file.write_all(part))?;
        file.persist(self.path(name)).map_err(|error| error.error)?;
        Ok(())
    }

    /// Deletes what was not used for longest, until at most so many bytes are left. What cannot be deleted stays:
    /// another run may be doing the same.
    #[expect(clippy::disallowed_methods, reason = "the cache is a folder of this program's own")]
    pub(super) fn keep_within(&self, most: u64) {
        let entries = fs::read_dir(&self.0).into_iter().flatten().filter_map(|entry| {
            let entry = entry.ok()?;
            let data = entry.metadata().ok().filter(fs::Metadata::is_file)?;
            Some((data.modified().ok()?, data.len(), entry.path()))
        });
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries.collect();
        files.sort();
        let mut total: u64 = files.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in files {
            if total <= most {
                break;
            }
            if fs::remove_file(path).is_ok() {
                total -= length;
            }
        }
    }
}

/// Notes that a file is in use, for [`Folder::keep_within`]. Where that cannot be noted, it may be deleted early.
#[expect(clippy::disallowed_methods, reason = "the time decides what is kept, and never what is printed")]
fn mark(file: &File) {
    let now = SystemTime::now();
    let modified = file.metadata().and_then(|data| data.modified());
    if modified.is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age > MARKED)) {
        let _ = file.set_modified(now);
    }
}

fn is_private(folder: &fs::Metadata) -> bool {
    folder.uid() == rustix::process::geteuid().as_raw() && folder.mode() & 0o022 == 0
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes files look as if they were used at other times")]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("deep/down")).unwrap();
        for (age, name) in ["old", "middle", "new"].iter().rev().enumerate() {
            folder.write(name, &[&[0; 600], &[0; 400]]).unwrap();
            let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - age as u64);
            File::open(folder.path(name)).unwrap().set_modified(used).unwrap();
        }
        assert_eq!(folder.read("old", 1000).map(|bytes| bytes.len()), Some(1000), "reading marks it as used");
        folder.keep_within(2500);
        assert!(folder.read("old", 1000).is_some());
        assert!(folder.read("middle", 1000).is_none());
        assert!(folder.read("new", 999).is_none(), "a file that grew is not read");
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("cache");
        Folder::open(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).unwrap();
        assert_eq!(Folder::open(&path).unwrap_err().kind(), ErrorKind::PermissionDenied);
    }
}
