//! Where a template went wrong. Rendering keeps no positions; a run that fails renders once more
//! with every placeholder told where it stands in its template.

use std::error::Error as _;
use std::ops::Range;

use minijinja::{Error, ErrorKind, Value};

use render_text::diagnostic::Diagnostic;
use render_text::node::Node;
use render_text::source::{Place, SourceId, Sources};

use super::limits::{Exceeded, MAX_RECURSION, MAX_STEPS};
use super::metered::metered;
use super::names::{aliases, names, read, steps};
use super::placeholders::Misplaced;
use super::shape::Misshapen;
use super::tags::{Kind, Tag, tags};
use super::{Template, marks, syntax};

/// A template that minijinja refuses, or that reads a value that is not there: with the values that the line
/// reads, where they were written.
pub(super) fn template_error(template: &Template, error: &Error, values: &Node, sources: &mut Sources) -> Diagnostic {
    let error = innermost(error);
    let what = match error.kind() {
        ErrorKind::OutOfFuel => format!("it takes more than the limit of {MAX_STEPS} steps"),
        kind => match error.detail() {
            Some("recursion limit exceeded") => format!(
                "loops, blocks and includes nest deeper than the limit of {MAX_RECURSION}, and an include counts as ten"
            ),
            Some("template exceeds maximum recursion limits") => {
                "brackets or blocks nest deeper than the limit of 150".to_owned()
            }
            Some(detail) => detail.to_owned(),
            None => kind.to_string(),
        },
    };
    let included = error.name().filter(|name| *name != template.name);
    let inside = included.map_or(String::new(), |name| format!(" (in {name})"));
    let wrong = Diagnostic::error(format!("template {}{inside}: {what}", template.name));
    let remedy = error.source().and_then(|source| source.downcast_ref::<Exceeded>());
    let wrong = match remedy.map(|Exceeded(remedy)| *remedy).or_else(|| hint(error.kind())) {
        Some(hint) => wrong.hint(hint),
        None => wrong,
    };
    let text = match included {
        Some(name) => template.library.get(name),
        None => Some(template.text.as_str()),
    };
    let Some(text) = text else { return wrong };
    let range = match (error.range(), error.line()) {
        (Some(range), _) if included.is_none() && template.source.is_some() => metered(text, &syntax()).written(&range),
        (Some(range), _) => range,
        (None, Some(line)) => line_of(text, line),
        (None, None) => return wrong,
    };
    let source = match included {
        Some(name) => sources.add(shown_name(name), text),
        None => source_of(template, sources),
    };
    let outer = aliases(&template.text, template.text.len());
    let names = if included.is_some() {
        outer.into_iter().chain(aliases(text, range.start)).collect()
    } else {
        aliases(text, range.start)
    };
    let wrong = wrong.at(Place::new(source, range.clone()));
    values_in_play(text, &range, values, &names).into_iter().fold(wrong, |wrong, (place, role)| wrong.with(place, role))
}

/// A line, from 1, without its end.
fn line_of(text: &str, line: usize) -> Range<usize> {
    let start = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    start..start + text[start..].lines().next().unwrap_or_default().len()
}

/// An error in an included template comes inside one that says only that the including failed.
fn innermost(error: &Error) -> &Error {
    let inner = error.source().and_then(|source| source.downcast_ref::<Error>());
    inner.filter(|_| error.kind() == ErrorKind::BadInclude).map_or(error, innermost)
}

/// The values that the tag around a place reads. What is absent elsewhere in it may well be optional, so only at
/// the place itself is it said to be missing.
fn values_in_play(
    text: &str,
    range: &Range<usize>,
    values: &Node,
    aliases: &super::names::Aliases,
) -> Vec<(Place, String)> {
    let around = |tag: &Tag| tag.range.start <= range.start && range.start < tag.range.end && tag.kind != Kind::Comment;
    let Some(tag) = tags(text).into_iter().find(around) else { return Vec::new() };
    let mut found: Vec<(Place, String)> = Vec::new();
    for name in names(&text[tag.inner.clone()]) {
        let (start, end) = (tag.inner.start + name.range.start, tag.inner.start + name.range.end);
        let steps = steps(&name.parts, aliases);
        let read = read(values, &steps, None);
        let role = match read.missing {
            Some(missing) if start < range.end && range.start < end => format!("there is no `{missing}` here"),
            Some(_) => continue,
            None => format!("`{}` comes from here", name.parts.join(".")),
        };
        if let Some(place) = read.place.filter(|place| found.iter().all(|(other, _)| other != place)) {
            found.push((place, role));
        }
    }
    found
}

fn hint(kind: ErrorKind) -> Option<&'static str> {
    match kind {
        ErrorKind::UndefinedError => {
            Some("every value that a template reads must be set; use `|optional` for one that may be absent")
        }
        ErrorKind::UnknownFilter | ErrorKind::UnknownFunction => {
            Some("a value needs no quoting and no indenting: it keeps its type, and stands alone in `{{ }}`")
        }
        ErrorKind::OutOfFuel => Some("loop over fewer items, or make a template of each part"),
        ErrorKind::SyntaxError => Some("close each `{{`, and each `{% if %}` and `{% for %}` with its end"),
        _ => None,
    }
}

/// A template whose text is too long or too deep to be parsed.
pub(super) fn misshapen(template: &Template, wrong: Misshapen, sources: &mut Sources) -> Diagnostic {
    Diagnostic::error(format!("template {}: {}", template.name, wrong.message))
        .at(Place::new(source_of(template, sources), wrong.range))
        .hint(wrong.hint)
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
    let origin = marks::render(template, context).and_then(|marked| marked.origins.get(wrong.placeholder).cloned());
    let place = origin.map(|origin| {
        let source = match template.library.get(&origin.template).filter(|_| origin.template != template.name) {
            Some(text) => sources.add(shown_name(&origin.template), text),
            None => source_of(template, sources),
        };
        Place::new(source, origin.range)
    });
    Diagnostic::error(format!("template {}: {}", template.name, wrong.message)).at(place).hint(wrong.hint)
}

/// The source of a template's text: a file of the user's, or one of the program's own.
pub(super) fn source_of(template: &Template, sources: &mut Sources) -> SourceId {
    template.source.unwrap_or_else(|| sources.add(shown_name(&template.name), template.text.clone()))
}

/// What a message calls one of the program's own templates.
pub(super) fn shown_name(name: &str) -> String {
    format!("host/templates/{name}")
}
