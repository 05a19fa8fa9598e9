//! [`StepLog`]: the logs that a run has of a unit, or of the base, in the order in which they were written. Only looks
//! at names; called by `batch logs`.

use std::fs;
use std::path::PathBuf;

use crate::adapters::run_folder::RunFolder;
use crate::model::outcome::Step;

/// What the transcripts of agents end in; all other logs are for people.
const TRANSCRIPT: &str = "agent.jsonl";

/// A log, by its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLog {
    /// The attempt; for the base, how often the step was done.
    pub attempt: u32,
    /// What wrote it.
    pub of: LogOf,
    /// The file.
    pub path: PathBuf,
}

/// What wrote a log; in the order of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogOf {
    /// A step.
    Step(Step),
    /// The agent's program: its own words, line by line.
    Agent,
}

impl LogOf {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Step(step) => step.as_str(),
            Self::Agent => "agent",
        }
    }
}

/// The logs of a unit, or of `base`, by attempt and step; none where nothing was logged yet.
#[must_use]
pub fn step_logs(folder: &RunFolder, whose: &str) -> Vec<StepLog> {
    let entries = fs::read_dir(folder.logs_folder().join(whose));
    let mut logs: Vec<StepLog> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let (attempt, of) = name.to_str()?.split_once('-')?;
            Some(StepLog {
                attempt: attempt.parse().ok()?,
                of: written_by(of)?,
                path: entry.path(),
            })
        })
        .collect();
    logs.sort_by_key(|log| (log.attempt, log.of));
    logs
}

fn written_by(name: &str) -> Option<LogOf> {
    if name == TRANSCRIPT {
        return Some(LogOf::Agent);
    }
    let word = name.strip_suffix(".log")?;
    Step::ALL
        .into_iter()
        .find(|step| step.as_str() == word)
        .map(LogOf::Step)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LogOf, step_logs};
    use crate::adapters::run_folder::RunFolder;
    use crate::engine::ports::Logs as _;
    use crate::model::outcome::Step;
    use crate::model::sample;

    #[test]
    fn logs_come_by_attempt_and_step_and_other_files_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        assert!(step_logs(&run, "unit-1").is_empty());
        let unit = sample::id("unit-1");
        let logs = run.logs(|_, _| Vec::new());
        for path in [
            logs.file(&unit, 10, Step::Implement),
            logs.file(&unit, 2, Step::Test),
            logs.file(&unit, 2, Step::Check),
            logs.transcript(&unit, 2),
            run.logs_folder().join("unit-1/merge.log"),
            run.logs_folder().join("unit-1/2-other.log"),
        ] {
            fs::write(path, "x").unwrap();
        }
        let found: Vec<_> = step_logs(&run, "unit-1")
            .into_iter()
            .map(|log| (log.attempt, log.of))
            .collect();
        assert_eq!(
            found,
            [
                (2, LogOf::Step(Step::Check)),
                (2, LogOf::Step(Step::Test)),
                (2, LogOf::Agent),
                (10, LogOf::Step(Step::Implement)),
            ]
        );
    }
}
