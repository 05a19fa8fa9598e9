//! [`Findings`]: what a run's remote and forge show of its units, and what this repository keeps of them. Asked for by
//! `batch resume` and `batch prs adopt`, which settle what it means.

use std::collections::{BTreeMap, HashMap};

use crate::adapters::git::remote::{Deliveries, Heads};
use crate::adapters::git::repository::GitRepository;
use crate::cli::exit::Problem;
use crate::cli::forge::RunForge;
use crate::engine::adopting::Found;
use crate::engine::resume::{Resumption, resumption};
use crate::model::history::{History, UnitHistory};
use crate::model::id::ObjectId;
use crate::model::pull::Pull;

/// What was found of a run's units.
#[derive(Debug, Default)]
pub struct Findings {
    /// Where the branches are.
    heads: Heads,
    /// What the run's refs name, by unit and leaf: `unit/commit`, `unit/attempt-1`.
    kept: BTreeMap<String, ObjectId>,
    /// The pull requests, by branch.
    pulls: HashMap<String, Vec<Pull>>,
}

impl Findings {
    /// Asks the remote and the forge once each, however many units there are.
    ///
    /// # Errors
    /// [`Problem`] when one of them does not answer.
    pub async fn look(
        history: &History,
        forge: &RunForge,
        remote: &Deliveries,
        repository: &GitRepository,
    ) -> Result<Self, Problem> {
        let shared = shared_beginning(history.units.iter().map(|unit| unit.branch.as_str()));
        let heads = remote.heads_below(&shared).await?;
        let kept = repository
            .commits_below(&format!("refs/batch/{}/", history.run))
            .await?;
        let mut pulls: HashMap<String, Vec<Pull>> = HashMap::new();
        for pull in pulls_below(forge, &shared).await? {
            pulls.entry(pull.head.clone()).or_default().push(pull);
        }
        Ok(Self { heads, kept, pulls })
    }

    /// What it means for how the run goes on.
    #[must_use]
    pub fn resumption(&self, history: &History, test_again: bool) -> Resumption {
        let units = history.open();
        let found = units.map(|unit| (unit.id.clone(), self.of(unit)));
        resumption(history, &found.collect(), test_again)
    }

    /// What was found of a unit.
    #[must_use]
    pub fn of(&self, unit: &UnitHistory) -> Found<'_> {
        Found {
            head: self.heads.get(&unit.branch),
            kept: self.kept.get(&format!("{}/commit", unit.id)),
            pulls: self.pulls.get(&unit.branch).map_or(&[], Vec::as_slice),
        }
    }
}

/// All pull requests whose branches begin so.
async fn pulls_below(forge: &RunForge, prefix: &str) -> Result<Vec<Pull>, Problem> {
    match forge {
        RunForge::Local(local) => Ok(local.list().await?),
        RunForge::GitHub(github) => Ok(github.pulls_below(prefix).await?),
    }
}

/// What these names all begin with, up to a `/`.
fn shared_beginning<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    let Some(first) = names.next() else {
        return String::new();
    };
    let mut shared = first.rfind('/').map_or("", |end| &first[..=end]);
    for name in names {
        while !name.starts_with(shared) {
            let shorter = shared.trim_end_matches('/');
            shared = shorter.rfind('/').map_or("", |end| &shorter[..=end]);
        }
    }
    shared.to_owned()
}

#[cfg(test)]
mod tests {
    use super::shared_beginning;

    #[test]
    fn branches_share_the_folders_that_they_begin_with() {
        let of = |names: &[&str]| shared_beginning(names.iter().copied());
        assert_eq!(of(&["batch/x-0a1b/a", "batch/x-0a1b/b"]), "batch/x-0a1b/");
        assert_eq!(of(&["batch/x-0a1b/a", "batch/y-0a1b/a"]), "batch/");
        assert_eq!(of(&["batch/x/a", "other/x/a"]), "");
        assert_eq!(of(&["a", "b"]), "");
        assert_eq!(of(&[]), "");
    }
}
