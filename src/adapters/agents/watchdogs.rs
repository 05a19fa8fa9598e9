//! The watchdogs over a running agent: silence, a flood of output, too many turns, files that grow. The time limit and the user's wish
//! to stop are the process adapter's.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::adapters::disk_use::add;
use crate::engine::ports::AgentRequest;
use crate::model::agent::AgentEnd;

/// How often the size of an agent's files is looked at; seldomer when looking takes long.
const DISK_ROUND: Duration = Duration::from_secs(2);

/// How much longer the pause between two looks is than a look.
const DISK_REST: u32 = 20;

/// What an agent's output tells the watchdogs.
#[derive(Debug, Clone)]
pub(super) struct Pulse {
    last: Arc<Mutex<Instant>>,
    flooded: CancellationToken,
    out_of_turns: CancellationToken,
}

impl Pulse {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self {
            last: Arc::new(Mutex::new(Instant::now())),
            flooded: CancellationToken::new(),
            out_of_turns: CancellationToken::new(),
        }
    }

    /// Says that something was printed.
    pub(super) fn beat(&self) {
        *self.last.lock().expect("nothing panics while it holds it") = Instant::now();
    }

    /// Says that too much was printed.
    pub(super) fn flood(&self) {
        self.flooded.cancel();
    }

    /// Says that it took more turns than it may.
    pub(super) fn run_out_of_turns(&self) {
        self.out_of_turns.cancel();
    }

    fn last(&self) -> Instant {
        *self.last.lock().expect("nothing panics while it holds it")
    }

    /// Waits until nothing was printed for so long.
    async fn silence(&self, idle: Duration) {
        while let Some(left) = idle.checked_sub(self.last().elapsed()) {
            // A little more, or the last wait would end just before its time.
            tokio::time::sleep(left + Duration::from_millis(1)).await;
        }
    }
}

/// Waits until one of the request's limits is passed, and says which. `used` is what root and temporary folder held at
/// the start.
pub(super) async fn verdict(request: &AgentRequest<'_>, used: u64, pulse: &Pulse) -> AgentEnd {
    let limits = &request.limits;
    tokio::select! {
        () = pulse.flooded.cancelled() => AgentEnd::TooMuchOutput(limits.output),
        () = pulse.out_of_turns.cancelled() => AgentEnd::OutOfTurns,
        () = pulse.silence(limits.idle) => AgentEnd::Silent(limits.idle),
        () = growth(folders(request), used.saturating_add(limits.disk)) => {
            AgentEnd::TooMuchDisk(limits.disk)
        }
    }
}

/// What root and temporary folder hold, in bytes on the disk.
pub(super) async fn used(request: &AgentRequest<'_>) -> u64 {
    look(folders(request), u64::MAX).await
}

fn folders(request: &AgentRequest<'_>) -> Vec<PathBuf> {
    let mut folders = vec![request.root.to_owned()];
    if !request.tmp.starts_with(request.root) {
        folders.push(request.tmp.to_owned());
    }
    folders
}

async fn growth(folders: Vec<PathBuf>, limit: u64) {
    loop {
        let begun = Instant::now();
        if look(folders.clone(), limit).await > limit {
            return;
        }
        tokio::time::sleep(DISK_ROUND.max(begun.elapsed() * DISK_REST)).await;
    }
}

/// What lies in the folders; looks no further once it is more than `enough`.
async fn look(folders: Vec<PathBuf>, enough: u64) -> u64 {
    let sum = tokio::task::spawn_blocking(move || {
        let mut sum = 0;
        for folder in folders {
            add(&folder, enough, &mut sum);
        }
        sum
    });
    // It ends badly only when the program ends.
    sum.await.unwrap_or_default()
}
