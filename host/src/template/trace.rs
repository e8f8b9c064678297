//! Where a template went wrong. Rendering keeps no positions; a run that fails renders once more
//! with every placeholder told where it stands in its template.

use std::ops::Range;

use minijinja::{Error, ErrorKind, State, Value};

use super::Template;
use super::placeholders::{Misplaced, Placeholders};
use crate::diagnostic::Diagnostic;
use crate::source::{Place, Sources};

/// A template that minijinja refuses, or that reads a value that is not there.
pub(super) fn template_error(template: &Template, error: &Error, sources: &mut Sources) -> Diagnostic {
    let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let inside =
        error.name().filter(|name| *name != template.name).map_or(String::new(), |name| format!(" (in {name})"));
    let place = error.range().filter(|_| inside.is_empty()).map(|range| place_in(template, range, sources));
    let wrong = Diagnostic::error(format!("template {}{inside}: {what}", template.name)).at(place);
    match hint(error.kind()) {
        Some(hint) => wrong.hint(hint),
        None => wrong,
    }
}

fn hint(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::UndefinedError => {
            Some("every value that a template reads must be set; use `|optional` for one that may be absent")
        }
        ErrorKind::UnknownFilter | ErrorKind::UnknownFunction => {
            Some("a value needs no quoting and no indenting: it keeps its type, and stands alone in `{{ }}`")
        }
        ErrorKind::SyntaxError => Some("close each `{{`, and each `{% if %}` and `{% for %}` with its end"),
        _ => None,
    }
}

/// A template whose text is no YAML once it is rendered.
pub(super) fn yaml_errors(template: &Template, found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let name = &template.name;
    found
        .into_iter()
        .map(|wrong| Diagnostic { message: format!("template {name} makes no YAML: {}", wrong.message), ..wrong })
        .collect()
}

/// A value in a place where a value cannot go.
pub(super) fn misplaced(template: &Template, context: &Value, wrong: &Misplaced, sources: &mut Sources) -> Diagnostic {
    let place = origin(template, context, wrong.placeholder).map(|range| place_in(template, range, sources));
    Diagnostic::error(format!("template {}: {}", template.name, wrong.message)).at(place).hint(wrong.hint)
}

fn place_in(template: &Template, range: Range<usize>, sources: &mut Sources) -> Place {
    let source = template
        .source
        .unwrap_or_else(|| sources.add(format!("host/templates/{}", template.name), template.text.clone()));
    Place::new(source, range)
}

/// The bytes of the template that made a placeholder.
fn origin(template: &Template, context: &Value, placeholder: usize) -> Option<Range<usize>> {
    let mut environment = super::environment();
    environment.add_function("__at", at);
    environment.set_formatter(|output, state, value| {
        let here = state.get_temp("at").unwrap_or_default();
        state.get_or_insert_extension(Places::default()).0.push(here);
        super::placeholders::format(output, state, value)
    });
    let text = instrument(&template.text);
    let parsed = environment.template_from_named_str(&template.name, &text).ok()?;
    let captured = parsed.render_captured(context.clone()).ok()?;
    let numbers = captured.state().get_extension::<Placeholders>()?.0.len();
    let places = &captured.state().get_extension::<Places>()?.0;
    let place = places.get(places.len().checked_sub(numbers)? + placeholder)?;
    let start = usize::try_from(place.get_item_by_index(0).ok()?).ok()?;
    let end = usize::try_from(place.get_item_by_index(1).ok()?).ok()?;
    Some(start..end)
}

/// For each placeholder, the first byte of its `{{ }}` and the one behind it.
#[derive(Debug, Default)]
struct Places(Vec<Value>);

fn at(state: &mut State, start: usize, end: usize, value: Value) -> Value {
    state.set_temp("at", Value::from(vec![start, end]));
    value
}

/// Wraps each `{{ expression }}` so that it says where it stands.
fn instrument(text: &str) -> String {
    let mut marked = String::with_capacity(text.len() * 2);
    let mut rest = 0;
    while let Some(open) = text[rest..].find("{{").map(|found| rest + found) {
        let Some(close) = text[open..].find("}}").map(|found| open + found) else { break };
        let expression = &text[open + 2..close];
        marked.push_str(&text[rest..open]);
        let marks = ["{{ __at(", &open.to_string(), ", ", &(close + 2).to_string(), ", (", expression, ")) }}"];
        marked.extend(marks);
        rest = close + 2;
    }
    marked.push_str(&text[rest..]);
    marked
}
