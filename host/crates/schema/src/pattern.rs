//! Patterns of schemas. regex-lite, not regex: it has no dependencies, compiles a pattern in microseconds
//! where regex builds Unicode tables that JSON Schema's ASCII `\d` and `\w` never ask for, and it matches
//! in linear time, which matters because plugins bring patterns too.

use regex_lite::{Regex, RegexBuilder};

/// What a pattern may take once compiled: most need less than the first, and cost accordingly.
const SMALL: usize = 4 << 10;
const LARGE: usize = 64 << 10;

/// A compiled pattern and what it costs to use.
#[derive(Debug)]
pub(super) struct Pattern {
    regex: Regex,
    weight: usize,
}

impl Pattern {
    /// Compiles a pattern; `None` when it is malformed, too large, or needs backtracking.
    pub(super) fn new(text: &str) -> Option<Self> {
        let build = |limit: usize| RegexBuilder::new(text).size_limit(limit).build().ok();
        let sized = |limit: usize| build(limit).map(|regex| Self { regex, weight: limit / SMALL });
        sized(SMALL).or_else(|| sized(LARGE))
    }

    /// Whether the pattern occurs anywhere in a text: JSON Schema's patterns are not anchored.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Steps that compiling the pattern counts for, and keeping it: a schema may have thousands.
    pub(super) fn cost_to_keep(&self) -> usize {
        256 * self.weight
    }

    /// Steps that looking for the pattern in a text counts for; time grows with both sizes.
    pub(super) fn cost(&self, text: &str) -> usize {
        (1 + text.len() / 8).saturating_mul(self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_anywhere_unless_anchored() {
        assert!(Pattern::new("b+").is_some_and(|pattern| pattern.is_in("abc")));
        assert!(Pattern::new("^b+$").is_some_and(|pattern| !pattern.is_in("abc")));
    }

    #[test]
    fn a_domain_name_of_full_length_fits_and_weighs_more() {
        let label = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
        let domain = Pattern::new(&format!("^{label}(\\.{label})*$"));
        assert!(domain.is_some_and(|pattern| pattern.is_in("meet.example.org") && pattern.cost("x") > 1));
    }

    #[test]
    fn hostile_patterns_are_refused_before_they_cost_anything() {
        for text in ["(a{1000}){1000}", "(", "(?=a)", "(a)\\1", &"(".repeat(100_000)] {
            assert!(Pattern::new(text).is_none());
        }
    }
}
