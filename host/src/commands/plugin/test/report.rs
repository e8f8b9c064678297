//! What `render plugin test` says: a line for each fixture, what differs, and what the calls cost.

use std::path::Path;

use render_plugins::Plugin;
use render_report::{self as report, Form, MessageFormat, Style, Summary, plain};
use render_text::diagnostic::Diagnostic;
use render_text::source::Sources;

use super::run::{Cost, Outcome};

/// Everything that there is to tell.
pub(super) struct Report<'a> {
    /// What was tested.
    pub(super) plugin: &'a Plugin,
    /// Its component.
    pub(super) file: &'a Path,
    /// What came of each fixture.
    pub(super) outcomes: &'a [Outcome],
    /// What it may and never did.
    pub(super) unused: &'a [Diagnostic],
}

impl Report<'_> {
    /// For a person everything, for a program the findings.
    pub(super) fn text(&self, sources: &Sources, form: Form) -> String {
        if form.format != MessageFormat::Human {
            let found: Vec<Diagnostic> =
                self.outcomes.iter().flat_map(findings).chain(self.unused.iter().cloned()).collect();
            return report::text(&found, &Summary::new(&found, None), sources, form);
        }
        let description = &self.plugin.description;
        let title = plain::lines(&format!("{} {}: {}\n", description.name, description.version, self.file.display()));
        let width = self.outcomes.iter().map(|outcome| outcome.name.chars().count()).max().unwrap_or_default();
        let style = form.style;
        let lines: String = self.outcomes.iter().map(|outcome| fixture(outcome, width, sources, style)).collect();
        let unused = report::human(self.unused, sources, style);
        format!("{title}{lines}{}{unused}", self.sum())
    }

    fn sum(&self) -> String {
        let right = self.outcomes.iter().filter(|outcome| outcome.is_right()).count();
        let of = match self.outcomes.len() {
            1 => "1 fixture".to_owned(),
            all => format!("{all} fixtures"),
        };
        let costs = || self.outcomes.iter().filter_map(|outcome| outcome.cost);
        let fuel = costs().map(|cost| cost.fuel).max().unwrap_or_default();
        let memory = costs().map(|cost| cost.memory).max().unwrap_or_default();
        let limits = &self.plugin.limits;
        format!(
            "{right} of {of} as expected; the most fuel {} of {}, the most memory {} of {}\n",
            grouped(fuel),
            grouped(limits.fuel),
            mebibytes(memory),
            mebibytes(limits.memory_bytes)
        )
    }
}

/// What is wrong with a fixture, named after it.
fn findings(outcome: &Outcome) -> Vec<Diagnostic> {
    let named = |finding: &Diagnostic| Diagnostic {
        message: format!("fixture {}: {}", outcome.name, finding.message),
        ..finding.clone()
    };
    outcome.problems.iter().map(|problem| named(&problem.finding)).collect()
}

fn fixture(outcome: &Outcome, width: usize, sources: &Sources, style: Style) -> String {
    let state = match (outcome.is_right(), outcome.blessed) {
        (true, true) => "new",
        (true, false) => "ok",
        (false, _) => "WRONG",
    };
    let cost = outcome.cost.map_or_else(String::new, |Cost { fuel, memory }| {
        format!("fuel {}, memory {}", grouped(fuel), mebibytes(memory))
    });
    let line = plain::lines(&format!("{state:<7}{:<width$}  {cost}", outcome.name));
    let problems: String = outcome
        .problems
        .iter()
        .map(|problem| {
            report::human(std::slice::from_ref(&problem.finding), sources, style) + &plain::lines(&problem.diff)
        })
        .collect();
    format!("{}\n{problems}", line.trim_end())
}

fn mebibytes(bytes: usize) -> String {
    let tenths = (bytes.saturating_mul(10) + (1 << 19)) >> 20;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}

/// A number with a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
