//! What a misspelt word was meant to be. Keys, enum values and names of objects all ask here, so that
//! "did you mean" is given, or withheld, by the same measure everywhere.

use strsim::damerau_levenshtein;

/// Among more words than these nobody looks for the right one, and comparing with all of them takes long.
const MOST_KNOWN: usize = 1000;

/// The word in `known` that `wrong` most likely stands for, if any is near enough to be worth saying. Among more than a
/// thousand words none is looked for.
///
/// Letter case and the separators `-`, `_`, `.` and space do not count; two letters swapped count as one
/// mistake; a third of the letters may be wrong, at most four. A word of three letters or more also stands for the
/// shortest known word that begins with it.
pub fn closest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.take(MOST_KNOWN + 1).collect();
    if known.len() > MOST_KNOWN {
        return None;
    }
    let wrong = folded(wrong);
    known
        .into_iter()
        .filter_map(|word| Some((distance(&wrong, &folded(word))?, word)))
        .min_by_key(|(far, _)| *far)
        .map(|(_, w)| w)
}

/// How far two folded words are apart: mistakes first, then letters left over; `None` when too far.
fn distance(wrong: &str, known: &str) -> Option<(usize, usize)> {
    let (short, long) = ordered(wrong.chars().count(), known.chars().count());
    let most = (long / 3).min(4);
    // Comparing costs the product of the lengths, and a pair so unequal can only agree as a prefix.
    let mistakes = if long - short <= most { damerau_levenshtein(wrong, known) } else { long };
    if mistakes <= most {
        return Some((mistakes, 0));
    }
    let prefix = wrong.chars().count() >= 3 && known.starts_with(wrong);
    prefix.then_some((most + 1, long - short))
}

/// The letters that count: lower case, without separators.
fn folded(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '-' | '_' | '.' | ' ')).flat_map(char::to_lowercase).collect()
}

fn ordered(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 16] = [
        "replicas",
        "podAnnotations",
        "podSecurityContext",
        "tcp_port",
        "udp_port",
        "port_range_start",
        "port_range_end",
        "namespace",
        "ingress",
        "RollingUpdate",
        "ClusterIP",
        "letsencrypt-dns",
        "image",
        "name",
        "terminationGracePeriodSeconds",
        "turn",
    ];

    #[test]
    fn near_misses_find_what_was_meant() {
        for (wrong, meant) in [
            ("replicsa", "replicas"),
            ("replica", "replicas"),
            ("Replicas", "replicas"),
            ("repl", "replicas"),
            ("pod-annotations", "podAnnotations"),
            ("podAnotation", "podAnnotations"),
            ("podSecurityContxet", "podSecurityContext"),
            ("tcpPort", "tcp_port"),
            ("upd_port", "udp_port"),
            ("port_range_strat", "port_range_start"),
            ("port_range_endd", "port_range_end"),
            ("namesapce", "namespace"),
            ("rolling_update", "RollingUpdate"),
            ("clusterip", "ClusterIP"),
            ("letsencryptdns", "letsencrypt-dns"),
            ("iamge", "image"),
            ("names", "name"),
            ("terminationGracePeriod", "terminationGracePeriodSeconds"),
        ] {
            assert_eq!(closest(wrong, KEYS.into_iter()), Some(meant), "{wrong}");
        }
    }

    #[test]
    fn words_that_share_little_are_left_alone() {
        for wrong in ["", "x", "affinity", "tolerations", "hostPort", "re", "日本"] {
            assert_eq!(closest(wrong, KEYS.into_iter()), None, "{wrong}");
        }
    }

    #[test]
    fn the_nearer_of_two_wins_and_the_first_of_equals() {
        assert_eq!(closest("tcp_prt", ["udp_port", "tcp_port"].into_iter()), Some("tcp_port"));
        assert_eq!(closest("porta", ["ports", "porto"].into_iter()), Some("ports"));
        assert_eq!(closest("port_range", ["port_range_start", "port_range_end"].into_iter()), Some("port_range_end"));
    }

    #[test]
    fn among_a_thousand_words_one_is_found_and_among_more_none() {
        let words: Vec<String> = (0..=MOST_KNOWN).map(|number| format!("word{number}")).collect();
        let known = |count: usize| words[..count].iter().map(String::as_str);
        assert_eq!(closest("word7", known(MOST_KNOWN)), Some("word7"));
        assert_eq!(closest("word7", known(MOST_KNOWN + 1)), None);
    }

    #[test]
    fn nothing_known_means_nothing_to_suggest() {
        assert_eq!(closest("replicas", std::iter::empty()), None);
    }
}
