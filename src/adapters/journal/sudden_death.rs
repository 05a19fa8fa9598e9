//! [`SuddenDeath`]: ends this process by SIGKILL at a chosen record of the journal, so that tests can show what a death at
//! any moment leaves. Builds for use have none of it.

/// Says when: `before:N` or `after:N`, by the records that the process writes, counted from 1.
#[cfg(debug_assertions)]
const VARIABLE: &str = "BATCH_DEATH_AT_RECORD";

/// When the process is to die, if it is.
#[derive(Debug)]
pub(super) struct SuddenDeath {
    #[cfg(debug_assertions)]
    at: Option<(bool, u64)>,
    #[cfg(debug_assertions)]
    written: u64,
}

#[cfg(debug_assertions)]
impl SuddenDeath {
    /// As the environment says.
    pub(super) fn planned() -> Self {
        let wish = std::env::var(VARIABLE).unwrap_or_default();
        let at = wish.split_once(':').and_then(|(when, number)| {
            let after = match when {
                "after" => true,
                "before" => false,
                _ => return None,
            };
            Some((after, number.parse().ok()?))
        });
        Self { at, written: 0 }
    }

    /// A record is about to be written.
    pub(super) fn before(&mut self) {
        self.written += 1;
        self.strike(false);
    }

    /// It was written.
    pub(super) fn after(&self) {
        self.strike(true);
    }

    fn strike(&self, after: bool) {
        if self.at == Some((after, self.written)) {
            let _ = rustix::process::kill_process(
                rustix::process::getpid(),
                rustix::process::Signal::KILL,
            );
        }
    }
}

#[cfg(not(debug_assertions))]
impl SuddenDeath {
    pub(super) fn planned() -> Self {
        Self {}
    }

    #[expect(clippy::unused_self, reason = "as the other one")]
    pub(super) fn before(&mut self) {}

    #[expect(clippy::unused_self, reason = "as the other one")]
    pub(super) fn after(&self) {}
}
