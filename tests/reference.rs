//! docs/values.md and docs/rules.md are what the schemas, the defaults and the rules say, so that a reference never
//! describes another program.

/// The reference of the values.
mod values;
/// Its words for types and values.
mod wording;

use std::fs;

use render_rules::{self as rules, Rule};
use render_text::diagnostic::Severity;

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

fn rules() -> String {
    let intro = "# Rules\n\n\
        Each rule looks for something that a cluster would accept and its users would suffer from. An error stops the \
        run; a warning does not, unless `--strict` is given. `render rules` prints this list.\n\n\
        A finding that is known and accepted is silenced in the environment file, with its reason:\n\n\
        ```yaml\nrules:\n  silence:\n    - {code: LK004, reason: ten nodes are the promise}\n```\n\n\
        [Checking](guide/checking.md#rules) describes severities, silencing and CI.\n";
    intro.to_owned() + &rules::all().into_iter().map(rule).collect::<String>()
}

fn rule(rule: &Rule) -> String {
    let severity = if rule.severity == Severity::Error { "Error" } else { "Warning" };
    format!("\n## {}: {}\n\n{severity}. {}\n", rule.code, rule.title, rule.why)
}
