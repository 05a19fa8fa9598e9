//! Whether there is a coding agent that can be started.

use std::path::PathBuf;

use super::{Check, Finding, Trial};

/// An agent whose program was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The agent's name.
    pub name: String,
    /// Its program.
    pub program: PathBuf,
    /// What it said of its version.
    pub version: String,
    /// Whether it could be started.
    pub start: Trial,
}

/// What is to be said of them; `ways` are how a person gets those that were not found.
#[must_use]
pub fn judge(seen: &[Seen], ways: &[String]) -> Vec<Finding> {
    let check = Check::Agents;
    if seen.is_empty() {
        let words =
            "no coding agent on PATH: only changes by --rewrite, --command or --from can be made";
        return vec![
            Finding::warning(check, words).advise(format!("get one:\n{}", ways.join("\n"))),
        ];
    }
    seen.iter()
        .map(|agent| {
            let (name, program) = (&agent.name, agent.program.display());
            match &agent.start {
                Trial::Passed if agent.version.is_empty() => {
                    Finding::ok(check, format!("{name} ({program})"))
                }
                Trial::Passed => {
                    Finding::ok(check, format!("{name} {} ({program})", agent.version))
                }
                Trial::Failed(words) => Finding::warning(
                    check,
                    format!("{name} is at {program} and cannot be started: {words}"),
                )
                .advise("install it again, or name another agent with --agent"),
                Trial::TimedOut(seconds) => Finding::untold(
                    check,
                    format!("{name} ({program}) did not say its version within {seconds} s"),
                ),
                Trial::Untold(words) => {
                    Finding::untold(check, format!("{name} ({program}): {words}"))
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Seen, judge};
    use crate::model::checkup::{Trial, Verdict};

    #[test]
    fn an_agent_that_cannot_be_started_is_no_agent_to_rely_on() {
        let ways = ["codex: npm install".to_owned()];
        let none = judge(&[], &ways);
        assert_eq!(none[0].verdict, Verdict::Warning);
        assert_eq!(
            none[0].advice.as_deref(),
            Some("get one:\ncodex: npm install")
        );
        let seen = |start| Seen {
            name: "codex".to_owned(),
            program: "/bin/codex".into(),
            version: "1.2".to_owned(),
            start,
        };
        let found = judge(&[seen(Trial::Passed)], &[]);
        assert_eq!(found[0].words, "codex 1.2 (/bin/codex)");
        for start in [Trial::Failed("exit 127".to_owned()), Trial::TimedOut(5)] {
            assert_eq!(judge(&[seen(start)], &[])[0].verdict, Verdict::Warning);
        }
    }
}
