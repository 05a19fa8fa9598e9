//! [`clear`]: what comes before anything else when a run is taken up whose process died: what it had started is ended, and
//! locks of ours that a killed git left are removed.

use crate::adapters::git::killed_refs::remove_killed_refs;
use crate::adapters::survivors::end_survivors;
use crate::cli::copyable;
use crate::cli::exit::{Exit, Problem};
use crate::cli::session::Session;
use crate::model::history::History;

/// Clears what the dead process of a run left, if one died. The caller holds the lock.
///
/// # Errors
/// [`Problem`] when something that it had started does not end: nothing may work beside that.
pub async fn clear(session: &Session, history: &History) -> Result<(), Problem> {
    if history.ended.is_some() {
        return Ok(());
    }
    let ending = || end_survivors(&history.run, &history.processes);
    let ended = tokio::task::block_in_place(ending)
        .map_err(|error| Problem::new(Exit::NotReady, error.to_string()))?;
    if ended > 0 {
        session.say(&format!(
            "Ended {} that outlived run {}.",
            match ended {
                1 => "1 process".to_owned(),
                ended => format!("{ended} processes"),
            },
            history.run
        ));
    }
    let branches = history.units.iter().map(|unit| unit.branch.as_str());
    let common_dir = &session.place.common_dir;
    remove_killed_refs(common_dir, &history.run, std::iter::empty());
    let remote = session.remote_of(history).await?;
    if let Some(folder) = session.place.remote_folder(&remote).await? {
        remove_killed_refs(&folder, &history.run, branches);
    }
    let index_lock = session.place.git_dir.join("index.lock");
    if index_lock.exists() {
        session.say(&format!(
            "note: {} is there: a git of yours is at work, or died. It is left as it is, and this run does not need it.",
            copyable::path(&index_lock)
        ));
    }
    Ok(())
}
