//! [`wrap`]: breaks a line at spaces to fit a width.

use console::measure_text_width;

/// The line in lines of at most `columns`; a word that is too long stays whole, so that it can be copied.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if measure_text_width(line) + 1 + measure_text_width(word) <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn a_word_that_is_too_long_stays_whole() {
        assert_eq!(wrap("aa bb cccccccccc d", 5), ["aa bb", "cccccccccc", "d"]);
        assert_eq!(wrap("", 5), [""]);
    }
}
