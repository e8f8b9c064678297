//! What was found, as text for a person: the message, the line it is about, and what to do. The order is that
//! of the places, as a reader goes through a file.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Style;
use super::text::{acts, clean, name, places};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::{Place, Sources};

/// Wider lines are cut around what they are about.
const WIDTH: usize = 140;

/// The findings in the order of their places, those without a place last. Each shows the first line of its
/// place. In every line shown, and in the names of sources, the characters at hidden places become `*`.
#[must_use]
pub fn human(found: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colored => Renderer::styled(),
    };
    let renderer = renderer.term_width(WIDTH);
    super::ordered(found)
        .into_iter()
        .map(|finding| renderer.render(&[group(finding, sources)]) + "\n")
        .collect::<Vec<_>>()
        .join("\n")
}

/// One finding: its title, its excerpts, its help.
fn group<'a>(finding: &Diagnostic, sources: &'a Sources) -> Group<'a> {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut title = level.primary_title(clean(&finding.message, sources));
    if let Some(code) = finding.code {
        title = title.id(code);
    }
    let mut group = Group::with_title(title);
    for excerpt in excerpts(finding, sources) {
        group = excerpt.add_to(group);
    }
    if let Some(hint) = &finding.hint {
        group = group.element(Level::HELP.message(clean(hint, sources)));
    }
    match places(&finding.environments) {
        Some(places) => group.element(Level::NOTE.message(clean(&places, sources))),
        None => group,
    }
}

/// One line of a source and what it is shown for.
struct Excerpt<'a> {
    name: String,
    line: Line,
    labels: Vec<Annotation<'a>>,
    /// The first place on the line: two places on one line share an excerpt.
    place: Place,
}

impl<'a> Excerpt<'a> {
    fn new(place: Place, sources: &Sources) -> Self {
        let line = Line::around(place, sources);
        Self { name: name(place, sources), line, labels: Vec::new(), place }
    }

    fn mark(&mut self, place: Place, kind: AnnotationKind, label: Option<String>) {
        self.labels.push(kind.span(self.line.span(place)).label(label));
    }

    /// Under an empty line there is nothing to point at, so it is only named.
    fn add_to(self, group: Group<'a>) -> Group<'a> {
        if self.line.text.is_empty() {
            return group.element(Origin::path(self.name).line(self.line.number).char_column(1));
        }
        let snippet = Snippet::source(self.line.text).line_start(self.line.number).path(self.name);
        group.element(snippet.annotations(self.labels))
    }
}

/// The finding's own place and those that take part in it.
fn excerpts<'a>(finding: &Diagnostic, sources: &Sources) -> Vec<Excerpt<'a>> {
    // A value that follows from another has the other's place, and a place is marked once.
    let role = |place: Place| finding.related.iter().find(|(other, _)| *other == place).map(|(_, role)| role);
    let label = |place: Place| role(place).map(|role| clean(role, sources));
    let own = finding.place.map(|place| (place, AnnotationKind::Primary, label(place)));
    let related = finding
        .related
        .iter()
        .filter(|(place, _)| finding.place != Some(*place))
        .map(|(place, role)| (*place, AnnotationKind::Context, Some(clean(role, sources))));
    let mut excerpts: Vec<Excerpt<'a>> = Vec::new();
    for (place, kind, label) in own.into_iter().chain(related) {
        let same = excerpts.iter_mut().find(|other| other.place.source == place.source && other.line.covers(place));
        if let Some(other) = same {
            other.mark(place, kind, label);
        } else {
            let mut excerpt = Excerpt::new(place, sources);
            excerpt.mark(place, kind, label);
            excerpts.push(excerpt);
        }
    }
    excerpts
}

/// A line made ready for showing: what it says, and where each of its bytes went.
struct Line {
    number: usize,
    text: String,
    /// For each character that is shown, where it starts in the source, and where in `text`.
    starts: Vec<(usize, usize)>,
    /// The bytes of the source that the line takes.
    range: Range<usize>,
}

impl Line {
    fn around(place: Place, sources: &Sources) -> Self {
        let source = &sources.get(place.source).text;
        let range = line_range(source, place.range().start);
        let here = |hide: &&Place| hide.source == place.source;
        let hidden = |byte: usize| sources.hidden().iter().filter(here).any(|hide| hide.range().contains(&byte));
        let (mut text, mut starts) = (String::new(), Vec::new());
        for (offset, letter) in source[range.clone()].char_indices() {
            starts.push((range.start + offset, text.len()));
            text.push(if hidden(range.start + offset) { '*' } else { shown(letter) });
        }
        Self { number: sources.line_column(place).0, text, starts, range }
    }

    fn covers(&self, place: Place) -> bool {
        self.range.contains(&place.range().start)
    }

    /// Where a place lies in the text that is shown; what goes beyond the line is left out.
    fn span(&self, place: Place) -> Range<usize> {
        let place = place.range();
        let first = self.starts.partition_point(|(from, _)| *from <= place.start).saturating_sub(1);
        let after = self.starts.partition_point(|(from, _)| *from < place.end);
        let shown = |index: usize| self.starts.get(index).map_or(self.text.len(), |(_, to)| *to);
        let start = if place.start >= self.range.end { self.text.len() } else { shown(first) };
        start..shown(after).max(start)
    }
}

/// The line that a byte lies on, without its end.
fn line_range(text: &str, byte: usize) -> Range<usize> {
    let byte = text.floor_char_boundary(byte);
    let start = text[..byte].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[byte..].find('\n').map_or(text.len(), |newline| byte + newline);
    start..(start + text[start..end].trim_end_matches('\r').len())
}

/// A character of an excerpt: one that a terminal would act on becomes a single visible one, so that the
/// columns stay those of the file. The renderer does this itself for most, not for all.
fn shown(letter: char) -> char {
    match letter {
        '\t' => letter,
        '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(letter)).unwrap_or(char::REPLACEMENT_CHARACTER),
        '\u{7f}' => '␡',
        _ if acts(letter) => char::REPLACEMENT_CHARACTER,
        _ => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    const PRD: &str = "livekit:\n  replicsa: 3\n  name: livekit\n";

    /// One source, and the place of the first occurrence of a text in it.
    fn sources(name: &str, text: &str, at: &str) -> (Sources, SourceId, Place) {
        let mut sources = Sources::default();
        let id = sources.add(name, text);
        let start = text.find(at).unwrap();
        (sources, id, Place::new(id, start..start + at.len()))
    }

    /// What the reader of an error at a place sees.
    fn shown_at(text: &str, range: Range<usize>) -> String {
        let mut sources = Sources::default();
        let place = Place::new(sources.add("a.yaml", text), range);
        human(&[Diagnostic::error("wrong").at(place)], &sources, Style::Plain)
    }

    #[test]
    fn a_mistake_shows_its_code_its_line_and_what_to_do() {
        let (sources, _, place) = sources("environments/prd.yaml", PRD, "replicsa");
        let mut mistake =
            Diagnostic::error("unknown key `replicsa` in `livekit`").at(place).hint("did you mean `replicas`?");
        mistake.code = Some("LK012");
        let expected = "\
error[LK012]: unknown key `replicsa` in `livekit`
 --> environments/prd.yaml:2:3
  |
2 |   replicsa: 3
  |   ^^^^^^^^
  |
  = help: did you mean `replicas`?
";
        assert_eq!(human(&[mistake], &sources, Style::Plain), expected);
    }

    #[test]
    fn findings_come_in_the_order_of_their_places_and_those_without_one_last() {
        let (sources, id, place) = sources("prd.yaml", PRD, "name");
        let first = Place::new(id, 0..7);
        let found = [
            Diagnostic::error("the set is empty").hint("enable `livekit`"),
            Diagnostic::warning("later").at(place),
            Diagnostic::error("earlier").at(first),
        ];
        let expected = "\
error: earlier
 --> prd.yaml:1:1
  |
1 | livekit:
  | ^^^^^^^

warning: later
 --> prd.yaml:3:3
  |
3 |   name: livekit
  |   ^^^^

error: the set is empty
 |
 = help: enable `livekit`
";
        assert_eq!(human(&found, &sources, Style::Plain), expected);
    }

    #[test]
    fn places_that_take_part_are_shown_with_their_role() {
        let (mut sources, id, place) = sources("prd.yaml", "a: 1\nb: {c: 2, d: 3}\n", "c");
        let other = sources.add("gke.yaml", "# shared\nc: 7\n");
        let mistake = Diagnostic::error("`c` and `d` cannot be set together")
            .at(place)
            .with(Place::new(id, 15..16), "set here")
            .with(Place::new(id, 0..1), "needs one of them")
            .with(Place::new(other, 9..10), "overrides this");
        let expected = "\
error: `c` and `d` cannot be set together
 --> prd.yaml:2:5
  |
2 | b: {c: 2, d: 3}
  |     ^     - set here
  |
 ::: prd.yaml:1:1
  |
1 | a: 1
  | - needs one of them
  |
 ::: gke.yaml:2:1
  |
2 | c: 7
  | - overrides this
";
        assert_eq!(human(&[mistake], &sources, Style::Plain), expected);
    }

    #[test]
    fn a_place_of_several_lines_is_clipped_to_its_first() {
        let expected = "\
error: wrong
 --> a.yaml:2:3
  |
2 |   b: 1
  |   ^^^^
";
        assert_eq!(shown_at("a:\n  b: 1\n  c: 2\n", 5..17), expected);
    }

    #[test]
    fn the_ends_of_texts_and_empty_texts_have_a_place_too() {
        let no_newline = "\
error: wrong
 --> a.yaml:1:6
  |
1 | a: [1
  |      ^
";
        assert_eq!(shown_at("a: [1", 5..5), no_newline);
        assert_eq!(shown_at("a: [1\n", 6..6), "error: wrong\n--> a.yaml:2:1\n");
        assert_eq!(shown_at("", 0..0), "error: wrong\n--> a.yaml:1:1\n");
        assert_eq!(shown_at("", 7..9), "error: wrong\n--> a.yaml:1:1\n");
        assert_eq!(shown_at("a: 1\n\nb: 2\n", 5..8), "error: wrong\n--> a.yaml:2:1\n");
    }

    #[test]
    fn tabs_wide_characters_and_windows_line_ends_keep_the_carets_in_place() {
        let tab = "\
error: wrong
 --> a.yaml:1:4
  |
1 | a:    b
  |       ^
";
        assert_eq!(shown_at("a:\tb\n", 3..4), tab);
        let wide = "\
error: wrong
 --> a.yaml:1:9
  |
1 | 名前: 値 # é
  |            ^
";
        assert_eq!(shown_at("名前: 値 # é\r\nb: 1\r\n", 14..16), wide);
        let windows = "\
error: wrong
 --> a.yaml:2:4
  |
2 | b: 1
  |    ^
";
        assert_eq!(shown_at("a: 0\r\nb: 1\r\n", 9..12), windows);
    }

    #[test]
    fn a_place_that_splits_a_character_does_no_harm() {
        let expected = "\
error: wrong
 --> a.yaml:1:1
  |
1 | é: 1
  | ^^
";
        assert_eq!(shown_at("é: 1\n", 1..3), expected);
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_place_and_keeps_its_column() {
        let text = format!("a: [{}wrong, {}]\n", "x, ".repeat(100_000), "y, ".repeat(100_000));
        let start = text.find("wrong").unwrap();
        let shown = shown_at(&text, start..start + 5);
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[..3], ["error: wrong", " --> a.yaml:1:300005", "  |"]);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{shown}");
        let caret = lines[4].chars().position(|letter| letter == '^').unwrap();
        assert_eq!(lines[3].chars().skip(caret).take(5).collect::<String>(), "wrong", "{shown}");
    }

    #[test]
    fn nothing_from_a_file_drives_the_terminal() {
        let text = "a: \u{1b}[31m\u{9b}2J\u{202e}\u{200b}\u{7}\u{7f}b\n";
        let (sources, _, place) = sources("\u{1b}]0;x\u{7}.yaml", text, "b");
        let mistake = Diagnostic::error("unknown key `\u{1b}[2J\n\u{202e}é`").at(place).hint("\u{9b}A");
        let expected = "\
error: unknown key `\\u{1b}[2J\\n\\u{202e}é`
 --> \\u{1b}]0;x\\u{7}.yaml:1:16
  |
1 | a: ␛[31m�2J��␇␡b
  |                ^
  |
  = help: \\u{9b}A
";
        assert_eq!(human(&[mistake], &sources, Style::Plain), expected);
    }

    #[test]
    fn secret_values_are_masked_in_lines_and_in_the_names_of_arguments() {
        let (mut sources, _, place) = sources("prd.yaml", "auth: {value: hünter2, x: 1}\n", "x");
        let secret = Place::new(place.source, 14..22);
        let set = sources.add("--set redis.auth.value=hunter2", "redis.auth.value=hunter2");
        let argument = Place::new(set, 17..24);
        let found = [Diagnostic::error("unknown key `x`").at(place), Diagnostic::error("too short").at(argument)];
        let expected = "\
error: unknown key `x`
 --> prd.yaml:1:24
  |
1 | auth: {value: *******, x: 1}
  |                        ^

error: too short
 --> --set redis.auth.value=***:1:18
  |
1 | redis.auth.value=*******
  |                  ^^^^^^^
";
        sources.hide([secret, argument]);
        assert_eq!(human(&found, &sources, Style::Plain), expected);
    }

    #[test]
    fn a_terminal_gets_colours_and_the_same_words() {
        let (sources, _, place) = sources("prd.yaml", PRD, "name");
        let colored = human(&[Diagnostic::error("wrong").at(place)], &sources, Style::Colored);
        assert!(colored.starts_with("\u{1b}[1m\u{1b}[91merror\u{1b}[0m"), "{colored:?}");
        assert!(colored.contains("prd.yaml:3:3"), "{colored:?}");
    }

    #[test]
    fn nothing_found_is_nothing_said() {
        assert_eq!(human(&[], &Sources::default(), Style::Plain), "");
    }
}
