//! The small commands that need no pipeline.

use std::path::Path;

use clap::CommandFactory;
use serde_json::json;

use crate::api::version::Version;
use crate::cli::{Cli, VersionFormat};
use crate::diagnostic::{Diagnostic, Failure, Severity};
use crate::plugins::built_in;
use crate::plugins::description::{INTERFACE, MAJOR};
use crate::plugins::open;
use crate::rules::{self, Rule};
use crate::suggest::closest;

/// Every rule of the field with its reason.
#[must_use]
pub fn rules() -> String {
    let severity = |severity| if severity == Severity::Error { "error" } else { "warning" };
    let rule = |rule: &Rule| format!("{} ({}) {}\n  {}\n", rule.code, severity(rule.severity), rule.title, rule.why);
    rules::all().into_iter().map(rule).collect::<Vec<_>>().join("\n")
}

/// Compiles the built-in plugins into a folder, for a build that embeds them.
///
/// # Errors
/// [`Failure::Internal`] when a plugin cannot be compiled or a file cannot be written.
#[expect(clippy::disallowed_methods, reason = "this command exists to write files, for the build")]
pub fn precompile(folder: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Internal(format!("{} cannot be written: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(failed)?;
    for component in built_in::PLUGINS.iter().map(|plugin| plugin.component) {
        std::fs::write(folder.join(open::precompiled_name(component)), open::precompile(component)?).map_err(failed)?;
    }
    Ok(())
}

/// The script that completes commands and options in a shell.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "render", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual page of the program, or of a command, which is named by its words.
///
/// # Errors
/// A command that there is not; [`Failure::Internal`] when the page cannot be put together.
pub fn manual(words: &[String]) -> Result<String, Failure> {
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

/// What this program is, and what it knows: versions of Kubernetes, built-in plugins, the plugins' interface.
#[must_use]
pub fn version(format: VersionFormat) -> String {
    let program = env!("CARGO_PKG_VERSION");
    let kubernetes: Vec<String> = Version::all().map(|version| version.to_string()).collect();
    let plugins: Vec<&str> = built_in::names().collect();
    match format {
        VersionFormat::Text => format!(
            "render {program}\nKubernetes {}\nplugins {} ({INTERFACE}{MAJOR})\n",
            kubernetes.join(", "),
            plugins.join(", ")
        ),
        VersionFormat::Json => {
            let interface = format!("{INTERFACE}{MAJOR}");
            let all = json!({"render": program, "kubernetes": kubernetes, "plugins": plugins, "interface": interface});
            format!("{all:#}\n")
        }
    }
}
