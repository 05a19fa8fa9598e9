//! The worktrees of failed units that earlier goes kept for a person.

use std::path::PathBuf;

use crate::adapters::git::pool_folder;
use crate::adapters::git::repository::GitRepository;
use crate::adapters::git::worktrees::WorktreePool;
use crate::adapters::residents::Residents;
use crate::adapters::run_folder::RunFolder;
use crate::cli::execution::Execution;
use crate::cli::exit::Problem;
use crate::engine::edits::{self, Rescued};
use crate::engine::ports::{Stop, Watch};
use crate::model::event::Event;
use crate::model::history::History;
use crate::model::id::UnitId;

impl Execution<'_> {
    /// The pool of a go that begins these units. A worktree that was kept for a person goes when its unit begins again,
    /// unless somebody works in it.
    pub(super) fn pool(
        &self,
        history: &History,
        begins: &[UnitId],
    ) -> Result<WorktreePool, Problem> {
        let (place, run) = (&self.session.place, &history.run);
        let folder = pool_folder::run_folder(self.work.worktrees.as_deref(), place, run)?;
        let pool = WorktreePool::new(place, folder, run, self.work.fresh);
        let units = history.units.iter();
        let kept: Vec<(&UnitId, PathBuf)> = units
            .filter_map(|unit| Some((&unit.id, PathBuf::from(unit.worktree.as_ref()?))))
            .collect();
        if kept.is_empty() {
            return Ok(pool);
        }
        let residents = Residents::look();
        let stay = kept
            .into_iter()
            .filter(|(unit, path)| !begins.contains(unit) || residents.below(path).is_some());
        Ok(pool.keeping(stay.map(|(_, path)| path)))
    }

    /// Keeps what people made of units that begin again in worktrees that were kept for them.
    pub(super) async fn reclaimed(
        &self,
        folder: &RunFolder,
        pool: &WorktreePool,
        history: &History,
        begins: &[UnitId],
    ) -> Vec<Event> {
        let watch = Watch {
            log: folder.logs_folder().join("rescue.log"),
            timeout: self.work.timeout,
            stop: Stop::default(),
        };
        let repository = GitRepository::new(&self.session.place);
        let Rescued { events, unsaved } =
            edits::reclaim(&repository, history, begins, &watch).await;
        pool.spare(unsaved);
        events
    }
}
