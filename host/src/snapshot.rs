//! Snapshots of a user's own environments: one file for each, with all that it renders to, so that a review of a change
//! shows what the change does. Secrets are masked in them.

use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use crate::cli::SnapshotArgs;
use crate::commands;
use crate::diagnostic::{Diagnostic, Failure};
use crate::emit::{self, Changes, Format, Staged};
use crate::fleet::{self, Selection};
use crate::load::{self, Request};
use crate::manifest::ManifestSet;
use crate::plugins;
use crate::plugins::open::Sandbox;
use crate::progress::Progress;
use crate::report;
use crate::source::{Place, SourceId, Sources};

/// Environments beside their snapshots.
#[derive(Debug)]
pub struct Compared {
    /// What is other than it was, as a unified diff for each environment.
    pub differences: String,
    /// A finding for each snapshot that is not what its environment renders to, and whatever is wrong with environments.
    pub findings: Vec<Diagnostic>,
    /// How many environments were looked at.
    pub environments: usize,
}

/// Compares environments with their snapshots.
///
/// # Errors
/// No environment is meant; what is no mistake of an environment.
pub fn check(arguments: &SnapshotArgs, sandbox: &Sandbox, sources: &mut Sources) -> Result<Compared, Failure> {
    let run = Run::new(arguments)?;
    let work = |environment: &str, sources: &mut Sources| match run.text(environment, sandbox, sources) {
        Ok(text) => run.compared(environment, &text, sources),
        Err(Failure::Input(findings)) => Ok((String::new(), findings)),
        Err(failure) => Err(failure),
    };
    let done = fleet::run(&run.environments, work, sources)?;
    let differences = done.results.concat();
    let mut findings = done.findings;
    findings.extend(run.orphans(sources)?.into_iter().map(|(environment, text)| orphan(&environment, text)));
    Ok(Compared { differences, findings, environments: run.environments.len() })
}

/// Writes the snapshots of environments, when all of them render, and removes those of environments that there are no
/// longer. Returns how many.
///
/// # Errors
/// As [`fleet::run`]; [`Failure::Internal`] when a file cannot be written.
pub fn update(arguments: &SnapshotArgs, sandbox: &Sandbox, sources: &mut Sources) -> Result<Changes, Failure> {
    let run = Run::new(arguments)?;
    let staged = Staged::in_folder(&run.folder)?;
    let work = |environment: &str, sources: &mut Sources| {
        let text = run.text(environment, sandbox, sources)?;
        staged.write_file(&file(environment), &text)?;
        Ok(((), Vec::new()))
    };
    fleet::run(&run.environments, work, sources)?;
    let mut changes = Changes::default();
    for environment in &run.environments {
        changes += staged.put_file(&file(environment))?;
    }
    for (environment, _) in run.orphans(sources)? {
        changes += emit::remove_file(&run.folder.join(file(&environment)))?;
    }
    Ok(changes)
}

/// What a run is about.
struct Run<'a> {
    arguments: &'a SnapshotArgs,
    request: Request,
    selection: Selection,
    environments: Vec<String>,
    folder: PathBuf,
}

impl<'a> Run<'a> {
    fn new(arguments: &'a SnapshotArgs) -> Result<Self, Failure> {
        let request = arguments.input.request(None);
        fleet::without_stdin(&request)?;
        let selection = match arguments.fleet.selection(&arguments.input)? {
            Some(several) => several,
            None => Selection::new(request.environment.as_deref().unwrap_or("*"), None)?,
        };
        let environments = selection.environments(request.folder.as_deref())?;
        let named = arguments.snapshots.clone();
        let folder = named.map_or_else(|| load::beside(request.folder.as_deref(), "snapshots"), Ok)?;
        Ok(Self { arguments, request, selection, environments, folder })
    }

    /// What the snapshot of an environment should say.
    fn text(&self, environment: &str, sandbox: &Sandbox, sources: &mut Sources) -> Result<String, Failure> {
        let request = self.request.of(environment);
        let rendered = commands::rendered(&request, &self.arguments.input, sandbox, sources, &mut Progress::default())?;
        text(environment, &rendered.manifests)
    }

    /// The difference between what an environment renders to and its snapshot.
    fn compared(
        &self,
        environment: &str,
        new: &str,
        sources: &mut Sources,
    ) -> Result<(String, Vec<Diagnostic>), Failure> {
        let path = self.folder.join(file(environment));
        if !path.exists() {
            let missing = Diagnostic::error(format!("there is no snapshot in {} yet", self.folder.display()));
            return Ok((String::new(), vec![missing.hint("`render snapshot --update` writes it")]));
        }
        let old = load::file(&path, sources)?;
        let text = &sources.get(old).text;
        if text == new {
            return Ok((String::new(), Vec::new()));
        }
        let changed = Diagnostic::error(format!("`{environment}` renders to something other than its snapshot"));
        let changed = changed
            .at(Some(first_difference(old, text, new)))
            .hint("look at the difference: `render snapshot --update` accepts it");
        Ok((difference(&path, text, new), vec![changed]))
    }

    /// The snapshots of environments that there are no longer, as far as this run is about them.
    fn orphans(&self, sources: &mut Sources) -> Result<Vec<(String, SourceId)>, Failure> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let name = |path: PathBuf| Some(path.file_name()?.to_str()?.strip_suffix(ENDING)?.to_owned());
        let mut names: Vec<String> = entries.filter_map(name).collect();
        names.sort();
        names.retain(|name| self.selection.covers(name) && self.environments.binary_search(name).is_err());
        let mut orphans = Vec::new();
        for name in names {
            let source = load::file(&self.folder.join(file(&name)), sources)?;
            if sources.get(source).text.starts_with(&title(&name)) {
                orphans.push((name, source));
            }
        }
        Ok(orphans)
    }
}

const ENDING: &str = ".yaml";

fn file(environment: &str) -> PathBuf {
    PathBuf::from(environment.to_owned() + ENDING)
}

/// The line that tells a snapshot from other files.
fn title(environment: &str) -> String {
    format!("# What {environment} renders to, with secrets masked. `render snapshot --update` rewrites this file.\n")
}

fn text(environment: &str, manifests: &ManifestSet) -> Result<String, Failure> {
    let shown = plugins::without_secrets(manifests);
    Ok(title(environment) + &emit::text(&emit::ordered(&shown, None)?, Format::Yaml)?)
}

fn orphan(environment: &str, text: SourceId) -> Diagnostic {
    Diagnostic::error(format!("there is a snapshot of `{environment}`, and no such environment"))
        .at(Some(Place::new(text, 0..0)))
        .hint("`render snapshot --update` removes it")
}

/// The first line of the old text that the new one does not have, or its end.
fn first_difference(source: SourceId, old: &str, new: &str) -> Place {
    let same = old.split_inclusive('\n').zip(new.split_inclusive('\n')).take_while(|(one, other)| one == other);
    let start: usize = same.map(|(line, _)| line.len()).sum();
    let length = old[start..].lines().next().map_or(0, str::len);
    Place::new(source, start..start + length)
}

fn difference(path: &Path, old: &str, new: &str) -> String {
    let path = path.display().to_string();
    let difference = TextDiff::from_lines(old, new).unified_diff().header(&path, "rendered now").to_string();
    difference.lines().map(|line| report::harmless(line) + "\n").collect()
}
