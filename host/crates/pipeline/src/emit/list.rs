//! The list of the files that a run wrote into a folder, so that a later one replaces and removes only these. Each line
//! is a checksum and a name, as `sha256sum` prints them: a name alone says nothing about the file that has it now.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use render_files::beneath::{Folder, Trouble};
use render_text::yaml::limits::MAX_BYTES;

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

/// The name of the file.
pub(super) const NAME: &str = ".render-files";
/// Stands in it where the folder is one of several environments.
const FLEET: &str = "# of one environment of several";

/// Between a checksum and a name.
const BETWEEN: &str = "  ";

/// The sha256 checksums that a file may have, in hexadecimal digits. A run that is not finished may have left the file
/// as it was or as it is to be. Lists of an older format have none.
pub(super) type Sums = BTreeSet<String>;

/// Files, and whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) owner: Owner,
    pub(super) files: BTreeMap<PathBuf, Sums>,
}

impl List {
    /// The list of a part of a folder, and its text; none where there is no such file.
    ///
    /// # Errors
    /// It is no regular file, a link leads to it, or it is no text.
    pub(super) fn read(folder: &Folder, part: &Path) -> Result<Option<(Self, String)>, Trouble> {
        let file = match folder.file(&part.join(NAME)) {
            Ok(file) => file,
            Err(trouble) if trouble.is_missing() => return Ok(None),
            Err(trouble) => return Err(trouble),
        };
        let mut text = String::new();
        if file.take(MAX_BYTES as u64 + 1).read_to_string(&mut text)? > MAX_BYTES {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
        }
        Ok(Some((Self::parse(&text), text)))
    }

    /// Of the names only those count that this program gives: whoever can write the list could name any others.
    fn parse(text: &str) -> Self {
        let owner = if text.lines().next() == Some(FLEET) { Owner::Fleet } else { Owner::Folder };
        let mut files: BTreeMap<PathBuf, Sums> = BTreeMap::new();
        for line in text.lines().filter(|line| *line != FLEET) {
            let (sum, name) = line.split_once(BETWEEN).map_or((None, line), |(sum, name)| (Some(sum), name));
            if is_given(Path::new(name)) {
                files.entry(name.into()).or_default().extend(sum.map(str::to_owned));
            }
        }
        Self { owner, files }
    }

    pub(super) fn text(&self) -> String {
        let first = if self.owner == Owner::Fleet { format!("{FLEET}\n") } else { String::new() };
        let lines = self.files.iter().flat_map(|(name, sums)| sums.iter().map(move |sum| (sum, name.display())));
        lines.fold(first, |text, (sum, name)| text + &format!("{sum}{BETWEEN}{name}\n"))
    }

    /// Both: a file may be as either of them says.
    pub(super) fn with(mut self, other: &Self) -> Self {
        for (name, sums) in &other.files {
            self.files.entry(name.clone()).or_default().extend(sums.iter().cloned());
        }
        self
    }
}

/// Whether a file of this name can be one of this program's. None of them is hidden, and the list itself is not on it.
fn is_given(name: &Path) -> bool {
    let visible = |part: Component<'_>| match part {
        Component::Normal(part) => !part.to_string_lossy().starts_with('.'),
        _ => false,
    };
    name.components().count() > 0 && name.components().all(visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_this_program_does_not_give_do_not_count() {
        let text =
            "a.yaml\n\nb/c.yaml\n../d.yaml\n/e.yaml\n.git/config\nf/.render-files\n.\n0  ../g.yaml\n0  /h.yaml\n";
        let expected = ["a.yaml", "b/c.yaml"].map(|name| (PathBuf::from(name), Sums::new()));
        assert_eq!(List::parse(text).files, BTreeMap::from(expected));
    }

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let sums = |sums: &[&str]| sums.iter().map(|sum| (*sum).to_owned()).collect::<Sums>();
        for owner in [Owner::Folder, Owner::Fleet] {
            let files = BTreeMap::from([("a b".into(), sums(&["01", "02"])), ("c/d".into(), sums(&["03"]))]);
            let list = List { owner, files };
            assert_eq!(List::parse(&list.text()), list);
        }
    }
}
