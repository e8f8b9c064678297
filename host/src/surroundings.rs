//! The environment of the process: variables, the cache folder, the terminal.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use render_plugins::open::Runtime;
use render_report::Style;
use render_text::diagnostic::Failure;

use crate::args::InputArgs;

/// A variable of the environment that is set to something.
#[expect(clippy::disallowed_methods, reason = "the environment is read here and handed on")]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// The user's folder for plugins; none where the system names none.
pub(crate) fn cache() -> Option<PathBuf> {
    let set = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))?;
    Some(base.join("render"))
}

/// The sandbox of a run. Like the values, it goes with the process.
pub(crate) fn runtime(input: &InputArgs) -> Result<ManuallyDrop<Runtime>, Failure> {
    Ok(ManuallyDrop::new(input.runtime.runtime(cache())?))
}

/// How text for people is written to a stream.
pub(crate) fn style(to: &impl IsTerminal) -> Style {
    let plain = variable("NO_COLOR").is_some() || !to.is_terminal();
    if plain { Style::Plain } else { Style::Colored }
}
