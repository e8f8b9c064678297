//! A command line that cannot be read, told as every other mistake is. Clap finds what is wrong and often what
//! was meant; here that becomes a finding without a place.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser, ValueEnum};

use render_text::diagnostic::Diagnostic;
use render_text::suggest::closest;

use super::MessageFormat;
use crate::args::Cli;

/// Why no command was read.
pub(crate) enum Unread {
    /// Help was asked for, and printed.
    Help,
    /// The command line is wrong, which is wrong input as any other; the format of messages that it asks for.
    Mistake(Box<Diagnostic>, MessageFormat),
}

/// Reads the command line.
pub(crate) fn read() -> Result<Cli, Unread> {
    Cli::try_parse().map_err(|answer| {
        if !answer.use_stderr() {
            // Where nobody reads there is nobody left to tell.
            let _ = answer.print();
            return Unread::Help;
        }
        let arguments: Vec<String> =
            std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
        Unread::Mistake(Box::new(mistake(&answer, &arguments)), message_format(&arguments))
    })
}

/// What is wrong with the command line.
#[must_use]
fn mistake(error: &clap::Error, arguments: &[String]) -> Diagnostic {
    let argument = text(error, ContextKind::InvalidArg).map(|argument| bare(&argument)).unwrap_or_default();
    match error.kind() {
        ErrorKind::UnknownArgument if argument.starts_with('-') => unknown_option(error, &argument),
        ErrorKind::UnknownArgument => one_too_many(Some(&argument), arguments),
        ErrorKind::InvalidSubcommand => unknown_command(error, arguments),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => no_command(arguments),
        ErrorKind::InvalidValue => invalid_value(error, &argument),
        ErrorKind::ValueValidation => {
            let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
            let why = error.source().map_or_else(String::new, |why| format!(": {why}"));
            Diagnostic::error(format!("`{argument}` cannot be `{value}`{why}")).hint(listed_in_help("what it takes"))
        }
        ErrorKind::ArgumentConflict if argument.is_empty() => command_behind_options(arguments),
        ErrorKind::ArgumentConflict => conflict(error, &argument),
        ErrorKind::MissingRequiredArgument => {
            Diagnostic::error(format!("`{argument}` is missing")).hint(listed_in_help("what each command needs"))
        }
        _ => {
            let first = error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            Diagnostic::error(first).hint(listed_in_help("every option"))
        }
    }
}

/// The format of messages that a command line asks for, as far as it can be told from one that cannot be read.
#[must_use]
fn message_format(arguments: &[String]) -> MessageFormat {
    let asked = arguments.iter().enumerate().rev().find_map(|(index, argument)| {
        let value = argument.strip_prefix("--message-format")?;
        value.strip_prefix('=').or_else(|| arguments.get(index + 1).filter(|_| value.is_empty()).map(String::as_str))
    });
    asked.and_then(|name| MessageFormat::from_str(name, false).ok()).unwrap_or_default()
}

fn unknown_option(error: &clap::Error, option: &str) -> Diagnostic {
    let near = || text(error, ContextKind::SuggestedArg).map(|near| bare(&near)).or_else(|| near_option(option));
    let hint = match commands_with(option).as_slice() {
        [] => near().map_or_else(|| listed_in_help("every option"), |near| format!("did you mean `{near}`?")),
        some => format!("it belongs to `{}`", some.join("` and `")),
    };
    Diagnostic::error(format!("there is no option `{option}` here")).hint(hint)
}

/// The commands that have an option, as they are typed.
fn commands_with(option: &str) -> Vec<String> {
    every_command(&Cli::command(), "render")
        .into_iter()
        .filter(|(_, command)| command.get_arguments().any(|argument| long(argument).as_deref() == Some(option)))
        .map(|(typed, _)| typed)
        .collect()
}

/// A command and all below it, each as it is typed.
fn every_command<'c>(command: &'c clap::Command, typed: &str) -> Vec<(String, &'c clap::Command)> {
    let below =
        command.get_subcommands().flat_map(|below| every_command(below, &format!("{typed} {}", below.get_name())));
    std::iter::once((typed.to_owned(), command)).chain(below).collect()
}

/// The command that the first words name, as it is typed, and the commands that it has.
fn command_named(arguments: &[String]) -> (String, Vec<String>) {
    let mut command = Cli::command();
    let mut typed = "render".to_owned();
    for word in arguments {
        let Some(below) = command.find_subcommand(word).cloned() else { break };
        typed = format!("{typed} {word}");
        command = below;
    }
    let known = command.get_subcommands().filter(|known| !known.is_hide_set()).map(|known| known.get_name().to_owned());
    (typed, known.collect())
}

/// A word that only leads to commands, without one.
fn no_command(arguments: &[String]) -> Diagnostic {
    let (typed, known) = command_named(arguments);
    Diagnostic::error(format!("`{typed}` needs a command"))
        .hint(format!("there are: {}; `{typed} --help` tells what each does", known.join(", ")))
}

fn near_option(option: &str) -> Option<String> {
    let command = Cli::command();
    let names: Vec<String> = command.get_arguments().filter_map(long).collect();
    closest(option, names.iter().map(String::as_str)).map(str::to_owned)
}

fn long(argument: &clap::Arg) -> Option<String> {
    argument.get_long().map(|name| format!("--{name}"))
}

/// Options came first, then a word that is taken for a command.
fn command_behind_options(arguments: &[String]) -> Diagnostic {
    let command = Cli::command();
    let named = arguments.iter().find(|argument| command.find_subcommand(argument).is_some());
    match named {
        Some(named) => Diagnostic::error(format!("the command `{named}` must come before its options"))
            .hint(format!("put it first, as in `render {named} --env prd`")),
        None => one_too_many(None, arguments),
    }
}

/// An argument where none is expected. After `--set` it may be the rest of a secret that was not quoted.
fn one_too_many(word: Option<&str>, arguments: &[String]) -> Diagnostic {
    if arguments.iter().any(|argument| argument.starts_with("--set")) {
        return Diagnostic::error("unexpected extra argument after the options")
            .hint("put quotes around a value that has spaces in it");
    }
    let word = word.map_or_else(String::new, |word| format!(" `{word}`"));
    Diagnostic::error(format!("unexpected argument{word}"))
        .hint("name a file of values with `-f`, as in `-f site.yaml`")
}

fn unknown_command(error: &clap::Error, arguments: &[String]) -> Diagnostic {
    // Behind `=` there may be a value that was meant for `--set`.
    let word = text(error, ContextKind::InvalidSubcommand).map(|word| bare(&word)).unwrap_or_default();
    if arguments.iter().any(|argument| argument.starts_with("--set")) {
        return one_too_many(Some(&word), arguments);
    }
    let (typed, known) = command_named(arguments);
    let near = text(error, ContextKind::SuggestedSubcommand)
        .or_else(|| closest(&word, known.iter().map(String::as_str)).map(str::to_owned));
    let known = known.join(", ");
    let hint = match near {
        Some(near) => format!("did you mean `{typed} {near}`?"),
        None if typed == "render" => format!("there are: {known}; an environment is named as in `render --env prd`"),
        None => format!("there are: {known}"),
    };
    Diagnostic::error(format!("there is no command `{word}`")).hint(hint)
}

fn invalid_value(error: &clap::Error, option: &str) -> Diagnostic {
    let value = text(error, ContextKind::InvalidValue).unwrap_or_default();
    let allowed = texts(error, ContextKind::ValidValue);
    let near = text(error, ContextKind::SuggestedValue)
        .or_else(|| closest(&value, allowed.iter().map(String::as_str)).map(str::to_owned));
    let hint = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if allowed.is_empty() => listed_in_help("what it takes"),
        None => format!("it can be: {}", allowed.join(", ")),
    };
    let wrong =
        if value.is_empty() { format!("`{option}` has no value") } else { format!("`{option}` cannot be `{value}`") };
    Diagnostic::error(wrong).hint(hint)
}

fn conflict(error: &clap::Error, option: &str) -> Diagnostic {
    let others: Vec<String> = texts(error, ContextKind::PriorArg).iter().map(|other| bare(other)).collect();
    if others.iter().all(|other| other == option) {
        return Diagnostic::error(format!("`{option}` is given twice")).hint("give it once");
    }
    Diagnostic::error(format!("`{option}` cannot be given together with `{}`", others.join("` and `")))
        .hint("leave one of them out")
}

fn listed_in_help(what: &str) -> String {
    format!("`render --help` lists {what}")
}

/// An option without what clap says of its value, as in `--env <NAME>`, and without a value that is stuck to it.
fn bare(argument: &str) -> String {
    let name = argument.split([' ', '=']).next().unwrap_or_default().trim_end_matches("...");
    name.trim_matches(['[', ']', '<', '>']).to_owned()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<String> {
    texts(error, kind).into_iter().next()
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}
