//! docs/values.md and docs/rules.md are what the schemas, the defaults and the rules say, so that a reference never
//! describes another program; and no link of a document leads nowhere.

/// The reference of the values.
mod values;
/// Its words for types and values.
mod wording;

use std::fs;

use render::diagnostic::Severity;
use render::rules::{self, Rule};

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
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let pages = [("README.md", readme), ("docs/values.md", values::reference()), ("docs/rules.md", rules())];
    let mut broken = Vec::new();
    for (page, text) in &pages {
        let links = links(text);
        assert!(!links.is_empty(), "{page} has no link, or none is found");
        broken.extend(links.iter().filter(|link| !leads(&pages, page, link)).map(|link| format!("{page}: {link}")));
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
    intro.to_owned() + &rules::all().into_iter().map(rule).collect::<String>()
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

/// Whether a link on a page leads to a file, and to exactly one heading of that page if it names one.
fn leads(pages: &[(&str, String)], from: &str, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match (file, file.strip_prefix("../"), from.rsplit_once('/')) {
        ("", _, _) => from.to_owned(),
        (_, Some(above), Some(_)) => above.to_owned(),
        (_, None, Some((folder, _))) => format!("{folder}/{file}"),
        (_, _, None) => file.to_owned(),
    };
    let page = pages.iter().find(|(page, _)| *page == target);
    match anchor {
        "" => root().join(target).exists(),
        anchor => page.is_some_and(|(_, text)| headings(text, anchor) == 1),
    }
}

/// How many headings of a page have a name in links.
fn headings(text: &str, anchor: &str) -> usize {
    let outside: String = text.split("```").step_by(2).collect();
    let headings = outside.lines().filter(|line| line.starts_with('#'));
    headings.filter(|line| values::anchor(line.trim_start_matches('#').trim()) == anchor).count()
}
