//! [`Processes`]: the handle through which the adapters start programs; it holds what all starts have in common.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc;

use crate::adapters::process_table;
use crate::model::id::RunId;
use crate::model::leader::Leader;

/// The variable by which everything that is started for a run is known, also when its parents are gone.
pub(in crate::adapters) const RUN_MARK: &str = "BATCH_RUN";

/// Starts programs, and sees to it that they end.
#[derive(Debug, Clone)]
pub struct Processes {
    guard: PathBuf,
    /// Shared by all clones: they are handed out before there is a run.
    run: Arc<Mutex<Option<OfRun>>>,
}

/// The run that programs are started for.
#[derive(Debug)]
struct OfRun {
    id: RunId,
    leaders: mpsc::UnboundedSender<Leader>,
}

impl Processes {
    /// With the program that has the guard as a hidden subcommand: our own.
    pub fn new(guard: impl Into<PathBuf>) -> Self {
        Self {
            guard: guard.into(),
            run: Arc::default(),
        }
    }

    /// From now on everything is started for this run, and every guard is told of: it leads a session of its own.
    #[must_use]
    pub fn work_for(&self, run: &RunId) -> mpsc::UnboundedReceiver<Leader> {
        let (leaders, told) = mpsc::unbounded_channel();
        let id = run.clone();
        *self.of_run() = Some(OfRun { id, leaders });
        told
    }

    pub(super) fn guard(&self) -> &Path {
        &self.guard
    }

    /// The run's mark, as a variable of what is started.
    pub(super) fn mark(&self) -> Option<(&'static str, String)> {
        let run = self.of_run();
        run.as_ref().map(|run| (RUN_MARK, run.id.to_string()))
    }

    /// Tells of a guard that was started.
    pub(super) fn tell(&self, guard: u32) {
        let run = self.of_run();
        if let Some(run) = &*run
            && let Some(leader) = process_table::leader(guard)
        {
            // Without anybody who keeps a journal there is nobody to tell.
            let _ = run.leaders.send(leader);
        }
    }

    fn of_run(&self) -> std::sync::MutexGuard<'_, Option<OfRun>> {
        self.run.lock().expect("nothing panics under this lock")
    }
}
