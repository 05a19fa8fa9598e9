//! [`known`]: holds the units that a person named to those that a run has.

use crate::cli::exit::{Exit, Problem};
use crate::model::history::History;
use crate::model::id::UnitId;
use crate::model::nearest::nearest;

/// How many units a hint names before it only counts.
const NAMED: usize = 8;

/// Refuses a unit that the run does not have, with the one that was probably meant.
///
/// # Errors
/// [`Problem`] at the first such unit.
pub fn known(history: &History, named: &[UnitId]) -> Result<(), Problem> {
    match named.iter().find(|id| history.unit(id).is_none()) {
        Some(wrong) => Err(unknown(history, wrong.as_str())),
        None => Ok(()),
    }
}

/// The refusal of a name that no unit of the run has, with the one that was probably meant.
#[must_use]
pub fn unknown(history: &History, wrong: &str) -> Problem {
    let there: Vec<&str> = history.units.iter().map(|unit| unit.id.as_str()).collect();
    let hint = match nearest(wrong, &there) {
        Some(right) => format!("did you mean `{right}`?"),
        None if there.len() > NAMED => format!(
            "it has {} and {} more",
            there[..NAMED].join(", "),
            there.len() - NAMED
        ),
        None => format!("it has {}", there.join(", ")),
    };
    let wrong = wrong.escape_debug();
    let why = format!("run {} has no unit `{wrong}`", history.run);
    Problem::new(Exit::Usage, why).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::known;
    use crate::model::sample;

    #[test]
    fn a_mistyped_unit_is_refused_with_the_right_one() {
        let history = sample::history(vec![None; 10]);
        assert_eq!(known(&history, &[sample::id("unit-3")]), Ok(()));
        let hint = |id| {
            known(&history, &[sample::id(id)])
                .unwrap_err()
                .hint
                .unwrap()
        };
        assert_eq!(hint("unit3"), "did you mean `unit-3`?");
        assert!(
            hint("parser").ends_with("unit-8 and 2 more"),
            "{}",
            hint("parser")
        );
    }
}
