//! [`Paper`]: what logs become on standard output: a heading for each, and on a terminal nothing that moves its cursor.
//!
//! Pure. Into a file or a pipe the bytes go as they are.

use crate::adapters::process::visible;
use crate::adapters::step_logs::StepLog;

/// Logs put one below the other.
pub(super) struct Paper {
    /// Whether what is shown must be safe for a terminal.
    cleans: bool,
    /// Whether each log gets a heading.
    heads: bool,
    /// The log that was put last.
    current: Option<(u32, &'static str)>,
    /// A line whose end has not come yet.
    open: Vec<u8>,
    /// Whether the last thing that was put ends its line.
    ends_line: bool,
}

impl Paper {
    pub(super) fn new(cleans: bool, heads: bool) -> Self {
        Self {
            cleans,
            heads,
            current: None,
            open: Vec::new(),
            ends_line: true,
        }
    }

    /// What to print for these further bytes of a log.
    pub(super) fn put(&mut self, log: &StepLog, bytes: &[u8]) -> Vec<u8> {
        let key = (log.attempt, log.of.as_str());
        let mut out = Vec::new();
        if self.current != Some(key) {
            out.extend(self.end());
            if self.heads {
                let gap = if self.current.is_some() { "\n" } else { "" };
                let (attempt, step) = key;
                out.extend(format!("{gap}==> attempt {attempt} · {step} <==\n").into_bytes());
            }
            self.current = Some(key);
        }
        if !self.cleans {
            if let Some(last) = bytes.last() {
                self.ends_line = *last == b'\n';
            }
            out.extend_from_slice(bytes);
            return out;
        }
        self.open.extend_from_slice(bytes);
        while let Some(at) = self.open.iter().position(|&byte| byte == b'\n') {
            let line: Vec<u8> = self.open.drain(..=at).collect();
            out.extend(shown(&line[..at]));
        }
        out
    }

    /// What is to be printed at the end: a line that was never ended.
    pub(super) fn end(&mut self) -> Vec<u8> {
        let open = std::mem::take(&mut self.open);
        if !open.is_empty() {
            return shown(&open);
        }
        let owed = if self.ends_line || !self.heads {
            ""
        } else {
            "\n"
        };
        self.ends_line = true;
        owed.into()
    }
}

fn shown(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    format!("{}\n", visible(&text, usize::MAX)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::Paper;
    use crate::adapters::step_logs::{LogOf, StepLog};
    use crate::model::outcome::Step;

    fn log(step: Step) -> StepLog {
        StepLog {
            attempt: 2,
            of: LogOf::Step(step),
            path: "log".into(),
        }
    }

    fn put(cleans: bool, parts: &[(Step, &str)]) -> String {
        let mut paper = Paper::new(cleans, true);
        let mut out = Vec::new();
        for (step, bytes) in parts {
            out.extend(paper.put(&log(*step), bytes.as_bytes()));
        }
        out.extend(paper.end());
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_log_has_a_heading_on_a_line_of_its_own() {
        let parts = [
            (Step::Implement, "one\n"),
            (Step::Implement, "two"),
            (Step::Test, "three\n"),
        ];
        let expected =
            "==> attempt 2 · implement <==\none\ntwo\n\n==> attempt 2 · test <==\nthree\n";
        assert_eq!(put(false, &parts), expected);
        assert_eq!(put(true, &parts), expected);
    }

    #[test]
    fn a_terminal_gets_no_escapes_even_where_they_come_in_parts() {
        let parts = [
            (Step::Test, "\u{1b}[31"),
            (Step::Test, "mred\u{1b}[0m 1%\r"),
            (Step::Test, "100%\n\u{1b}]0;title"),
        ];
        assert_eq!(put(true, &parts), "==> attempt 2 · test <==\n100%\n\n");
        assert!(put(false, &parts).contains("\u{1b}[31mred"));
    }

    #[test]
    fn a_single_log_in_a_pipe_is_byte_for_byte_the_file() {
        let mut paper = Paper::new(false, false);
        assert_eq!(paper.put(&log(Step::Test), b"\xff no end"), b"\xff no end");
        assert_eq!(paper.end(), b"");
    }
}
