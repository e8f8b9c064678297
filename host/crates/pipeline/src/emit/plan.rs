//! What a run does to a folder, all of it or nothing. Every place is looked at before the first file is moved: a link is
//! not followed, and a file of somebody else's not replaced. Should a move fail all the same, those before it are undone.

use std::ops::AddAssign;
use std::path::{Path, PathBuf};

use render_files::beneath::{Kind, Trouble};
use render_text::diagnostic::{Diagnostic, Failure};

use super::earlier::Earlier;
use super::list::{List, NAME};
use super::staged::{Known, New, Part, Staged, Waiting};

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
    /// Files of others that are in the way: nothing is moved then.
    findings: Vec<Diagnostic>,
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

impl Staged {
    /// What is to become of the folder; nothing yet.
    pub(crate) fn plan(&self) -> Plan<'_> {
        Plan::new(self)
    }
}

impl<'a> Plan<'a> {
    pub(super) fn new(staged: &'a Staged) -> Self {
        Self { staged, steps: Vec::new(), changes: Changes::default(), findings: Vec::new() }
    }

    /// Puts the files of a part in their places. Files of an earlier run that are no longer made go; others stay.
    /// Meanwhile the list names old files and new ones: whatever ends this run, the next one knows what is its own.
    ///
    /// # Errors
    /// [`Failure::Internal`] when something other than a file is in the place of one, or a link leads to it.
    pub(crate) fn put(&mut self, part: Part) -> Result<(), Failure> {
        let Known::ByList(owner) = part.known else {
            return part.files.into_iter().try_for_each(|new| self.put_file(new.name, new.waiting, Earlier::Seen));
        };
        let (old, written) = self.list(&part.path)?.unwrap_or_default();
        let sums = |new: &New| (new.name.clone(), [new.sum.clone()].into());
        let new = List { owner, files: part.files.iter().map(sums).collect() };
        let (at, both) = (part.path.join(NAME), new.clone().with(&old).text());
        self.put_list(&at, &both, &written)?;
        let earlier = Earlier::Listed(&old, &part.path);
        for file in part.files {
            self.put_file(part.path.join(file.name), file.waiting, earlier)?;
        }
        for stale in old.files.keys().filter(|name| !new.files.contains_key(*name)) {
            self.remove(part.path.join(stale), earlier)?;
        }
        self.put_list(&at, &new.text(), &both)
    }

    /// Removes what earlier runs wrote into a part, and the folders that are empty then.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub(crate) fn remove_part(&mut self, part: &Path) -> Result<(), Failure> {
        let (list, _) = self.list(part)?.unwrap_or_default();
        list.files.keys().try_for_each(|name| self.remove(part.join(name), Earlier::Listed(&list, part)))?;
        self.steps.push(Step::Remove(part.join(NAME)));
        Ok(())
    }

    /// Removes a file, of which the caller has seen that it is of an earlier run.
    ///
    /// # Errors
    /// As [`Self::put`].
    pub(crate) fn remove_file(&mut self, name: &Path) -> Result<(), Failure> {
        self.remove(name.to_owned(), Earlier::Seen)
    }

    /// Does all of it.
    ///
    /// # Errors
    /// A file of somebody else's is in the way of one; [`Failure::Internal`] when a file cannot be moved. All are where
    /// they were before then.
    pub(crate) fn carry_out(self) -> Result<Changes, Failure> {
        if !self.findings.is_empty() {
            return Err(Failure::Input(self.findings));
        }
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

    fn put_file(&mut self, name: PathBuf, waiting: Waiting, earlier: Earlier<'_>) -> Result<(), Failure> {
        let is_there = self.there(&name)?;
        if is_there && self.same(&waiting, &name)? {
            self.changes.same += 1;
            return Ok(());
        }
        if is_there && !self.is_ours(&name, earlier)? {
            return Ok(());
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

    fn remove(&mut self, name: PathBuf, earlier: Earlier<'_>) -> Result<(), Failure> {
        self.changes.removed += 1;
        if self.there(&name)? && self.is_ours(&name, earlier)? {
            self.steps.push(Step::Remove(name));
        }
        Ok(())
    }

    /// Whether an earlier run wrote a file that is there; if none did, it is in the way.
    fn is_ours(&mut self, name: &Path, earlier: Earlier<'_>) -> Result<bool, Failure> {
        let objection = earlier.objection(name, self.staged)?;
        let is_ours = objection.is_none();
        self.findings.extend(objection);
        Ok(is_ours)
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

    /// Plans to write the same texts into both parts, and says what came of what is done with the plan.
    fn run(
        folder: &Path,
        texts: &[(&str, &str)],
        finish: impl Fn(&Staged, Plan<'_>) -> Result<Changes, Failure>,
    ) -> Result<Changes, String> {
        let texts: Vec<_> = texts.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned())).collect();
        let done = Staged::in_folder(folder).and_then(|staged| {
            let mut plan = staged.plan();
            for part in PARTS {
                plan.put(staged.write(Path::new(part), &texts, Owner::Fleet)?)?;
            }
            finish(&staged, plan)
        });
        done.map_err(|failure| match failure {
            Failure::Internal(message) => message,
            Failure::Input(found) => found[0].message.clone(),
        })
    }

    fn write(folder: &Path, texts: &[(&str, &str)]) -> Result<Changes, String> {
        run(folder, texts, |_, plan| plan.carry_out())
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
        write(&folder, &first).unwrap();
        let before = files(&folder);
        let counted = |_: &Staged, plan: Plan<'_>| {
            assert_eq!(plan.steps.len(), 10, "{:?}", plan.steps);
            plan.carry_out()
        };
        assert_eq!(run(&folder, &second, counted), Ok(Changes { written: 4, same: 2, removed: 2 }));
        let after = files(&folder);
        assert_ne!(after, before);
        // Whichever file is lost while it waits, nothing is moved for good.
        write(&folder, &first).unwrap();
        for lost in [0, 1, 2, 4, 5, 6, 7, 9] {
            let lose = |staged: &Staged, plan: Plan<'_>| {
                match &plan.steps[lost] {
                    Step::Put(waiting, _) => staged.waiting.remove_file(&waiting.0).unwrap(),
                    Step::Remove(name) => panic!("{} does not wait", name.display()),
                }
                plan.carry_out()
            };
            let said = run(&folder, &second, lose).unwrap_err();
            assert!(said.contains("cannot be written: No such file or directory"), "{said}");
            assert_eq!(files(&folder), before, "after the loss of {lost}");
        }
    }

    /// Whichever step is the last of a run that is killed, the next run takes no file for another's: neither one that
    /// goes on nor one that goes back.
    #[test]
    fn a_run_after_a_killed_one_knows_its_own_files() {
        let first = [("a/changed", "old"), ("a/same", "same"), ("a/stale", "stale")];
        let second = [("a/changed", "new"), ("a/same", "same"), ("c/d/added", "added")];
        for (last, next) in (0..=10).flat_map(|last| [(last, &first), (last, &second)]) {
            let place = tempfile::tempdir().unwrap();
            let (folder, expected) = (place.path().join("out"), place.path().join("expected"));
            write(&folder, &first).unwrap();
            let some = |_: &Staged, plan: Plan<'_>| {
                plan.steps[..last].iter().for_each(|step| plan.make(step, &mut Vec::new()).unwrap());
                Ok(plan.changes)
            };
            run(&folder, &second, some).unwrap();
            write(&folder, next).unwrap();
            write(&expected, next).unwrap();
            let below = |folder: &Path| {
                let named = files(folder).into_iter();
                named.map(|(path, text)| (path.strip_prefix(folder).unwrap().to_owned(), text)).collect::<Vec<_>>()
            };
            assert_eq!(below(&folder), below(&expected), "killed after {last} steps");
        }
    }

    #[test]
    fn what_became_a_folder_meanwhile_is_not_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("out");
        write(&folder, &[("a", "a"), ("b", "b")]).unwrap();
        let mine = folder.join("two/b/mine");
        let swap = |_: &Staged, plan: Plan<'_>| {
            fs::remove_file(folder.join("two/b")).unwrap();
            fs::create_dir(folder.join("two/b")).unwrap();
            fs::write(&mine, "mine").unwrap();
            plan.carry_out()
        };
        let said = run(&folder, &[("a", "other")], swap).unwrap_err();
        assert!(said.contains("two/b is a folder, not a file: "), "{said}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert_eq!(fs::read_to_string(folder.join("two/a")).unwrap(), "a");
    }
}
