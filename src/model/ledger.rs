//! [`Ledger`]: where the files are that a change looks at: in its units, left alone by which list, or in neither.
//!
//! Pure counting, for whoever shows a plan; what may be where is judged by `answer` and `plan_file`.

use crate::model::id::UnitId;
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::scope::Ownership;

/// How many files are where.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Those that a unit has.
    pub in_units: usize,
    /// Those that each of the plan's exclusions leaves alone, in the plan's order.
    pub left_alone: Vec<usize>,
    /// Those that have no place.
    pub nowhere: usize,
}

impl Ledger {
    /// Counts files; one that a unit has by its folder alone, and that is excluded, is left alone.
    #[must_use]
    pub fn of<'p>(plan: &Plan, files: impl IntoIterator<Item = &'p RepoPath>) -> Self {
        let stand_in = UnitId::parse("excluded").expect("a word is an id");
        let lists = plan.excluded.iter().map(|list| (&stand_in, &list.scope));
        let (owned, excluded) = (plan.ownership(), Ownership::new(lists));
        let mut ledger = Self {
            left_alone: vec![0; plan.excluded.len()],
            ..Self::default()
        };
        for path in files {
            if let Some(&list) = excluded.owners_at(path).first() {
                ledger.left_alone[list] += 1;
            } else if owned.owner(path).is_some() {
                ledger.in_units += 1;
            } else {
                ledger.nowhere += 1;
            }
        }
        ledger
    }

    /// How many files are left alone, by all lists together.
    #[must_use]
    pub fn all_left_alone(&self) -> usize {
        self.left_alone.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;
    use crate::model::path::RepoPath;
    use crate::model::plan::Exclusion;
    use crate::model::sample;
    use crate::model::scope::{Entry, Scope};

    #[test]
    fn each_file_is_counted_once() {
        let mut plan = sample::plan(2);
        plan.units[0].scope = Scope::new([Entry::Folder("src".into())]);
        plan.units[1].scope = Scope::of_files(["README.md".into()]);
        let leaves = |path: &str| Exclusion {
            scope: Scope::of_files([path.into()]),
            reason: "generated".to_owned(),
        };
        plan.excluded = vec![leaves("docs/a"), leaves("src/gen")];
        let files: Vec<RepoPath> = ["src/a", "src/b", "src/gen", "docs/a", "docs/b"]
            .map(RepoPath::from)
            .into();
        let ledger = Ledger::of(&plan, &files);
        assert_eq!(ledger.in_units, 2);
        assert_eq!(ledger.left_alone, [1, 1]);
        assert_eq!(ledger.nowhere, 1);
        assert_eq!(ledger.all_left_alone(), 2);
    }
}
