//! What was found in several environments as one report: what they have in common, such as a mistake in a file that
//! all of them extend, is told once, with their names.

use std::collections::BTreeMap;

use render_text::diagnostic::Diagnostic;
use render_text::source::{Place, SourceId, Sources};

/// A report that grows with each environment.
pub(super) struct Report<'a> {
    findings: Vec<Diagnostic>,
    /// The numbers of the findings at a place.
    at: BTreeMap<Option<Place>, Vec<usize>>,
    sources: &'a mut Sources,
}

impl<'a> Report<'a> {
    /// An empty report, whose places will be in `sources`.
    pub(super) fn new(sources: &'a mut Sources) -> Self {
        Self { findings: Vec::new(), at: BTreeMap::new(), sources }
    }

    /// Adds the findings of an environment. Keeps only the sources that have findings.
    pub(super) fn add(&mut self, environment: &str, findings: Vec<Diagnostic>, from: &Sources) {
        if findings.is_empty() {
            return;
        }
        self.sources.mask_texts(from.secrets().iter().map(str::to_owned));
        let mut moved = Moved { from, numbers: BTreeMap::new() };
        for finding in findings {
            let finding = moved.finding(finding, self.sources);
            let at = self.at.entry(finding.place).or_default();
            if let Some(same) = at.iter().copied().find(|other| is_same(&self.findings[*other], &finding)) {
                self.findings[same].environments.push(environment.to_owned());
            } else {
                at.push(self.findings.len());
                self.findings.push(Diagnostic { environments: vec![environment.to_owned()], ..finding });
            }
        }
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
        let source = *self.numbers.entry(place.source).or_insert_with(|| to.adopt(self.from, place.source));
        Place { source, ..place }
    }
}
