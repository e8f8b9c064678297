//! The options of runs that may have several environments.

use std::path::PathBuf;

use clap::Args;

use render_pipeline::fleet::{Selection, Shard};
use render_pipeline::load;
use render_text::diagnostic::{Diagnostic, Failure};

use super::InputArgs;

/// Which environments, where there may be several.
#[derive(Debug, Clone, Args)]
pub(crate) struct FleetArgs {
    /// Every environment: the files that no other one extends
    #[arg(long, conflicts_with = "environment")]
    pub all: bool,
    /// Of several environments only one part of N, counted from 0, as the pods of an indexed Job are
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// What snapshots to keep.
#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// Say what is other than its snapshot, and change nothing; this is what happens without an option
    #[arg(long, conflicts_with = "update")]
    pub check: bool,
    /// Write what environments render to now
    #[arg(long)]
    pub update: bool,
    /// Where snapshots are [default: snapshots/ beside the folder of environments]
    #[arg(long, value_name = "DIR")]
    pub snapshots: Option<PathBuf>,
    /// Which values to use.
    #[command(flatten)]
    pub input: InputArgs,
    /// Which environments; without a name, all of them.
    #[command(flatten)]
    pub fleet: FleetArgs,
}

impl FleetArgs {
    /// The environments that are meant, if the run is about several.
    ///
    /// # Errors
    /// A pattern that is none, or a part of a single environment.
    pub(crate) fn selection(&self, input: &InputArgs) -> Result<Option<Selection>, Failure> {
        let named = match input.environment.as_deref().filter(|name| name.contains(['*', '?', '['])) {
            Some(name) if load::is_file(name, input.environments.as_deref(), &input.runtime.lock.root.roots())? => None,
            pattern => pattern,
        };
        let pattern = if self.all { Some("*") } else { named };
        if let (None, Some(shard)) = (pattern, self.shard) {
            let single =
                Diagnostic::error(format!("`--shard {shard}` divides several environments, and none are named"));
            return Err(single.hint("add --all, or a pattern, as in --env 'eu-*'").into());
        }
        Ok(pattern.map(|pattern| Selection::new(pattern, self.shard)).transpose()?)
    }
}
