//! The list of the files that a run wrote into a folder, so that a later one replaces and removes only these.

use std::collections::BTreeSet;
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

/// The names of files, and whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct List {
    pub(super) owner: Owner,
    pub(super) names: BTreeSet<PathBuf>,
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
        let names = text.lines().filter(|line| *line != FLEET).map(PathBuf::from).filter(|name| is_given(name));
        Self { owner, names: names.collect() }
    }

    pub(super) fn text(&self) -> String {
        let first = if self.owner == Owner::Fleet { format!("{FLEET}\n") } else { String::new() };
        self.names.iter().fold(first, |lines, name| lines + &name.display().to_string() + "\n")
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
        let text = "a.yaml\n\nb/c.yaml\n../d.yaml\n/e.yaml\n.git/config\nf/.render-files\n.\n";
        let expected = ["a.yaml", "b/c.yaml"].map(PathBuf::from);
        assert_eq!(List::parse(text).names, BTreeSet::from(expected));
    }
}
