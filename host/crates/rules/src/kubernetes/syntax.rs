//! The words that Kubernetes accepts: each function says what is wrong with one, as the end of a sentence
//! that begins with the word.

/// The longest label of a DNS name, and the longest value of a label.
pub(crate) const LONGEST_LABEL: usize = 63;

/// A label of a DNS name (RFC 1123).
pub(crate) fn label_mistake(word: &str) -> Option<String> {
    too_long(word, LONGEST_LABEL).or_else(|| {
        let fits = is_lower_label(word);
        (!fits).then(|| "has more in it than lower-case letters, digits and inner `-`".to_owned())
    })
}

/// A label of a DNS name that begins with a letter (RFC 1035).
pub(crate) fn letter_label_mistake(word: &str) -> Option<String> {
    label_mistake(word).or_else(|| {
        let begins = word.starts_with(|first: char| first.is_ascii_lowercase());
        (!begins).then(|| "does not begin with a letter".to_owned())
    })
}

/// A DNS name in lower case (RFC 1123).
pub(crate) fn subdomain_mistake(word: &str) -> Option<String> {
    too_long(word, 253).or_else(|| {
        let fits = word.split('.').all(is_lower_label);
        (!fits).then(|| "has more in it than lower-case letters, digits, inner `-` and inner `.`".to_owned())
    })
}

/// The name of a container's port (RFC 6335).
pub(crate) fn port_name_mistake(word: &str) -> Option<String> {
    let mistake = if word.len() > 15 {
        format!("has {} characters, and 15 is the most", word.len())
    } else if !is_lower_label(word) {
        "has more in it than lower-case letters, digits and inner `-`".to_owned()
    } else if !word.contains(|letter: char| letter.is_ascii_lowercase()) {
        "has no letter in it".to_owned()
    } else if word.contains("--") {
        "has two `-` in a row".to_owned()
    } else {
        return None;
    };
    Some(mistake)
}

/// The key of a label or an annotation.
pub(crate) fn key_mistake(key: &str) -> Option<String> {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if let Some(mistake) = prefix.and_then(subdomain_mistake) {
        return Some(format!("has a prefix that {mistake}"));
    }
    if name.is_empty() {
        return Some("has no name".to_owned());
    }
    value_mistake(name)
}

/// The value of a label, which may be empty.
pub(crate) fn value_mistake(value: &str) -> Option<String> {
    too_long(value, LONGEST_LABEL).or_else(|| {
        let ends = value.chars().next().into_iter().chain(value.chars().last());
        let fits = ends.into_iter().all(|end| end.is_ascii_alphanumeric())
            && value.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.'));
        (!fits).then(|| "has more in it than letters, digits and inner `-`, `_` and `.`".to_owned())
    })
}

/// What is wrong with a word that is longer than it may be.
pub(crate) fn too_long(word: &str, most: usize) -> Option<String> {
    let length = word.chars().count();
    (length > most).then(|| format!("has {length} characters, and {most} is the most"))
}

fn is_lower_label(word: &str) -> bool {
    let inner = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '-';
    !word.is_empty() && word.chars().all(inner) && !word.starts_with('-') && !word.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words, each with whether it fits.
    fn fit(mistake: fn(&str) -> Option<String>, words: &[(&str, bool)]) {
        for (word, fits) in words {
            assert_eq!(mistake(word).is_none(), *fits, "{word:?}");
        }
    }

    #[test]
    fn a_label_of_a_dns_name_has_63_lower_case_characters_at_most() {
        let (longest, longer) = ("a".repeat(63), "a".repeat(64));
        let words = [
            ("a", true),
            ("0a", true),
            ("a-0", true),
            ("a--b", true),
            (longest.as_str(), true),
            (longer.as_str(), false),
        ];
        fit(label_mistake, &words);
        fit(label_mistake, &["", "-a", "a-", "A", "a_b", "a.b", "ä"].map(|word| (word, false)));
        fit(letter_label_mistake, &[("a0", true), ("0a", false), (longest.as_str(), true), (longer.as_str(), false)]);
    }

    #[test]
    fn a_dns_name_has_253_characters_at_most_and_no_empty_label() {
        let (longest, longer) = ("a".repeat(253), "a".repeat(254));
        fit(
            subdomain_mistake,
            &[("a", true), ("0.a", true), ("a.b-c", true), (longest.as_str(), true), (longer.as_str(), false)],
        );
        fit(subdomain_mistake, &["", ".", "a.", ".a", "a..b", "a.-b", "*.a", "A.b"].map(|word| (word, false)));
    }

    #[test]
    fn a_name_of_a_port_has_15_characters_at_most_and_a_letter() {
        fit(
            port_name_mistake,
            &[("a", true), ("0a", true), ("a-b", true), ("fifteen-letters", true), ("sixteen-letters-", false)],
        );
        fit(port_name_mistake, &["", "80", "8-0", "a--b", "-a", "A", "abcdefghijklmnop"].map(|word| (word, false)));
    }

    #[test]
    fn a_key_is_a_name_behind_a_dns_name() {
        let (longest, longer) = (format!("a.b/{}", "c".repeat(63)), format!("a.b/{}", "c".repeat(64)));
        fit(key_mistake, &[("a", true), ("A_b.c-0", true), ("a.b/C", true), (&longest, true), (&longer, false)]);
        fit(key_mistake, &["", "a/", "/a", "a/b/c", "A.b/c", "a b", "a_", "a_b/c"].map(|word| (word, false)));
    }

    #[test]
    fn a_value_of_a_label_may_be_empty() {
        let (longest, longer) = ("a".repeat(63), "a".repeat(64));
        fit(value_mistake, &[("", true), ("A_b.c-0", true), (longest.as_str(), true), (longer.as_str(), false)]);
        fit(value_mistake, &["a b", "a/b", "a:b", "1.0+2", "-a", "a.", "ä"].map(|word| (word, false)));
    }
}
