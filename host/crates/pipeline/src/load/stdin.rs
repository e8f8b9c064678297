//! Stdin can be read once: whoever comes second would find nothing there, and take that for an empty file.

use std::path::{Path, PathBuf};

use render_text::diagnostic::Diagnostic;

use super::Request;

/// Refuses a request that reads stdin for two things.
///
/// # Errors
/// Two of the files of a request are stdin.
pub(super) fn once(request: &Request) -> Result<(), Diagnostic> {
    let facts = request.facts.iter().map(|file| (file, "the facts"));
    let outputs = request.terraform_output.iter().map(|file| (file, "the outputs of Terraform"));
    let values = request.files.iter().map(|file| (file, "a file of values"));
    let read: Vec<&str> =
        facts.chain(outputs).chain(values).filter(|(file, _)| is_stdin(file)).map(|(_, what)| what).collect();
    match read[..] {
        [one, other, ..] if one == other => Err(twice("stdin cannot be two files of values")),
        [one, other, ..] => Err(twice(&format!("stdin cannot be both {one} and {other}"))),
        _ => Ok(()),
    }
}

/// Refuses manifests of which stdin is named twice.
///
/// # Errors
/// Two of the files are stdin.
pub(super) fn once_among(files: &[PathBuf]) -> Result<(), Diagnostic> {
    if files.iter().filter(|file| is_stdin(file)).count() > 1 {
        return Err(Diagnostic::error("stdin is named twice").hint("name it once"));
    }
    Ok(())
}

fn is_stdin(file: &Path) -> bool {
    file == Path::new("-")
}

fn twice(message: &str) -> Diagnostic {
    Diagnostic::error(message).hint("write one of them to a file")
}
