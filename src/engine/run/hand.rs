//! [`Hand`]: carries out what the dispatcher wants: starts workers, has the base proven, fills the publisher's queue.
//!
//! What it starts runs beside the loop, and answers by inputs alone; a defect in it fails its unit and not the run.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use tokio::sync::mpsc;

use crate::engine::base::{self, BaseJob};
use crate::engine::dispatch::{Action, BaseProof, Input};
use crate::engine::foundation::Foundation;
use crate::engine::go::{Go, UnitGo};
use crate::engine::job::{Job, WorkerEnd};
use crate::engine::ports::Stop;
use crate::engine::publication::Publication;
use crate::engine::publish::Delivered;
use crate::engine::teller::Teller;
use crate::engine::throttle::Throttle;
use crate::engine::worker::{self, Tools};
use crate::model::control::Request;
use crate::model::history::{BaseRefusal, History};
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{Failure, FailureKind, Step};
use crate::model::path::RepoPath;

/// What is said of a task that panicked.
const DEFECT: &str = "ended by a defect of batch itself (see standard error)";

/// Carries out what the dispatcher wants.
pub(super) struct Hand {
    go: Arc<Go>,
    /// Where in `go.units` each unit stands.
    places: HashMap<UnitId, usize>,
    tools: Arc<Tools>,
    throttle: Throttle,
    teller: Teller,
    publishing: Option<mpsc::UnboundedSender<Delivered>>,
    stop: Stop,
    /// By which each unit that was started can be stopped alone.
    stops: HashMap<UnitId, Stop>,
    /// Units that may be taken up on the way.
    offered: Vec<UnitGo>,
    /// Units that were, each as it is taken up last.
    again: HashMap<UnitId, UnitGo>,
}

impl Hand {
    /// A hand for this go. What it starts tells by `teller`, ends by `stop`, and hands its pull requests to `publishing`.
    pub(super) fn new(
        go: Arc<Go>,
        tools: Arc<Tools>,
        throttle: Throttle,
        teller: Teller,
        publishing: mpsc::UnboundedSender<Delivered>,
        stop: Stop,
    ) -> Self {
        let ids = go.units.iter().map(|unit| &go.plan.units[unit.index].id);
        Self {
            places: ids.cloned().zip(0..).collect(),
            go,
            tools,
            throttle,
            teller,
            publishing: Some(publishing),
            stop,
            stops: HashMap::new(),
            offered: Vec::new(),
            again: HashMap::new(),
        }
    }

    /// Carries out one action.
    pub(super) fn carry_out(&mut self, action: Action, history: &History) {
        match action {
            Action::ProveBase => self.prove_base(),
            Action::Start {
                unit,
                commit,
                attempt,
                slot,
                allowance,
            } => {
                let of_go = self.unit(&unit);
                let job = Job {
                    run: self.go.run.clone(),
                    plan: Arc::clone(&self.go.plan),
                    index: of_go.index,
                    attempt,
                    slot,
                    base: of_go.base.clone(),
                    commit,
                    branch: of_go.branch.clone(),
                    files: Arc::clone(&of_go.files),
                    evidence: of_go.evidence.clone(),
                    rules: self.go.rules.clone(),
                    allowance,
                };
                let foundation = if job.commit.is_some() {
                    // It stands on what its commit was made on.
                    Foundation::default()
                } else {
                    Foundation::of(&unit, history)
                };
                self.start(job, foundation);
            }
            Action::TakeUp { unit } => self.take_up(unit),
            Action::Publish {
                unit,
                attempt,
                commit,
            } => self.publish(unit, attempt, commit, history),
            Action::StopUnit { unit, now } => {
                let stop = self.stop_of(&unit);
                stop.asked.cancel();
                if now {
                    stop.now.cancel();
                }
            }
            Action::AskToStop => self.stop.asked.cancel(),
            Action::StopNow => self.stop.now.cancel(),
        }
    }

    /// By which a unit can be stopped alone.
    fn stop_of(&mut self, id: &UnitId) -> Stop {
        let stop = self.stops.entry(id.clone());
        stop.or_insert_with(|| self.stop.child()).clone()
    }

    fn unit(&self, id: &UnitId) -> &UnitGo {
        // The dispatcher names only units of this go.
        let again = self.again.get(id);
        again.unwrap_or_else(|| &self.go.units[self.places[id]])
    }

    /// A request as the dispatcher takes it. The units that it may have taken up are held ready.
    pub(super) fn asked(&mut self, request: Request, history: &History) -> Input {
        let (offered, again) = self.go.again(&request.wish, history);
        self.offered = offered;
        Input::Asked { request, again }
    }

    fn take_up(&mut self, id: UnitId) {
        let is_it = |unit: &UnitGo| self.go.plan.units[unit.index].id == id;
        if let Some(place) = self.offered.iter().position(is_it) {
            let unit = self.offered.swap_remove(place);
            // It may have been stopped the time before.
            self.stops.remove(&id);
            self.again.insert(id, unit);
        }
    }

    fn start(&mut self, job: Job, foundation: Foundation) {
        let (tools, throttle) = (Arc::clone(&self.tools), self.throttle.clone());
        let (teller, stop) = (self.teller.clone(), self.stop.child());
        self.stops.insert(job.id().clone(), stop.clone());
        tokio::spawn(async move {
            let unit = job.id().clone();
            let work = AssertUnwindSafe(async {
                match foundation.lay(job, &tools, &teller).await {
                    Ok(job) => worker::work(&job, &tools, &throttle, &teller, &stop).await,
                    Err(failure) => WorkerEnd::Failed(failure),
                }
            });
            // A defect in one worker must fail its unit and not the run.
            let end = work.catch_unwind().await.unwrap_or_else(|_| {
                WorkerEnd::Failed(Failure {
                    kind: FailureKind::Other,
                    ..Failure::of(Step::Prepare, DEFECT)
                })
            });
            teller.send(Input::WorkerEnded { unit, end }).await;
        });
    }

    fn prove_base(&self) {
        let (go, tools) = (Arc::clone(&self.go), Arc::clone(&self.tools));
        let (teller, stop) = (self.teller.clone(), self.stop.clone());
        tokio::spawn(async move {
            let mut files: Vec<RepoPath> = go
                .units
                .iter()
                .flat_map(|unit| unit.files.iter().map(|file| file.path.clone()))
                .collect();
            // Units that wait for one another may have the same.
            files.sort_unstable();
            files.dedup();
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

    fn publish(&mut self, unit: UnitId, attempt: u32, commit: ObjectId, history: &History) {
        let delivered = Delivered {
            stop: self.stop_of(&unit),
            again: self.again.contains_key(&unit),
            publication: Publication::of(&unit, history, self.go.stack),
            unit,
            attempt,
            commit,
            history: history.clone(),
        };
        // The publisher ends only after this end of the queue is gone.
        if let Some(publishing) = &self.publishing {
            drop(publishing.send(delivered));
        }
    }

    /// Says that nothing more is going to be delivered.
    pub(super) fn close_publishing(&mut self) {
        self.publishing = None;
    }
}
