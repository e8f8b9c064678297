//! From the values of another system to an environment file: what has a counterpart is carried over, and what has none
//! is told, above all what the other system itself ignores. What comes out is rendered, so that it is known to be one.

mod draft;
mod helm;
mod identity;
mod image;
mod left;
mod mijnbureau;
mod orphans;
mod read;
mod running;
mod secret;
mod shown;
mod table;
mod taken;
mod write;

use std::path::{Path, PathBuf};

use render_pipeline::emit;
use render_pipeline::load::{self, Request};
use render_pipeline::merged::Merged;
use render_plugins::open::Runtime;
use render_report::plain::word;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::Node;
use render_text::source::{SourceId, Sources};
use render_text::yaml;

use self::draft::{Draft, Removed};
use self::identity::{Identity, Named};
use self::running::Running;

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The system that the values are for.
    pub system: System,
    /// The files of values, later wins.
    pub files: Vec<PathBuf>,
    /// The name of the release.
    pub release: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// What runs of it.
    pub running: Option<PathBuf>,
    /// Where the environment file goes; stdout otherwise.
    pub output: Option<PathBuf>,
}

/// A system that has values of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum System {
    /// LiveKit's published chart.
    Helm,
    /// MijnBureau's helmfile.
    MijnBureau,
}

/// An imported environment.
#[derive(Debug)]
pub struct Imported {
    /// The environment file.
    pub text: String,
    /// What could not be carried over, what stays behind, and what is left to mend.
    pub findings: Vec<Diagnostic>,
    /// What to do next, for a person.
    pub next: String,
}

/// Makes an environment file of values. What its rules find is left to mend, and no mistake of the import.
///
/// # Errors
/// [`Failure::Input`] when the values cannot be read, or what runs cannot be kept; [`Failure::Internal`] when what comes
/// out is no environment file.
pub fn import(asked: &Asked, runtime: &Runtime, sources: &mut Sources) -> Result<Imported, Failure> {
    can_be_done(asked)?;
    let mut values = read::values(asked, sources)?;
    let settled = taken::settle(&mut values.tree, asked.system);
    let made = made(asked, &values, runtime, sources);
    let (mut draft, running, identity) = made.inspect_err(|_| shown::mask(&values.layers, None, sources))?;
    draft.findings.extend(settled);
    let name = asked.output.as_deref().map_or_else(|| "environment.yaml".to_owned(), |file| file.display().to_string());
    let text = text(asked, &draft, &name, sources)?;
    shown::mask(&values.layers, Some(&draft.tree), sources);
    let source = sources.add(name.clone(), text.clone());
    draft.findings.extend(left::look(source, (running.as_ref(), &identity), runtime, sources)?);
    let takes_over = running.map(|_| take_over(&identity)).unwrap_or_default();
    let next = next(&name, &draft.findings) + &takes_over;
    Ok(Imported { text, findings: draft.findings, next })
}

/// An environment file in the making that fits the schemas, and what it is known by.
fn made(
    asked: &Asked,
    values: &read::Values,
    runtime: &Runtime,
    sources: &mut Sources,
) -> Result<(Draft, Option<Running>, Identity), Failure> {
    let (values, defaults) = (&values.tree, values.defaults);
    let named = Named { release: asked.release.as_deref(), namespace: asked.namespace.as_deref() };
    let supposed = supposed(asked.system, values, &named);
    let running = asked.running.as_deref().map(|file| running::read(file, &supposed.name, sources)).transpose()?;
    let identity = supposed.or_of(running.as_ref(), &named)?;
    let mut draft = match asked.system {
        System::Helm => helm::draft(values, defaults, &identity, running.as_ref())?,
        System::MijnBureau => mijnbureau::draft(values, defaults, &identity, running.as_ref())?,
    };
    if let Some((image, at)) = running.as_ref().and_then(Running::image) {
        image::keep(image, at, &mut draft);
    }
    draft.findings.extend(guessed(asked, values, &identity));
    secret::strip(&mut draft)?;
    draft.without_common_defaults(&own_defaults(sources)?);
    without_mistakes(&mut draft, runtime, sources)?;
    draft.without_empty();
    Ok((draft, running, identity))
}

/// Whether stdin is asked for once, and nothing would be overwritten: the values may stand there.
fn can_be_done(asked: &Asked) -> Result<(), Failure> {
    let stdin = asked.files.iter().chain(&asked.running).filter(|file| *file == Path::new("-"));
    if stdin.count() > 1 {
        let twice = Diagnostic::error("stdin cannot be several of the files");
        return Err(twice.hint("write all of them but one to files").into());
    }
    match asked.output.as_deref().filter(|file| emit::is_there(file)) {
        Some(file) => {
            let there = Diagnostic::error(format!("{} is there already", file.display()));
            Err(there.hint("nothing was written; name another file, or move it away").into())
        }
        None => Ok(()),
    }
}

/// What to do when the findings are read.
fn next(name: &str, found: &[Diagnostic]) -> String {
    let (gap, name) = (if found.is_empty() { "" } else { "\n" }, word(name));
    format!("{gap}`render check -f {name}` says what is left to mend, `render notes -f {name}` which Secrets to make\n")
}

/// How kubectl learns which fields Helm set, so that the first apply removes those that the environment does not have.
/// Without that it merges: the pods keep the chart's container beside the new one.
fn take_over(identity: &Identity) -> String {
    let namespace = identity.namespace.as_deref().map(|name| format!(" --namespace {name}")).unwrap_or_default();
    format!(
        "before the first apply: `helm get manifest RELEASE{namespace} | kubectl apply set-last-applied \
         --create-annotation=true{namespace} -f -`, so that kubectl removes what only the chart set\n"
    )
}

/// The environment file itself.
fn text(asked: &Asked, draft: &Draft, name: &str, sources: &Sources) -> Result<String, Failure> {
    let words = match asked.system {
        System::Helm => "the chart's default",
        System::MijnBureau => "MijnBureau's default",
    };
    let files = asked.files.iter().map(|file| word(&load::shown(file))).collect();
    let head = write::Head { name: &word(name), sources: files, defaults: (draft.defaults, words) };
    write::text(&draft.tree, &head, sources)
}

/// What a release of these values is known by.
fn supposed(system: System, values: &Node, named: &Named) -> Identity {
    match system {
        System::Helm => helm::identity(values, named),
        System::MijnBureau => mijnbureau::identity(values, named),
    }
}

/// What was not named, and has been supposed.
fn guessed(asked: &Asked, values: &Node, identity: &Identity) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let instance = identity.selector.get("app.kubernetes.io/instance").map(String::as_str);
    let supposed = supposed(asked.system, values, &Named { release: instance, namespace: None });
    if asked.running.is_none() && asked.release.is_none() && asked.system == System::Helm {
        let release = instance.unwrap_or_default();
        let message = format!("no release is named: names and selectors are those of a release `{release}`");
        let hint = "give --release NAME, as `helm list` shows it, or --running FILE: another name is another Deployment beside the old one";
        found.push(Diagnostic::warning(message).hint(hint));
    }
    if asked.running.is_some() && supposed.name != identity.name {
        let message = format!(
            "the values would name the server `{}`, and what runs is `{}`, which is kept",
            supposed.name, identity.name
        );
        found.push(Diagnostic::warning(message).hint("another name would be another Deployment beside the old one"));
    }
    if identity.namespace.is_none() {
        let message = format!("no namespace is named: the environment file has `{}`", identity.namespace());
        found.push(
            Diagnostic::warning(message).hint("give --namespace NAME where a release runs, as `helm list` shows it"),
        );
    }
    found
}

/// Layer 0 of every environment.
fn own_defaults(sources: &mut Sources) -> Result<Node, Failure> {
    let source = sources.add("render's defaults.yaml", render_platform::values::DEFAULTS);
    let mut documents = yaml::read(source, &sources.get(source).text)?;
    documents.pop().ok_or_else(|| Failure::Internal("the defaults are empty".to_owned()))
}

/// Takes out what the schemas refuse, and tells it.
fn without_mistakes(draft: &mut Draft, runtime: &Runtime, sources: &mut Sources) -> Result<(), Failure> {
    let mut told = Vec::new();
    loop {
        let mistakes = mistakes(&draft.tree, runtime, sources)?;
        if mistakes.is_empty() {
            return Ok(());
        }
        let mut found = 0;
        for mistake in mistakes {
            let Some((place, removed)) = mistake.place.and_then(|place| Some((place, draft.remove_at(place)?))) else {
                continue;
            };
            found += 1;
            if !told.contains(&place) {
                told.push(place);
                let what = if removed == Removed::Item { "the item" } else { "it" };
                // What is refused may be a secret at a wrong place.
                let message = mistake.message.split(", not `").next().unwrap_or_default();
                let message = format!("{message}, so {what} is not carried over");
                draft.findings.push(Diagnostic { related: Vec::new(), message, ..as_warning(mistake) });
            }
        }
        if found == 0 {
            return Err(Failure::Internal(
                "the imported values fit no schema, which is a mistake of render".to_owned(),
            ));
        }
    }
}

/// What the schemas refuse in an environment file.
fn mistakes(tree: &Node, runtime: &Runtime, sources: &mut Sources) -> Result<Vec<Diagnostic>, Failure> {
    Merged::load(&request(tree.clone()), runtime, sources)?.mistakes()
}

/// Asks for an environment of one layer.
fn request(layer: Node) -> Request {
    Request { layer: Some(layer), ..Request::default() }
}

fn as_warning(finding: Diagnostic) -> Diagnostic {
    Diagnostic { severity: render_text::diagnostic::Severity::Warning, ..finding }
}

/// A text as the one layer of an environment.
fn layer(source: SourceId, sources: &Sources) -> Result<Node, Failure> {
    let documents = yaml::read(source, &sources.get(source).text);
    let none = || Failure::Internal("the imported environment is empty".to_owned());
    documents.map_err(unreadable)?.pop().ok_or_else(none)
}

fn unreadable(found: Vec<Diagnostic>) -> Failure {
    let first = found.into_iter().next().map_or_else(String::new, |first| first.message);
    Failure::Internal(format!("the imported environment cannot be read, which is a mistake of render: {first}"))
}
