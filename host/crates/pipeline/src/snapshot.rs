//! Snapshots of a user's own environments: one file for each, with all that it renders to, so that a review of a change
//! shows what the change does. Secrets are masked in them.

use std::path::{Path, PathBuf};

use similar::TextDiff;

use render_files::{By, Roots};
use render_objects::manifest::ManifestSet;
use render_objects::masked::without_secrets;
use render_platform::values::schema::VOCABULARY;
use render_plugins::open::Runtime;
use render_report::plain;
use render_text::diagnostic::{Diagnostic, Failure, Severity};
use render_text::source::{Place, SourceId, Sources};

use crate::Origin;
use crate::emit::{self, Changes, Format, Staged};
use crate::fleet::{self, Selection};
use crate::load::{self, Request};
use crate::options::Options;

/// Which snapshots are meant, and what their environments are rendered with.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The environments, where several are named; all of them without a name.
    pub selection: Option<Selection>,
    /// Where the snapshots are, if it was named.
    pub folder: Option<PathBuf>,
    /// What each environment is asked for.
    pub request: Request,
    /// How a run treats what it finds.
    pub options: Options,
}

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
pub fn check(wanted: &Wanted, runtime: &Runtime, sources: &mut Sources) -> Result<Compared, Failure> {
    let run = Run::new(wanted)?;
    let work = |environment: &str, sources: &mut Sources| match run.text(environment, runtime, sources) {
        Ok(text) => run.compared(environment, &text, sources),
        Err(Failure::Input(findings)) => Ok((String::new(), findings)),
        Err(failure) => Err(failure),
    };
    let done = fleet::run(&run.environments, work, sources)?;
    let differences = done.results.concat();
    let mut findings = done.findings;
    let (gone, layers) = run.orphans()?;
    findings.extend(gone.iter().map(|name| orphan(name)).chain(layers.iter().map(|name| layer(name))));
    Ok(Compared { differences, findings, environments: run.environments.len() })
}

/// Writes the snapshots of environments, when all of them render, and removes those of environments that there are no
/// longer. Returns how many, and what is left to the user.
///
/// # Errors
/// As `fleet::run`; a file in the place of a snapshot that is none; [`Failure::Internal`] when a file cannot be
/// written.
pub fn update(
    wanted: &Wanted,
    runtime: &Runtime,
    sources: &mut Sources,
) -> Result<(Changes, Vec<Diagnostic>), Failure> {
    let run = Run::new(wanted)?;
    if wanted.folder.is_none() && run.folder.is_symlink() {
        let link = format!("{} is a symbolic link, which nobody named", run.folder.display());
        return Err(Failure::Internal(format!("{link}: name the folder of snapshots with --snapshots")));
    }
    let staged = Staged::in_folder(&run.folder)?;
    let work = |environment: &str, sources: &mut Sources| {
        let text = run.text(environment, runtime, sources)?;
        run.earlier(environment, sources)?;
        Ok((staged.write_file(&file(environment), &text)?, Vec::new()))
    };
    let done = fleet::run(&run.environments, work, sources)?;
    let (gone, layers) = run.orphans()?;
    let mut plan = staged.plan();
    done.results.into_iter().try_for_each(|part| plan.put(part))?;
    gone.iter().try_for_each(|environment| plan.remove_file(&file(environment)))?;
    let changes = plan.carry_out()?;
    let layers = layers.iter().map(|name| Diagnostic { severity: Severity::Warning, ..layer(name) });
    Ok((changes, layers.collect()))
}

/// What a run is about.
struct Run<'a> {
    wanted: &'a Wanted,
    request: &'a Request,
    selection: Selection,
    environments: Vec<String>,
    folder: PathBuf,
    /// Where snapshots may lead.
    roots: Roots,
}

impl<'a> Run<'a> {
    fn new(wanted: &'a Wanted) -> Result<Self, Failure> {
        let request = &wanted.request;
        fleet::readable_again(request)?;
        let selection = match wanted.selection.clone() {
            Some(several) => several,
            None => request
                .environment
                .as_deref()
                .map_or_else(|| Selection::new("*", None), |name| Ok(Selection::one(name)))?,
        };
        let environments = selection.environments(request.folder.as_deref(), &request.roots)?;
        let named = wanted.folder.clone();
        let roots = named.as_deref().map_or_else(|| request.roots.clone(), |named| request.roots.with(named));
        let folder = named.map_or_else(|| load::beside(request.folder.as_deref(), "snapshots", &request.roots), Ok)?;
        Ok(Self { wanted, request, selection, environments, folder, roots })
    }

    /// What the snapshot of an environment should say.
    fn text(&self, environment: &str, runtime: &Runtime, sources: &mut Sources) -> Result<String, Failure> {
        let options = self.wanted.options;
        let outcome = crate::run(&self.request.of(environment), Origin::Templates, options, runtime, sources);
        let rendered = outcome.passed(options)?;
        let given = rendered.values.map(|values| values.tree.given_texts()).unwrap_or_default();
        text(environment, &rendered.manifests, &given)
    }

    /// The difference between what an environment renders to and its snapshot.
    fn compared(
        &self,
        environment: &str,
        new: &str,
        sources: &mut Sources,
    ) -> Result<(String, Vec<Diagnostic>), Failure> {
        let Some((source, old)) = self.earlier(environment, sources)? else {
            let missing = Diagnostic::error(format!("there is no snapshot in {} yet", self.folder.display()));
            return Ok((String::new(), vec![missing.hint("`render snapshot --update` writes it")]));
        };
        if old == new {
            return Ok((String::new(), Vec::new()));
        }
        let changed = Diagnostic::error(format!("`{environment}` renders to something other than its snapshot"));
        let changed = changed
            .at(Some(first_difference(source, &sources.get(source).text, new)))
            .hint("look at the difference: `render snapshot --update` accepts it");
        Ok((difference(&self.folder.join(file(environment)), &old, new), vec![changed]))
    }

    /// The snapshot of an environment, if there is one, and its text with the ends of lines that this program writes.
    fn earlier(&self, environment: &str, sources: &mut Sources) -> Result<Option<(SourceId, String)>, Failure> {
        let path = self.folder.join(file(environment));
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        let source = load::file(&path, By::Other, &self.roots, sources)?;
        let text = sources.get(source).text.replace("\r\n", "\n");
        if text.starts_with(&title(environment)) {
            // What was secret was masked when it was written.
            sources.classified(source);
            return Ok(Some((source, text)));
        }
        let other = Diagnostic::error(format!("{} is there, and is no snapshot", path.display()));
        Err(other.hint("move it away, or name another folder with --snapshots").into())
    }

    /// The snapshots of environments that there are no longer, as far as this run is about them, and of those that are
    /// layers of others now.
    fn orphans(&self) -> Result<(Vec<String>, Vec<String>), Failure> {
        let names = load::names_in(&self.folder, &self.roots)?;
        let mut names: Vec<String> =
            names.iter().filter_map(|name| Some(name.strip_suffix(ENDING)?.to_owned())).collect();
        names.sort();
        names.retain(|name| self.selection.covers(name) && self.environments.binary_search(name).is_err());
        // A file that cannot be read is none of ours.
        names.retain(|name| matches!(self.earlier(name, &mut Sources::new(&VOCABULARY)), Ok(Some(_))));
        fleet::gone_and_layers(names, self.request.folder.as_deref(), &self.request.roots)
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

fn text(environment: &str, manifests: &ManifestSet, given: &[String]) -> Result<String, Failure> {
    let shown = without_secrets(manifests, given, &VOCABULARY);
    Ok(title(environment) + &emit::text(&emit::ordered(&shown, None)?, Format::Yaml)?)
}

fn orphan(environment: &str) -> Diagnostic {
    Diagnostic::error(format!("there is a snapshot of `{environment}`, and no such environment"))
        .hint("`render snapshot --update` removes it")
}

fn layer(environment: &str) -> Diagnostic {
    Diagnostic::error(format!("there is a snapshot of `{environment}`, which is a layer of another environment now"))
        .hint("delete the snapshot, or let the other environment extend what both share")
}

/// The first line of the old text that the new one does not have, or its end.
fn first_difference(source: SourceId, old: &str, new: &str) -> Place {
    let is_same = |(one, other): &(&str, &str)| one.trim_end() == other.trim_end();
    let same = old.split_inclusive('\n').zip(new.split_inclusive('\n')).take_while(is_same);
    let start: usize = same.map(|(line, _)| line.len()).sum();
    let length = old[start..].lines().next().map_or(0, str::len);
    Place::new(source, start..start + length)
}

fn difference(path: &Path, old: &str, new: &str) -> String {
    let path = path.display().to_string();
    plain::lines(&TextDiff::from_lines(old, new).unified_diff().header(&path, "rendered now").to_string())
}
