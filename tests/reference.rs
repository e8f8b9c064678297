//! docs/values.md and docs/rules.md are what the schemas, the defaults and the rules say, so that a reference never
//! describes another program; and no link of a document leads nowhere.

/// The reference of the values.
mod values;

use std::fs;
use std::path::Path;

use render::diagnostic::Severity;
use render::rules::{RULES, Rule};

use crate::support::{blessing, root};

#[test]
fn the_committed_references_are_the_generated_ones() {
    for (file, text) in [("docs/values.md", values::reference()), ("docs/rules.md", rules())] {
        let path = root().join(file);
        if blessing() {
            fs::write(&path, &text).unwrap();
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{file} is not what the program says: `cargo xtask bless` writes it");
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    let mut broken = Vec::new();
    for document in ["README.md", "docs/values.md", "docs/rules.md"] {
        let path = root().join(document);
        let text = fs::read_to_string(&path).unwrap();
        let links = links(&text);
        assert!(!links.is_empty(), "{document} has no link, or none is found");
        broken.extend(links.iter().filter(|link| !leads(&path, link)).map(|link| format!("{document}: {link}")));
    }
    assert_eq!(broken, Vec::<String>::new());
}

fn rules() -> String {
    let intro = "# Rules\n\n\
        Each rule looks for something that a cluster would accept and its users would suffer from. An error stops the \
        run; a warning does not, unless `--strict` is given. `render rules` prints this list.\n\n\
        A finding that is known and accepted is silenced in the environment file, with its reason:\n\n\
        ```yaml\nrules:\n  silence:\n    - {code: LK004, reason: ten nodes are the promise}\n```\n\n\
        The README says [how rules fit in](../README.md#rules).\n";
    intro.to_owned() + &RULES.map(rule).concat()
}

fn rule(rule: &Rule) -> String {
    let severity = if rule.severity == Severity::Error { "Error" } else { "Warning" };
    format!("\n## {}: {}\n\n{severity}. {}\n", rule.code, rule.title, rule.why)
}

/// The targets of all links on pages of this repository, `](target)`, outside of code.
fn links(text: &str) -> Vec<&str> {
    let outside = text.split("```").step_by(2);
    let targets = outside.flat_map(|part| part.split("](").skip(1).filter_map(|rest| rest.split(')').next()));
    targets.filter(|target| !target.starts_with("https://")).collect()
}

/// Whether a file has the target of a link: a file beside it, a heading in it, or both.
fn leads(from: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = if file.is_empty() { from.to_owned() } else { from.parent().unwrap().join(file) };
    if anchor.is_empty() {
        return target.exists();
    }
    let text = fs::read_to_string(target).unwrap_or_default();
    let outside: String = text.split("```").step_by(2).collect();
    let headings = outside.lines().filter(|line| line.starts_with('#'));
    let anchors: Vec<String> = headings.map(|line| values::anchor(line.trim_start_matches('#').trim())).collect();
    anchors.iter().filter(|one| *one == anchor).count() == 1
}
