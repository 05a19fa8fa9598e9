//! [`Recorder`]: where the events of a run go: the journal, then the history, then the reporter.

use std::sync::Arc;

use crate::engine::ports::{Clock, Journal, PortError, Reporter};
use crate::model::event::{Event, Record};
use crate::model::history::{History, HistoryError};

/// Records the events of a run.
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

/// Why an event is not on record. Nothing may be done then that it should tell.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The journal could not be written.
    #[error(transparent)]
    Journal(#[from] PortError),
    /// It does not fit the run.
    #[error(transparent)]
    History(#[from] HistoryError),
}

impl Recorder {
    /// Records one event, which happens now.
    ///
    /// # Errors
    /// As [`Recorder::put`].
    pub fn record(&mut self, event: Event) -> Result<(), RecordError> {
        self.put(&Record {
            at: self.clock.now(),
            event,
        })
    }

    /// Records one that has its time.
    ///
    /// # Errors
    /// [`RecordError`] when the journal cannot be written, or the event does not fit what it tells.
    pub fn put(&mut self, record: &Record) -> Result<(), RecordError> {
        self.journal.append(record)?;
        self.history.apply(record)?;
        self.reporter.event(record, &self.history);
        Ok(())
    }

    /// Records events, in order.
    ///
    /// # Errors
    /// [`RecordError`] at the first that cannot be; those before it are on record.
    pub fn record_all(&mut self, events: Vec<Event>) -> Result<(), RecordError> {
        events.into_iter().try_for_each(|event| self.record(event))
    }
}
