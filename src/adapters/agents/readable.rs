//! What an agent tells, as lines for the people who read its log. Without times and escapes; never read by us.

use std::time::Duration;

use crate::model::agent::{AgentEnd, AgentEvent};
use crate::model::clean::{clean, clean_lines};

/// The most characters of one message.
const CHARS: usize = 8_000;

/// The tools that run a command, as the programs name them.
const SHELLS: [&str; 8] = [
    "Bash",
    "bash",
    "shell",
    "command_execution",
    "local_shell",
    "run_shell_command",
    "exec",
    "exec_command",
];

/// An event as one line or several, each with its end; empty for what would only be in the way.
pub(super) fn event(event: &AgentEvent) -> String {
    match event {
        AgentEvent::Session(id) => entry("session", &clean(id)),
        AgentEvent::Model(model) => entry("model", &clean(model)),
        AgentEvent::Text(text) => entry("says", &clean_lines(text)),
        AgentEvent::Tool { name, with } if SHELLS.contains(&name.as_str()) => {
            entry("runs", &clean_lines(with))
        }
        AgentEvent::Tool { name, with } => entry("uses", &clean(&format!("{name} {with}"))),
        AgentEvent::File(path) => entry("edits", &clean(path)),
        AgentEvent::Spent(_) => String::new(),
        AgentEvent::Denied { tool } => entry("denied", &clean(tool)),
        AgentEvent::Retrying {
            status,
            attempt,
            delay,
        } => {
            let after = status.map_or_else(String::new, |status| format!(" after status {status}"));
            let delay = delay.map_or_else(String::new, |delay| format!(" in {}", seconds(delay)));
            entry("retries", &format!("try {attempt}{after}{delay}"))
        }
        AgentEvent::Limit { resets, reached } => {
            let state = if *reached { "reached" } else { "near" };
            let resets = resets.map_or_else(String::new, |at| format!(", until {at}"));
            entry("limit", &format!("{state}{resets}"))
        }
    }
}

/// A line of standard error.
pub(super) fn complaint(line: &str) -> String {
    entry("stderr", &clean(line))
}

/// The last line of a log.
pub(super) fn end(end: &AgentEnd) -> String {
    let words = match end {
        AgentEnd::Completed => "completed".to_owned(),
        AgentEnd::OutOfTurns => "out of turns".to_owned(),
        AgentEnd::OutOfBudget => "out of budget".to_owned(),
        AgentEnd::Denied(tools) => format!("denied: {}", clean(&tools.join(", "))),
        AgentEnd::RateLimited { resets: None } => "rate limited".to_owned(),
        AgentEnd::RateLimited { resets: Some(at) } => format!("rate limited until {at}"),
        AgentEnd::Unauthorised(words) => format!("unauthorised: {}", clean_lines(words)),
        AgentEnd::NoQuota(words) => format!("no quota: {}", clean_lines(words)),
        AgentEnd::Failed(words) => format!("failed: {}", clean_lines(words)),
        AgentEnd::Silent(after) => format!("silent for {}", seconds(*after)),
        AgentEnd::TimedOut(after) => format!("no end after {}", seconds(*after)),
        AgentEnd::TooMuchOutput(limit) => format!("printed more than {limit} bytes"),
        AgentEnd::TooMuchDisk(limit) => format!("its files grew by more than {limit} bytes"),
    };
    entry("ended", &words)
}

/// Further lines are set in below the first. `text` is clean.
fn entry(word: &str, text: &str) -> String {
    let mut cut = text.trim_end();
    let mut dots = "";
    if let Some((end, _)) = cut.char_indices().nth(CHARS) {
        cut = &cut[..end];
        dots = "…";
    }
    if cut.is_empty() {
        return String::new();
    }
    format!("{word}: {}{dots}\n", cut.replace('\n', "\n    "))
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(name: &str, with: &str) -> String {
        event(&AgentEvent::Tool {
            name: name.to_owned(),
            with: with.to_owned(),
        })
    }

    #[test]
    fn each_event_is_a_word_and_what_it_is_about() {
        assert_eq!(tool("Bash", "npm test"), "runs: npm test\n");
        assert_eq!(tool("Read", "src/a.ts"), "uses: Read src/a.ts\n");
        assert_eq!(
            event(&AgentEvent::File("src/a.ts".into())),
            "edits: src/a.ts\n"
        );
        assert_eq!(
            event(&AgentEvent::Denied {
                tool: "Bash".into()
            }),
            "denied: Bash\n"
        );
        let retry = AgentEvent::Retrying {
            status: Some(529),
            attempt: 2,
            delay: Some(Duration::from_secs(4)),
        };
        assert_eq!(event(&retry), "retries: try 2 after status 529 in 4 s\n");
        assert_eq!(
            end(&AgentEnd::Silent(Duration::from_secs(60))),
            "ended: silent for 60 s\n"
        );
    }

    #[test]
    fn what_is_said_in_lines_cannot_be_taken_for_other_entries() {
        let text = AgentEvent::Text("Done.\n\nended: completed\r\n\u{1b}[2Jx".into());
        assert_eq!(
            event(&text),
            "says: Done.\n    \n    ended: completed\n    x\n"
        );
    }

    #[test]
    fn nothing_said_is_no_line_and_much_is_cut() {
        assert_eq!(event(&AgentEvent::Text("\u{1b}[0m \n".into())), "");
        let long = event(&AgentEvent::Text("é".repeat(CHARS + 1)));
        assert!(long.ends_with("é…\n"));
        assert_eq!(long.chars().count(), "says: …\n".chars().count() + CHARS);
    }
}
