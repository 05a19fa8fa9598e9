//! [`end_survivors`]: ends what the dead process of a run had started and what outlived it, before the run is gone on with.
//!
//! A guard ends all that it watches over when its line to us breaks; this is for what it has not ended yet, and for what
//! was left when the guard was killed as well. Such is known by the leaders that the journal tells of, each with its start
//! so that no later process of the same id is meant, and by the run's id in a process's own environment.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpid, getuid, kill_process};

use crate::adapters::guard::GRACE;
use crate::adapters::process::RUN_MARK;
use crate::adapters::process_table::{ProcessTable, boot};
use crate::model::id::RunId;
use crate::model::leader::Leader;

/// How long they are killed again and again before it is given up.
const KILL_LIMIT: Duration = Duration::from_secs(5);

/// How often it is looked whether they are gone.
const ROUND: Duration = Duration::from_millis(20);

/// Processes of a dead run that could not be ended.
#[derive(Debug, thiserror::Error)]
#[error("processes of run {run} that outlived it do not end: {}", in_words(.pids))]
pub struct Immortal {
    run: RunId,
    pids: Vec<i32>,
}

/// Ends them, politely at first; how many there were. The caller holds the lock: nobody works for the run.
///
/// # Errors
/// [`Immortal`] when some are still there after all.
pub fn end_survivors(run: &RunId, leaders: &[Leader]) -> Result<usize, Immortal> {
    let first = survivors(run, leaders);
    if first.is_empty() {
        return Ok(0);
    }
    signal(&first, Signal::TERM);
    let mut all: BTreeSet<i32> = first.into_iter().collect();
    let polite = Instant::now() + GRACE;
    let limit = polite + KILL_LIMIT;
    loop {
        let left = survivors(run, leaders);
        all.extend(&left);
        if left.is_empty() {
            return Ok(all.len());
        }
        let now = Instant::now();
        if now >= limit {
            let run = run.clone();
            return Err(Immortal { run, pids: left });
        }
        if now >= polite {
            // Each round anew: what they start meanwhile is found in the next.
            signal(&left, Signal::KILL);
        }
        std::thread::sleep(ROUND);
    }
}

fn signal(pids: &[i32], signal: Signal) {
    for pid in pids.iter().filter_map(|&pid| Pid::from_raw(pid)) {
        let _ = kill_process(pid, signal);
    }
}

/// What is left of the run now, without this process and those above it.
fn survivors(run: &RunId, leaders: &[Leader]) -> Vec<i32> {
    let table = ProcessTable::now();
    let Some(boot) = boot() else {
        return Vec::new();
    };
    let marked = format!("{RUN_MARK}={run}");
    let leads = |pid: i32, started: u64| {
        leaders.iter().any(|leader| {
            i32::try_from(leader.pid) == Ok(pid) && leader.started == started && leader.boot == boot
        })
    };
    let mut found = BTreeSet::new();
    for entry in table.entries().filter(|entry| !entry.is_zombie) {
        if leads(entry.pid, entry.started) {
            // While its leader lives, a session's id means no other.
            let session = table.entries().filter(|one| one.session == entry.pid);
            found.extend(session.map(|one| one.pid));
            found.insert(entry.pid);
            found.extend(table.below(entry.pid));
        } else if carries(entry.pid, &marked) {
            found.insert(entry.pid);
            found.extend(table.below(entry.pid));
        }
    }
    for own in table.line_of(getpid().as_raw_pid()) {
        found.remove(&own);
    }
    let is_zombie = |pid: &i32| table.get(*pid).is_none_or(|entry| entry.is_zombie);
    found.into_iter().filter(|pid| !is_zombie(pid)).collect()
}

/// Whether a process of the user's own was started with this variable.
fn carries(pid: i32, variable: &str) -> bool {
    let folder = format!("/proc/{pid}");
    let is_own = std::fs::metadata(&folder).is_ok_and(|known| known.uid() == getuid().as_raw());
    is_own
        && std::fs::read(format!("{folder}/environ")).is_ok_and(|environment| {
            let mut variables = environment.split(|&byte| byte == 0);
            variables.any(|one| one == variable.as_bytes())
        })
}

fn in_words(pids: &[i32]) -> String {
    let pids: Vec<String> = pids.iter().map(ToString::to_string).collect();
    pids.join(", ")
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;

    use super::end_survivors;
    use crate::adapters::process_table::leader;
    use crate::model::leader::Leader;
    use crate::model::sample;

    #[test]
    fn a_process_that_only_has_the_id_of_a_leader_lives_on() {
        let mut child = Command::new("sleep").arg("1000").spawn().unwrap();
        let own = leader(child.id()).unwrap();
        for other in [
            Leader {
                started: own.started + 1,
                ..own.clone()
            },
            Leader {
                boot: "another".to_owned(),
                ..own.clone()
            },
        ] {
            assert_eq!(end_survivors(&sample::run(), &[other]).unwrap(), 0);
        }
        assert!(child.try_wait().unwrap().is_none());
        assert_eq!(end_survivors(&sample::run(), &[own]).unwrap(), 1);
        assert!(!child.wait().unwrap().success());
    }

    #[test]
    fn what_carries_the_runs_id_is_ended_though_it_does_not_want_to() {
        let run = crate::model::id::RunId::new(sample::at(7), 0x5a5a);
        let mut stubborn = Command::new("sh")
            .args(["-c", "trap '' TERM; while :; do sleep 0.05; done"])
            .env(super::RUN_MARK, run.as_str())
            .spawn()
            .unwrap();
        let mut other = Command::new("sleep")
            .arg("1000")
            .env(super::RUN_MARK, sample::run().as_str())
            .spawn()
            .unwrap();
        assert!(end_survivors(&run, &[]).unwrap() >= 1);
        assert!(!stubborn.wait().unwrap().success());
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}
