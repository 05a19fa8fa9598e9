//! [`FileJournal`]: the append-only record of a run as JSON lines; and reading it back.
//!
//! Each record is one line, appended with one write, and synced when the event wants it. A line without its line
//! break was torn by a crash: it was never acknowledged, so readers drop it and the next writer cuts it off first.
//! Any other line that cannot be read is damage, and is named rather than skipped.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::engine::ports::{Journal, PortError};
use crate::model::event::{JOURNAL_VERSION, Record};
use crate::model::history::{History, HistoryError};

mod following;
mod outline;

pub use following::Follower;
pub use outline::{Outline, outline};
mod sudden_death;

use self::sudden_death::SuddenDeath;

/// Why a journal could not be read or opened.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The file itself.
    #[error("journal {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A line that is no record.
    #[error("journal {}: line {line} is damaged: {words}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        words: String,
    },
    /// It was written by a later version of the program.
    #[error("journal {}: format version {version} is newer than this program, which reads up to {JOURNAL_VERSION}", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// Its records do not fit together.
    #[error("journal {}: {error}", path.display())]
    Misfit {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        error: HistoryError,
    },
}

/// A journal that is being written.
#[derive(Debug)]
pub struct FileJournal {
    path: PathBuf,
    file: File,
    /// How much of the file is whole lines.
    length: u64,
    death: SuddenDeath,
}

impl FileJournal {
    /// Opens the journal of a run to go on with it, and cuts off a torn last line. The caller holds the repository's
    /// lock: there is one writer.
    ///
    /// # Errors
    /// [`JournalError::Io`] when it does not exist or cannot be written.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let open = || {
            let text = std::fs::read(path)?;
            let file = OpenOptions::new().append(true).open(path)?;
            let length = whole_lines(&text).len() as u64;
            if length < text.len() as u64 {
                file.set_len(length)?;
                file.sync_data()?;
            }
            Ok(Self {
                path: path.to_owned(),
                file,
                length,
                death: SuddenDeath::planned(),
            })
        };
        open().map_err(|error| io_error(path, error))
    }
}

impl Journal for FileJournal {
    fn append(&mut self, record: &Record) -> Result<(), PortError> {
        self.death.before();
        let doing = || format!("writing the journal {}", self.path.display());
        let line = line(record).map_err(|error| PortError::failed(doing(), error))?;
        let written = self.file.write_all(&line).and_then(|()| {
            if record.event.must_sync() {
                self.file.sync_data()
            } else {
                Ok(())
            }
        });
        if let Err(error) = written {
            // On a full disk half a line may stand there; a later record must not continue it.
            let words = match self.file.set_len(self.length) {
                Ok(()) => error.to_string(),
                Err(second) => format!("{error}; and it could not be cut back: {second}"),
            };
            return Err(PortError::failed(doing(), words));
        }
        self.length += line.len() as u64;
        self.death.after();
        Ok(())
    }
}

/// A record as the line that stands for it, with its line break.
///
/// # Errors
/// When a value has no JSON form; events have.
pub(crate) fn line(record: &Record) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    Ok(line)
}

/// Reads all records of a journal, without a torn last line.
///
/// # Errors
/// [`JournalError`] for a file that cannot be read, a damaged line, or a newer format.
pub fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    match readable(path)? {
        (records, None) => Ok(records),
        (_, Some(damage)) => Err(damage),
    }
}

/// Reads a journal and adds it up.
///
/// # Errors
/// As [`read`], and [`JournalError::Misfit`] when the records do not fit together.
pub fn history(path: &Path) -> Result<History, JournalError> {
    History::fold(&read(path)?).map_err(misfit(path))
}

/// Reads a journal up to the first record that is damaged or does not fit those before, and says what is wrong there.
///
/// # Errors
/// [`JournalError`] for a file that cannot be read, or a newer format.
pub fn up_to_damage(path: &Path) -> Result<(Vec<Record>, Option<JournalError>), JournalError> {
    let (mut records, mut damage) = readable(path)?;
    let mut sound = 0;
    if let Some((first, rest)) = records.split_first() {
        match History::begin(first) {
            Err(error @ HistoryError::Newer(_)) => return Err(misfit(path)(error)),
            Err(error) => damage = Some(misfit(path)(error)),
            Ok(mut history) => {
                sound = 1;
                for record in rest {
                    if let Err(error) = history.apply(record) {
                        damage = Some(misfit(path)(error));
                        break;
                    }
                    sound += 1;
                }
            }
        }
    }
    records.truncate(sound);
    Ok((records, damage))
}

/// The records before the first line that is damaged, and that damage.
fn readable(path: &Path) -> Result<Readable, JournalError> {
    let text = std::fs::read(path).map_err(|error| io_error(path, error))?;
    readable_in(path, 0, whole_lines(&text))
}

/// Records, and the damage behind them, if any.
type Readable = (Vec<Record>, Option<JournalError>);

/// The records of whole lines, before which `before` others stand in the file.
fn parse(path: &Path, before: usize, text: &[u8]) -> Result<Vec<Record>, JournalError> {
    match readable_in(path, before, text)? {
        (records, None) => Ok(records),
        (_, Some(damage)) => Err(damage),
    }
}

fn readable_in(path: &Path, before: usize, text: &[u8]) -> Result<Readable, JournalError> {
    let lines = text.split_inclusive(|&byte| byte == b'\n');
    let mut records = Vec::new();
    for (at, line) in (before..).zip(lines) {
        if at == 0 {
            refuse_newer(path, line)?;
        }
        match serde_json::from_slice(line) {
            Ok(record) => records.push(record),
            Err(error) => {
                let damage = JournalError::Damaged {
                    path: path.to_owned(),
                    line: at + 1,
                    words: error.to_string(),
                };
                return Ok((records, Some(damage)));
            }
        }
    }
    Ok((records, None))
}

fn misfit(path: &Path) -> impl Fn(HistoryError) -> JournalError {
    move |error| JournalError::Misfit {
        path: path.to_owned(),
        error,
    }
}

/// Looks at the version alone: a newer format may not parse as a record at all.
fn refuse_newer(path: &Path, first_line: &[u8]) -> Result<(), JournalError> {
    #[derive(Deserialize)]
    struct Head {
        version: u64,
    }
    match serde_json::from_slice(first_line) {
        Ok(Head { version }) if version > u64::from(JOURNAL_VERSION) => Err(JournalError::Newer {
            path: path.to_owned(),
            version,
        }),
        Ok(Head { .. }) | Err(_) => Ok(()),
    }
}

fn whole_lines(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&byte| byte == b'\n');
    &text[..end.map_or(0, |at| at + 1)]
}

fn io_error(path: &Path, error: io::Error) -> JournalError {
    JournalError::Io {
        path: path.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use super::{FileJournal, JournalError, history, line, read, up_to_damage};
    use crate::engine::ports::Journal;
    use crate::model::event::{Event, Intent, Record};
    use crate::model::id::Slot;
    use crate::model::outcome::Step;
    use crate::model::path::RepoPath;
    use crate::model::sample;

    /// A journal with one record of each shape that a line can have.
    fn records() -> Vec<Record> {
        let unit = sample::id("unit-1");
        let mut records = vec![sample::start(2)];
        records.extend(
            [
                Event::BaseAccepted { green: true },
                Event::UnitStarted {
                    unit: unit.clone(),
                    attempt: 1,
                    slot: Slot(3),
                    base: sample::commit("b"),
                },
                Event::StepStarted {
                    unit: unit.clone(),
                    attempt: 1,
                    step: Step::OpenPr,
                    log: None,
                },
                Event::TreeFixed {
                    unit: unit.clone(),
                    attempt: 1,
                    tree: sample::commit("e"),
                    files: vec!["new\nline".into(), RepoPath::new(*b"caf\xe9")],
                },
                Event::Intended {
                    unit: unit.clone(),
                    attempt: 1,
                    intent: Intent::Push {
                        branch: "b".to_owned(),
                        commit: sample::commit("c"),
                        expected: None,
                    },
                },
                Event::UnitEnded {
                    unit: unit.clone(),
                    attempt: 1,
                    outcome: sample::opened(7),
                },
                Event::UnitEnded {
                    unit,
                    attempt: 1,
                    outcome: sample::failed("ends\nwith \u{1b}[31m", &["é"]),
                },
                Event::Interrupted,
            ]
            .map(sample::record),
        );
        records
    }

    fn journal(text: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn text(records: &[Record]) -> Vec<u8> {
        records.iter().flat_map(|r| line(r).unwrap()).collect()
    }

    #[test]
    fn what_was_appended_is_read_back() {
        let (_folder, path) = journal(b"");
        let mut journal = FileJournal::open(&path).unwrap();
        for record in records() {
            journal.append(&record).unwrap();
        }
        assert_eq!(read(&path).unwrap(), records());
        assert_eq!(history(&path).unwrap().units.len(), 2);
    }

    #[test]
    fn a_journal_torn_at_any_byte_is_read_and_gone_on_with() {
        let records = &records()[6..];
        let whole = text(records);
        let after = sample::record(Event::Interrupted);
        let (_folder, path) = journal(b"");
        for cut in 0..=whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let complete = whole[..cut].split(|&byte| byte == b'\n').count() - 1;
            assert_eq!(read(&path).unwrap(), records[..complete], "cut at {cut}");
            FileJournal::open(&path).unwrap().append(&after).unwrap();
            let mut expected = records[..complete].to_vec();
            expected.push(after.clone());
            assert_eq!(read(&path).unwrap(), expected, "cut at {cut}");
        }
    }

    #[test]
    fn damage_in_the_middle_is_named_by_its_line() {
        let mut whole = text(&records()[..1]);
        whole.extend_from_slice(b"{\"at\":\"2026\n");
        whole.extend(text(&records()[1..]));
        let (_folder, path) = journal(&whole);
        let error = read(&path).unwrap_err();
        assert!(
            matches!(error, JournalError::Damaged { line: 2, .. }),
            "{error}"
        );
        assert!(error.to_string().contains("line 2 is damaged"), "{error}");
    }

    #[test]
    fn a_newer_journal_is_refused_even_where_it_cannot_be_parsed() {
        let (_folder, path) = journal(b"{\"event\":\"begin\",\"version\":2}\n???\n");
        let error = read(&path).unwrap_err();
        assert!(
            matches!(error, JournalError::Newer { version: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_journal_that_does_not_begin_with_the_start_does_not_fit() {
        let (_folder, path) = journal(&text(&records()[1..2]));
        assert!(matches!(history(&path), Err(JournalError::Misfit { .. })));
    }

    #[test]
    fn what_stands_before_the_damage_is_read_with_what_is_wrong() {
        let begin = records()[..3].to_vec();
        let mut torn = text(&begin);
        torn.extend_from_slice(b"{\"at\":\"2026\n");
        torn.extend(text(&records()[3..]));
        let (_folder, path) = journal(&torn);
        let (read, damage) = up_to_damage(&path).unwrap();
        assert_eq!(read, begin);
        assert!(matches!(
            damage,
            Some(JournalError::Damaged { line: 4, .. })
        ));
        // A record that does not fit: the run cannot start twice.
        let twice = [&begin[..], &begin[..1]].concat();
        fs::write(&path, text(&twice)).unwrap();
        let (read, damage) = up_to_damage(&path).unwrap();
        assert_eq!(read, begin);
        assert!(matches!(damage, Some(JournalError::Misfit { .. })));
        // The beginning itself is lost.
        fs::write(&path, text(&begin[1..])).unwrap();
        assert_eq!(up_to_damage(&path).unwrap().0, []);
        fs::write(&path, text(&begin)).unwrap();
        assert!(up_to_damage(&path).unwrap().1.is_none());
        fs::write(&path, b"{\"event\":\"begin\",\"version\":2}\n???\n").unwrap();
        assert!(matches!(
            up_to_damage(&path),
            Err(JournalError::Newer { .. })
        ));
    }

    #[test]
    fn a_journal_that_is_not_there_is_not_made() {
        let (folder, _path) = journal(b"");
        let missing = folder.path().join("other.jsonl");
        assert!(FileJournal::open(&missing).is_err());
        assert!(!missing.exists());
    }
}
