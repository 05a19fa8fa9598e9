//! [`Follower`]: a journal that another process may be writing: read once, then only what was appended.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{JournalError, io_error, parse, whole_lines};
use crate::model::event::Record;
use crate::model::history::History;

/// A journal as far as it has been read.
#[derive(Debug)]
pub struct Follower {
    path: PathBuf,
    /// How much of the file was taken in: whole lines only.
    taken: u64,
    /// How many lines that was.
    lines: usize,
    history: History,
    /// When the last thing happened.
    last: Timestamp,
}

impl Follower {
    /// Reads a journal as far as it goes now.
    ///
    /// # Errors
    /// [`JournalError`] as for [`super::history`].
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let text = appended(path, 0)?;
        let whole = whole_lines(&text);
        let records = parse(path, 0, whole)?;
        let history = History::fold(&records).map_err(|error| JournalError::Misfit {
            path: path.to_owned(),
            error,
        })?;
        Ok(Self {
            path: path.to_owned(),
            taken: whole.len() as u64,
            lines: records.len(),
            last: records.last().map_or(history.started, |record| record.at),
            history,
        })
    }

    /// Takes in what was appended since, without a torn last line, and hands on each record with what it led to: whether
    /// there was anything new.
    ///
    /// # Errors
    /// As [`Follower::open`].
    pub fn catch_up(
        &mut self,
        mut each: impl FnMut(&Record, &History),
    ) -> Result<bool, JournalError> {
        let length = std::fs::metadata(&self.path)
            .map_err(|error| io_error(&self.path, error))?
            .len();
        if length == self.taken {
            return Ok(false);
        }
        if length < self.taken {
            // The writer took a record back that the disk refused.
            *self = Self::open(&self.path)?;
            return Ok(true);
        }
        let text = appended(&self.path, self.taken)?;
        let whole = whole_lines(&text);
        let records = parse(&self.path, self.lines, whole)?;
        for record in &records {
            let misfit = |error| JournalError::Misfit {
                path: self.path.clone(),
                error,
            };
            self.history.apply(record).map_err(misfit)?;
            self.last = record.at;
            each(record, &self.history);
        }
        self.taken += whole.len() as u64;
        self.lines += records.len();
        Ok(!records.is_empty())
    }

    /// What the records add up to so far.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// When the last thing happened.
    #[must_use]
    pub fn last(&self) -> Timestamp {
        self.last
    }
}

fn appended(path: &Path, since: u64) -> Result<Vec<u8>, JournalError> {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(since))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        Ok(text)
    };
    read().map_err(|error| io_error(path, error))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::Follower;
    use crate::adapters::journal::{JournalError, line};
    use crate::model::event::Event;
    use crate::model::event::Record;
    use crate::model::sample;

    /// What there is new.
    fn news(follower: &mut Follower) -> Vec<Record> {
        let mut records = Vec::new();
        let is_news = follower.catch_up(|record, _| records.push(record.clone()));
        assert_eq!(is_news.unwrap(), !records.is_empty());
        records
    }

    #[test]
    fn only_what_is_whole_is_taken_in_and_nothing_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, line(&sample::start(2)).unwrap()).unwrap();
        let mut follower = Follower::open(&path).unwrap();
        assert!(news(&mut follower).is_empty());
        let ended = sample::record(Event::UnitEnded {
            unit: sample::id("unit-2"),
            attempt: 1,
            outcome: sample::opened(7),
        });
        let bytes = line(&ended).unwrap();
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        for byte in &bytes[..bytes.len() - 1] {
            file.write_all(&[*byte]).unwrap();
            assert!(news(&mut follower).is_empty());
        }
        file.write_all(b"\n").unwrap();
        assert_eq!(news(&mut follower), [ended]);
        assert!(follower.history().units[1].outcome.is_some());
        assert!(news(&mut follower).is_empty());
    }

    #[test]
    fn a_torn_line_that_its_next_writer_cut_off_was_never_seen() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let start = line(&sample::start(1)).unwrap();
        fs::write(&path, [&start[..], b"{\"at\":\"20"].concat()).unwrap();
        let mut follower = Follower::open(&path).unwrap();
        let next = sample::record(Event::Interrupted);
        fs::write(&path, [start.clone(), line(&next).unwrap()].concat()).unwrap();
        assert_eq!(news(&mut follower), [next]);
        assert!(follower.history().interrupted);
        // A record that was taken back is forgotten.
        fs::write(&path, &start).unwrap();
        assert!(follower.catch_up(|_, _| ()).unwrap());
        assert!(!follower.history().interrupted);
    }

    #[test]
    fn damage_is_named_by_its_line_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let start = line(&sample::start(1)).unwrap();
        fs::write(&path, &start).unwrap();
        let mut follower = Follower::open(&path).unwrap();
        fs::write(&path, [&start[..], b"???\n"].concat()).unwrap();
        assert!(matches!(
            follower.catch_up(|_, _| ()),
            Err(JournalError::Damaged { line: 2, .. })
        ));
    }
}
