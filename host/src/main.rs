//! The `render` command: arguments in, exit status out.

mod args;
mod commands;
mod fault;
mod surroundings;
mod terminal;

use std::process::ExitCode;

use clap::Parser;

use render_platform::values::schema::VOCABULARY;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::args::{Cli, usage};
use crate::commands::tell;

fn main() -> ExitCode {
    fault::tell_of_panics();
    std::panic::catch_unwind(start).unwrap_or(ExitCode::from(2))
}

fn start() -> ExitCode {
    let mut sources = Sources::new(&VOCABULARY);
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return misread(&answer, &sources),
    };
    let format = cli.message_format().into();
    match commands::run(cli, &mut sources) {
        Ok(code) => code,
        Err(Failure::Input(found)) => {
            tell(&found, &sources, format);
            ExitCode::from(1)
        }
        Err(Failure::Internal(message)) => {
            tell(&[Diagnostic::error(message)], &sources, format);
            ExitCode::from(2)
        }
    }
}

/// Prints help where it was asked for, and otherwise what is wrong with the command line, which is
/// wrong input as any other.
fn misread(answer: &clap::Error, sources: &Sources) -> ExitCode {
    if !answer.use_stderr() {
        // Where nobody reads there is nobody left to tell.
        let _ = answer.print();
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = arguments();
    tell(&[usage::mistake(answer, &arguments)], sources, usage::message_format(&arguments).into());
    ExitCode::from(1)
}

fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}
