//! [`RunFolder`]: what one run leaves on the disk, by name; and [`RunLogs`]: where its steps log.
//!
//! Names and places only: the journal's lines are `journal`'s, and the store makes and finds the folders.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::adapters::atomic;
use crate::adapters::journal;
use crate::adapters::process;
use crate::adapters::store_error::StoreError;
use crate::engine::ports::Logs;
use crate::engine::text::ReportTexts;
use crate::model::event::Record;
use crate::model::id::{ObjectId, RunId, UnitId};
use crate::model::outcome::Step;

/// What stands in a log between two tries at a step.
const ANEW: &str = "=== another try ===";

/// How many of a log's last lines are shown.
const TAIL_LINES: usize = 20;

/// Reads the last lines of a file, cleaned: the process module's `tail`.
pub type Tail = fn(&Path, usize) -> Vec<String>;

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    run: RunId,
}

impl RunFolder {
    pub(crate) fn at(path: PathBuf, run: RunId) -> Self {
        Self { path, run }
    }

    /// The run.
    #[must_use]
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `plan.toml`: the plan as it was approved.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.path.join("plan.toml")
    }

    /// The plan's file as `git hash-object` names it.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read.
    pub fn plan_id(&self) -> Result<ObjectId, StoreError> {
        let path = self.plan();
        let text = fs::read(&path).map_err(|error| StoreError::Io {
            doing: "reading",
            path,
            error,
        })?;
        let id = git2::Oid::hash_object(git2::ObjectType::Blob, &text)
            .expect("a blob of any bytes has a name");
        Ok(ObjectId::new(id.to_string()))
    }

    /// `journal.jsonl`.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// Writes plan and journal where they are missing or have to be others; a journal that is there is kept beside it,
    /// as `journal.jsonl.damaged-<n>`, which is answered.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk refuses.
    pub fn mend(
        &self,
        plan_toml: Option<&str>,
        records: &[Record],
    ) -> Result<Option<PathBuf>, StoreError> {
        if let Some(plan) = plan_toml.filter(|_| !self.plan().exists()) {
            atomic::replace(&self.plan(), plan.as_bytes())
                .map_err(StoreError::io("writing", &self.plan()))?;
        }
        let path = self.journal();
        let write = || {
            let damaged = (1..=u32::MAX)
                .map(|number| self.path.join(format!("journal.jsonl.damaged-{number}")))
                .find(|path| !path.exists());
            let there = fs::metadata(&path).is_ok_and(|found| found.len() > 0);
            let damaged = damaged.filter(|_| there);
            if let Some(damaged) = &damaged {
                fs::copy(&path, damaged)?;
            }
            let mut text = Vec::new();
            for record in records {
                text.extend(journal::line(record)?);
            }
            atomic::replace(&path, &text)?;
            Ok(damaged)
        };
        let _ = fs::create_dir_all(self.logs_folder());
        write().map_err(StoreError::io("writing", &path))
    }

    /// The last attempt of a unit that logged anything; 0 for none.
    #[must_use]
    pub fn last_logged(&self, unit: &UnitId) -> u32 {
        let entries = fs::read_dir(self.logs_folder().join(unit.as_str()));
        let names = entries.into_iter().flatten().flatten();
        let numbers = names.filter_map(|entry| {
            let name = entry.file_name();
            name.to_str()?.split('-').next()?.parse().ok()
        });
        numbers.max().unwrap_or(0)
    }

    /// `report.md`.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.path.join("report.md")
    }

    /// `report.json`.
    #[must_use]
    pub fn report_json(&self) -> PathBuf {
        self.path.join("report.json")
    }

    /// `failures.md`.
    #[must_use]
    pub fn failures(&self) -> PathBuf {
        self.path.join("failures.md")
    }

    /// `control/`: what other processes ask of the one that works on the run.
    #[must_use]
    pub fn control(&self) -> PathBuf {
        self.path.join("control")
    }

    /// `logs/`: one folder a unit, and `base` for the base itself.
    #[must_use]
    pub fn logs_folder(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// The log of a step of a unit, or of `base`; nothing is made.
    #[must_use]
    pub fn log(&self, whose: &str, attempt: u32, step: Step) -> PathBuf {
        self.logs_folder().join(whose).join(log_name(attempt, step))
    }

    /// Where the run's steps log; `tail` reads such a file's end.
    #[must_use]
    pub fn logs(&self, tail: Tail) -> RunLogs {
        RunLogs {
            folder: self.logs_folder(),
            tail,
        }
    }

    /// Writes the report and the failures log, each in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError::Io`] at the first that cannot be written.
    pub fn write_reports(&self, texts: &ReportTexts) -> Result<(), StoreError> {
        for (path, text) in [
            (self.report(), &texts.markdown),
            (self.report_json(), &texts.json),
            (self.failures(), &texts.failures),
        ] {
            atomic::replace(&path, text.as_bytes()).map_err(StoreError::io("writing", &path))?;
        }
        Ok(())
    }
}

fn log_name(attempt: u32, step: Step) -> String {
    format!("{attempt}-{step}.log")
}

pub(super) fn transcript_name(attempt: u32) -> String {
    format!("{attempt}-agent.jsonl")
}

/// Where the steps of a run log.
#[derive(Debug, Clone)]
pub struct RunLogs {
    folder: PathBuf,
    tail: Tail,
}

impl RunLogs {
    /// A folder that cannot be made shows when the log in it is opened, with the same cause.
    fn folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.join(name);
        let _ = fs::create_dir_all(&folder);
        folder
    }
}

impl Logs for RunLogs {
    fn file(&self, unit: &UnitId, attempt: u32, step: Step) -> PathBuf {
        self.folder(unit.as_str()).join(log_name(attempt, step))
    }

    fn transcript(&self, unit: &UnitId, attempt: u32) -> PathBuf {
        self.folder(unit.as_str()).join(transcript_name(attempt))
    }

    /// The base has no attempts: each call takes the next free number, so that a rerun keeps what the run before saw.
    /// No unit can be called `base`.
    fn base_file(&self, step: Step) -> PathBuf {
        let folder = self.folder("base");
        let mut number = 1_u32;
        loop {
            let path = folder.join(log_name(number, step));
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => number += 1,
                Ok(_) | Err(_) => return path,
            }
        }
    }

    fn begin_anew(&self, log: &Path) {
        let is_used = fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0);
        if is_used && let Ok(mut file) = OpenOptions::new().append(true).open(log) {
            // The log is for people; a run does not fail over a line in it.
            let _ = writeln!(file, "\n{ANEW}");
        }
    }

    fn tail(&self, log: &Path) -> Option<Vec<String>> {
        let lines = log.exists().then(|| (self.tail)(log, TAIL_LINES))?;
        let last_try = lines
            .iter()
            .rposition(|line| line == ANEW)
            .map_or(0, |at| at + 1);
        Some(lines[last_try..].to_vec())
    }

    fn excerpt(&self, log: &Path, most: usize) -> Option<String> {
        process::excerpt(log, ANEW, most)
    }
}

#[cfg(test)]
mod tests {
    use super::RunFolder;
    use crate::engine::ports::Logs;
    use crate::engine::text::Texts;
    use crate::model::outcome::Step;
    use crate::model::sample;

    #[test]
    fn logs_have_a_folder_for_each_unit_and_one_for_the_base() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        let logs = run.logs(|path, lines| vec![format!("{lines} of {}", path.display())]);
        let file = logs.file(&sample::id("unit-1"), 2, Step::OpenPr);
        assert_eq!(file, folder.path().join("logs/unit-1/2-open-pr.log"));
        assert!(file.parent().unwrap().is_dir());
        assert_eq!(logs.tail("no such log".as_ref()), None);
        std::fs::write(&file, "x").unwrap();
        let last = format!("20 of {}", file.display());
        assert_eq!(logs.tail(&file), Some(vec![last]));
    }

    #[test]
    fn a_tail_holds_the_last_try_alone() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        let logs = run.logs(|path, _| {
            let text = std::fs::read_to_string(path).unwrap();
            text.lines().map(str::to_owned).collect()
        });
        let file = logs.file(&sample::id("unit-1"), 1, Step::Test);
        logs.begin_anew(&file);
        assert_eq!(logs.tail(&file), None);
        std::fs::write(&file, "first\n").unwrap();
        logs.begin_anew(&file);
        let mut text = std::fs::read_to_string(&file).unwrap();
        text.push_str("second\n");
        std::fs::write(&file, text).unwrap();
        assert_eq!(logs.tail(&file), Some(vec!["second".to_owned()]));
    }

    #[test]
    fn the_base_gets_a_new_log_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let logs = RunFolder::at(folder.path().to_owned(), sample::run()).logs(|_, _| Vec::new());
        let base = folder.path().join("logs/base");
        assert_eq!(logs.base_file(Step::Test), base.join("1-test.log"));
        assert_eq!(logs.base_file(Step::Prepare), base.join("1-prepare.log"));
        assert_eq!(logs.base_file(Step::Test), base.join("2-test.log"));
    }

    #[test]
    fn reports_are_written_over_those_before() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        let texts = Texts::new().unwrap();
        let first = texts.reports(&sample::history(vec![None])).unwrap();
        let last = texts
            .reports(&sample::history(vec![Some(sample::opened(1))]))
            .unwrap();
        run.write_reports(&first).unwrap();
        run.write_reports(&last).unwrap();
        assert_eq!(
            std::fs::read_to_string(run.report()).unwrap(),
            last.markdown
        );
        assert_eq!(
            std::fs::read_to_string(run.report_json()).unwrap(),
            last.json
        );
        assert_eq!(
            std::fs::read_to_string(run.failures()).unwrap(),
            last.failures
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }
}
