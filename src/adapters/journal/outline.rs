//! [`Outline`]: what the first and the last line of a journal tell of a run that has ended, without the lines between.
//!
//! A repository may hold a thousand runs: listing them must not add up each.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use super::{JournalError, io_error, refuse_newer};
use crate::model::event::{Event, Record};
use crate::model::summary::Summary;

/// How much of the end is looked at, in bytes: the last record is a path and a few numbers.
const WINDOW: u64 = 8 << 10;

/// A run that has ended, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The change's description.
    pub change: String,
    /// When the run began.
    pub started: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Its exit code.
    pub exit_code: u8,
    /// How many units ended how.
    pub summary: Summary,
}

/// Reads both lines; none where the last one is not the run's end with its counts: then the whole must be read.
///
/// # Errors
/// [`JournalError`] when the file cannot be read, or is of a newer version.
pub fn outline(path: &Path) -> Result<Option<Outline>, JournalError> {
    #[derive(Deserialize)]
    struct Head {
        at: Timestamp,
        change: String,
    }
    let read = || {
        let mut file = BufReader::new(File::open(path)?);
        let mut first = Vec::new();
        file.read_until(b'\n', &mut first)?;
        let mut file = file.into_inner();
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(WINDOW)))?;
        let mut end = Vec::new();
        file.take(WINDOW).read_to_end(&mut end)?;
        Ok((first, end))
    };
    let (first, end) = read().map_err(|error| io_error(path, error))?;
    refuse_newer(path, &first)?;
    let Ok(Head { at, change }) = serde_json::from_slice(&first) else {
        return Ok(None);
    };
    let Some(Record {
        at: ended,
        event:
            Event::RunEnded {
                exit_code,
                summary: Some(summary),
                ..
            },
    }) = last_line(&end).and_then(|line| serde_json::from_slice(line).ok())
    else {
        return Ok(None);
    };
    Ok(Some(Outline {
        change,
        started: at,
        ended,
        exit_code,
        summary,
    }))
}

/// The last line, if it is whole and wholly in what was read.
fn last_line(end: &[u8]) -> Option<&[u8]> {
    let lines = end.strip_suffix(b"\n")?;
    let at = lines.iter().rposition(|&byte| byte == b'\n')?;
    Some(&lines[at + 1..])
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::outline;
    use crate::adapters::journal::{JournalError, line};
    use crate::model::event::{Event, Record};
    use crate::model::report::Summary;
    use crate::model::sample;

    fn ended(summary: Option<Summary>) -> Record {
        sample::record(Event::RunEnded {
            exit_code: 1,
            report: "/repo/report.md".to_owned(),
            summary,
        })
    }

    #[test]
    fn the_end_tells_how_it_came_out_unless_something_came_after_or_it_was_torn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let told = |records: &[Record], cut: usize| {
            let mut text: Vec<u8> = records.iter().flat_map(|r| line(r).unwrap()).collect();
            text.truncate(text.len() - cut);
            fs::write(&path, text).unwrap();
            outline(&path).unwrap()
        };
        let summary = Summary {
            total: 300,
            failed: 2,
            ..Summary::default()
        };
        let start = sample::start(300);
        let whole = [start.clone(), ended(Some(summary))];
        let outline = told(&whole, 0).unwrap();
        assert_eq!((outline.exit_code, outline.summary), (1, summary));
        assert_eq!(outline.change, "rename frob to frobnicate");
        assert_eq!(told(&whole, 1), None);
        assert_eq!(told(&[start.clone(), ended(None)], 0), None);
        assert_eq!(told(std::slice::from_ref(&start), 0), None);
        let after = sample::record(Event::ForgeResumed);
        assert_eq!(told(&[start, ended(Some(summary)), after], 0), None);
    }

    #[test]
    fn a_newer_journal_is_refused_by_its_first_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, "{\"version\":9}\n").unwrap();
        assert!(matches!(outline(&path), Err(JournalError::Newer { .. })));
    }
}
