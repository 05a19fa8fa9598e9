//! [`publish_later`]: opens pull requests that were left for later, outside of any go: the publisher's work, recorded as a
//! run records it. Called by `batch prs publish`.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::engine::dispatch::Input;
use crate::engine::ports::Forge;
use crate::engine::publish::{Delivered, publish};
use crate::engine::recorder::{RecordError, Recorder};
use crate::engine::teller::{Message, Teller};
use crate::model::event::Event;
use crate::model::id::UnitId;
use crate::model::outcome::Outcome;

/// Opens the pull requests of units that were left for later, and records it as a run does. What could not be opened
/// stays as it was, with a warning on record; the answer names it, with the cause.
///
/// # Errors
/// [`RecordError`] when the journal cannot be written: nothing more is opened then.
pub async fn publish_later(
    delivered: Vec<Delivered>,
    forge: Arc<dyn Forge>,
    recorder: &mut Recorder,
) -> Result<Vec<(UnitId, String)>, RecordError> {
    let attempts: HashMap<UnitId, u32> = delivered
        .iter()
        .map(|delivered| (delivered.unit.clone(), delivered.attempt))
        .collect();
    let (publishing, queue) = mpsc::unbounded_channel();
    for delivered in delivered {
        // The queue's other end is held below.
        let _ = publishing.send(delivered);
    }
    drop(publishing);
    let (sender, mut inputs) = mpsc::channel::<Message>(1);
    let publishing = publish(queue, forge, Teller::new(sender));
    let recording = async {
        let mut failed = Vec::new();
        while let Some(Message { input, recorded }) = inputs.recv().await {
            match input {
                Input::Told(event) => recorder.record(event)?,
                Input::Published { unit, result } => {
                    let attempt = attempts[&unit];
                    match result {
                        Ok((pr, adopted)) => {
                            recorder.record(Event::PullOpened {
                                unit: unit.clone(),
                                attempt,
                                pr: pr.clone(),
                                adopted,
                            })?;
                            let outcome = Outcome::Opened { pr };
                            recorder.record(Event::UnitEnded {
                                unit,
                                attempt,
                                outcome,
                            })?;
                        }
                        Err(failure) => failed.push(unpublished(unit, failure.cause, recorder)?),
                    }
                }
                Input::Held { unit, reason, .. } => {
                    failed.push(unpublished(unit, reason, recorder)?);
                }
                Input::Begin
                | Input::BaseProven(_)
                | Input::WorkerEnded { .. }
                | Input::Interrupt => {}
            }
            if let Some(recorded) = recorded {
                // The publisher waits for it.
                let _ = recorded.send(());
            }
        }
        Ok(failed)
    };
    tokio::pin!(publishing);
    tokio::pin!(recording);
    tokio::select! {
        // Its sender goes with it, so the recording comes to its end.
        () = &mut publishing => recording.await,
        failed = &mut recording => failed,
    }
}

/// Puts on record that a unit stays as it was, and why.
fn unpublished(
    unit: UnitId,
    cause: String,
    recorder: &mut Recorder,
) -> Result<(UnitId, String), RecordError> {
    recorder.record(Event::Warning {
        unit: Some(unit.clone()),
        text: format!("it was not published: {cause}"),
    })?;
    Ok((unit, cause))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use async_trait::async_trait;
    use jiff::Timestamp;

    use super::publish_later;
    use crate::engine::ports::{Clock, Forge, ForgeError, Journal, PortError, Reporter};
    use crate::engine::publication::Publication;
    use crate::engine::publish::Delivered;
    use crate::engine::recorder::Recorder;
    use crate::model::event::Record;
    use crate::model::history::History;
    use crate::model::outcome::Outcome;
    use crate::model::pull::{NewPull, Pull};
    use crate::model::sample;
    use crate::model::standing::Standing;
    use crate::model::wishes::Extras;

    /// Opens what is not `unit-2`'s.
    struct Picky;

    #[async_trait]
    impl Forge for Picky {
        fn name(&self) -> &'static str {
            "picky"
        }
        async fn find(&self, _: &str) -> Result<Option<Pull>, ForgeError> {
            Ok(None)
        }
        async fn get(&self, _: u64) -> Result<Pull, ForgeError> {
            Err(ForgeError::Stopped)
        }
        async fn open(&self, new: &NewPull) -> Result<Pull, ForgeError> {
            if new.mark.unit.as_str() == "unit-2" {
                return Err(ForgeError::refused("opening", "no room"));
            }
            Ok(sample::pull(7, new))
        }
        async fn refresh(&self, _: u64, _: &NewPull) -> Result<Pull, ForgeError> {
            Err(ForgeError::Stopped)
        }
        async fn give(&self, _: &Pull, _: &Extras) -> Vec<String> {
            Vec::new()
        }
        async fn standings(&self, _: &[u64]) -> Result<Vec<Standing>, ForgeError> {
            Ok(Vec::new())
        }
    }

    /// Keeps the records, of which it takes so many.
    struct Paper(Arc<Mutex<Vec<Record>>>, usize);

    impl Journal for Paper {
        fn append(&mut self, record: &Record) -> Result<(), PortError> {
            let mut records = self.0.lock().unwrap();
            if records.len() == self.1 {
                return Err(PortError::failed("writing", "full"));
            }
            records.push(record.clone());
            Ok(())
        }
    }

    struct Quiet;

    impl Reporter for Quiet {
        fn event(&mut self, _: &Record, _: &History) {}
        fn tick(&mut self, _: Timestamp, _: &History) {}
    }

    impl Clock for Quiet {
        fn now(&self) -> Timestamp {
            sample::at(3600)
        }
    }

    /// Two units that were pushed an hour ago, their pull requests, and a journal that takes so many records.
    fn run(room: usize) -> (Vec<Delivered>, Recorder, Arc<Mutex<Vec<Record>>>) {
        let history = sample::history(vec![Some(sample::pushed()), Some(sample::pushed())]);
        let delivered = history.units.iter().map(|unit| Delivered {
            unit: unit.id.clone(),
            attempt: 1,
            pull: sample::new_pull(unit),
            publication: Publication::Now,
        });
        let delivered = delivered.collect();
        let records = Arc::new(Mutex::new(Vec::new()));
        let recorder = Recorder {
            journal: Box::new(Paper(Arc::clone(&records), room)),
            history,
            reporter: Box::new(Quiet),
            clock: Arc::new(Quiet),
        };
        (delivered, recorder, records)
    }

    #[tokio::test]
    async fn what_is_opened_is_on_record_and_what_is_not_stays_pushed() {
        let (delivered, mut recorder, _) = run(usize::MAX);
        let failed = publish_later(delivered, Arc::new(Picky), &mut recorder).await;
        let failed = failed.unwrap();
        assert_eq!(
            failed,
            [(sample::id("unit-2"), "opening: no room".to_owned())]
        );
        let [first, second] = &recorder.history.units[..] else {
            panic!("not two units");
        };
        assert_eq!(first.pull().map(|pull| pull.number), Some(7));
        assert!(matches!(first.outcome, Some(Outcome::Opened { .. })));
        // The hour that it waited is not its work.
        assert_eq!(first.duration_ms(), Some(1500));
        assert_eq!(second.outcome, Some(sample::pushed()));
        assert_eq!(second.warnings, ["it was not published: opening: no room"]);
    }

    #[tokio::test]
    async fn without_a_journal_nothing_is_opened() {
        let (delivered, mut recorder, records) = run(1);
        let ended = publish_later(delivered, Arc::new(Picky), &mut recorder).await;
        assert!(ended.is_err());
        assert_eq!(records.lock().unwrap().len(), 1);
        assert_eq!(recorder.history.units[0].pull(), None);
    }
}
