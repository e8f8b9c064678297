//! Text for people: on stdout, on stderr, and questions at a terminal.

use std::io::{IsTerminal, Write};

use render_pipeline::emit;
use render_report::plain::{lines, word};
use render_report::{Form, MessageFormat, Style};
use render_rules as rules;
use render_text::diagnostic::Failure;

/// How findings of this program are written.
#[must_use]
pub(crate) fn form(format: MessageFormat, style: Style) -> Form {
    Form { format, style, rules: rules::described }
}

/// Prints a one-line summary for people.
pub(crate) fn sum_up(text: &str, format: MessageFormat) {
    if !format.is_document() {
        mention(&format!("{text}\n"));
    }
}

/// Prints text of several lines to stdout.
///
/// # Errors
/// As [`emit::stdout`].
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    emit::stdout(&lines(text))
}

/// Prints text of several lines to stderr. Where that is closed there is nobody left to tell.
pub(crate) fn mention(text: &str) {
    let _ = std::io::stderr().write_all(lines(text).as_bytes());
}

/// Asks whoever sits at a terminal. Nobody sits at a pipe, and nobody's silence is consent.
#[must_use]
pub(crate) fn is_agreed(question: &str) -> bool {
    let (input, mut output) = (std::io::stdin(), std::io::stderr());
    if !input.is_terminal() || !output.is_terminal() {
        return false;
    }
    let mut answer = String::new();
    let asked = write!(output, "{} [y/N] ", word(question)).and_then(|()| output.flush());
    asked.is_ok() && input.read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
