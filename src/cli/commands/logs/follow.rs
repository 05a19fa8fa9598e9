//! `batch logs --follow`: what is printed, as it comes, in each step that begins, until the unit has ended.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::{Wanted, cannot_read, paper::Paper};
use crate::adapters::step_logs::StepLog;
use crate::cli::exit::{Exit, Problem};
use crate::cli::onlooker::{Onlooker, Seen};
use crate::model::condition::Condition;
use crate::model::life::Life;

/// How often it looks again.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) fn follow(
    onlooker: &Onlooker,
    seen: &mut Seen,
    wanted: &Wanted<'_>,
) -> Result<Exit, Problem> {
    let mut paper = Paper::new(io::stdout().is_terminal(), true);
    let mut read: HashMap<PathBuf, u64> = HashMap::new();
    if wanted.logs(&seen.folder).is_empty() && goes_on(seen, wanted) {
        onlooker.say(&format!("Waiting for {} to begin.", wanted.args.unit));
    }
    loop {
        // Asked before the logs are read: what was printed up to the end is shown.
        let goes_on = goes_on(seen, wanted);
        for log in wanted.logs(&seen.folder) {
            let from = read.entry(log.path.clone()).or_default();
            let bytes = further(&log, *from).map_err(|error| cannot_read(&log, &error))?;
            *from += bytes.len() as u64;
            if !bytes.is_empty() && !onlooker.answer(paper.put(&log, &bytes)) {
                return Ok(Exit::Done);
            }
        }
        if !goes_on {
            onlooker.answer(paper.end());
            return Ok(Exit::Done);
        }
        thread::sleep(PAUSE);
        onlooker.look_again(seen, |_, _| ())?;
    }
}

/// Whether more is to come.
fn goes_on(seen: &Seen, wanted: &Wanted<'_>) -> bool {
    if seen.life != Life::Going {
        return false;
    }
    let history = seen.history();
    if let Some(id) = &wanted.unit {
        return history.unit(id).is_some_and(|unit| {
            let condition = Condition::of(unit, seen.life);
            condition == Condition::Waiting || condition.is_under_way()
        });
    }
    let is_decided =
        history.base_refused.is_some() || history.units.iter().any(|unit| unit.started.is_some());
    history.base_step.is_some() || !is_decided
}

fn further(log: &StepLog, from: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(&log.path)?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}
