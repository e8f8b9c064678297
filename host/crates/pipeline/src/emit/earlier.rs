//! Which files an earlier run wrote. A run replaces and removes no others, whatever the list in the folder says: anybody
//! may have written a name into it, and a person may have edited the file since.

use std::path::Path;

use render_text::diagnostic::{Diagnostic, Failure};

use super::list::{List, NAME};
use super::staged::Staged;

/// How files of earlier runs are told from those of others.
#[derive(Debug, Clone, Copy)]
pub(super) enum Earlier<'l> {
    /// By the list of this part of the folder: a file is theirs if it has a checksum that the list names for it.
    Listed(&'l List, &'l Path),
    /// The caller has looked at the file.
    Seen,
}

/// The rule, and what to do about a file that it protects.
const ONLY_OURS: &str = "nothing was written, because a run replaces and removes only files that have their checksum \
                         in the list; move the file away or delete it, then run again";

impl Earlier<'_> {
    /// What is wrong with replacing or removing a file that is there; nothing if an earlier run wrote it.
    ///
    /// # Errors
    /// [`Failure::Internal`] when the file cannot be read, or a link leads to it.
    pub(super) fn objection(self, name: &Path, staged: &Staged) -> Result<Option<Diagnostic>, Failure> {
        let Self::Listed(list, part) = self else { return Ok(None) };
        let shown = |name: &Path| staged.named.join(name).display().to_string();
        let (path, list_path) = (shown(name), shown(&part.join(NAME)));
        let Some(sums) = list.files.get(name.strip_prefix(part).unwrap_or(name)) else {
            let other = Diagnostic::error(format!("{path} is there, and no earlier run wrote it"));
            let advice = "nothing was written; move the file away, or name another folder with --output-dir";
            return Ok(Some(other.hint(advice)));
        };
        let message = if sums.is_empty() {
            format!("{path} is not known to be as an earlier run wrote it: {list_path} has no checksum for it")
        } else if staged.sum(name)?.is_some_and(|sum| sums.contains(&sum)) {
            return Ok(None);
        } else {
            format!("{path} is not as an earlier run wrote it: {list_path} has another checksum for it")
        };
        Ok(Some(Diagnostic::error(message).hint(ONLY_OURS)))
    }
}
