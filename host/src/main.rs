//! The `render` command: arguments in, exit status out. Everything else is in the library.

use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use render::api::version::Version;
use render::cli::import::ImportCommand;
use render::cli::plugin::RootArgs;
use render::cli::{
    ArgocdCommand, CheckArgs, Cli, Command, FleetArgs, HelmPluginCommand, InputArgs, NotesArgs, PostRenderArgs,
    RenderArgs, SnapshotArgs,
};
use render::coverage;
use render::diagnostic::{Diagnostic, Failure, strict};
use render::emit::Changes;
use render::foreign::{self, PostRendered};
use render::load::{Request, Set};
use render::phase::Phase;
use render::plugins::open::Sandbox;
use render::progress::Progress;
use render::report::{self, Coverage, MessageFormat, Style, Summary};
use render::single::Task;
use render::snapshot::Compared;
use render::source::Sources;
use render::terminal::{self, form};
use render::values;
use render::values::schema::VOCABULARY;
use render::{
    Rendered, argocd, commands, emit, fault, fleet, function, helm_plugin, import, init, keys, notes, plugin, rules,
    schema_command, single, snapshot, usage,
};

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
        None => rendered(&cli.render, &cli.fleet, sources)?,
        Some(Command::Notes(arguments)) => left_to_do(&arguments, sources)?,
        Some(Command::Check(arguments)) => return checked(&arguments, sources),
        Some(Command::Snapshot(arguments)) if arguments.update => updated(&arguments, sources)?,
        Some(Command::Snapshot(arguments)) => return compared(&arguments, sources),
        Some(Command::PostRender(arguments)) => post_rendered(&arguments, sources)?,
        Some(Command::Fn(input)) => return function(&input, sources),
        Some(Command::Argocd(ArgocdCommand::Parameters(root))) => announced(&root, sources)?,
        Some(Command::Argocd(ArgocdCommand::Generate(arguments))) => generated(&arguments, sources)?,
        Some(Command::HelmPlugin(HelmPluginCommand::Install { folder })) => helm_plugin(folder.as_deref())?,
        Some(Command::Plugin(command)) => {
            return plugin::run(&command, cache(), sources, style(&std::io::stdout()));
        }
        Some(Command::Import(command)) => imported(&command, sources)?,
        Some(Command::Init { folder }) => terminal::say(&init::init(&folder)?)?,
        Some(Command::Keys(input)) => fresh_keys(&input, sources)?,
        Some(Command::Completions { shell }) => emit::stdout(&commands::completions(shell))?,
        Some(Command::Man { command }) => emit::stdout(&commands::manual(&command)?)?,
        Some(Command::Version { output }) => emit::stdout(&commands::version(output))?,
        Some(Command::Schema(arguments)) => emit::stdout(&schema_command::print(&arguments, cache(), sources)?)?,
        Some(Command::Rules) => emit::stdout(&commands::rules())?,
        Some(Command::Precompile { folder }) => commands::precompile(&folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Renders the environment that is named, or several.
fn rendered(arguments: &RenderArgs, several: &FleetArgs, sources: &mut Sources) -> Result<(), Failure> {
    let Some(several) = several.selection(&arguments.input)? else {
        return manifests(&arguments.input.request(arguments.phase), arguments, sources);
    };
    let sandbox = sandbox(&arguments.input)?;
    let (written, found) = fleet::render::render(&several, arguments, &sandbox, sources)?;
    tell(&found, sources, arguments.input.message_format);
    sum_up(&written.to_string(), arguments.input.message_format);
    Ok(())
}

fn manifests(request: &Request, arguments: &RenderArgs, sources: &mut Sources) -> Result<(), Failure> {
    let rendered = one(request, &arguments.input, sources)?;
    let manifests = emit::ordered(&rendered.manifests, arguments.phase)?;
    match &arguments.output_dir {
        Some(folder) => emit::files(&emit::per_manifest(&manifests, arguments.output)?, folder)?,
        None => emit::stdout(&emit::text(&manifests, arguments.output)?)?,
    }
    tell(&rendered.findings, sources, arguments.input.message_format);
    // The process ends here: freeing every value one by one would only take time.
    std::mem::forget(rendered);
    Ok(())
}

/// The environment that is named.
fn one(request: &Request, input: &InputArgs, sources: &mut Sources) -> Result<Rendered, Failure> {
    single::something_named(request, Task::Render)?;
    single::rendered(request, input, &*sandbox(input)?, sources, &mut Progress::default())
}

fn left_to_do(arguments: &NotesArgs, sources: &mut Sources) -> Result<(), Failure> {
    // Notes say what comes before the application, so they need no more than that does.
    let request = arguments.input.request(Some(Phase::Platform));
    let rendered = one(&request, &arguments.input, sources)?;
    if let Some(folder) = &arguments.output_dir {
        emit::files(&notes::files(&rendered.notes)?, folder)?;
    }
    emit::stdout(&notes::print(&rendered.values.environment, &rendered.notes, arguments.output, sources))?;
    tell(&rendered.findings, sources, arguments.input.message_format);
    Ok(())
}

/// Changes the stream on stdin. The file of diagnostics is written whatever happens, and is empty when all is well.
fn post_rendered(arguments: &PostRenderArgs, sources: &mut Sources) -> Result<(), Failure> {
    let format = arguments.input.message_format;
    let done = changed(arguments, sources);
    if let Some(file) = arguments.diagnostics_file.clone().or_else(|| variable(DIAGNOSTICS_FILE).map(PathBuf::from)) {
        let found = match &done {
            Ok(done) => done.findings.clone(),
            Err(Failure::Input(found)) => found.clone(),
            Err(Failure::Internal(message)) => vec![Diagnostic::error(message)],
        };
        let text = report::text(&found, &Summary::new(&found, None), sources, form(format, Style::Plain));
        emit::file(&file, &text)?;
    }
    let done = done?;
    emit::stdout(&done.text)?;
    tell(&done.findings, sources, format);
    Ok(())
}

/// Answers a `ResourceList`. The answer is on stdout whatever was found, as the protocol asks; the status says the rest.
fn function(input: &InputArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let mut request = input.request(Some(Phase::Platform));
    request.roots = request.roots.or_repository()?;
    let answered = function::call(&request, &*sandbox(input)?, sources)?;
    let found = if input.strict { strict(answered.findings) } else { answered.findings };
    emit::stdout(&answered.list)?;
    tell(&found, sources, input.message_format);
    Ok(ExitCode::from(u8::from(!found.iter().all(Diagnostic::is_bearable))))
}

/// Announces the parameters of an application to Argo CD.
fn announced(root: &RootArgs, sources: &mut Sources) -> Result<(), Failure> {
    let request = Request { roots: root.roots().or_repository()?, ..Request::default() };
    let defaults = render::values_of(&request, &Sandbox::default(), sources)?;
    emit::stdout(&format!("{:#}\n", argocd::parameters(values::schema::described()?, &defaults.json)))
}

/// Renders an application of Argo CD, for the Kubernetes that it goes to where this program knows that version.
fn generated(arguments: &RenderArgs, sources: &mut Sources) -> Result<(), Failure> {
    let mut request = arguments.input.request(arguments.phase);
    request.roots = request.roots.or_repository()?;
    let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());
    if let Some(version) = text("KUBE_VERSION").and_then(|version| Version::parse(&version).ok()) {
        request.sets.insert(0, Set::kubernetes_version("KUBE_VERSION", version));
    }
    if let Some(parameters) = text(argocd::PARAMETERS) {
        argocd::fill_in(&mut request, &parameters)?;
    }
    manifests(&request, arguments, sources)
}

fn helm_plugin(folder: Option<&Path>) -> Result<(), Failure> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let folders = helm_plugin::Folders {
        plugins: path("HELM_PLUGINS"),
        helm_data: path("HELM_DATA_HOME"),
        data: path("XDG_DATA_HOME"),
        home: path("HOME"),
    };
    let unknown = |error| Failure::Internal(format!("this program does not know where it is: {error}"));
    let program = std::env::current_exe().map_err(unknown)?;
    terminal::say(&helm_plugin::install(folder, &folders, &program)?)
}

/// Writes an environment file, and tells what could not be carried over.
fn imported(command: &ImportCommand, sources: &mut Sources) -> Result<(), Failure> {
    let asked = command.asked();
    let sandbox = ManuallyDrop::new(Sandbox::with_options(Vec::new(), cache())?);
    let imported = import::import(&asked, &sandbox, sources)?;
    match &asked.output {
        Some(file) => emit::file(file, &imported.text)?,
        None => emit::stdout(&imported.text)?,
    }
    let format = command.args().messages.message_format;
    tell(&imported.findings, sources, format);
    if format == MessageFormat::Human {
        terminal::mention(&imported.next);
    }
    Ok(())
}

fn fresh_keys(input: &InputArgs, sources: &mut Sources) -> Result<(), Failure> {
    let values = render::values_of(&input.request(Some(Phase::Platform)), &*sandbox(input)?, sources)?;
    emit::stdout(&keys::command(&values.platform)?)
}

/// Names the file for findings where no option can: Helm hands variables on to its plugins.
const DIAGNOSTICS_FILE: &str = "RENDER_DIAGNOSTICS_FILE";

fn changed(arguments: &PostRenderArgs, sources: &mut Sources) -> Result<PostRendered, Failure> {
    let sandbox = sandbox(&arguments.input)?;
    let done = foreign::post_render(&arguments.request(), &sandbox, sources)?;
    if arguments.input.strict && done.findings.iter().any(|finding| finding.silenced.is_none()) {
        return Err(Failure::Input(strict(done.findings)));
    }
    if !arguments.allow_findings && !done.findings.iter().all(Diagnostic::is_bearable) {
        return Err(Failure::Input(done.findings));
    }
    Ok(done)
}

/// The sandbox of a run. Like the values, it goes with the process.
fn sandbox(input: &InputArgs) -> Result<ManuallyDrop<Sandbox>, Failure> {
    Ok(ManuallyDrop::new(input.sandbox.sandbox(cache())?))
}

/// Checks an environment or manifests. The report is what was asked for, so it goes to stdout, and the status
/// says whether an error is in it.
fn checked(arguments: &CheckArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = arguments.input.message_format;
    let checked =
        if arguments.manifests.is_empty() { environments(arguments, sources) } else { foreign(arguments, sources) };
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
    emit::stdout(&report::checked(&found, &summary, sources, form(format, style(&std::io::stdout()))))?;
    Ok(ExitCode::from(code))
}

type Checked = Result<(Vec<Diagnostic>, Coverage), Failure>;

fn environments(arguments: &CheckArgs, sources: &mut Sources) -> Checked {
    let input = &arguments.input;
    if let Some(several) = arguments.fleet.selection(input)? {
        return fleet::check::check(&several, input, &*sandbox(input)?, sources);
    }
    let request = input.request(None);
    single::something_named(&request, Task::Check)?;
    single::checked(&request, input, &*sandbox(input)?, sources)
}

/// Compares environments with their snapshots. As for `check`, the report is what was asked for.
fn compared(arguments: &SnapshotArgs, sources: &mut Sources) -> Result<ExitCode, Failure> {
    let format = arguments.input.message_format;
    let Compared { differences, findings, environments } =
        snapshot::check(arguments, &*sandbox(&arguments.input)?, sources)?;
    let code = u8::from(!findings.is_empty());
    let report =
        report::text(&findings, &Summary::new(&findings, None), sources, form(format, style(&std::io::stdout())));
    let for_people = matches!(format, MessageFormat::Human | MessageFormat::Github);
    let (differences, sum) = match (for_people, code) {
        (false, _) => (String::new(), String::new()),
        (true, 0) => (differences, format!("{} as reviewed\n", report::counted(environments, "environment"))),
        (true, _) => (differences, String::new()),
    };
    emit::stdout(&format!("{differences}{report}{sum}"))?;
    Ok(ExitCode::from(code))
}

fn updated(arguments: &SnapshotArgs, sources: &mut Sources) -> Result<(), Failure> {
    let (changes, found) = snapshot::update(arguments, &*sandbox(&arguments.input)?, sources)?;
    let Changes { written, same, removed } = changes;
    tell(&found, sources, arguments.input.message_format);
    let sum = format!("{} written, {same} as before, {removed} removed", report::counted(written, "snapshot"));
    sum_up(&sum, arguments.input.message_format);
    Ok(())
}

fn foreign(arguments: &CheckArgs, sources: &mut Sources) -> Checked {
    let (objects, found) = match foreign::check(&arguments.foreign(), sources) {
        Ok(checked) => (Some(checked.manifests.len()), checked.findings),
        Err(Failure::Input(found)) => (None, found),
        Err(failure) => return Err(failure),
    };
    let found = if arguments.input.strict { strict(found) } else { found };
    Ok((found, coverage::of_manifests(objects, rules::counts())))
}

/// The user's folder for plugins; none where the system names none.
fn cache() -> Option<PathBuf> {
    let set = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("render"))
}

fn arguments() -> Vec<String> {
    std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect()
}

fn tell(found: &[Diagnostic], sources: &Sources, format: MessageFormat) {
    let text = report::text(found, &Summary::new(found, None), sources, form(format, style(&std::io::stderr())));
    // Where stderr is closed there is nobody left to tell.
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Says in one line what was done, to people.
fn sum_up(text: &str, format: MessageFormat) {
    if matches!(format, MessageFormat::Human | MessageFormat::Github) {
        terminal::mention(&format!("{text}\n"));
    }
}

fn style(to: &impl IsTerminal) -> Style {
    let plain = variable("NO_COLOR").is_some() || !to.is_terminal();
    if plain { Style::Plain } else { Style::Colored }
}

/// A variable of the environment that is set to something.
#[expect(clippy::disallowed_methods, reason = "main reads the environment and hands it on")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
