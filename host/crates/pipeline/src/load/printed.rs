//! Texts that other programs print: the outputs of Terraform, and what kubectl says of a cluster.

use std::path::Path;

use render_files::Roots;
use render_text::diagnostic::{Diagnostic, Failure};
use render_text::node::{Node, Tree};
use render_text::source::Sources;
use render_text::yaml;

use super::files::display;
use super::{foreign_file, one_document, shown};

/// What Terraform printed. Of a file that it did not print only the keys are shown: one that is easily mistaken for it,
/// such as its state, is full of secrets.
pub(super) fn terraform_outputs(path: &Path, roots: &Roots, sources: &mut Sources) -> Result<Node, Failure> {
    let shown = display(path);
    let source = foreign_file(path, roots, sources)?;
    let outputs = one_document(source, sources).map_err(|failure| not_terraform(&shown, failure))?;
    if let Tree::Map(map) = &outputs.tree {
        for (name, member) in map {
            let Some(value) = member.node.get("value") else {
                let wrong = Diagnostic::error(format!(
                    "`{name}` in `{shown}` is not an output of Terraform: it has no `value`"
                ));
                return Err(wrong.at(member.key).hint("write the file with `terraform output -json`").into());
            };
            if member.node.get("sensitive").is_some_and(|sensitive| sensitive.tree == Tree::Bool(true)) {
                sources.mask(value.places());
            }
        }
    }
    sources.classified(source);
    Ok(outputs)
}

/// The documents of the cluster's facts. Of a text that cannot be read only the keys are shown: it may hold whatever
/// the cluster does.
pub(super) fn facts(path: &Path, roots: &Roots, sources: &mut Sources) -> Result<Vec<Node>, Failure> {
    let shown = shown(path);
    let source = foreign_file(path, roots, sources)?;
    let documents = yaml::read(source, &sources.get(source).text);
    documents.map_err(|found| not_kubectl(&shown, found))
}

/// The first thing that is wrong with a text that kubectl did not print.
fn not_kubectl(shown: &str, found: Vec<Diagnostic>) -> Failure {
    let first = found.into_iter().take(1).map(|wrong| {
        let message = format!("`{shown}` is not what kubectl prints: {}", wrong.message);
        Diagnostic { message, ..wrong }.hint("write it with `kubectl get gateway,service,node -A -o json`")
    });
    Failure::Input(first.collect())
}

/// The first thing that is wrong with a file that Terraform did not write: the rest follows from it.
fn not_terraform(shown: &str, failure: Failure) -> Failure {
    let Failure::Input(found) = failure else { return failure };
    let first = found.into_iter().take(1).map(|wrong| {
        let message = format!("`{shown}` is not what `terraform output -json` prints: {}", wrong.message);
        Diagnostic { message, ..wrong }.hint("write the file with `terraform output -json`")
    });
    Failure::Input(first.collect())
}
