//! [`Going`]: the run that another process works on, which can be asked for something and waited for.

use std::time::{Duration, Instant};

use crate::adapters::control::{Asked, watcher};
use crate::adapters::journal;
use crate::adapters::random;
use crate::adapters::run_folder::RunFolder;
use crate::adapters::run_lock::Holder;
use crate::adapters::store_error::StoreError;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::engine::ports::Clock as _;
use crate::model::control::{Answer, RequestId, Wish};
use crate::model::history::History;
use crate::model::id::RunId;

/// How often is looked.
const LOOK: Duration = Duration::from_millis(50);

/// How long a process may take before it takes requests, and to answer one.
const PATIENCE: Duration = Duration::from_secs(10);

/// The user no longer waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interrupted;

/// What comes of asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The process answered.
    Answer(Answer),
    /// It ended meanwhile.
    Gone,
    /// The user no longer waits for the answer; the request stays.
    Interrupted,
}

/// A run that another process works on.
#[derive(Debug)]
pub struct Going {
    /// The run's folder.
    pub folder: RunFolder,
    holder: Holder,
}

impl Going {
    /// The run that a process works on in this repository now, if one does.
    ///
    /// # Errors
    /// [`Problem`] when that cannot be found out.
    pub async fn find(session: &Session) -> Result<Option<Self>, Problem> {
        let limit = Instant::now() + PATIENCE;
        loop {
            let Some(holder) = session.store.in_progress()? else {
                return Ok(None);
            };
            // The lock is taken a moment before its file says who has it.
            if let (Some(run), Some(_)) = (&holder.run, holder.pid) {
                let folder = session.store.run(run);
                return Ok(Some(Self { folder, holder }));
            }
            if Instant::now() > limit {
                let why = "somebody holds the lock of this repository's runs and does not say who";
                return Err(Problem::new(Exit::NotReady, why));
            }
            if let Err(Interrupted) = pause(session).await {
                return Err(Problem::interrupted());
            }
        }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        self.folder.run()
    }

    /// Its history as far as it is written.
    ///
    /// # Errors
    /// [`Problem`] when the journal cannot be read.
    pub fn history(&self) -> Result<History, Problem> {
        Ok(journal::history(&self.folder.journal())?)
    }

    /// Whether that process no longer works on it.
    ///
    /// # Errors
    /// [`Problem`] when the lock cannot be read.
    pub fn is_over(&self, session: &Session) -> Result<bool, Problem> {
        Ok(session.store.in_progress()?.as_ref() != Some(&self.holder))
    }

    /// Asks its process, and waits for the answer.
    ///
    /// # Errors
    /// [`Problem`] when the request cannot be written, or that process takes none.
    pub async fn ask(&self, session: &Session, wish: Wish) -> Result<Heard, Problem> {
        let control = self.folder.control();
        let began = Instant::now();
        while watcher(&control) != self.holder.pid {
            if self.is_over(session)? {
                return Ok(Heard::Gone);
            }
            let in_the_way = control.exists() && !control.is_dir();
            if in_the_way || began.elapsed() > PATIENCE {
                return Err(self.unasked("takes no requests"));
            }
            if let Err(Interrupted) = pause(session).await {
                return Err(Problem::interrupted());
            }
        }
        let id = RequestId::new(session.clock.now(), random::bits());
        let asked = Asked::new(&control, id, wish)?;
        let began = Instant::now();
        loop {
            if let Some(answer) = asked.answer()? {
                return Ok(Heard::Answer(answer));
            }
            if self.is_over(session)? {
                // What it did last may have been to answer.
                let answer = asked.answer()?;
                asked.withdraw();
                return Ok(answer.map_or(Heard::Gone, Heard::Answer));
            }
            if began.elapsed() > PATIENCE {
                asked.withdraw();
                return Err(self.unasked("does not answer"));
            }
            if let Err(Interrupted) = pause(session).await {
                return Ok(Heard::Interrupted);
            }
        }
    }

    /// Why its answer helps nobody.
    #[must_use]
    pub fn misunderstood(&self, why: &str) -> Problem {
        let run = self.run();
        let why = format!("the process that works on run {run} did not understand: {why}");
        Problem::new(Exit::NotReady, why)
    }

    /// Why nothing more is asked of it.
    #[must_use]
    pub fn busy(&self) -> Problem {
        StoreError::from(self.holder.clone()).into()
    }

    fn unasked(&self, does: &str) -> Problem {
        let pid = self.holder.pid.unwrap_or_default();
        let why = format!("process {pid}, which works on run {}, {does}", self.run());
        Problem::new(Exit::NotReady, why).hint(format!(
            "press Ctrl-C where it was started, or: kill -INT {pid}"
        ))
    }
}

/// Lets a moment pass.
///
/// # Errors
/// [`Interrupted`] when the user does not want to wait any more.
pub async fn pause(session: &Session) -> Result<(), Interrupted> {
    let mut interrupts = session.interrupts.lock().await;
    tokio::select! {
        () = tokio::time::sleep(LOOK) => Ok(()),
        Some(()) = interrupts.recv() => Err(Interrupted),
    }
}
