//! [`named`]: the first few of many names, and how many more there are.

use std::fmt::Display;

/// At most `most` of the names: "a, b and 3 more".
pub(crate) fn named<T: Display>(names: &[T], most: usize) -> String {
    let shown: Vec<String> = names.iter().take(most).map(ToString::to_string).collect();
    let shown = shown.join(", ");
    match names.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn names_beyond_the_most_are_counted() {
        assert_eq!(named(&["a", "b"], 2), "a, b");
        assert_eq!(named(&["a", "b", "c", "d"], 2), "a, b and 2 more");
        assert_eq!(named::<&str>(&[], 2), "");
    }
}
