//! A go in the two parts that a canary makes of it: the units that go first, the user's word, the rest.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::Execution;
use crate::adapters::control::FileControls;
use crate::adapters::run_folder::RunFolder;
use crate::adapters::worktree_sizes::measured;
use crate::cli::canary::{self, Word};
use crate::cli::exit::Problem;
use crate::cli::forge::RunForge;
use crate::engine::canary::{forbidden, in_vain, parted};
use crate::engine::go::Go;
use crate::engine::outlook::Outlook;
use crate::engine::ports::Stop;
use crate::engine::recorder::Recorder;
use crate::engine::run::{self, Lines};
use crate::engine::worker::Tools;
use crate::model::event::Event;
use crate::model::id::UnitId;
use crate::model::leader::Leader;
use crate::model::outcome::Outcome;

/// All that is worked with, whichever part it is.
pub(super) struct Crew<'a> {
    /// What the workers use.
    pub(super) tools: Arc<Tools>,
    /// Takes the events.
    pub(super) recorder: &'a mut Recorder,
    /// The run's folder, in which other terminals ask for something.
    pub(super) folder: &'a RunFolder,
    /// Brings what was started.
    pub(super) leaders: &'a mut mpsc::UnboundedReceiver<Leader>,
    /// The folder of the run's worktrees.
    pub(super) worktrees: &'a Path,
}

impl Execution<'_> {
    /// Works on the units that the user has agreed to, and on those that a canary keeps back once there is a word on them:
    /// `given`, or asked for.
    pub(super) async fn in_parts(
        &self,
        go: Go,
        forge: (RunForge, Stop),
        mut crew: Crew<'_>,
        given: bool,
    ) -> Result<(), Problem> {
        let parts = parted(go, &crew.recorder.history);
        if !parts.first.units.is_empty() {
            self.work_on(parts.first, forge, &mut crew).await?;
        }
        let Some(rest) = parts.rest else {
            return Ok(());
        };
        let Some(rest) = self.released(rest, crew.recorder, crew.worktrees, given)? else {
            return Ok(());
        };
        // The first part's forge was told to stop when that part had ended.
        let forge = self.forge().await?;
        self.work_on(rest, forge, &mut crew).await
    }

    async fn work_on(
        &self,
        go: Go,
        (forge, stop): (RunForge, Stop),
        crew: &mut Crew<'_>,
    ) -> Result<(), Problem> {
        // Each part answers all that it was asked before it ends, and takes nothing after that.
        let mut controls = controls(crew.folder, crew.recorder)?;
        let mut interrupts = self.session.interrupts.lock().await;
        run::run(
            go,
            Arc::clone(&crew.tools),
            forge.port(),
            crew.recorder,
            Lines {
                interrupts: &mut interrupts,
                controls: &mut controls,
                leaders: crew.leaders,
            },
            stop,
        )
        .await?;
        Ok(())
    }

    /// What of the rest is to be worked on, by the user's word; what is not has ended.
    fn released(
        &self,
        mut rest: Go,
        recorder: &mut Recorder,
        worktrees: &Path,
        given: bool,
    ) -> Result<Option<Go>, Problem> {
        let ids: Vec<UnitId> = rest.ids().cloned().collect();
        let word = if let Some(reason) = forbidden(&recorder.history, rest.pool.fail_fast) {
            Word::Stop(reason)
        } else {
            recorder.record(Event::CanaryEnded)?;
            let worktrees = tokio::task::block_in_place(|| measured(worktrees));
            let history = &recorder.history;
            let outlook = Outlook::of(history, &ids, rest.pool.jobs, &worktrees);
            let agents = rest.plan.has_agents();
            canary::word(self.session, history, &outlook, agents, given)
        };
        let (reason, note) = match word {
            Word::GoOn(note) => (None, note),
            Word::Stop(reason) => (Some(reason), None),
            Word::Interrupted => {
                recorder.record(Event::Interrupted)?;
                (Some("interrupted".to_owned()), None)
            }
        };
        self.session.interrupts.forget();
        recorder.record(Event::CanarySettled {
            go_on: reason.is_none(),
            note: note.clone(),
        })?;
        if let Some(reason) = reason {
            for id in ids {
                cancel(recorder, id, reason.clone())?;
            }
            return Ok(None);
        }
        let in_vain = in_vain(&recorder.history, &ids);
        rest.leave_out(|id| in_vain.iter().any(|(left, _)| left == id));
        for (id, reason) in in_vain {
            cancel(recorder, id, reason)?;
        }
        if let Some(note) = note {
            rest.tell_all(&note);
        }
        Ok((!rest.units.is_empty()).then_some(rest))
    }
}

/// Takes requests of other processes from now on; where none can be taken, the run goes on without.
fn controls(folder: &RunFolder, recorder: &mut Recorder) -> Result<FileControls, Problem> {
    match FileControls::open(&folder.control()) {
        Ok(controls) => Ok(controls),
        Err(error) => {
            let text = format!("`batch stop` will not reach this run, Ctrl-C does: {error}");
            recorder.record(Event::Warning { unit: None, text })?;
            Ok(FileControls::none())
        }
    }
}

/// Ends a unit that was not begun.
fn cancel(recorder: &mut Recorder, unit: UnitId, reason: String) -> Result<(), Problem> {
    let attempt = recorder.history.unit(&unit).map_or(0, |unit| unit.attempt);
    recorder.record(Event::UnitEnded {
        unit,
        attempt,
        outcome: Outcome::Cancelled { reason },
    })?;
    Ok(())
}
