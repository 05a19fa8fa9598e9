//! [`counted`]: a number and what it counts, in words.

use std::fmt::Display;

/// The number with the thing, which takes an s unless there is one.
pub(crate) fn counted(number: impl Display, thing: &str) -> String {
    let number = number.to_string();
    let plural = if number == "1" { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn only_one_is_singular() {
        assert_eq!(counted(0, "unit"), "0 units");
        assert_eq!(counted(1_u64, "unit"), "1 unit");
        assert_eq!(counted(21_usize, "unit"), "21 units");
    }
}
