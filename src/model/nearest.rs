//! [`nearest`]: the right name that a mistyped one probably means.

/// The candidate that takes the fewest edits, if they are few for the word's length.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let distances = candidates.iter().map(|name| (distance(word, name), *name));
    let (edits, name) = distances.min_by_key(|&(edits, _)| edits)?;
    (edits <= 1 + name.len() / 4).then_some(name)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_is_recognised_and_another_word_is_not() {
        let names = ["paths", "after", "no-test", "description"];
        assert_eq!(nearest("pahts", &names), Some("paths"));
        assert_eq!(nearest("no_test", &names), Some("no-test"));
        assert_eq!(nearest("descripton", &names), Some("description"));
        assert_eq!(nearest("timeout", &names), None);
        assert_eq!(nearest("", &names), None);
    }
}
