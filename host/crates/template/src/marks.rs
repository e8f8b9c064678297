//! A template rendered once more, with marks that tell where each value and each line came from. Only runs that
//! have something to say about a template or about what it made come here.

use std::ops::Range;

use minijinja::{Environment, State, Value};

use super::metered::metered;
use super::placeholders::{self, Placeholders};
use super::tags::{Kind, Tag, tags};
use super::{Library, Template, shape, syntax};

/// Private characters of Unicode that open and close the mark at the end of a line.
const OPEN: char = '\u{E002}';
const CLOSE: char = '\u{E003}';

/// A template's output, and where it came from.
#[derive(Debug)]
pub(super) struct Marked {
    /// The output as it is without marks.
    pub(super) text: String,
    /// Where each of its lines starts.
    pub(super) starts: Vec<usize>,
    /// For each of its lines, the template and the line there, from 0; `None` for a line that several made.
    pub(super) lines: Vec<Option<(String, usize)>>,
    /// For each placeholder, where it stands.
    pub(super) origins: Vec<Origin>,
    /// The placeholders' values.
    pub(super) values: Vec<Value>,
}

/// Where a value stands in a template.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// The template, by its name.
    pub(super) template: String,
    /// The bytes of the tag.
    pub(super) range: Range<usize>,
}

/// Renders a template with marks; `None` when it cannot be rendered.
pub(super) fn render(template: &Template, context: &Value) -> Option<Marked> {
    let environment = environment(template.library);
    let mut text = mark(&template.name, &template.text);
    if template.source.is_some() {
        shape::check(&text, &syntax()).ok()?;
        text = metered(&text, &syntax()).text.into_owned();
    }
    let parsed = environment.template_from_named_str(&template.name, &text).ok()?;
    let captured = parsed.render_captured(context.clone()).ok()?;
    let (text, lines) = unmarked(captured.output());
    let origins = captured.state().get_extension::<Origins>().map(|origins| origins.0.clone()).unwrap_or_default();
    let values = captured.state().get_extension::<Placeholders>().map(|values| values.0.clone()).unwrap_or_default();
    let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
    Some(Marked { text, starts, lines, origins, values })
}

#[derive(Debug, Default)]
struct Origins(Vec<Origin>);

fn environment(library: &'static Library) -> Environment<'static> {
    let mut environment = super::environment(library);
    environment.add_function("__at", at);
    environment.set_formatter(|output, state, value| {
        let before = count(state);
        placeholders::format(output, state, value)?;
        if count(state) > before {
            let range = state.get_temp("at").and_then(|range| range_of(&range)).unwrap_or_default();
            let origin = Origin { template: state.name().to_owned(), range };
            state.get_or_insert_extension(Origins::default()).0.push(origin);
        }
        Ok(())
    });
    environment.set_loader(move |name| {
        let is_yaml = std::path::Path::new(name).extension().is_some_and(|ending| ending == "yaml");
        let text = |text: &str| if is_yaml { mark(name, text) } else { text.to_owned() };
        Ok(library.get(name).map(text))
    });
    environment
}

fn count(state: &State) -> usize {
    state.get_extension::<Placeholders>().map_or(0, |values| values.0.len())
}

fn at(state: &mut State, start: usize, end: usize, value: Value) -> Value {
    state.set_temp("at", Value::from(vec![start, end]));
    value
}

fn range_of(range: &Value) -> Option<Range<usize>> {
    let end = |index| usize::try_from(range.get_item_by_index(index).ok()?).ok();
    Some(end(0)?..end(1)?)
}

/// Wraps each `{{ expression }}` so that it says where it stands, and ends each line that has an output with a
/// mark. A line that ends in a block has none: the block takes the line's end away.
fn mark(name: &str, text: &str) -> String {
    let mut marked = String::with_capacity(text.len() * 2);
    let (mut rest, mut line, mut behind_block) = (0, 0, false);
    for tag in tags(text) {
        line += lines(&text[rest..tag.range.start], (name, line, behind_block), &mut marked);
        let Tag { kind, range, inner } = tag;
        if kind == Kind::Output {
            marked.push_str(&text[range.start..inner.start]);
            let at =
                ["__at(", &range.start.to_string(), ", ", &range.end.to_string(), ", (", &text[inner.clone()], "))"];
            marked.extend([" "].into_iter().chain(at));
            marked.push_str(&text[inner.end..range.end]);
        } else {
            marked.push_str(&text[range.clone()]);
        }
        line += text[range.clone()].matches('\n').count();
        (rest, behind_block) = (range.end, kind != Kind::Output);
    }
    lines(&text[rest..], (name, line, behind_block), &mut marked);
    marked
}

/// Copies text between tags, with a mark before each line end, and returns how many lines ended.
fn lines(text: &str, (name, line, behind_block): (&str, usize, bool), marked: &mut String) -> usize {
    let mut ended = 0;
    for part in text.split_inclusive('\n') {
        let taken = behind_block && ended == 0 && part == "\n";
        match part.strip_suffix('\n').filter(|_| !taken) {
            Some(content) => {
                marked.extend([content, &OPEN.to_string(), name, ":", &(line + ended).to_string()]);
                marked.extend([CLOSE, '\n']);
            }
            None => marked.push_str(part),
        }
        ended += usize::from(part.ends_with('\n'));
    }
    ended
}

/// The output without marks, and what the marks of each line say.
fn unmarked(output: &str) -> (String, Vec<Option<(String, usize)>>) {
    let (mut text, mut lines) = (String::with_capacity(output.len()), Vec::new());
    for line in output.split_inclusive('\n') {
        let mut origin = None;
        let mut rest = line;
        while let Some((before, (mark, after))) =
            rest.split_once(OPEN).and_then(|(before, rest)| Some((before, rest.split_once(CLOSE)?)))
        {
            text.push_str(before);
            origin = mark.rsplit_once(':').and_then(|(name, line)| Some((name.to_owned(), line.parse().ok()?)));
            rest = after;
        }
        text.push_str(rest);
        lines.push(origin);
    }
    (text, lines)
}
