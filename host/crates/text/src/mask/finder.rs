//! Finds many texts in one pass. Who writes the texts may be anybody, so neither building the finder nor searching with
//! it costs more than in proportion to what it is given: it is an automaton of the kind that is built in linear time,
//! and of a long text it looks for the beginning only.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// How many bytes of a text are looked for. At a place that holds them, all that follows as in the text is part of the
/// finding. It bounds the findings that end at one place, too.
const NEEDLE: usize = 64;
/// How many bytes are looked for in all. An automaton takes about twenty times as much memory.
const MOST: usize = 16 << 20;

/// Finds texts in a text.
#[derive(Clone)]
pub enum Finder {
    /// These texts, by the beginnings that are looked for.
    Of(AhoCorasick, Vec<Vec<String>>),
    /// No text.
    Nothing,
    /// More texts than can be looked for, so that any text counts as one of them.
    Everything,
}

impl Finder {
    /// What finds each of these texts.
    #[must_use]
    pub fn new(texts: &BTreeSet<String>) -> Self {
        let mut needles: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for text in texts.iter().filter(|text| !text.is_empty()) {
            let needle = &text[..text.floor_char_boundary(NEEDLE)];
            let whole = needles.entry(needle).or_default();
            if needle.len() < text.len() {
                whole.push(text.clone());
            }
        }
        if needles.is_empty() {
            return Self::Nothing;
        }
        if needles.keys().map(|needle| needle.len()).sum::<usize>() > MOST {
            return Self::Everything;
        }
        let mut builder = AhoCorasick::builder();
        let built = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(needles.keys());
        built.map_or(Self::Everything, |automaton| Self::Of(automaton, needles.into_values().collect()))
    }

    /// Whether one of the texts, or the beginning of a long one, is in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Of(automaton, _) => automaton.is_match(text),
            Self::Nothing => false,
            Self::Everything => !text.is_empty(),
        }
    }

    /// Where a text holds one of the texts, overlapping ones included.
    pub(crate) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let (automaton, whole) = match self {
            Self::Of(automaton, whole) => (automaton, whole),
            Self::Nothing => return Vec::new(),
            Self::Everything => return std::iter::once(0..text.len()).collect(),
        };
        let mut found: Vec<Range<usize>> = Vec::new();
        for one in automaton.find_overlapping_iter(text) {
            // A run of one letter holds a text as often as it has letters: what is part of the finding before is none.
            if found.last().is_some_and(|last| last.start <= one.start() && one.end() <= last.end) {
                continue;
            }
            let long = &whole[one.pattern().as_usize()];
            let further = long.iter().map(|long| common(long, &text[one.start()..])).max().unwrap_or(0);
            found.push(one.start()..one.end().max(one.start() + further));
        }
        found
    }
}

/// How many bytes two texts begin with alike.
fn common(one: &str, other: &str) -> usize {
    let alike = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    other.floor_char_boundary(alike)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(texts: &[String]) -> Finder {
        Finder::new(&texts.iter().cloned().collect())
    }

    #[test]
    fn a_long_text_is_found_whole_and_as_far_as_it_goes() {
        let long = format!("{}ü{}", "a".repeat(63), "b".repeat(1000));
        let found = |text: &str| finder(std::slice::from_ref(&long)).find(text).into_iter().next();
        assert_eq!(found(&format!("x {long} y")), Some(2..2 + long.len()));
        assert_eq!(found(&format!("x {}", &long[..600])), Some(2..602));
        assert_eq!(found(&long[..60]), None);
    }

    /// Texts of one letter are the worst: an automaton with a table for each state took minutes to build.
    #[test]
    fn texts_of_one_letter_cost_no_more_than_others() {
        let texts: Vec<String> = (6..2000).map(|length| "x".repeat(length)).collect();
        let text = "x".repeat(200_000);
        let found = finder(&[texts, vec!["x".repeat(150_000)]].concat()).find(&text);
        assert_eq!(super::super::joined(found).first(), Some(&(0..text.len())));
    }

    #[test]
    fn more_texts_than_can_be_looked_for_are_everywhere() {
        let texts: Vec<String> = (0..=MOST / NEEDLE).map(|number| format!("{number:064}")).collect();
        let finder = finder(&texts);
        assert!(finder.is_in("a") && !finder.is_in(""));
        assert_eq!(finder.find("any").first(), Some(&(0..3)));
        assert!(!Finder::new(&BTreeSet::new()).is_in("a"));
    }
}
