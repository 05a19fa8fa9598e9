//! The publisher: opens the pull requests of delivered units, one after another. The only writer to the forge.
//!
//! Before each it looks for one that is there already, and writes its intent; so a unit never gets a second one.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::engine::dispatch::Input;
use crate::engine::ports::{Forge, PortError};
use crate::engine::publication::{Publication, Until};
use crate::engine::teller::Teller;
use crate::model::event::{Event, Intent};
use crate::model::id::UnitId;
use crate::model::outcome::{Failure, PullLink, Step};
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
                let unit = delivered.unit;
                teller.send(Input::Held { unit, reason }).await;
                continue;
            }
            Err(error) => {
                let unit = delivered.unit;
                let result = Err(Failure::of(Step::OpenPr, error.to_string()));
                teller.send(Input::Published { unit, result }).await;
                continue;
            }
        }
        if let Some(text) = leave_out(&mut delivered.pull, &*forge) {
            let unit = Some(delivered.unit.clone());
            teller.tell(Event::Warning { unit, text }).await;
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
        let result = open(delivered, &*forge, &teller)
            .await
            .map_err(|error| Failure::of(Step::OpenPr, error.to_string()));
        teller.send(Input::Published { unit, result }).await;
    }
}

/// What becomes of a delivered unit before its pull request can go to the base branch; none when it can now.
async fn until(publication: &Publication, forge: &dyn Forge) -> Result<Option<Until>, PortError> {
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

/// Takes out of a pull request what the forge cannot do, and says what that was.
fn leave_out(pull: &mut NewPull, forge: &dyn Forge) -> Option<String> {
    if pull.labels.is_empty() || forge.capabilities().labels {
        return None;
    }
    pull.labels.clear();
    Some(format!(
        "the forge {} knows no labels; its pull request has none",
        forge.name()
    ))
}

/// The pull request of a delivered unit, and whether it was there before.
async fn open(
    delivered: Delivered,
    forge: &dyn Forge,
    teller: &Teller,
) -> Result<(PullLink, bool), PortError> {
    let Delivered {
        unit,
        attempt,
        pull,
        publication: _,
    } = delivered;
    let intent = Intent::OpenPr {
        branch: pull.head.clone(),
        commit: pull.head_commit.clone(),
    };
    let there = forge.find(&pull.head).await?;
    if let Some(there) = &there {
        match there.state {
            PullState::Open => {}
            PullState::Merged if there.head_commit == pull.head_commit => {
                return Ok((there.link(), true));
            }
            PullState::Merged => {
                return Err(PortError::failed(
                    format!("opening a pull request for {}", pull.head),
                    format!(
                        "number {} of this branch was merged at another commit",
                        there.number
                    ),
                ));
            }
            PullState::Closed => {
                return Err(PortError::failed(
                    format!("opening a pull request for {}", pull.head),
                    format!(
                        "number {} of this branch was closed, and a unit gets only one",
                        there.number
                    ),
                ));
            }
        }
    }
    teller
        .tell_durably(Event::Intended {
            unit,
            attempt,
            intent,
        })
        .await?;
    match there {
        Some(open) => Ok((forge.refresh(open.number, pull).await?.link(), true)),
        None => Ok((forge.open(pull).await?.link(), false)),
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::leave_out;
    use crate::engine::ports::{Capabilities, Forge, PortError};
    use crate::model::id::{ObjectId, UnitId};
    use crate::model::pull::{NewPull, Pull};

    struct Labels(bool);

    #[async_trait]
    impl Forge for Labels {
        fn name(&self) -> &'static str {
            "plain"
        }
        fn capabilities(&self) -> Capabilities {
            Capabilities { labels: self.0 }
        }
        async fn find(&self, _: &str) -> Result<Option<Pull>, PortError> {
            Err(PortError::Stopped)
        }
        async fn open(&self, _: NewPull) -> Result<Pull, PortError> {
            Err(PortError::Stopped)
        }
        async fn refresh(&self, _: u64, _: NewPull) -> Result<Pull, PortError> {
            Err(PortError::Stopped)
        }
    }

    #[test]
    fn labels_are_left_out_with_a_warning_where_the_forge_has_none() {
        let mut pull = NewPull {
            title: "t".to_owned(),
            body: String::new(),
            head: "batch/a".to_owned(),
            head_commit: ObjectId::new("0"),
            base: "main".to_owned(),
            labels: vec!["chore".to_owned()],
            run: "20260102T030405Z-0a1b".parse().unwrap(),
            unit: UnitId::parse("a").unwrap(),
        };
        assert_eq!(leave_out(&mut pull, &Labels(true)), None);
        assert_eq!(pull.labels, ["chore"]);
        assert!(
            leave_out(&mut pull, &Labels(false))
                .unwrap()
                .contains("plain knows no labels")
        );
        assert!(pull.labels.is_empty());
    }
}
