//! The `render` command: arguments in, exit status out.

mod args;
mod commands;
mod fault;
mod surroundings;
mod terminal;

use std::process::ExitCode;

use render_platform::values::schema::VOCABULARY;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::source::Sources;

use crate::args::usage::{self, Unread};
use crate::commands::tell;

fn main() -> ExitCode {
    fault::tell_of_panics();
    std::panic::catch_unwind(start).unwrap_or(ExitCode::from(2))
}

fn start() -> ExitCode {
    let mut sources = Sources::new(&VOCABULARY);
    let cli = match usage::read() {
        Ok(cli) => cli,
        Err(Unread::Help) => return ExitCode::SUCCESS,
        Err(Unread::Mistake(mistake, format)) => {
            tell(&[*mistake], &sources, format.into());
            return ExitCode::from(1);
        }
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
