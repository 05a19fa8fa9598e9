//! An execution that goes on with a run of before: what its dead process left is kept, and what was found of its units
//! settles what is still to be done.

use std::collections::BTreeMap;

use super::{Execution, Opening, Taken};
use crate::adapters::git::remote::Deliveries;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::worktrees::WorktreePool;
use crate::adapters::run_folder::RunFolder;
use crate::cli::exit::{Exit, Problem};
use crate::cli::findings::Findings;
use crate::engine::edits::{self, Rescued};
use crate::engine::go::Begin;
use crate::engine::pool::BasePolicy;
use crate::engine::ports::{Clock as _, Stop, Watch};
use crate::model::event::{Event, Record};
use crate::model::history::History;
use crate::model::id::{RunId, UnitId};
use crate::model::plan::Plan;

impl Execution<'_> {
    /// Goes on with a run that was interrupted or cut off, by what was found of its units. The caller holds the lock.
    ///
    /// # Errors
    /// As [`Execution::begin`].
    pub async fn resume(
        &self,
        folder: &RunFolder,
        plan: Plan,
        history: History,
        findings: &Findings,
        test_again: bool,
        given: bool,
    ) -> Result<Exit, Problem> {
        let forge = self.forge().await?;
        let open: Vec<UnitId> = history.open().map(|unit| unit.id.clone()).collect();
        let pool = self.pool(&history, &open)?;
        let kept = self.kept(folder.run()).await?;
        let mut events = self.reclaimed(folder, &pool, &history, &open).await;
        events.extend(self.rescued(folder, &pool, &history, &plan, &kept).await);
        let told = self.told(&history, &events)?;
        let resumption = findings.resumption(&told, test_again);
        events.extend(resumption.events);
        let units = resumption.wanted;
        if units.is_empty() {
            let mut recorder = self.recorder(folder, history)?;
            recorder.record_all(events)?;
            return self.concluded(folder, &pool, recorder).await;
        }
        events.push(Event::ResumeStarted {
            units: units.iter().map(|wanted| wanted.unit.clone()).collect(),
            pulls: self.pulls.clone(),
        });
        let works = units.iter().any(|wanted| match wanted.begin {
            Begin::Anew | Begin::AtCommit(_) => true,
            Begin::AtPull(_) => false,
        });
        // What was found out of the base holds as long as it is found out in the same way.
        let is_known = history.base_green.is_some() && !test_again;
        let taken = Taken {
            opening: Opening::Again(events),
            units,
            note: None,
            base: if works && !is_known {
                BasePolicy::of(&plan, self.allow_red_base)
            } else {
                BasePolicy::Trust
            },
            given,
            kept,
        };
        self.go(folder, plan, history, taken, pool, forge).await
    }

    /// Where the branches go.
    #[must_use]
    pub fn deliveries(&self) -> Deliveries {
        let deliveries = Deliveries::new(&self.session.place, self.remote.clone());
        match self.destination.fork() {
            Some(fork) => deliveries.to_fork(fork.clone()),
            None => deliveries,
        }
    }

    /// Keeps the edits of units that a killed process of this run left behind, and removes its worktrees.
    pub(super) async fn rescued(
        &self,
        folder: &RunFolder,
        pool: &WorktreePool,
        history: &History,
        plan: &Plan,
        kept: &BTreeMap<UnitId, u32>,
    ) -> Vec<Event> {
        let watch = Watch {
            log: folder.logs_folder().join("rescue.log"),
            timeout: self.work.timeout,
            stop: Stop::default(),
        };
        let repository = GitRepository::new(&self.session.place);
        let abandoned = pool.abandoned(&history.base.commit);
        let ownership = plan.ownership();
        let rescue = edits::rescue(&repository, history, &ownership, kept, abandoned, &watch);
        let Rescued { events, unsaved } = rescue.await;
        pool.spare(unsaved);
        pool.remove_abandoned().await;
        events
    }

    /// How many attempts of each unit have edits that are kept.
    pub(super) async fn kept(&self, run: &RunId) -> Result<BTreeMap<UnitId, u32>, Problem> {
        let repository = GitRepository::new(&self.session.place);
        let refs = repository
            .commits_below(&format!("refs/batch/{run}/"))
            .await?;
        let mut kept: BTreeMap<UnitId, u32> = BTreeMap::new();
        for name in refs.keys() {
            let attempt = name.split_once("/attempt-").and_then(|(unit, number)| {
                Some((UnitId::parse(unit).ok()?, number.parse::<u32>().ok()?))
            });
            if let Some((unit, number)) = attempt {
                let most = kept.entry(unit).or_default();
                *most = number.max(*most);
            }
        }
        Ok(kept)
    }

    /// The history once these are on record.
    pub(super) fn told(&self, history: &History, events: &[Event]) -> Result<History, Problem> {
        let mut told = history.clone();
        for event in events {
            let at = self.session.clock.now();
            let event = event.clone();
            told.apply(&Record { at, event })?;
        }
        Ok(told)
    }
}
