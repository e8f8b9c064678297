//! `render plugin list`: every plugin that an environment can name.

use crate::cli::plugin::ListArgs;
use crate::diagnostic::Failure;
use crate::plugins::limits::Limits;
use crate::plugins::open;
use crate::{embedded, emit};

/// Prints a line for each plugin: name, version, where it is from.
///
/// # Errors
/// [`Failure::Internal`] when stdout cannot be written.
pub(super) fn list(_arguments: &ListArgs) -> Result<(), Failure> {
    let mut text = String::new();
    for plugin in embedded::PLUGINS {
        let description = open::built_in(plugin, &Limits::default())?.description;
        text += &format!("{}\t{}\tbuilt in\n", description.name, description.version);
    }
    emit::stdout(&text)
}
