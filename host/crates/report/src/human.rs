//! What was found, as text for a person: the message, the line it is about, and what to do. The order is that
//! of the places, as a reader goes through a file.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use render_text::diagnostic::{Diagnostic, Severity};
use render_text::source::{Place, Sources};

use super::Style;
use super::excerpt::Excerpt;
use super::plain::{clean, places, word};

/// Wider lines are cut around what they are about.
const WIDTH: usize = 140;

/// More findings than these nobody reads; the summary counts all, and programs get all.
const MOST: usize = 1000;

/// The renderer counts columns in the text that it is given, of which masks and cuts have taken some. So a path comes with
/// its own line and column, and those of the renderer behind this mark are dropped; no text that is shown has it.
const END_OF_PATH: char = '\0';

/// The findings in the order of their places, those without a place last. Each shows the first line of its
/// place, with a mask in the place of secrets.
#[must_use]
pub fn human(found: &[Diagnostic], sources: &Sources, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Colored => Renderer::styled(),
    };
    let renderer = renderer.term_width(WIDTH);
    let (told, rest) = most_important(found);
    let mut texts: Vec<String> =
        told.into_iter().map(|finding| own_columns(&renderer.render(&[group(finding, sources)])) + "\n").collect();
    texts.extend((rest > 0).then(|| {
        let more = format!("{} more, which `--message-format json` has", super::counted(rest, "finding"));
        renderer.render(&[Group::with_title(Level::NOTE.primary_title(more))]) + "\n"
    }));
    texts.join("\n")
}

/// The text of a finding without the columns of the renderer.
fn own_columns(rendered: &str) -> String {
    let mut parts = rendered.split(END_OF_PATH);
    let first = parts.next().unwrap_or_default().to_owned();
    let is_column = |letter: char| letter.is_ascii_digit() || letter == ':';
    parts.fold(first, |text, part| text + part.trim_start_matches(is_column))
}

/// As many findings as somebody reads, the errors before the warnings, and how many more there are.
fn most_important(found: &[Diagnostic]) -> (Vec<&Diagnostic>, usize) {
    let mut ordered = super::ordered(found);
    let rest = ordered.len().saturating_sub(MOST);
    if rest > 0 {
        ordered.sort_by_key(|finding| finding.severity);
        ordered.truncate(MOST);
        super::sort(&mut ordered);
    }
    (ordered, rest)
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
struct Shown<'a> {
    name: String,
    line: Excerpt,
    labels: Vec<Annotation<'a>>,
    /// The first place on the line: two places on one line share an excerpt.
    place: Place,
    /// The column of the first place in the source: masks and cuts move it in the excerpt.
    column: usize,
}

impl<'a> Shown<'a> {
    fn new(place: Place, sources: &Sources) -> Self {
        let line = Excerpt::around(place, sources);
        let name = word(&sources.get(place.source).name);
        Self { name, line, labels: Vec::new(), place, column: sources.line_column(place).1 }
    }

    fn mark(&mut self, place: Place, kind: AnnotationKind, label: Option<String>) {
        self.labels.push(kind.span(self.line.span(place)).label(label));
    }

    /// Under an empty line there is nothing to point at, so it is only named.
    fn add_to(self, group: Group<'a>) -> Group<'a> {
        let Self { name, line, labels, column, .. } = self;
        if line.text.is_empty() {
            return group.element(Origin::path(name).line(line.number).char_column(1));
        }
        let path = format!("{name}:{}:{column}{END_OF_PATH}", line.number);
        group.element(Snippet::source(line.text).line_start(line.number).path(path).annotations(labels))
    }
}

/// The finding's own place and those that take part in it.
fn excerpts<'a>(finding: &Diagnostic, sources: &Sources) -> Vec<Shown<'a>> {
    // A value that follows from another has the other's place, and a place is marked once.
    let role = |place: Place| finding.related.iter().find(|(other, _)| *other == place).map(|(_, role)| role);
    let label = |place: Place| role(place).map(|role| clean(role, sources));
    let own = finding.place.map(|place| (place, AnnotationKind::Primary, label(place)));
    let related = finding
        .related
        .iter()
        .filter(|(place, _)| finding.place != Some(*place))
        .map(|(place, role)| (*place, AnnotationKind::Context, Some(clean(role, sources))));
    let mut excerpts: Vec<Shown<'a>> = Vec::new();
    for (place, kind, label) in own.into_iter().chain(related) {
        let same = excerpts.iter_mut().find(|other| other.place.source == place.source && other.line.covers(place));
        if let Some(other) = same {
            other.mark(place, kind, label);
        } else {
            let mut excerpt = Shown::new(place, sources);
            excerpt.mark(place, kind, label);
            excerpts.push(excerpt);
        }
    }
    excerpts
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;
    use render_text::source::SourceId;

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
    fn secret_places_are_masked_and_the_carets_stay_where_they_belong() {
        let (mut sources, _, place) = sources("prd.yaml", "auth: {value: hünter2, x: 1}\n", "x");
        let secret = Place::new(place.source, 14..22);
        let found = [Diagnostic::error("unknown key `x`").at(place), Diagnostic::error("too short").at(secret)];
        let expected = "\
error: too short
 --> prd.yaml:1:15
  |
1 | auth: {value: ***, x: 1}
  |               ^^^

error: unknown key `x`
 --> prd.yaml:1:24
  |
1 | auth: {value: ***, x: 1}
  |                    ^
";
        sources.mask([secret]);
        assert_eq!(human(&found, &sources, Style::Plain), expected);
    }

    #[test]
    fn the_text_of_a_secret_is_masked_wherever_it_stands() {
        let (mut sources, _, place) = sources("prd.yaml", "dsn: hunter2, url: redis://u:pw@h, x: 1\n", "x");
        sources.mask_texts(["hunter2".to_owned()]);
        let shown = human(&[Diagnostic::error("`hunter2`")], &sources, Style::Plain);
        assert_eq!(shown, "error: `***`\n");
        let shown = human(&[Diagnostic::error("wrong").at(place)], &sources, Style::Plain);
        assert!(shown.contains("1 | dsn: ***, url: redis://u:***@h, x: 1\n"), "{shown}");
    }

    #[test]
    fn a_text_that_nobody_has_read_shows_its_structure() {
        let mut sources = Sources::default();
        let source = sources.add_unread("a.yaml", "kind: Secret\nstringData: {a: canary\n");
        let place = Place::new(source, 28..34);
        let shown = |sources: &Sources| human(&[Diagnostic::error("wrong").at(place)], sources, Style::Plain);
        assert!(shown(&sources).contains("2 | stringData: ***\n  |             ^^^\n"), "{}", shown(&sources));
        sources.classified(source);
        assert!(shown(&sources).contains("2 | stringData: {a: canary\n"), "{}", shown(&sources));
    }

    #[test]
    fn what_a_ci_takes_for_a_command_is_broken() {
        let (sources, _, place) = sources("##[group]a.yaml", "a: 1 ##[add-mask]x\n", "a");
        let shown = human(&[Diagnostic::error("::error::x ##vso[task]").at(place)], &sources, Style::Plain);
        assert_eq!(shown.matches("##").count(), 0, "{shown}");
        assert!(shown.contains("1 | a: 1 #\u{fffd}[add-mask]x\n"), "{shown}");
    }

    #[test]
    fn of_very_many_findings_the_errors_are_shown_first_and_the_rest_is_counted() {
        let (sources, id, _) = sources("a.yaml", &"x\n".repeat(2 * MOST), "x");
        let at = |index: usize| Place::new(id, 2 * index..2 * index + 1);
        let warnings = (0..MOST + 5).map(|index| Diagnostic::warning("later").at(at(index)));
        let found: Vec<Diagnostic> = warnings.chain([Diagnostic::error("wrong").at(at(MOST + 10))]).collect();
        let shown = human(&found, &sources, Style::Plain);
        assert_eq!((shown.matches("warning: ").count(), shown.matches("error: ").count()), (MOST - 1, 1));
        assert!(shown.ends_with("\nnote: 6 findings more, which `--message-format json` has\n"), "{shown}");
    }

    /// Each excerpt is short, however long its line is; looked at as a whole for each finding, this takes minutes.
    #[test]
    fn a_finding_costs_as_much_as_what_is_shown_of_it() {
        let text = format!("{{{}}}", "key: secret, ".repeat(100_000));
        let mut sources = Sources::default();
        let id = sources.add("a.yaml", text.as_str());
        sources.mask((0..100_000).map(|index| Place::new(id, 13 * index + 6..13 * index + 12)));
        let found: Vec<Diagnostic> = (0..MOST)
            .map(|index| Diagnostic::error("wrong").at(Place::new(id, 1300 * index + 1..1300 * index + 4)))
            .collect();
        let shown = human(&found, &sources, Style::Plain);
        assert_eq!(shown.matches("^^^").count(), MOST);
        assert!(shown.lines().all(|line| line.chars().count() <= WIDTH && !line.contains("secret")), "{shown}");
        assert!(shown.contains(" --> a.yaml:1:1298702\n"), "{shown}");
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
