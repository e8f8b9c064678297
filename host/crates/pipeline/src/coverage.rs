//! How much was looked at: the objects and the rules of a run, and the stages that an error kept it from.

use render_report::Coverage;
use render_rules::Counts;

use crate::progress::{Progress, Stage};

/// What was looked at when an environment was rendered as far as `progress` says.
#[must_use]
pub(crate) fn of_environment(progress: Progress, counts: Counts) -> Coverage {
    let rules = match progress.stage {
        Stage::Load | Stage::Validate => 0,
        Stage::Values | Stage::Template | Stage::Plugins | Stage::Patches => counts.values,
        Stage::Finished => counts.all,
    };
    let waiting = progress.stage.after().iter().map(|stage| stage.checks().to_owned()).collect();
    Coverage { environments: None, objects: progress.objects, rules, rules_on_values: None, waiting }
}

/// What was looked at in several environments: all their objects, and what is waiting in any of them.
#[must_use]
pub(crate) fn of_several(all: &[Coverage]) -> Coverage {
    let stages = Stage::default().after().into_iter().map(|stage| stage.checks().to_owned());
    let is_waiting = |stage: &String| all.iter().any(|one| one.waiting.contains(stage));
    Coverage {
        environments: Some(all.len()),
        objects: all.iter().map(|one| one.objects).sum(),
        rules: all.iter().map(|one| one.rules).max().unwrap_or_default(),
        rules_on_values: None,
        waiting: stages.filter(is_waiting).collect(),
    }
}

/// What was looked at of manifests that something else rendered; `None` when they cannot be read.
#[must_use]
pub fn of_manifests(objects: Option<usize>, counts: Counts) -> Coverage {
    let waiting = if objects.is_none() { vec![Stage::Finished.checks().to_owned()] } else { Vec::new() };
    let rules = if objects.is_none() { 0 } else { counts.manifests };
    let rules_on_values = Some(counts.all - counts.manifests);
    Coverage { environments: None, objects: objects.unwrap_or_default(), rules, rules_on_values, waiting }
}
