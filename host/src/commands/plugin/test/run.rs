//! One fixture: asked, asked again, asked in another order, applied, and compared.

use std::path::Path;

use serde_json::Value;
use similar::TextDiff;

use render_objects::masked::Secrets;
use render_pipeline::emit;
use render_platform::values::schema::VOCABULARY;
use render_plugins::Plugin;
use render_plugins::apply;
use render_plugins::description::Description;
use render_plugins::open::Runtime;
use render_plugins::response::{self, Response};
use render_plugins::transform;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;
use render_text::yaml;

use super::fixture::{Expected, Fixture};
use super::permissions::Used;

/// What is to become of an answer that is not the expected one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    /// It is told.
    Compare,
    /// It is expected from now on.
    Bless,
}

/// What came of one fixture.
pub(super) struct Outcome {
    /// Its path below the folder that was named.
    pub(super) name: String,
    /// What the call cost, if it came to an end.
    pub(super) cost: Option<Cost>,
    /// Whether the answer was written down as what is expected.
    pub(super) blessed: bool,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
}

/// What a call cost.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    /// Units of fuel.
    pub(super) fuel: u64,
    /// Bytes of memory.
    pub(super) memory: usize,
}

/// What is wrong with a fixture, and the two texts that should be one.
pub(super) struct Problem {
    /// What is wrong.
    pub(super) finding: Diagnostic,
    /// What differs, line by line.
    pub(super) diff: String,
}

impl Outcome {
    /// Whether nothing is wrong.
    pub(super) fn is_right(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Runs the fixture in a folder.
///
/// # Errors
/// [`Failure::Internal`]: what is wrong with the fixture or the plugin is in the outcome.
pub(super) fn run(
    folder: &Path,
    base: &Path,
    (plugin, runtime, wish): (&Plugin, &Runtime, Wish),
    used: &mut Used<'_>,
    sources: &mut Sources,
) -> Result<Outcome, Failure> {
    let below = folder.strip_prefix(base).ok().filter(|below| *below != Path::new(""));
    let mut outcome = Outcome {
        name: below.unwrap_or(folder).display().to_string(),
        cost: None,
        blessed: false,
        problems: Vec::new(),
    };
    let done = Fixture::read(folder, &plugin.description, sources)
        .and_then(|fixture| run_fixture(&fixture, (plugin, runtime, wish), used, &mut outcome));
    match done {
        Err(Failure::Input(found)) => outcome.problems.extend(found.into_iter().map(Problem::from)),
        other => other?,
    }
    Ok(outcome)
}

fn run_fixture(
    fixture: &Fixture,
    (plugin, runtime, wish): (&Plugin, &Runtime, Wish),
    used: &mut Used<'_>,
    outcome: &mut Outcome,
) -> Result<(), Failure> {
    let request = transform::request(&plugin.description, fixture.input(), &fixture.manifests);
    let answer = transform::call(runtime, plugin, request.clone())?;
    outcome.cost = Some(Cost { fuel: answer.fuel, memory: answer.memory });
    let response = response::parse(&answer.text)?;
    used.count(&response);
    let ask = |request: &str| transform::call(runtime, plugin, request.to_owned()).map(|answer| answer.text);
    let again = (answer.text == ask(&request)?).then_some(());
    outcome.problems.extend(again.is_none().then(|| Problem::from(twice())));
    outcome.problems.extend(in_another_order(&request, &answer.text, &ask)?);
    reads(fixture, &plugin.description, &answer.text, used, &ask);
    applied(fixture, plugin, &response)?;
    match compared(fixture, &response, &answer.text)? {
        Some(_) if wish == Wish::Bless && outcome.problems.is_empty() => {
            emit::file(&fixture.response, written(&answer.text)?)?;
            outcome.blessed = true;
        }
        problem => outcome.problems.extend(problem),
    }
    Ok(())
}

fn twice() -> Diagnostic {
    Diagnostic::error("the same request got two answers")
        .hint("an answer follows from the request alone: no address, no order of a hash map, no memory that was never written")
}

/// The order of keys means nothing in JSON, so it must mean nothing in an answer.
fn in_another_order(
    request: &str,
    answer: &str,
    ask: &dyn Fn(&str) -> Result<String, Failure>,
) -> Result<Option<Problem>, Failure> {
    let other = ask(&reversed(&value(request)).to_string())?;
    if value(&other) == value(answer) {
        return Ok(None);
    }
    let finding = Diagnostic::error("the same request with its keys in another order got another answer")
        .hint("sort what comes out of a map before it becomes a list or a text");
    Ok(Some(Problem { finding, diff: difference(&written(answer)?, &written(&other)?) }))
}

/// Looks for the kinds without which the answer is another one.
fn reads(
    fixture: &Fixture,
    description: &Description,
    answer: &str,
    used: &mut Used<'_>,
    ask: &dyn Fn(&str) -> Result<String, Failure>,
) {
    for kind in used.unread() {
        let mut without = description.clone();
        without.permissions.read.retain(|other| other != kind);
        let request = transform::request(&without, fixture.input(), &fixture.manifests);
        if ask(&request).ok().map(|other| value(&other)) != Some(value(answer)) {
            used.count_read(kind);
        }
    }
}

/// The host makes the changes, so what it would refuse in a run is found here.
fn applied(fixture: &Fixture, plugin: &Plugin, response: &Response) -> Result<(), Failure> {
    if response.mistakes.is_empty() {
        let (mut manifests, mut log) = (fixture.manifests.clone(), Vec::new());
        let secrets = Secrets::of(&manifests, &[], &VOCABULARY);
        let by = (&plugin.description, &secrets);
        apply::apply(by, &plugin.limits, response.changes.clone(), &mut manifests, &mut log)?;
    }
    Ok(())
}

fn compared(fixture: &Fixture, response: &Response, answer: &str) -> Result<Option<Problem>, Failure> {
    let Some(Expected { value: expected, place }) = &fixture.expected else {
        let finding = Diagnostic::error(format!("there is no `{}` to compare with", fixture.response.display()));
        let diff = difference("", &written(answer)?);
        return Ok(Some(Problem { finding: finding.hint("`--bless` writes it; review what it wrote"), diff }));
    };
    let text = expected.to_string();
    let finding = match response::parse(&text) {
        Ok(expected) if expected == *response => return Ok(None),
        Ok(_) => Diagnostic::error("the answer is not what is expected"),
        Err(error) => Diagnostic::error(format!("what is expected is no response: {}", error.message)),
    };
    let finding = finding.at(Some(*place)).hint("mend the plugin, or accept the answer with `--bless` and review it");
    Ok(Some(Problem { finding, diff: difference(&written(&text)?, &written(answer)?) }))
}

/// An answer as it stands in response.yaml: with sorted keys, whatever language wrote them.
fn written(answer: &str) -> Result<String, Failure> {
    let mut sorted = value(answer);
    sorted.sort_all_objects();
    yaml::emit::document(&sorted).map_err(Failure::Internal)
}

/// The value of a text that was read as JSON before.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(map) => map.iter().rev().map(|(key, value)| (key.clone(), reversed(value))).collect(),
        Value::Array(items) => items.iter().map(reversed).collect(),
        plain => plain.clone(),
    }
}

fn difference(expected: &str, answered: &str) -> String {
    TextDiff::from_lines(expected, answered).unified_diff().header("expected", "answered").to_string()
}

impl From<Diagnostic> for Problem {
    fn from(finding: Diagnostic) -> Self {
        Self { finding, diff: String::new() }
    }
}
