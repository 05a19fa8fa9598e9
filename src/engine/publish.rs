//! The publisher: opens the pull requests of delivered units, one after another. The only writer to the forge.
//!
//! Before each it looks for one that is there already, and writes its intent; so a unit never gets a second one.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::engine::dispatch::Input;
use crate::engine::ports::{Forge, ForgeError};
use crate::engine::publication::{Publication, Until};
use crate::engine::teller::Teller;
use crate::model::event::{Event, Intent};
use crate::model::id::UnitId;
use crate::model::outcome::{PullLink, Step};
use crate::model::pull::{NewPull, PullState};

/// A delivered unit that is to have a pull request.
#[derive(Debug)]
pub struct Delivered {
    /// The unit.
    pub unit: UnitId,
    /// The attempt.
    pub attempt: u32,
    /// What to open.
    pub pull: NewPull,
    /// Whether it is opened at once, or what it waits for.
    pub publication: Publication,
}

/// Serves the queue until it is closed.
pub async fn publish(
    mut queue: mpsc::UnboundedReceiver<Delivered>,
    forge: Arc<dyn Forge>,
    teller: Teller,
) {
    while let Some(mut delivered) = queue.recv().await {
        match until(&delivered.publication, &*forge).await {
            Ok(None) => {}
            Ok(Some(Until::Stacked(branch))) => delivered.pull.base = branch,
            Ok(Some(Until::Waits(reason))) => {
                hold(delivered.unit, reason, true, &teller).await;
                continue;
            }
            Err(error) => {
                hold(delivered.unit, error.to_string(), false, &teller).await;
                continue;
            }
        }
        let unit = delivered.unit.clone();
        let attempt = delivered.attempt;
        teller
            .tell(Event::StepStarted {
                unit: unit.clone(),
                attempt,
                step: Step::OpenPr,
                log: None,
            })
            .await;
        match open(delivered, &*forge, &teller).await {
            Ok(opened) => {
                let result = Ok(opened);
                teller.send(Input::Published { unit, result }).await;
            }
            Err(error) => hold(unit, error.to_string(), false, &teller).await,
        }
    }
}

/// Says that a delivered unit has no pull request yet.
async fn hold(unit: UnitId, reason: String, as_planned: bool, teller: &Teller) {
    let held = Input::Held {
        unit,
        reason,
        as_planned,
    };
    teller.send(held).await;
}

/// What becomes of a delivered unit before its pull request can go to the base branch; none when it can now.
async fn until(publication: &Publication, forge: &dyn Forge) -> Result<Option<Until>, ForgeError> {
    let Publication::Once { merged, until } = publication else {
        return Ok(None);
    };
    for branch in merged {
        let pull = forge.find(branch).await?;
        if pull.is_none_or(|pull| pull.state != PullState::Merged) {
            return Ok(Some(until.clone()));
        }
    }
    Ok(None)
}

/// The pull request of a delivered unit, and whether it was there before.
async fn open(
    delivered: Delivered,
    forge: &dyn Forge,
    teller: &Teller,
) -> Result<(PullLink, bool), ForgeError> {
    let Delivered {
        unit,
        attempt,
        pull: new,
        publication: _,
    } = delivered;
    let intent = Intent::OpenPr {
        branch: new.head.clone(),
        commit: new.head_commit.clone(),
    };
    let there = forge.find(&new.head).await?;
    if let Some(there) = &there {
        let refused = |words: &str| {
            let doing = format!("opening a pull request for {}", new.head);
            let words = format!("number {} of this branch was {words}", there.number);
            Err(ForgeError::refused(doing, words))
        };
        match there.state {
            PullState::Open => {}
            PullState::Merged if there.head_commit == new.head_commit => {
                return Ok((there.link(), true));
            }
            PullState::Merged => return refused("merged at another commit"),
            PullState::Closed => return refused("closed, and a unit gets only one"),
        }
    }
    let intended = Event::Intended {
        unit: unit.clone(),
        attempt,
        intent,
    };
    if teller.tell_durably(intended).await.is_err() {
        return Err(ForgeError::Stopped);
    }
    let (pull, adopted) = match there {
        Some(open) => (forge.refresh(open.number, &new).await?, true),
        None => (forge.open(&new).await?, false),
    };
    for text in forge.give(&pull, &new.extras).await {
        let unit = Some(unit.clone());
        teller.tell(Event::Warning { unit, text }).await;
    }
    Ok((pull.link(), adopted))
}
