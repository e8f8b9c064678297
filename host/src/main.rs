//! The `render` command: arguments in, exit status out. Everything else is in the library.

use std::io::{IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use render::cli::{CheckArgs, Cli, Command, InputArgs, NotesArgs, RenderArgs};
use render::diagnostic::{Diagnostic, Failure, Severity};
use render::phase::Phase;
use render::plugins::limits::Limits;
use render::plugins::open::Sandbox;
use render::report::{self, Style};
use render::source::Sources;
use render::{Rendered, commands, emit, notes, schema};

fn main() -> ExitCode {
    let mut sources = Sources::default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return usage(&answer),
    };
    match run(cli, &mut sources) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Input(found)) => {
            tell(&found, &sources);
            ExitCode::from(1)
        }
        Err(Failure::Internal(message)) => {
            tell(&[Diagnostic::error(message)], &sources);
            ExitCode::from(2)
        }
    }
}

/// Prints help where it was asked for, and otherwise what is wrong with the command line, which is
/// wrong input as any other.
fn usage(answer: &clap::Error) -> ExitCode {
    // Where nobody reads there is nobody left to tell.
    let _ = answer.print();
    ExitCode::from(u8::from(answer.use_stderr()))
}

fn run(cli: Cli, sources: &mut Sources) -> Result<(), Failure> {
    match cli.command {
        None => manifests(&cli.render, sources),
        Some(Command::Notes(arguments)) => left_to_do(&arguments, sources),
        Some(Command::Check(arguments)) => checked(&arguments, sources),
        Some(Command::Schema) => emit::stdout(schema::ENVIRONMENT),
        Some(Command::Rules) => emit::stdout(&commands::rules()),
        Some(Command::Precompile { folder }) => commands::precompile(&folder),
    }
}

fn manifests(arguments: &RenderArgs, sources: &mut Sources) -> Result<(), Failure> {
    let rendered = rendered(&arguments.input, arguments.phase, sources)?;
    let manifests = emit::ordered(&rendered.manifests, arguments.phase)?;
    match &arguments.output_dir {
        Some(folder) => emit::folder(&manifests, arguments.output, folder)?,
        None => emit::stdout(&emit::text(&manifests, arguments.output)?)?,
    }
    tell(&rendered.findings, sources);
    // The process ends here: freeing every value one by one would only take time.
    std::mem::forget(rendered);
    Ok(())
}

fn left_to_do(arguments: &NotesArgs, sources: &mut Sources) -> Result<(), Failure> {
    // Notes say what comes before the application, so they need no more than that does.
    let rendered = rendered(&arguments.input, Some(Phase::Platform), sources)?;
    emit::stdout(&notes::print(&rendered.values.environment, &rendered.notes, arguments.output))?;
    tell(&rendered.findings, sources);
    Ok(())
}

fn rendered(input: &InputArgs, phase: Option<Phase>, sources: &mut Sources) -> Result<Rendered, Failure> {
    let request = input.request(phase);
    if request.environment.is_none() && request.files.is_empty() {
        return Err(commands::nothing_named(&request));
    }
    // Like the values, it goes with the process.
    let sandbox = ManuallyDrop::new(Sandbox::new(Limits::default(), cache()));
    let rendered = render::render(&request, &sandbox, sources)?;
    if input.strict && rendered.findings.iter().any(|finding| finding.silenced.is_none()) {
        return Err(Failure::Input(strict(rendered.findings)));
    }
    Ok(rendered)
}

/// Warnings that have become errors.
fn strict(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.into_iter().map(|finding| Diagnostic { severity: Severity::Error, ..finding }).collect()
}

/// Checks an environment or manifests, and fails when an error is found.
fn checked(arguments: &CheckArgs, sources: &mut Sources) -> Result<(), Failure> {
    let (objects, findings) = if arguments.manifests.is_empty() {
        match rendered(&arguments.input, None, sources) {
            Ok(rendered) => (rendered.manifests.len(), rendered.findings),
            Err(Failure::Input(findings)) => (0, findings),
            Err(failure) => return Err(failure),
        }
    } else {
        let checked = render::check(&arguments.manifests, arguments.nodes, sources)?;
        (checked.manifests.len(), checked.findings)
    };
    if findings.iter().any(|finding| !finding.is_bearable()) {
        return Err(Failure::Input(findings));
    }
    tell(&findings, sources);
    emit::stdout(&format!("{objects} objects checked\n"))
}

/// The user's folder for compiled plugins; none where the system names none.
#[expect(clippy::disallowed_methods, reason = "main reads the environment and hands it on")]
fn cache() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("render"))
}

#[expect(clippy::disallowed_methods, reason = "main reads the environment and hands it on")]
fn tell(found: &[Diagnostic], sources: &Sources) {
    let found: Vec<Diagnostic> = found.iter().filter(|finding| finding.silenced.is_none()).cloned().collect();
    if found.is_empty() {
        return;
    }
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !std::io::stderr().is_terminal();
    let style = if plain { Style::Plain } else { Style::Colored };
    // Where stderr is closed there is nobody left to tell.
    let _ = std::io::stderr().write_all(report::human(&found, sources, style, sources.hidden()).as_bytes());
}
