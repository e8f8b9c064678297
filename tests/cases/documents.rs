//! The commands that the documentation shows: README.md, docs/guide/ and docs/integrations/ are run block by block.
//!
//! A reader of README.md begins in an empty folder, a reader of the guide in one that `render init` wrote; so do these
//! tests. The pages of docs/integrations/ show the examples of this repository, so they run in its root, and `$SCRATCH`
//! is an empty folder.
//!
//! | Block | Test |
//! | --- | --- |
//! | `console` | each line that begins with `$ ` is run, and prints what the page says, with `N` for the number of rules |
//! | `sh` | the block is run by `sh -e` and succeeds; lines that begin with `cargo ` are run by `.ci/run` |
//! | `yaml` | in README.md and the guide: the first line is `# FILE`, and the block is written there; a command uses it |
//! | `mermaid`, `text` | a picture; nothing is run, so it may hold no command |
//!
//! The comment `<!-- needs: PROGRAM ... -->` names what the blocks below it need. `cluster` is a real API server,
//! `python3:MODULE` a module of Python. A block whose programs are missing is passed over; with CI=true it fails.

/// Blocks of Markdown, and what they need.
mod blocks;
/// Links between the documents.
mod links;
/// One block, run.
mod run;

use std::fs;
use std::path::{Path, PathBuf};

use libtest_mimic::Trial;

use crate::support::{blessing, root};
use crate::{comparison, trial};

use blocks::{Block, Language};
use run::Folder;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![of_page(root().join("README.md"), Folder::empty)];
    trials.extend(pages("docs/guide").into_iter().map(|page| of_page(page, Folder::initialized)));
    trials.extend(pages("docs/integrations").into_iter().map(|page| of_page(page, Folder::project)));
    trials.push(trial("documents::the_readme_has_at_most_150_lines", the_readme_has_at_most_150_lines));
    trials
        .push(trial("documents::ci_runs_every_cargo_command_of_the_readme", ci_runs_every_cargo_command_of_the_readme));
    trials.push(trial("documents::every_link_leads_somewhere", links::every_link_leads_somewhere));
    trials.push(trial("documents::every_path_of_the_code_exists", links::every_path_of_the_code_exists));
    trials
}

fn of_page(page: PathBuf, folder: fn() -> Folder) -> Trial {
    let name = page.strip_prefix(root()).unwrap().display().to_string();
    comparison(format!("documents::{name}"), move || difference(&page, &folder()).into_iter().collect())
}

/// The README is a first page, not a manual.
fn the_readme_has_at_most_150_lines() {
    let lines = fs::read_to_string(root().join("README.md")).unwrap().lines().count();
    assert!(lines <= 150, "README.md has {lines} lines; the limit is 150: move text to docs/");
}

fn ci_runs_every_cargo_command_of_the_readme() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let script = fs::read_to_string(root().join(".ci/run")).unwrap();
    let lines: Vec<&str> = blocks::of(&readme)
        .iter()
        .filter(|block| block.language == Language::Shell)
        .flat_map(|block| readme[block.range.clone()].lines())
        .filter(|line| line.starts_with("cargo "))
        .collect();
    assert!(lines.len() >= 3, "README.md shows {lines:?}, and should render, test and build");
    let absent: Vec<&&str> = lines.iter().filter(|line| !script.lines().any(|step| step.starts_with(**line))).collect();
    assert!(absent.is_empty(), ".ci/run does not run {absent:?}");
}

/// The pages of a folder, in the order of their names.
fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.sort();
    assert!(!pages.is_empty(), "{folder} has no page");
    pages
}

/// What differs between a page and what its commands print.
fn difference(page: &Path, folder: &Folder) -> Option<String> {
    let shown = fs::read_to_string(page).unwrap();
    let printed = rerun(page, &shown, folder);
    if blessing() {
        fs::write(page, &printed).unwrap();
        return None;
    }
    let line = shown.lines().zip(printed.lines()).position(|(one, other)| one != other);
    let line = line.unwrap_or_else(|| shown.lines().count().min(printed.lines().count()));
    let rest = |text: &str| text.lines().skip(line).take(20).collect::<Vec<_>>().join("\n");
    let differs = |()| {
        let (shown, printed) = (rest(&shown), rest(&printed));
        format!("{}:{}\n--- the page shows\n{shown}\n--- printed\n{printed}", page.display(), line + 1)
    };
    (shown != printed).then_some(()).map(differs)
}

/// The page with what its commands print now.
fn rerun(page: &Path, text: &str, folder: &Folder) -> String {
    let blocks = blocks::of(text);
    let mut printed = String::new();
    let mut from = 0;
    for block in &blocks {
        printed += &text[from..block.range.start];
        let body = &text[block.range.clone()];
        printed += &if can_run(block) { folder.run(page, block.language, body) } else { body.to_owned() };
        from = block.range.end;
    }
    if folder.writes_files {
        assert_no_file_is_unused(page, text, &blocks);
    }
    printed + &text[from..]
}

/// Whether what a block needs is there.
fn can_run(block: &Block) -> bool {
    let missing: Vec<&str> = block.needs.iter().copied().filter(|need| !run::is_there(need)).collect();
    assert!(missing.is_empty() || std::env::var_os("CI").is_none(), "not installed: {}", missing.join(", "));
    missing.is_empty()
}

/// A file that a page shows is named by one of its commands, so that it is tested.
fn assert_no_file_is_unused(page: &Path, text: &str, blocks: &[Block]) {
    let commands: String = blocks
        .iter()
        .filter(|block| block.language != Language::Yaml)
        .flat_map(|block| text[block.range.clone()].lines())
        .filter(|line| line.starts_with("$ ") || line.starts_with("render "))
        .collect();
    for block in blocks.iter().filter(|block| block.language == Language::Yaml) {
        let Some(file) = run::file(&text[block.range.clone()]) else { continue };
        let name = match file.parent().and_then(Path::to_str) {
            None | Some("" | "environments") => file.file_stem().unwrap().to_str().unwrap(),
            Some(folder) => folder,
        };
        let is_layer = blocks.iter().any(|other| text[other.range.clone()].contains(&format!("{name}.yaml]")));
        assert!(
            commands.contains(name) || commands.contains("--all") || is_layer,
            "{}: no command uses {}",
            page.display(),
            file.display()
        );
    }
}
