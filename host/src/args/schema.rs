//! `render schema`: which schema.

use std::path::PathBuf;

use clap::Args;

use super::plugin::{MessageArgs, RuntimeArgs};

/// Which schema.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Only the section of a plugin: a built-in one, or one of render.lock
    #[arg(long, value_name = "NAME")]
    pub plugin: Option<String>,
    /// The folder of environments [default: the nearest environments/ upwards]
    #[arg(long, value_name = "DIR")]
    pub environments: Option<PathBuf>,
    /// How plugins are found.
    #[command(flatten)]
    pub runtime: RuntimeArgs,
    /// How mistakes are written.
    #[command(flatten)]
    pub messages: MessageArgs,
}
