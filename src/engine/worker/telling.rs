//! What a worker says: steps that begin, intents, warnings, and why a step failed.

use std::path::PathBuf;

use super::{End, Worker};
use crate::engine::ports::{PortError, Watch};
use crate::model::event::{Event, Intent};
use crate::model::outcome::{Failure, FailureKind, Step};

impl Worker<'_> {
    /// Says that a step begins; its bounds and log.
    pub(super) async fn begin(&self, step: Step) -> Watch {
        let watch = self.watch(step);
        self.tools.logs.begin_anew(&watch.log);
        self.tell(Event::StepStarted {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            step,
            log: Some(watch.log.display().to_string()),
        })
        .await;
        watch
    }

    pub(super) fn watch(&self, step: Step) -> Watch {
        Watch {
            log: self.log(step),
            timeout: self.job.rules.timeout_of(step),
            stop: self.stop.clone(),
        }
    }

    pub(super) fn log(&self, step: Step) -> PathBuf {
        self.tools.logs.file(self.job.id(), self.job.attempt, step)
    }

    pub(super) async fn tell(&self, event: Event) {
        self.teller.tell(event).await;
    }

    /// Tells an intent, and returns once it is on the disk.
    pub(super) async fn intend(&self, step: Step, intent: Intent) -> Result<(), End> {
        if self.stop.asked.is_cancelled() {
            return Err(End::Stopped);
        }
        let event = Event::Intended {
            unit: self.job.id().clone(),
            attempt: self.job.attempt,
            intent,
        };
        self.step(step, self.teller.tell_durably(event).await)
    }

    pub(super) async fn warn(&self, text: String) {
        self.tell(Event::Warning {
            unit: Some(self.job.id().clone()),
            text,
        })
        .await;
    }

    pub(super) fn step<T>(&self, step: Step, result: Result<T, PortError>) -> Result<T, End> {
        result.map_err(|error| self.fail(step, &error))
    }

    /// As [`Worker::step`], where the step's name says already what was being done: the cause is what hook or remote
    /// said, and equal causes of several units read the same.
    pub(super) fn in_their_words<T>(
        &self,
        step: Step,
        result: Result<T, PortError>,
    ) -> Result<T, End> {
        result.map_err(|error| match &error {
            PortError::Failed { words, .. } => self.failed(step, words),
            PortError::TimedOut { .. } | PortError::Stopped => self.fail(step, &error),
        })
    }

    pub(super) fn fail(&self, step: Step, error: &PortError) -> End {
        match error {
            PortError::Stopped => End::Stopped,
            PortError::Failed { .. } => self.failed(step, &error.to_string()),
            PortError::TimedOut { .. } => {
                self.failed_as(FailureKind::Timeout, step, &error.to_string())
            }
        }
    }

    pub(super) fn failed(&self, step: Step, cause: &str) -> End {
        self.failed_as(FailureKind::of(step), step, cause)
    }

    pub(super) fn failed_as(&self, kind: FailureKind, step: Step, cause: &str) -> End {
        End::Failed(self.failure(kind, step, cause))
    }

    /// A failure with the end of its step's log.
    pub(super) fn failure(&self, kind: FailureKind, step: Step, cause: &str) -> Failure {
        let log = self.log(step);
        let tail = self.tools.logs.tail(&log);
        let log = tail.as_ref().map(|_| log.display().to_string());
        Failure {
            step,
            kind,
            cause: cause.to_owned(),
            log,
            tail: tail.unwrap_or_default(),
        }
    }
}
