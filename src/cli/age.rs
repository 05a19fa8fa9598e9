//! [`age`]: how long ago something was, in the largest unit that fits.

use jiff::SignedDuration;

use crate::model::counted::counted;

/// `12 minutes`, `1 hour`, `3 days`; none for less than a minute, and for a clock that was set back.
#[must_use]
pub fn age(age: SignedDuration) -> Option<String> {
    let minutes = age.as_mins();
    let (count, unit) = match minutes {
        ..1 => return None,
        1..60 => (minutes, "minute"),
        60..1440 => (minutes / 60, "hour"),
        1440.. => (minutes / 1440, "day"),
    };
    Some(counted(count, unit))
}

/// `3 days ago`, or `just now`.
#[must_use]
pub fn ago(since: SignedDuration) -> String {
    age(since).map_or_else(|| "just now".to_owned(), |age| format!("{age} ago"))
}

/// The same for a narrow column: `0 min`, `12 min`, `5 h`, `3 d`.
#[must_use]
pub fn short_age(age: SignedDuration) -> String {
    let minutes = age.as_mins().max(0);
    match minutes {
        ..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        1440.. => format!("{} d", minutes / 1440),
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::{ago, short_age};

    #[test]
    fn the_largest_unit_that_fits_is_told() {
        let told = |minutes| ago(SignedDuration::from_mins(minutes));
        assert_eq!(told(-5), "just now");
        assert_eq!(told(1), "1 minute ago");
        assert_eq!(told(119), "1 hour ago");
        assert_eq!(told(3 * 1440), "3 days ago");
        let told = |minutes| short_age(SignedDuration::from_mins(minutes));
        assert_eq!(
            [told(-1), told(59), told(60), told(4320)],
            ["0 min", "59 min", "1 h", "3 d"]
        );
    }
}
