//! "Did you mean", for the names of clusters.

/// The name that a wrong one was most likely meant to be: at most a third of it differs.
pub(crate) fn near<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let distances = names.map(|name| (distance(wrong, name), name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().max(3) / 3).then_some(name)
}

/// How many letters have to be added, taken away or changed to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = index;
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
        let mut left = index + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(other.chars()) {
            let changed = diagonal + usize::from(letter != other);
            diagonal = *cell;
            left = changed.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_slip_is_understood_and_another_word_is_not() {
        let names = || ["germany", "singapore", "us-west"].into_iter();
        assert_eq!(near("germny", names()), Some("germany"));
        assert_eq!(near("us-wets", names()), Some("us-west"));
        assert_eq!(near("singapour", names()), Some("singapore"));
        assert_eq!(near("finland", names()), None);
    }
}
