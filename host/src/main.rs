//! The `render` command: arguments in, exit status out. Everything else is in the library.

use std::io::{IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use render::cli::{CheckArgs, Cli, Command, InputArgs, NotesArgs, RenderArgs};
use render::commands::Task;
use render::diagnostic::{Diagnostic, Failure, Severity};
use render::load::Request;
use render::phase::Phase;
use render::plugins::open::Sandbox;
use render::progress::Progress;
use render::report::{self, Coverage, MessageFormat, Style, Summary};
use render::source::Sources;
use render::{Rendered, commands, emit, notes, plugin, rules, schema, usage};

fn main() -> ExitCode {
    let mut sources = Sources::default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(answer) => return misread(&answer, &sources),
    };
    let format = cli.message_format();
    match run(cli, &mut sources) {
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
    tell(&[usage::mistake(answer, &arguments)], sources, usage::message_format(&arguments));
    ExitCode::from(1)
}

fn run(cli: Cli, sources: &mut Sources) -> Result<ExitCode, Failure> {
    match cli.command {
        None => manifests(&cli.render, sources)?,
        Some(Command::Notes(arguments)) => left_to_do(&arguments, sources)?,
        Some(Command::Check(arguments)) => return checked(&arguments, sources),
        Some(Command::Plugin(command)) => {
            return plugin::run(&command, cache(None), sources, style(&std::io::stdout()));
        }
        Some(Command::Schema) => emit::stdout(schema::ENVIRONMENT)?,
        Some(Command::Rules) => emit::stdout(&commands::rules())?,
        Some(Command::Precompile { folder }) => commands::precompile(&folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn manifests(arguments: &RenderArgs, sources: &mut Sources) -> Result<(), Failure> {
    let rendered =
        rendered(&arguments.input.request(arguments.phase), &arguments.input, sources, &mut Progress::default())?;
    let manifests = emit::ordered(&rendered.manifests, arguments.phase)?;
    match &arguments.output_dir {
        Some(folder) => emit::folder(&manifests, arguments.output, folder)?,
        None => emit::stdout(&emit::text(&manifests, arguments.output)?)?,
    }
    tell(&rendered.findings, sources, arguments.input.message_format);
    // The process ends here: freeing every value one by one would only take time.
    std::mem::forget(rendered);
    Ok(())
}

fn left_to_do(arguments: &NotesArgs, sources: &mut Sources) -> Result<(), Failure> {
    // Notes say what comes before the application, so they need no more than that does.
    let request = arguments.input.request(Some(Phase::Platform));
    let rendered = rendered(&request, &arguments.input, sources, &mut Progress::default())?;
    if let Some(folder) = &arguments.output_dir {
        emit::files(&notes::files(&rendered.notes)?, folder)?;
    }
    emit::stdout(&notes::print(&rendered.values.environment, &rendered.notes, arguments.output))?;
    tell(&rendered.findings, sources, arguments.input.message_format);
    Ok(())
}

fn rendered(
    request: &Request,
    input: &InputArgs,
    sources: &mut Sources,
    progress: &mut Progress,
) -> Result<Rendered, Failure> {
    if names_nothing(request) {
        return Err(commands::nothing_named(request, Task::Render));
    }
    // Like the values, it goes with the process.
    let sandbox =
        ManuallyDrop::new(Sandbox::with_options(input.plugin_limits.clone(), cache(input.store.plugin_cache.clone()))?);
    let rendered = render::render(request, &sandbox, sources, progress)?;
    if input.strict && rendered.findings.iter().any(|finding| finding.silenced.is_none()) {
        return Err(Failure::Input(strict(rendered.findings)));
    }
    Ok(rendered)
}

fn names_nothing(request: &Request) -> bool {
    request.environment.is_none() && request.files.is_empty()
}

/// Warnings that have become errors.
fn strict(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    findings.into_iter().map(|finding| Diagnostic { severity: Severity::Error, ..finding }).collect()
}

/// Checks an environment or manifests. The report is what was asked for, so it goes to stdout, and the status
/// says whether an error is in it.
fn checked(arguments: &CheckArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = arguments.input.message_format;
    let checked = if arguments.manifests.is_empty() {
        environment(&arguments.input, sources)
    } else {
        foreign(arguments, sources)
    };
    let (found, summary, code) = match checked {
        Ok((found, coverage)) => {
            let code = u8::from(!found.iter().all(Diagnostic::is_bearable));
            let summary = Summary::new(&found, Some(coverage));
            (found, summary, code)
        }
        // A program reads one document, whatever happens.
        Err(Failure::Internal(message)) if matches!(format, MessageFormat::Json | MessageFormat::Sarif) => {
            let found = vec![Diagnostic::error(message)];
            (found.clone(), Summary::new(&found, None), 2)
        }
        Err(failure) => return Err(failure),
    };
    emit::stdout(&report::checked(&found, &summary, sources, (format, style(&std::io::stdout()))))?;
    Ok(ExitCode::from(code))
}

type Checked = Result<(Vec<Diagnostic>, Coverage), Failure>;

fn environment(input: &InputArgs, sources: &mut Sources) -> Checked {
    let request = input.request(None);
    if names_nothing(&request) {
        return Err(commands::nothing_named(&request, Task::Check));
    }
    let mut progress = Progress::default();
    let found = match rendered(&request, input, sources, &mut progress) {
        Ok(rendered) => rendered.findings,
        Err(Failure::Input(found)) => found,
        Err(failure) => return Err(failure),
    };
    Ok((found, Coverage::of_environment(progress, rules::counts())))
}

fn foreign(arguments: &CheckArgs, sources: &mut Sources) -> Checked {
    let (objects, found) = match render::check(&arguments.foreign(), sources) {
        Ok(checked) => (Some(checked.manifests.len()), checked.findings),
        Err(Failure::Input(found)) => (None, found),
        Err(failure) => return Err(failure),
    };
    let found = if arguments.input.strict { strict(found) } else { found };
    Ok((found, Coverage::of_manifests(objects, rules::counts())))
}

/// The folder for plugins: the one that was named, else the user's; none where the system names none.
#[expect(clippy::disallowed_methods, reason = "main reads the environment and hands it on")]
fn cache(named: Option<PathBuf>) -> Option<PathBuf> {
    if named.is_some() {
        return named;
    }
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("render"))
}

fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

fn tell(found: &[Diagnostic], sources: &Sources, format: MessageFormat) {
    let text = report::text(found, &Summary::new(found, None), sources, (format, style(&std::io::stderr())));
    // Where stderr is closed there is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

#[expect(clippy::disallowed_methods, reason = "main reads the environment and hands it on")]
fn style(to: &impl IsTerminal) -> Style {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || !to.is_terminal();
    if plain { Style::Plain } else { Style::Colored }
}
