//! The publisher: opens the pull requests of delivered units, one after another. The only writer to the forge.
//!
//! Before each it looks for one that is there already, and writes its intent; so a unit never gets a second one. Opened
//! is what the forge shows at the commit that was tested; whatever keeps it from that leaves the unit pushed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};

use crate::engine::caps::{Caps, Load};
use crate::engine::dispatch::Input;
use crate::engine::hold::{Hold, Why};
use crate::engine::landed;
use crate::engine::ports::{Clock, Forge, ForgeError, Stop};
use crate::engine::publication::{Publication, Until};
use crate::engine::pull_text::Scribe;
use crate::engine::teller::Teller;
use crate::engine::tracking::Board;
use crate::model::event::{Event, Intent};
use crate::model::history::History;
use crate::model::id::{ObjectId, UnitId};
use crate::model::outcome::{PullLink, Step};
use crate::model::pull::{NewPull, Pull, PullState};

mod counting;
mod there;
mod ticking;

use self::counting::Counting;
use self::there::There;
use self::ticking::{Tick, Ticking};

/// After so many units in a row that could not reach the forge, the others are not tried.
const OUTAGE: u32 = 2;

/// A delivered unit that is to have a pull request.
#[derive(Debug)]
pub struct Delivered {
    /// The unit.
    pub unit: UnitId,
    /// The attempt.
    pub attempt: u32,
    /// The commit that was tested, and that its branch is at.
    pub commit: ObjectId,
    /// Whether it is opened at once, or what it waits for.
    pub publication: Publication,
    /// What is known of the run.
    pub history: History,
    /// The user's wish that it is not begun any more.
    pub stop: Stop,
    /// Whether the user asked for it to be tried once more.
    pub again: bool,
}

/// How the publisher reaches the world.
#[derive(Clone)]
pub struct Desk {
    /// The forge.
    pub forge: Arc<dyn Forge>,
    /// What pull requests are made of.
    pub scribe: Scribe,
    /// The user's wish to stop.
    pub stop: Stop,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// How long things are left alone before they are looked at again.
    pub patience: Patience,
}

/// How long things are left alone before they are looked at again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// A pull request that does not show its branch's commit yet.
    pub commit: Duration,
    /// How often that is looked at again.
    pub looks: u32,
    /// The tracking issue, between two changes.
    pub tracking: Duration,
    /// How many pull requests are open, once the cap was reached.
    pub count: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            commit: Duration::from_secs(2),
            looks: 3,
            tracking: Duration::from_secs(30),
            count: Duration::from_secs(60),
        }
    }
}

/// Opens pull requests.
pub struct Publisher {
    desk: Desk,
    teller: Teller,
    /// The run's pull requests, as far as they are known.
    pulls: BTreeMap<UnitId, u64>,
    counting: Counting,
    ticking: Ticking,
    /// How many units in a row could not reach the forge.
    unreached: u32,
    /// Why nothing more is tried.
    ended: Option<Hold>,
}

impl Publisher {
    /// One that tells by `teller`, and keeps the run's tracking issue by `board`, where one is wanted.
    #[must_use]
    pub fn new(desk: Desk, teller: Teller, board: watch::Receiver<Board>) -> Self {
        Self {
            counting: Counting::new(desk.patience.count),
            ticking: Ticking::new(desk.patience.tracking, board),
            desk,
            teller,
            pulls: BTreeMap::new(),
            unreached: 0,
            ended: None,
        }
    }

    /// Has it go by what was counted just now.
    #[must_use]
    pub fn counted(mut self, load: Load) -> Self {
        self.counting.counted(load);
        self
    }

    /// Has it bring the run's tracking issue up to date from the beginning, though nothing is delivered; these are merged.
    #[must_use]
    pub fn tracking(mut self, history: &History, merged: BTreeSet<u64>) -> Self {
        self.ticking.wished(history);
        self.ticking.merged(merged);
        self
    }

    /// Serves the queue until it is closed, and brings the tracking issue up to date.
    pub async fn serve(mut self, mut queue: mpsc::UnboundedReceiver<Delivered>) {
        self.tick(Tick::First).await;
        loop {
            let is_over = self.is_over();
            tokio::select! {
                delivered = queue.recv() => match delivered {
                    Some(delivered) => self.deliver(delivered).await,
                    None => break,
                },
                () = self.ticking.due(), if !is_over => {}
            }
            self.tick(Tick::InTime).await;
        }
        self.tick(Tick::Last).await;
    }

    /// Brings the tracking issue up to date.
    async fn tick(&mut self, tick: Tick) {
        if self.is_over() {
            return;
        }
        let now = self.desk.stop.now.clone();
        tokio::select! {
            () = self.ticking.tick(tick, &self.desk, &self.teller) => {}
            () = now.cancelled() => {}
        }
    }

    /// Whether the forge is not asked anything more.
    fn is_over(&self) -> bool {
        self.ended.is_some() || self.desk.stop.asked.is_cancelled()
    }

    /// Sees a delivered unit to its end.
    async fn deliver(&mut self, delivered: Delivered) {
        let unit = delivered.unit.clone();
        if delivered.again {
            self.ended = None;
            self.unreached = 0;
        }
        let stopped = self.desk.stop.asked.is_cancelled() || delivered.stop.asked.is_cancelled();
        let hold = stopped.then(Hold::stopped).or_else(|| self.ended.clone());
        let result = if let Some(hold) = hold {
            Err(hold)
        } else {
            let now = self.desk.stop.now.clone();
            tokio::select! {
                biased;
                result = self.publish(delivered) => result,
                () = now.cancelled() => Err(Hold::new(
                    Why::Stopped,
                    "stopped while its pull request was being opened, so there may be one",
                )),
            }
        };
        let input = match result {
            Ok((pr, adopted)) => Input::Published { unit, pr, adopted },
            Err(hold) => Input::Held { unit, hold },
        };
        // What is said of the run afterwards must have it; when the loop is gone, so is whoever would listen.
        let _ = self.teller.send_durably(input).await;
    }

    async fn publish(&mut self, delivered: Delivered) -> Result<(PullLink, bool), Hold> {
        let result = self.try_to_publish(delivered).await;
        match &result {
            Ok(_) => self.unreached = 0,
            Err(Trouble::Held(_)) => {}
            Err(Trouble::Forge(error)) => self.note(error),
        }
        result.map_err(|trouble| match trouble {
            Trouble::Held(hold) => hold,
            Trouble::Forge(error) => Hold::of(&error),
        })
    }

    /// Goes by what an answer of the forge means for the units to come.
    fn note(&mut self, error: &ForgeError) {
        match error {
            ForgeError::Unreachable { .. } => {
                self.unreached += 1;
                if self.unreached >= OUTAGE {
                    self.ended = Some(Hold::of_all(error));
                }
            }
            ForgeError::Barred { .. } => self.ended = Some(Hold::of_all(error)),
            ForgeError::Refused { .. } => self.unreached = 0,
            ForgeError::Stopped => {}
        }
    }

    async fn try_to_publish(
        &mut self,
        mut delivered: Delivered,
    ) -> Result<(PullLink, bool), Trouble> {
        let forge = Arc::clone(&self.desk.forge);
        self.remember(&delivered.history);
        let base = self.base(&delivered).await?;
        if !self.pulls.contains_key(&delivered.unit) {
            let caps = Caps::of(&delivered.history.pulls);
            let numbers: Vec<u64> = self.pulls.values().copied().collect();
            if let Some(reason) = self.counting.hold(caps, &numbers, &self.desk).await? {
                return Err(Hold::new(Why::Cap, reason).into());
            }
        }
        self.ticking.wished(&delivered.history);
        self.tick(Tick::First).await;
        if let Some(issue) = self.ticking.issue() {
            delivered.history.tracked_by = Some(issue.clone());
        }
        let Delivered {
            unit,
            attempt,
            commit,
            publication: _,
            history,
            stop: _,
            again: _,
        } = delivered;
        self.teller
            .tell(Event::StepStarted {
                unit: unit.clone(),
                attempt,
                step: Step::OpenPr,
                log: None,
            })
            .await;
        let mut new = self
            .desk
            .scribe
            .pull(&history, &unit, commit)
            .map_err(|error| Hold::new(Why::Refused, error.to_string()))?;
        new.base = base;
        let found = forge.find(&new.head).await?;
        let (pull, adopted) = match There::of(found, &new)? {
            There::Delivered(pull) => return Ok((pull.link(), true)),
            There::Nothing => {
                self.intend(&unit, attempt, &new).await?;
                let pull = forge.open(&new).await?;
                self.counting.opened();
                (pull, false)
            }
            There::Ours(pull) => {
                self.warn_all(&unit, there::differences(&pull, &new)).await;
                let pull = if there::is_as_wanted(&pull, &new) {
                    pull
                } else {
                    self.intend(&unit, attempt, &new).await?;
                    forge.refresh(pull.number, &new).await?
                };
                (pull, true)
            }
            There::SomebodyElses(pull) => {
                self.pulls.insert(unit.clone(), pull.number);
                let text = format!(
                    "#{} was opened by somebody else; its title and text are left as they are",
                    pull.number
                );
                let mut warnings = vec![text];
                warnings.extend(there::differences(&pull, &new));
                self.warn_all(&unit, warnings).await;
                return Ok((self.confirmed(pull, &new).await?.link(), true));
            }
        };
        self.pulls.insert(unit.clone(), pull.number);
        let mut warnings = forge.give(&pull, &new.extras).await;
        if new.draft && !pull.draft && !adopted {
            warnings.push("the forge opened it as ready for review, and no draft".to_owned());
        }
        self.warn_all(&unit, warnings).await;
        Ok((self.confirmed(pull, &new).await?.link(), adopted))
    }

    /// Learns the pull requests that the run's history tells of.
    fn remember(&mut self, history: &History) {
        for unit in &history.units {
            if let Some(pull) = unit.pull() {
                self.pulls.entry(unit.id.clone()).or_insert(pull.number);
            }
        }
    }

    /// The branch that a delivered unit's pull request is to be merged into now.
    async fn base(&self, delivered: &Delivered) -> Result<String, Trouble> {
        let base = &delivered.history.base.branch;
        let Publication::Once { merged, until } = &delivered.publication else {
            return Ok(base.clone());
        };
        for branch in merged {
            let below = self.desk.forge.find(branch).await?;
            match below {
                Some(pull) if pull.state == PullState::Closed => {
                    let reason = format!(
                        "#{}, which it stands on, was closed without a merge",
                        pull.number
                    );
                    return Err(Hold::new(Why::Refused, reason).into());
                }
                Some(pull) if pull.state == PullState::Merged => {
                    if !landed::is_on(base, &pull, &*self.desk.forge).await? {
                        let reason = format!(
                            "waits: #{}, which it stands on, was merged into {} and is not on {base} yet",
                            pull.number, pull.base
                        );
                        return Err(Hold::new(Why::Order, reason).into());
                    }
                }
                Some(_) | None => match until {
                    Until::Stacked(branch) => return Ok(branch.clone()),
                    Until::Waits(reason) => return Err(Hold::new(Why::Order, reason).into()),
                },
            }
        }
        Ok(base.clone())
    }

    async fn intend(&self, unit: &UnitId, attempt: u32, new: &NewPull) -> Result<(), Trouble> {
        let intended = Event::Intended {
            unit: unit.clone(),
            attempt,
            intent: Intent::OpenPr {
                branch: new.head.clone(),
                commit: new.head_commit.clone(),
            },
        };
        let told = self.teller.tell_durably(intended).await;
        told.map_err(|_| Hold::stopped().into())
    }

    async fn warn_all(&self, unit: &UnitId, warnings: Vec<String>) {
        for text in warnings {
            let unit = Some(unit.clone());
            self.teller.tell(Event::Warning { unit, text }).await;
        }
    }

    /// The pull request, once it shows the commit that was tested. A forge may be a little behind its own branches.
    async fn confirmed(&self, mut pull: Pull, new: &NewPull) -> Result<Pull, Trouble> {
        let Desk { stop, patience, .. } = &self.desk;
        for _ in 0..patience.looks {
            if pull.head_commit == new.head_commit {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(patience.commit) => {}
                () = stop.asked.cancelled() => break,
            }
            pull = self.desk.forge.get(pull.number).await?;
        }
        if pull.head_commit == new.head_commit {
            return Ok(pull);
        }
        let reason = format!(
            "#{} shows commit {}, and {} was tested\nsee who pushed to {}",
            pull.number,
            pull.head_commit.short(),
            new.head_commit.short(),
            new.head
        );
        Err(Hold::new(Why::Refused, reason).into())
    }
}

/// Why a unit has no pull request yet.
enum Trouble {
    Held(Hold),
    Forge(ForgeError),
}

impl From<Hold> for Trouble {
    fn from(hold: Hold) -> Self {
        Self::Held(hold)
    }
}

impl From<ForgeError> for Trouble {
    fn from(error: ForgeError) -> Self {
        Self::Forge(error)
    }
}

#[cfg(test)]
mod tests;
