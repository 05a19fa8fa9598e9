//! How a request ended, from what is not in a program's own words: the HTTP status of a refused call, and how the
//! process ended when it never said. The listeners call it.

use std::collections::VecDeque;

use jiff::Timestamp;

use crate::adapters::agents::json_line::shortened;
use crate::engine::ports::CommandEnd;
use crate::model::agent::AgentEnd;

/// How many of a program's last lines are kept, and how many characters of each.
const LINES: usize = 6;
const WIDTH: usize = 300;

/// How long what a provider said may be.
const WORDS: usize = 600;

/// What a call that was refused with this HTTP status comes to; `words` is what the provider said.
pub(super) fn refused(status: u16, words: &str, resets: Option<Timestamp>) -> AgentEnd {
    match status {
        401 | 403 => AgentEnd::Unauthorised(shortened(words, WORDS)),
        402 => AgentEnd::NoQuota(shortened(words, WORDS)),
        // 529 is what Anthropic answers when it has too much to do.
        429 | 529 => AgentEnd::RateLimited { resets },
        _ => AgentEnd::Failed(shortened(words, WORDS)),
    }
}

/// The end when the process was ended from outside; none when it ended by itself.
pub(super) fn stopped(end: CommandEnd) -> Option<AgentEnd> {
    match end {
        CommandEnd::TimedOut(after) => Some(AgentEnd::TimedOut(after)),
        CommandEnd::Stopped => Some(AgentEnd::Failed("stopped".to_owned())),
        CommandEnd::Exited(_) | CommandEnd::Signalled(_) => None,
    }
}

/// The last lines that a program wrote about itself, for an end that it did not explain.
#[derive(Debug, Default)]
pub(super) struct LastWords(VecDeque<String>);

impl LastWords {
    /// Takes a line.
    pub(super) fn hear(&mut self, line: &str) {
        if line.trim().is_empty() {
            return;
        }
        if self.0.len() == LINES {
            self.0.pop_front();
        }
        self.0.push_back(shortened(line.trim_end(), WIDTH));
    }

    /// How a process ended that gave no result, and these lines.
    pub(super) fn text(&self, end: CommandEnd) -> String {
        let how = match end {
            CommandEnd::Exited(code) => format!("exit code {code} and no result"),
            CommandEnd::Signalled(signal) => format!("ended by signal {signal}"),
            CommandEnd::TimedOut(after) => format!("no end after {} s", after.as_secs()),
            CommandEnd::Stopped => "stopped".to_owned(),
        };
        if self.0.is_empty() {
            return how;
        }
        let lines: Vec<&str> = self.0.iter().map(String::as_str).collect();
        format!("{how}: {}", lines.join("\n"))
    }

    /// The same as an end.
    pub(super) fn unexplained(&self, end: CommandEnd) -> AgentEnd {
        AgentEnd::Failed(self.text(end))
    }
}

#[cfg(test)]
mod tests {
    use super::{LastWords, refused};
    use crate::engine::ports::CommandEnd;
    use crate::model::agent::AgentEnd;

    #[test]
    fn a_status_says_what_a_refusal_is() {
        let said = || "no".to_owned();
        assert_eq!(refused(401, "no", None), AgentEnd::Unauthorised(said()));
        assert_eq!(refused(403, "no", None), AgentEnd::Unauthorised(said()));
        assert_eq!(refused(402, "no", None), AgentEnd::NoQuota(said()));
        for busy in [429, 529] {
            assert_eq!(
                refused(busy, "no", None),
                AgentEnd::RateLimited { resets: None }
            );
        }
        assert_eq!(refused(500, "no", None), AgentEnd::Failed(said()));
    }

    #[test]
    fn the_last_lines_explain_a_silent_end() {
        let mut words = LastWords::default();
        for number in 0..10 {
            words.hear(&format!("line {number}"));
            words.hear("  ");
        }
        assert_eq!(
            words.unexplained(CommandEnd::Exited(7)),
            AgentEnd::Failed(
                "exit code 7 and no result: line 4\nline 5\nline 6\nline 7\nline 8\nline 9"
                    .to_owned()
            )
        );
        assert_eq!(
            LastWords::default().unexplained(CommandEnd::Signalled(9)),
            AgentEnd::Failed("ended by signal 9".to_owned())
        );
    }
}
