//! Text from files, plugins, locks and registries made fit for people: it must not drive a terminal, give orders to what
//! reads a log, nor carry a secret. Every format of findings and every command that speaks to people comes here; manifests
//! are data, and stay as they are.

use std::fmt::Write as _;

use render_text::diagnostic::readable;
use render_text::mask::Texts;
use render_text::source::Sources;

/// A text of a finding: harmless, and without any secret that is known. Messages are written so that they
/// hold none; this is the net below, because a value can come by way of an error of a library.
pub fn clean(text: &str, sources: &Sources) -> String {
    word(&readable(&sources.secrets().masked(text)))
}

/// A text of one line: every character that a terminal would act on is spelt out, line breaks too, as in `\u{1b}`.
#[must_use]
pub fn word(text: &str) -> String {
    let mut spelt = String::with_capacity(text.len());
    for letter in text.chars() {
        if acts(letter) {
            spelt.extend(letter.escape_default());
        } else {
            spelt.push(letter);
        }
    }
    without_marks(spelt)
}

/// A text of several lines, of which none is an order to what reads a log of them: a CI takes `::` at the start of a line,
/// behind blanks, and `##[` anywhere in it for commands of its own.
#[must_use]
pub fn lines(text: &str) -> String {
    let text = Texts::default().masked(text);
    let line = |line: &str| {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        let spelt: String = line.split('\t').map(word).collect::<Vec<_>>().join("\t");
        let blank = spelt.len() - spelt.trim_start().len();
        match spelt[blank..].strip_prefix("::") {
            Some(rest) => format!("{}\\u{{3a}}:{rest}{end}", &spelt[..blank]),
            None => spelt + end,
        }
    };
    text.split_inclusive('\n').map(line).collect()
}

/// JSON of which every text is harmless and still the same text: the characters are escaped as JSON has it.
#[must_use]
pub fn json(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if acts(letter) && letter != '\n' {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(letter);
        }
    }
    escaped.replace("##", "#\\u0023")
}

/// Breaks what a CI takes for a command anywhere in a line: `##[group]`, `##vso[...]`.
fn without_marks(text: String) -> String {
    if !text.contains("##") {
        return text;
    }
    let mut broken = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter == '#' && is_mark(&text[..at], &text[at + 1..]) {
            broken.push_str("\\u{23}");
        } else {
            broken.push(letter);
        }
    }
    broken
}

/// Whether a `#` between two texts is the second one of a mark.
pub(super) fn is_mark(before: &str, behind: &str) -> bool {
    before.ends_with('#') && behind.trim_start_matches(|letter: char| letter.is_ascii_alphabetic()).starts_with('[')
}

/// Controls, line separators, and the marks that turn the direction of text, hide it or take no room: the format
/// characters of Unicode (category Cf) but for those that are seen, such as the Arabic sign of a number, and what carries
/// hidden bytes in their plane.
pub(super) fn acts(letter: char) -> bool {
    let marks = matches!(letter, '\u{ad}' | '\u{61c}' | '\u{70f}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}');
    // Annotations between lines, and the joins of hieroglyphs, shorthand and musical notes.
    let controls = matches!(letter, '\u{fff9}'..='\u{fffb}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}');
    let hidden = matches!(letter, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}');
    letter.is_control() || marks || controls || hidden
}

/// A text below an entry of a list, with its further lines marked: whoever wrote it does not choose where a line of
/// the output starts.
#[must_use]
pub fn marked(text: &str, indentation: &str) -> String {
    text.replace('\n', &format!("\n{indentation}| "))
}

/// More names than these help nobody.
const MOST_NAMES: usize = 8;

/// In which environments something was found.
pub(super) fn places(environments: &[String]) -> Option<String> {
    let (named, others) = environments.split_at(environments.len().min(MOST_NAMES));
    let more = if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) };
    (!named.is_empty()).then(|| format!("in {}{more}", named.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_an_order_to_a_ci() {
        for (text, printed) in [
            ("::error::x\n", "\\u{3a}:error::x\n"),
            (" \u{a0}\t::add-mask::x\n", " \u{a0}\t\\u{3a}:add-mask::x\n"),
            ("a ::b\n", "a ::b\n"),
            ("a ##[add-mask]x", "a #\\u{23}[add-mask]x"),
            ("###vso[task.x]", "##\\u{23}vso[task.x]"),
            ("## a heading\n", "## a heading\n"),
            ("a\r::error::x\n", "a\\r::error::x\n"),
            ("a\u{fff9}b\u{fffa}c\u{fffb}", "a\\u{fff9}b\\u{fffa}c\\u{fffb}"),
            ("\u{70f}\u{13430}\u{1bca0}\u{1d173}\u{e0100}", "\\u{70f}\\u{13430}\\u{1bca0}\\u{1d173}\\u{e0100}"),
            ("\u{601}\u{6dd}\u{fe0f}é👍", "\u{601}\u{6dd}\u{fe0f}é👍"),
            (
                "a\u{2028}\u{85}\u{1b}]0;t\u{7}\u{202e}\u{200b}b",
                "a\\u{2028}\\u{85}\\u{1b}]0;t\\u{7}\\u{202e}\\u{200b}b",
            ),
        ] {
            assert_eq!(lines(text), printed);
        }
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a": "\u{202e}\u{e0001}\u{1b}##[x]\n", "###": 1});
        let printed = json(&format!("{value:#}\n"));
        assert!(printed.is_ascii() && !printed.contains("##"), "{printed}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&printed).unwrap(), value);
    }
}
