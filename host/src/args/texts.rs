//! What follows from the command line itself: completions for shells, and manual pages.

use clap::CommandFactory;

use render_text::diagnostic::{Diagnostic, Failure};
use render_text::suggest::closest;

use super::Cli;

/// The script that completes commands and options in a shell.
#[must_use]
pub(crate) fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "render", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of the program, or of a command, which is named by its words.
///
/// # Errors
/// A command that there is not; [`Failure::Internal`] when the page cannot be put together.
pub(crate) fn manual(words: &[String]) -> Result<String, Failure> {
    let mut command = Cli::command();
    // The names of pages, as render-plugin-add, are made where commands are put together.
    command.build();
    for word in words {
        let Some(below) = command.find_subcommand(word) else { return Err(no_command(word, &command).into()) };
        command = below.clone();
    }
    let mut page = Vec::new();
    let failed = |error: std::io::Error| Failure::Internal(format!("there is no manual: {error}"));
    let man = clap_mangen::Man::new(command).source(concat!("render ", env!("CARGO_PKG_VERSION")));
    man.render(&mut page).map_err(failed)?;
    Ok(String::from_utf8_lossy(&page).into_owned())
}

fn no_command(word: &str, above: &clap::Command) -> Diagnostic {
    let known: Vec<&str> =
        above.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name).collect();
    let hint = match closest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => format!("`{}` has no commands", above.get_bin_name().unwrap_or_default()),
        None => format!("there are: {}", known.join(", ")),
    };
    Diagnostic::error(format!("there is no command `{word}`")).hint(hint)
}
