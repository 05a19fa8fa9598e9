//! At the end of a run: the terminal's bell, and the command of `--notify` with the report on its standard input.
//!
//! Neither changes what the run came to: what goes wrong with them is a warning.

use std::io::Write as _;
use std::time::Duration;

use jiff::SignedDuration;

use crate::adapters::process::Invocation;
use crate::adapters::run_folder::RunFolder;
use crate::cli::args::{Format, WorkArgs};
use crate::cli::copyable;
use crate::cli::session::Session;
use crate::cli::style::clean_joined;
use crate::engine::ports::{CommandEnd, PortError, Stop, Watch};
use crate::model::history::History;

/// A run that took less has somebody who still looks.
const LONG: SignedDuration = SignedDuration::from_secs(10);

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who may hear a bell.
#[derive(Debug, Clone, Copy)]
struct Listener {
    /// Whether standard error is a terminal.
    at_terminal: bool,
    /// Whether the answer is for a person who did not ask for silence.
    is_person: bool,
    /// Whether a machine has it run.
    in_ci: bool,
    /// How long the run took.
    took: SignedDuration,
}

/// Rings the bell, where somebody may have looked away.
pub fn ring(session: &Session, work: &WorkArgs, history: &History) {
    let listener = Listener {
        at_terminal: console::Term::stderr().is_term(),
        is_person: session.global.format == Format::Text && !session.global.quiet,
        in_ci: std::env::var_os("CI").is_some_and(|value| !value.is_empty()),
        took: history
            .ended
            .unwrap_or(history.started)
            .duration_since(history.started),
    };
    if !work.no_bell && listener.hears() {
        // A closed standard error takes nothing away from what was done.
        let _ = std::io::stderr().write_all(b"\x07");
    }
}

impl Listener {
    fn hears(self) -> bool {
        self.at_terminal && self.is_person && !self.in_ci && self.took >= LONG
    }
}

/// Runs the user's command, if there is one; an interrupt ends it.
pub async fn notify(session: &Session, work: &WorkArgs, folder: &RunFolder, exit_code: u8) {
    let Some(command) = &work.notify else {
        return;
    };
    let log = folder.logs_folder().join("notify.log");
    let why = match run(session, command, &log, folder, exit_code).await {
        Ok(CommandEnd::Exited(0) | CommandEnd::Stopped) => return,
        Ok(CommandEnd::Exited(code)) => format!("failed with exit code {code}"),
        Ok(CommandEnd::Signalled(signal)) => format!("was ended by signal {signal}"),
        Ok(CommandEnd::TimedOut(after)) => format!("took longer than {} s", after.as_secs()),
        Err(error) => format!("could not be run: {}", clean_joined(&error.to_string())),
    };
    session.say(&format!(
        "warning: the command of --notify {why} (log: {})",
        copyable::path(&log)
    ));
}

async fn run(
    session: &Session,
    command: &str,
    log: &std::path::Path,
    folder: &RunFolder,
    exit_code: u8,
) -> Result<CommandEnd, PortError> {
    let path = folder.report_json();
    let report = std::fs::read(&path)
        .map_err(|error| PortError::failed(format!("reading {}", path.display()), error))?;
    let invocation = Invocation::new("sh", &session.place.root)
        .arg("-c")
        .arg(command)
        .env("BATCH_RUN", folder.run().as_str())
        .env("BATCH_EXIT_CODE", exit_code.to_string())
        .env("BATCH_REPORT", folder.report())
        .stdin(report)
        .doing("running the command of --notify");
    let watch = Watch {
        log: log.to_owned(),
        timeout: PATIENCE,
        stop: Stop::default(),
    };
    let logged = session.processes.logged(&invocation, &watch);
    tokio::pin!(logged);
    let mut interrupts = session.interrupts.lock().await;
    loop {
        tokio::select! {
            end = &mut logged => return end,
            Some(()) = interrupts.recv() => {
                watch.stop.asked.cancel();
                watch.stop.now.cancel();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::Listener;

    #[test]
    fn the_bell_is_for_a_person_at_a_terminal_who_has_waited_long() {
        let person = Listener {
            at_terminal: true,
            is_person: true,
            in_ci: false,
            took: SignedDuration::from_secs(10),
        };
        assert!(person.hears());
        let nobody = [
            Listener {
                at_terminal: false,
                ..person
            },
            Listener {
                is_person: false,
                ..person
            },
            Listener {
                in_ci: true,
                ..person
            },
            Listener {
                took: SignedDuration::from_secs(9),
                ..person
            },
            // A clock that was set back.
            Listener {
                took: SignedDuration::from_secs(-60),
                ..person
            },
        ];
        for nobody in nobody {
            assert!(!nobody.hears(), "{nobody:?}");
        }
    }
}
