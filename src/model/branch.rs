//! The names of a run's branches: `<prefix><change-slug>-<xxxx>/<unit>`.

use crate::model::id::{RunId, UnitId, slug};

/// The longest slug of a change in a branch name, in characters.
const CHANGE_SLUG_MAX: usize = 40;

/// The branch that delivers a unit. `prefix` is the user's (`batch/`); the four digits of the run tell runs of the same
/// change apart.
#[must_use]
pub fn branch_name(prefix: &str, change: &str, run: &RunId, unit: &UnitId) -> String {
    let change = slug(change, CHANGE_SLUG_MAX);
    let change = if change.is_empty() { "change" } else { &change };
    format!("{prefix}{change}-{}/{unit}", run.suffix())
}

#[cfg(test)]
mod tests {
    use super::branch_name;
    use crate::model::id::UnitId;

    #[test]
    fn a_branch_is_named_after_change_run_and_unit() {
        let run = "20260102T030405Z-0a1b".parse().unwrap();
        let unit = UnitId::parse("src-auth").unwrap();
        assert_eq!(
            branch_name("batch/", "Rename frob() to frobnicate", &run, &unit),
            "batch/rename-frob-to-frobnicate-0a1b/src-auth"
        );
        assert_eq!(
            branch_name("x/", "…", &run, &unit),
            "x/change-0a1b/src-auth"
        );
    }
}
