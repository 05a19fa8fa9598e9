//! What a command of the user's is told by its environment, and what is bad about how it ended.
//!
//! The same for a unit's commands and for those that prove the base.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::engine::ports::{CommandEnd, Workspace};
use crate::model::id::{RunId, UnitId};

/// The variables that describe a unit, or the base, to commands.
#[must_use]
pub fn environment(
    run: &RunId,
    unit: Option<&UnitId>,
    workspace: &Workspace,
    files_from: PathBuf,
) -> Vec<(String, OsString)> {
    let mut env = vec![
        ("BATCH_RUN".to_owned(), OsString::from(run.as_str())),
        (
            "BATCH_SLOT".to_owned(),
            OsString::from(workspace.slot.to_string()),
        ),
        ("BATCH_FILES_FROM".to_owned(), files_from.into_os_string()),
        ("TMPDIR".to_owned(), workspace.tmp.clone().into_os_string()),
    ];
    if let Some(unit) = unit {
        env.push(("BATCH_UNIT".to_owned(), OsString::from(unit.as_str())));
    }
    env
}

/// What is bad about how a command ended, as a cause; `None` for a good end.
#[must_use]
pub fn why_bad(name: &str, end: CommandEnd) -> Option<String> {
    match end {
        CommandEnd::Exited(0) => None,
        CommandEnd::Exited(126) => Some(format!("{name} could not be executed (exit code 126)")),
        CommandEnd::Exited(127) => Some(format!("{name} was not found (exit code 127)")),
        CommandEnd::Exited(code) => Some(format!("{name} failed with exit code {code}")),
        CommandEnd::Signalled(signal) => Some(format!("{name} was ended by signal {signal}")),
        CommandEnd::TimedOut(after) => {
            Some(format!("{name} did not end within {} s", after.as_secs()))
        }
        CommandEnd::Stopped => Some("stopped".to_owned()),
    }
}
