//! The run: the bounded pool of workers, and the loop around the dispatcher.
//!
//! Workers, the publisher and signals send inputs; the dispatcher answers with events and actions. Each event goes, in
//! this order, to the journal, to the history and to the reporters.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::mpsc;

use crate::engine::base::{self, BaseJob};
use crate::engine::dispatch::{Action, BasePolicy, BaseProof, Dispatcher, Input, Pool, Start};
use crate::engine::job::{Evidence, Job, Rules, WorkerEnd};
use crate::engine::ports::{Clock, Forge, Journal, PortError, Reporter, Stop};
use crate::engine::publish::{self, Delivered};
use crate::engine::teller::{Message, Teller};
use crate::engine::text::{Delivery, TextError};
use crate::engine::worker::{self, Tools};
use crate::model::event::{Event, Record};
use crate::model::history::{BaseRefusal, History, HistoryError};
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::{Failure, Step};
use crate::model::path::RepoPath;
use crate::model::plan::Plan;
use crate::model::pull::NewPull;
use crate::model::tree::TreeFile;

/// How often reporters are told that time passes.
const TICK: Duration = Duration::from_millis(100);

/// What is said of a task that panicked.
const DEFECT: &str = "ended by a defect of batch itself (see standard error)";

/// How many messages workers may have under way before they wait for the loop.
const QUEUE: usize = 256;

/// One go at a run's units: all of them, or those that a rerun takes up.
pub struct Go {
    /// The run.
    pub run: RunId,
    /// The plan.
    pub plan: Arc<Plan>,
    /// The units of this go.
    pub units: Vec<UnitGo>,
    /// The bounds of the pool.
    pub pool: Pool,
    /// The bounds of each unit.
    pub rules: Rules,
    /// Labels for the pull requests.
    pub labels: Vec<String>,
}

/// One unit of a go.
pub struct UnitGo {
    /// Its place in the plan.
    pub index: usize,
    /// The attempt that this is.
    pub attempt: u32,
    /// The commit to start from.
    pub base: ObjectId,
    /// Its branch.
    pub branch: String,
    /// Its files at the base.
    pub files: Arc<[TreeFile]>,
    /// What an earlier attempt delivered and has no pull request yet.
    pub delivered: Option<ObjectId>,
    /// What earlier attempts left.
    pub evidence: Evidence,
}

/// Where a run's events go.
pub struct Recorder {
    /// The journal.
    pub journal: Box<dyn Journal>,
    /// What the journal adds up to.
    pub history: History,
    /// What shows it.
    pub reporter: Box<dyn Reporter>,
    /// The time of each record.
    pub clock: Arc<dyn Clock>,
}

/// Why a run could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] PortError),
    /// An event did not fit the run.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A defect ended what opens pull requests.
    #[error(
        "the publisher of pull requests ended by a defect of batch itself (see standard error)"
    )]
    Publisher,
}

impl Recorder {
    /// Records one event: journal, history, reporter.
    ///
    /// # Errors
    /// [`RunError`] when the journal cannot be written; nothing may be done then that it should tell.
    pub fn record(&mut self, event: Event) -> Result<(), RunError> {
        let record = Record {
            at: self.clock.now(),
            event,
        };
        self.journal.append(&record)?;
        self.history.apply(&record)?;
        self.reporter.event(&record, &self.history);
        Ok(())
    }
}

/// Runs a go to its end: every unit has an outcome when this returns.
///
/// # Errors
/// [`RunError`] when the journal cannot be written; children are ended first.
pub async fn run(
    go: Go,
    tools: Tools,
    forge: Arc<dyn Forge>,
    recorder: &mut Recorder,
    interrupts: &mut mpsc::UnboundedReceiver<()>,
) -> Result<(), RunError> {
    let (sender, mut inputs) = mpsc::channel::<Message>(QUEUE);
    let teller = Teller::new(sender);
    let (publishing, queue) = mpsc::unbounded_channel();
    let mut publisher = tokio::spawn(publish::publish(queue, forge, teller.clone()));
    let starts = go
        .units
        .iter()
        .map(|unit| Start {
            unit: go.plan.units[unit.index].id.clone(),
            attempt: unit.attempt,
            base: unit.base.clone(),
            delivered: unit.delivered.clone(),
        })
        .collect();
    let mut dispatcher = Dispatcher::new(go.pool, starts);
    let hand = Hand {
        places: go
            .units
            .iter()
            .enumerate()
            .map(|(at, unit)| (go.plan.units[unit.index].id.clone(), at))
            .collect(),
        go: Arc::new(go),
        tools: Arc::new(tools),
        teller,
        publishing,
        stop: Stop::default(),
    };

    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut next = Some(Message {
        input: Input::Begin,
        recorded: None,
    });
    let ended = loop {
        if let Some(Message { input, recorded }) = next.take() {
            let response = dispatcher.handle(input);
            let written = response
                .events
                .into_iter()
                .try_for_each(|event| recorder.record(event));
            if let Err(error) = written {
                break Err(error);
            }
            if let Some(recorded) = recorded {
                // The worker may have been stopped while it waited for this.
                let _ = recorded.send(());
            }
            for action in response.actions {
                hand.carry_out(action, recorder);
            }
            if dispatcher.finished() {
                break Ok(());
            }
        }
        tokio::select! {
            message = inputs.recv() => next = message,
            Some(()) = interrupts.recv() => next = Some(Message { input: Input::Interrupt, recorded: None }),
            // The queue is still open, so only a defect ends the publisher.
            _ = &mut publisher => break Err(RunError::Publisher),
            _ = ticks.tick() => recorder.reporter.tick(recorder.clock.now(), &recorder.history),
        }
    };
    // After a failure of the journal nothing may go on unrecorded: what asks for a record is told to stop.
    let stop = hand.stop.clone();
    stop.asked.cancel();
    drop(hand);
    loop {
        tokio::select! {
            message = inputs.recv() => if message.is_none() { break },
            Some(()) = interrupts.recv() => stop.now.cancel(),
        }
    }
    ended
}

/// Carries out what the dispatcher wants.
struct Hand {
    go: Arc<Go>,
    /// Where in `go.units` each unit stands.
    places: HashMap<UnitId, usize>,
    tools: Arc<Tools>,
    teller: Teller,
    publishing: mpsc::UnboundedSender<Delivered>,
    stop: Stop,
}

impl Hand {
    fn carry_out(&self, action: Action, recorder: &Recorder) {
        match action {
            Action::ProveBase => self.prove_base(),
            Action::Start {
                unit,
                attempt,
                slot,
            } => {
                let of_go = self.unit(&unit);
                let job = Job {
                    run: self.go.run.clone(),
                    plan: Arc::clone(&self.go.plan),
                    index: of_go.index,
                    attempt,
                    slot,
                    base: of_go.base.clone(),
                    branch: of_go.branch.clone(),
                    files: Arc::clone(&of_go.files),
                    evidence: of_go.evidence.clone(),
                    rules: self.go.rules.clone(),
                };
                self.start(job);
            }
            Action::Publish {
                unit,
                attempt,
                commit,
            } => self.publish(unit, attempt, commit, &recorder.history),
            Action::AskToStop => self.stop.asked.cancel(),
            Action::StopNow => self.stop.now.cancel(),
        }
    }

    fn unit(&self, id: &UnitId) -> &UnitGo {
        // The dispatcher names only units of this go.
        &self.go.units[self.places[id]]
    }

    fn start(&self, job: Job) {
        let (tools, teller, stop) = (
            Arc::clone(&self.tools),
            self.teller.clone(),
            self.stop.clone(),
        );
        tokio::spawn(async move {
            let unit = job.id().clone();
            let work = AssertUnwindSafe(worker::work(&job, &tools, &teller, &stop));
            // A defect in one worker must fail its unit and not the run.
            let end = work.catch_unwind().await.unwrap_or_else(|_| {
                WorkerEnd::Failed(Failure {
                    step: Step::Prepare,
                    cause: DEFECT.to_owned(),
                    log: None,
                    tail: Vec::new(),
                })
            });
            teller.send(Input::WorkerEnded { unit, end }).await;
        });
    }

    fn prove_base(&self) {
        let (go, tools) = (Arc::clone(&self.go), Arc::clone(&self.tools));
        let (teller, stop) = (self.teller.clone(), self.stop.clone());
        tokio::spawn(async move {
            let files: Vec<RepoPath> = go
                .units
                .iter()
                .flat_map(|unit| unit.files.iter().map(|file| file.path.clone()))
                .collect();
            let job = BaseJob {
                run: &go.run,
                plan: &go.plan,
                base: &go.plan.base.commit,
                files: &files,
                rules: &go.rules,
            };
            let prove = AssertUnwindSafe(base::prove(&job, &tools, &teller, &stop));
            let proof = prove.catch_unwind().await.unwrap_or_else(|_| {
                BaseProof::Red(BaseRefusal {
                    step: Step::Prepare,
                    cause: DEFECT.to_owned(),
                    log: None,
                    tail: Vec::new(),
                })
            });
            teller.send(Input::BaseProven(proof)).await;
        });
    }

    fn publish(&self, unit: UnitId, attempt: u32, commit: ObjectId, history: &History) {
        match self.pull(&unit, commit, history) {
            // The publisher ends only after this end of the queue is gone.
            Ok(pull) => drop(self.publishing.send(Delivered {
                unit,
                attempt,
                pull,
            })),
            Err(error) => {
                let cause = error.to_string();
                let failure = Failure {
                    step: Step::OpenPr,
                    cause,
                    log: None,
                    tail: Vec::new(),
                };
                let teller = self.teller.clone();
                tokio::spawn(async move {
                    teller
                        .send(Input::Published {
                            unit,
                            result: Err(failure),
                        })
                        .await;
                });
            }
        }
    }

    fn pull(&self, id: &UnitId, commit: ObjectId, history: &History) -> Result<NewPull, TextError> {
        let of_go = self.unit(id);
        let unit = &self.go.plan.units[of_go.index];
        let told = history.unit(id);
        let texts = &self.tools.texts;
        let body = texts.pr_body(&Delivery {
            run: &self.go.run,
            plan: &self.go.plan,
            unit,
            base: &of_go.base,
            branch: &of_go.branch,
            commit: &commit,
            files: told.map_or(&[], |told| &told.files),
            warnings: told.map_or(&[], |told| &told.warnings),
        })?;
        Ok(NewPull {
            title: texts.pr_title(&self.go.plan, unit)?,
            body,
            head: of_go.branch.clone(),
            head_commit: commit,
            base: self.go.plan.base.branch.clone(),
            labels: self.go.labels.clone(),
            run: self.go.run.clone(),
            unit: id.clone(),
        })
    }
}

/// Whether the base has to be proven for this plan.
#[must_use]
pub fn base_policy(plan: &Plan, allow_red: bool) -> BasePolicy {
    if plan.setup.is_none() && plan.test.command().is_none() {
        BasePolicy::Trust
    } else if allow_red {
        BasePolicy::MayBeRed
    } else {
        BasePolicy::MustBeGreen
    }
}
