//! A run, a scripted forge, and what the publisher makes of the two.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{mpsc, watch};

use super::super::{Delivered, Desk, Patience, Publisher};
use crate::engine::dispatch::Input;
use crate::engine::ports::{Clock, Stop};
use crate::engine::publication::Publication;
use crate::engine::pull_text::Scribe;
use crate::engine::scripted_forge::ScriptedForge;
use crate::engine::teller::{Message, Teller};
use crate::engine::text::Texts;
use crate::engine::tracking::Board;
use crate::model::event::Event;
use crate::model::history::History;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::Outcome;
use crate::model::pull::NewPull;
use crate::model::sample;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Timestamp {
        sample::at(0)
    }
}

/// A run of so many units, of which none has ended, and the forge.
pub(super) struct Lab {
    pub(super) forge: ScriptedForge,
    pub(super) history: History,
    pub(super) stop: Stop,
    /// By which each unit is stopped alone.
    pub(super) stops: Vec<Stop>,
    /// The units that are tried once more.
    pub(super) again: Vec<UnitId>,
    pub(super) publications: Vec<Publication>,
}

impl Lab {
    pub(super) fn new(units: usize) -> Self {
        Self {
            forge: ScriptedForge::default(),
            history: sample::history(vec![None; units]),
            stop: Stop::default(),
            stops: (0..units).map(|_| Stop::default()).collect(),
            again: Vec::new(),
            publications: vec![Publication::Now; units],
        }
    }

    fn scribe(&self) -> Scribe {
        Scribe {
            plan: Arc::new(sample::plan(self.history.units.len())),
            texts: Texts::new().unwrap(),
            plan_id: sample::commit("a"),
            template: None,
        }
    }

    /// What is opened for a unit that is delivered at this commit.
    pub(super) fn new_pull(&self, unit: &str, commit: &ObjectId) -> NewPull {
        let unit = sample::id(unit);
        self.scribe()
            .pull(&self.history, &unit, commit.clone())
            .unwrap()
    }

    fn desk(&self) -> Desk {
        Desk {
            forge: Arc::new(self.forge.clone()),
            scribe: self.scribe(),
            stop: self.stop.clone(),
            clock: Arc::new(Noon),
            patience: Patience {
                commit: Duration::from_millis(1),
                looks: 2,
                tracking: Duration::ZERO,
                count: Duration::from_secs(600),
            },
        }
    }

    /// Delivers all units at commit c, and returns what is told of them, a line each.
    pub(super) async fn publish(&self) -> Vec<String> {
        self.publish_each(|_| {}).await
    }

    /// The same; `after` hears of each line.
    pub(super) async fn publish_each(&self, after: impl Fn(&str)) -> Vec<String> {
        let (publishing, queue) = mpsc::unbounded_channel();
        let units = self.history.units.iter().zip(&self.publications);
        for ((unit, publication), stop) in units.zip(&self.stops) {
            let delivered = Delivered {
                unit: unit.id.clone(),
                attempt: 1,
                commit: sample::commit("c"),
                publication: publication.clone(),
                history: self.history.clone(),
                stop: stop.clone(),
                again: self.again.contains(&unit.id),
            };
            publishing.send(delivered).unwrap();
        }
        drop(publishing);
        let (sender, mut inputs) = mpsc::channel::<Message>(1);
        let (board, boards) = watch::channel(Board::of(&self.history));
        let publisher = Publisher::new(self.desk(), Teller::new(sender), boards);
        let publisher = tokio::spawn(publisher.serve(queue));
        let mut told = Vec::new();
        let mut history = self.history.clone();
        while let Some(Message { input, recorded }) = inputs.recv().await {
            let line = in_words(&input);
            if let Input::Published { unit, pr, .. } = input {
                let unit = history.units.iter_mut().find(|known| known.id == unit);
                unit.unwrap().outcome = Some(Outcome::Opened { pr });
                board.send_replace(Board::of(&history));
            }
            if let Some(line) = line {
                after(&line);
                told.push(line);
            }
            if let Some(recorded) = recorded {
                let _ = recorded.send(());
            }
        }
        publisher.await.unwrap();
        told
    }
}

fn in_words(input: &Input) -> Option<String> {
    Some(match input {
        Input::Published { unit, pr, adopted } => {
            let how = if *adopted { "found" } else { "opened" };
            format!("{unit} {how} #{}", pr.number)
        }
        Input::Held { unit, hold } => {
            let planned = if hold.as_planned() { "waits" } else { "held" };
            format!("{unit} {planned}: {}", hold.reason)
        }
        Input::Told(Event::Warning { unit, text }) => match unit {
            Some(unit) => format!("{unit} warning: {text}"),
            None => format!("warning: {text}"),
        },
        Input::Told(Event::Intended { unit, .. }) => format!("{unit} intends"),
        Input::Told(Event::TrackedBy { issue }) => format!("tracked by #{}", issue.number),
        Input::Told(_)
        | Input::Begin
        | Input::BaseProven(_)
        | Input::WorkerEnded { .. }
        | Input::Interrupt
        | Input::Asked { .. } => return None,
    })
}

pub(super) fn branch(number: u32) -> String {
    format!("batch/rename-frob-0a1b/unit-{number}")
}
