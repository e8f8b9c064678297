//! What a run does to a folder, all of it or nothing. Every place is looked at before the first file is moved: a link is
//! not followed, and a file of somebody else's not replaced. Should a move fail all the same, those before it are undone.

use std::collections::BTreeSet;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use super::list::{List, NAME};
use super::staged::{Known, Part, Staged, Waiting};
use render_files::beneath::{Kind, Trouble};
use render_text::diagnostic::{Diagnostic, Failure};

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

/// What is to become of a folder.
#[derive(Debug)]
#[must_use = "nothing happens before it is carried out"]
pub struct Plan<'a> {
    staged: &'a Staged,
    steps: Vec<Step>,
    changes: Changes,
}

/// One move.
#[derive(Debug)]
enum Step {
    /// A file that waits takes its place, at once: whoever reads meanwhile sees the old one or the new one.
    Put(Waiting, PathBuf),
    /// A file goes.
    Remove(PathBuf),
}

/// A move that was made, and what undoes it.
#[derive(Debug)]
enum Made {
    Folder(PathBuf),
    New(PathBuf),
    Replaced(PathBuf, Waiting),
    Removed(PathBuf, Waiting),
}

impl<'a> Plan<'a> {
    pub(super) fn new(staged: &'a Staged) -> Self {
        Self { staged, steps: Vec::new(), changes: Changes::default() }
    }

    /// Puts the files of a part in their places. Files of an earlier run that are no longer made go; others stay.
    /// Meanwhile the list names old files and new ones: whatever ends this run, the next one knows what is its own.
    ///
    /// # Errors
    /// Somebody else's file in the place of one; [`Failure::Internal`] when something else is there, or a link leads
    /// to it.
    pub fn put(&mut self, part: Part) -> Result<(), Failure> {
        let Known::ByList(owner) = part.known else {
            let earlier = part.files.iter().map(|(name, _)| name.clone()).collect();
            return part.files.into_iter().try_for_each(|(name, waiting)| self.put_file(name, waiting, &earlier));
        };
        let (old, written) = self.list(&part.path)?.unwrap_or_default();
        let new = List { owner, names: part.files.iter().map(|(name, _)| name.clone()).collect() };
        let both = List { owner, names: new.names.union(&old.names).cloned().collect() };
        let at = part.path.join(NAME);
        self.put_list(&at, &both.text(), &written)?;
        let below = |names: BTreeSet<PathBuf>| names.iter().map(|name| part.path.join(name)).collect();
        let (stale, earlier) = (old.names.difference(&new.names).cloned().collect(), below(old.names));
        for (name, waiting) in part.files {
            self.put_file(part.path.join(name), waiting, &earlier)?;
        }
        self.remove(below(stale))?;
        self.put_list(&at, &new.text(), &both.text())
    }

    /// Removes what earlier runs wrote into a part, and the folders that are empty then.
    ///
    /// # Errors
    /// [`Failure::Internal`] when something else is in the place of such a file, or a link leads to it.
    pub fn remove_part(&mut self, part: &Path) -> Result<(), Failure> {
        let (list, _) = self.list(part)?.unwrap_or_default();
        self.remove(list.names.iter().map(|name| part.join(name)).collect())?;
        self.steps.push(Step::Remove(part.join(NAME)));
        Ok(())
    }

    /// Removes a file, of which the caller has seen that it is of an earlier run.
    ///
    /// # Errors
    /// [`Failure::Internal`] when something else is in its place.
    pub fn remove_file(&mut self, name: &Path) -> Result<(), Failure> {
        self.remove([name.to_owned()].into())
    }

    /// Does all of it.
    ///
    /// # Errors
    /// [`Failure::Internal`] when a file cannot be moved; all are where they were before then.
    pub fn carry_out(self) -> Result<Changes, Failure> {
        let mut made = Vec::new();
        for step in &self.steps {
            if let Err((name, trouble)) = self.make(step, &mut made) {
                let failure = self.staged.trouble(&name, trouble);
                return Err(self.undo(made, failure));
            }
        }
        for step in &self.steps {
            let Step::Remove(name) = step else { continue };
            let mut above = name.ancestors().skip(1).take_while(|above| *above != Path::new(""));
            // A folder that still holds something is not removed, which is right.
            let _ = above.try_for_each(|above| self.staged.folder.remove_folder(above));
        }
        Ok(self.changes)
    }

    fn put_file(&mut self, name: PathBuf, waiting: Waiting, earlier: &BTreeSet<PathBuf>) -> Result<(), Failure> {
        let is_there = self.there(&name)?;
        if is_there && self.same(&waiting, &name)? {
            self.changes.same += 1;
            return Ok(());
        }
        if is_there && !earlier.contains(&name) {
            return Err(self.not_ours(&name).into());
        }
        self.changes.written += 1;
        self.steps.push(Step::Put(waiting, name));
        Ok(())
    }

    fn put_list(&mut self, at: &Path, text: &str, before: &str) -> Result<(), Failure> {
        if text != before {
            let waiting = self.staged.wait(at, text)?;
            self.steps.push(Step::Put(waiting, at.to_owned()));
        }
        Ok(())
    }

    fn remove(&mut self, names: BTreeSet<PathBuf>) -> Result<(), Failure> {
        for name in names {
            if self.there(&name)? {
                self.steps.push(Step::Remove(name));
            }
            self.changes.removed += 1;
        }
        Ok(())
    }

    fn list(&self, part: &Path) -> Result<Option<(List, String)>, Failure> {
        List::read(&self.staged.folder, part).map_err(|trouble| self.staged.trouble(&part.join(NAME), trouble))
    }

    /// Whether a regular file is there.
    fn there(&self, name: &Path) -> Result<bool, Failure> {
        match self.staged.folder.kind(name) {
            Ok(None) => Ok(false),
            Ok(Some(Kind::File)) => Ok(true),
            Ok(Some(kind)) => Err(self.staged.trouble(name, Trouble::Is(name.to_owned(), kind))),
            Err(trouble) => Err(self.staged.trouble(name, trouble)),
        }
    }

    fn same(&self, waiting: &Waiting, name: &Path) -> Result<bool, Failure> {
        self.staged.is_same(waiting, name).map_err(|trouble| self.staged.trouble(name, trouble))
    }

    fn not_ours(&self, name: &Path) -> Diagnostic {
        let path = self.staged.named.join(name);
        Diagnostic::error(format!("{} is there, and no earlier run wrote it", path.display()))
            .hint("nothing was written; move the file away, or name another folder with --output-dir")
    }

    fn make(&self, step: &Step, made: &mut Vec<Made>) -> Result<(), (PathBuf, Trouble)> {
        let (Step::Put(_, name) | Step::Remove(name)) = step;
        let done = match step {
            Step::Put(waiting, name) => self.make_room(name, made).and_then(|old| {
                self.staged.put(waiting, name)?;
                made.push(old.map_or_else(|| Made::New(name.clone()), |old| Made::Replaced(name.clone(), old)));
                Ok(())
            }),
            Step::Remove(name) => match self.staged.take(name) {
                // Another run removed it meanwhile.
                Err(trouble) if trouble.is_missing() => Ok(()),
                taken => taken.map(|old| made.push(Made::Removed(name.clone(), old))),
            },
        };
        done.map_err(|trouble| (name.clone(), trouble))
    }

    /// Makes the folder of a file, and keeps a copy of what is in its place.
    fn make_room(&self, name: &Path, made: &mut Vec<Made>) -> Result<Option<Waiting>, Trouble> {
        let mut folders = Vec::new();
        let parent = name.parent().unwrap_or(Path::new(""));
        let done = self.staged.folder.make_folders(parent, &mut folders);
        made.extend(folders.into_iter().map(Made::Folder));
        done?;
        match self.staged.copy(name) {
            Err(trouble) if trouble.is_missing() => Ok(None),
            copied => copied.map(Some),
        }
    }

    /// Undoes what was made, the last first, and says what could not be undone.
    fn undo(&self, made: Vec<Made>, failure: Failure) -> Failure {
        let folder = &self.staged.folder;
        let mut lost = Vec::new();
        for one in made.into_iter().rev() {
            let (name, undone) = match one {
                // Another run may have put something there.
                Made::Folder(name) => {
                    let _ = folder.remove_folder(&name);
                    continue;
                }
                Made::New(name) => (name.clone(), folder.remove_file(&name)),
                Made::Replaced(name, old) | Made::Removed(name, old) => (name.clone(), self.staged.put(&old, &name)),
            };
            if undone.is_err() {
                lost.push(self.staged.named.join(name).display().to_string());
            }
        }
        match failure {
            Failure::Internal(message) if !lost.is_empty() => {
                Failure::Internal(format!("{message}; these are not as they were before: {}", lost.join(", ")))
            }
            failure => failure,
        }
    }
}

impl AddAssign for Changes {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.same += other.same;
        self.removed += other.removed;
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test looks at what was written, and gets in the way")]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;

    use super::*;
    use crate::emit::Owner;

    const PARTS: [&str; 2] = ["one", "two"];

    /// Writes the same texts into both parts and says what came of it; `meanwhile` is done before anything is moved.
    fn run(folder: &Path, texts: &[(&str, &str)], meanwhile: impl Fn(&Staged, &Plan<'_>)) -> Result<Changes, String> {
        let texts: Vec<_> = texts.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
        let done = Staged::in_folder(folder).and_then(|staged| {
            let mut plan = staged.plan();
            for part in PARTS {
                plan.put(staged.write(Path::new(part), &texts, Owner::Fleet)?)?;
            }
            meanwhile(&staged, &plan);
            plan.carry_out()
        });
        done.map_err(|failure| match failure {
            Failure::Internal(message) => message,
            Failure::Input(found) => found[0].message.clone(),
        })
    }

    fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
        let mut found = BTreeMap::new();
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                assert!(fs::read_dir(&path).unwrap().next().is_some(), "{} is empty", path.display());
                found.extend(files(&path));
            } else {
                found.insert(path.clone(), fs::read_to_string(&path).unwrap());
            }
        }
        found
    }

    #[test]
    fn a_move_that_fails_leaves_the_earlier_set() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        let first = [("a/changed", "old"), ("a/same", "same"), ("b/stale", "stale")];
        let second = [("a/changed", "new"), ("a/same", "same"), ("c/d/added", "added")];
        run(&folder, &first, |_, _| {}).unwrap();
        let before = files(&folder);
        let steps = run(&folder, &second, |_, plan| assert_eq!(plan.steps.len(), 10, "{:?}", plan.steps));
        assert_eq!(steps, Ok(Changes { written: 4, same: 2, removed: 2 }));
        let after = files(&folder);
        assert_ne!(after, before);
        // Whichever file is lost while it waits, nothing is moved for good.
        run(&folder, &first, |_, _| {}).unwrap();
        for lost in [0, 1, 2, 4, 5, 6, 7, 9] {
            let lose = |staged: &Staged, plan: &Plan<'_>| match &plan.steps[lost] {
                Step::Put(waiting, _) => staged.waiting.remove_file(&waiting.0).unwrap(),
                Step::Remove(name) => panic!("{} does not wait", name.display()),
            };
            let said = run(&folder, &second, lose).unwrap_err();
            assert!(said.contains("cannot be written: No such file or directory"), "{said}");
            assert_eq!(files(&folder), before, "after the loss of {lost}");
        }
    }

    #[test]
    fn what_became_a_folder_meanwhile_is_not_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        run(&folder, &[("a", "a"), ("b", "b")], |_, _| {}).unwrap();
        let mine = folder.join("two/b/mine");
        let swap = |_: &Staged, _: &Plan<'_>| {
            fs::remove_file(folder.join("two/b")).unwrap();
            fs::create_dir(folder.join("two/b")).unwrap();
            fs::write(&mine, "mine").unwrap();
        };
        let said = run(&folder, &[("a", "other")], swap).unwrap_err();
        assert!(said.contains("two/b is a folder, not a file: "), "{said}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert_eq!(fs::read_to_string(folder.join("two/a")).unwrap(), "a");
    }
}
