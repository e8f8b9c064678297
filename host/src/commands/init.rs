//! The first files of someone who has none: a commented folder of environments that renders as it is.

use std::path::Path;

use render_pipeline::emit;
use render_platform::values;
use render_text::diagnostic::{Diagnostic, Failure};

/// The files, in the order in which a person reads them. The schema makes editors complete keys, offline.
const FILES: [(&str, &str); 4] = [
    ("common.yaml", include_str!("../../init/common.yaml")),
    ("dev.yaml", include_str!("../../init/dev.yaml")),
    ("prd.yaml", include_str!("../../init/prd.yaml")),
    ("schema.json", values::schema::ENVIRONMENT),
];

/// Writes `environments/` into a folder, and returns what to do next.
///
/// # Errors
/// One of the files is there already; [`Failure::Internal`] when one cannot be written.
pub(super) fn init(folder: &Path) -> Result<String, Failure> {
    let environments = folder.join("environments");
    if let Some((name, _)) = FILES.iter().find(|(name, _)| emit::is_there(&environments.join(name))) {
        let there = Diagnostic::error(format!("{} is there already", environments.join(name).display()));
        return Err(there.hint("nothing was written; name another folder, or move the file away").into());
    }
    for (name, text) in FILES {
        emit::file(&environments.join(name), text)?;
    }
    Ok(format!(
        "{} has common.yaml, dev.yaml, prd.yaml and their schema\n\nNext, in its folder:\n  \
         render check --env dev\n  render --env dev\n  render notes --env dev\n",
        environments.display()
    ))
}
