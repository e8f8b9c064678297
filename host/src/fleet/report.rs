//! What was found in several environments as one report: what they have in common, such as a mistake in a file that
//! all of them extend, is told once, with their names.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::source::{Place, SourceId, Sources};

/// A report that grows with each environment.
pub(super) struct Report<'a> {
    findings: Vec<Diagnostic>,
    sources: &'a mut Sources,
}

impl<'a> Report<'a> {
    /// An empty report, whose places will be in `sources`.
    pub(super) fn new(sources: &'a mut Sources) -> Self {
        Self { findings: Vec::new(), sources }
    }

    /// Adds the findings of an environment. Keeps only the sources that have findings.
    pub(super) fn add(&mut self, environment: &str, findings: Vec<Diagnostic>, from: &Sources) {
        if findings.is_empty() {
            return;
        }
        self.sources.conceal(from.secrets().map(str::to_owned));
        let mut moved = Moved { from, numbers: BTreeMap::new() };
        for finding in findings {
            let finding = moved.finding(finding, self.sources);
            let same = self.findings.iter_mut().find(|other| is_same(other, &finding));
            if let Some(other) = same {
                other.environments.push(environment.to_owned());
            } else {
                self.findings.push(Diagnostic { environments: vec![environment.to_owned()], ..finding });
            }
        }
        moved.hide(self.sources);
    }

    /// Everything that was found.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        self.findings
    }
}

/// Whether two findings are the same but for their environments.
fn is_same(one: &Diagnostic, other: &Diagnostic) -> bool {
    (one.place, &one.message) == (other.place, &other.message)
        && (one.code, one.severity, &one.about) == (other.code, other.severity, &other.about)
        && (&one.related, &one.hint, &one.silenced) == (&other.related, &other.hint, &other.silenced)
}

/// Texts on their way from the sources of one environment to those of the report.
struct Moved<'a> {
    from: &'a Sources,
    numbers: BTreeMap<SourceId, SourceId>,
}

impl Moved<'_> {
    fn finding(&mut self, finding: Diagnostic, to: &mut Sources) -> Diagnostic {
        let place = finding.place.map(|place| self.place(place, to));
        let related = finding.related.into_iter().map(|(place, role)| (self.place(place, to), role)).collect();
        Diagnostic { place, related, ..finding }
    }

    fn place(&mut self, place: Place, to: &mut Sources) -> Place {
        let source = *self.numbers.entry(place.source).or_insert_with(|| to.adopt(self.from.get(place.source)));
        Place { source, ..place }
    }

    /// Hides in the moved texts what was hidden in them.
    fn hide(&self, to: &mut Sources) {
        let moved = |place: &Place| Some(Place { source: *self.numbers.get(&place.source)?, ..*place });
        let hidden: Vec<Place> = self.from.hidden().iter().filter_map(moved).collect();
        to.hide(hidden.into_iter().filter(|place| !to.hidden().contains(place)).collect::<Vec<_>>());
    }
}
