//! [`LogSigns`]: what the log of a step that goes on tells of the process that writes it. Only reads; called by
//! `batch status`.

use std::path::Path;

use jiff::Timestamp;

use crate::adapters::process::{self, LOG_CAP};
use crate::adapters::run_folder::{RunFolder, transcript_name};
use crate::engine::ports::Logs as _;
use crate::model::outcome::Step;

/// What a log tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogSigns {
    /// Whether there is one: the process has been started.
    pub begun: bool,
    /// The last line with words in it, cleaned.
    pub last_line: Option<String>,
    /// When the process last printed something; none when that cannot be told.
    pub printed: Option<Timestamp>,
}

impl LogSigns {
    /// Looks at the log of a step of a unit, or of `base`, and at its agent's transcript.
    #[must_use]
    pub fn of(folder: &RunFolder, whose: &str, attempt: u32, step: Step) -> Self {
        let log = folder.log(whose, attempt, step);
        let Ok(metadata) = std::fs::metadata(&log) else {
            return Self::default();
        };
        let lines = folder.logs(process::tail).tail(&log).unwrap_or_default();
        let transcript = log.with_file_name(transcript_name(attempt));
        // The half above is held back until the process ends.
        let is_told = metadata.len() < LOG_CAP / 2;
        Self {
            begun: true,
            last_line: lines.into_iter().rfind(|line| !line.is_empty()),
            printed: is_told
                .then(|| modified(&log).max(modified(&transcript)))
                .flatten(),
        }
    }
}

fn modified(path: &Path) -> Option<Timestamp> {
    Timestamp::try_from(std::fs::metadata(path).ok()?.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::LogSigns;
    use crate::adapters::process::LOG_CAP;
    use crate::adapters::run_folder::RunFolder;
    use crate::model::outcome::Step;
    use crate::model::sample;

    #[test]
    fn a_log_tells_its_last_words_and_when_they_came() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        let signs = || LogSigns::of(&run, "unit-1", 1, Step::Test);
        assert_eq!(signs(), LogSigns::default());
        let log = run.log("unit-1", 1, Step::Test);
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        fs::write(&log, "one\n\u{1b}[32mtwo\u{1b}[0m\n\n").unwrap();
        assert_eq!(signs().last_line.as_deref(), Some("two"));
        assert!(signs().printed.is_some());
        // What an earlier try printed is not what goes on.
        fs::write(&log, "old\n\n=== another try ===\n").unwrap();
        assert_eq!(signs().last_line, None);
        assert!(signs().begun);
    }

    #[test]
    fn a_log_that_is_half_full_does_not_tell_when_something_was_printed() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::at(folder.path().to_owned(), sample::run());
        let log = run.log("unit-1", 1, Step::Test);
        fs::create_dir_all(log.parent().unwrap()).unwrap();
        let file = fs::File::create(&log).unwrap();
        file.set_len(LOG_CAP / 2).unwrap();
        let signs = LogSigns::of(&run, "unit-1", 1, Step::Test);
        assert!(signs.begun && signs.printed.is_none());
    }
}
