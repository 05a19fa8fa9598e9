//! [`Family`]: everything that the guarded program started, as far as the system lets us find it.
//!
//! On Linux the guard adopts orphans, so that all of it stays below the guard whatever it does, and "no child left" is
//! proof that all are gone. Elsewhere it is the program's process group, and what leaves that escapes.

use rustix::process::{Pid, Signal};

/// Everything that the guarded program started.
#[derive(Debug, Clone, Copy)]
pub(super) struct Family {
    /// The guard on Linux, the program elsewhere.
    head: Pid,
}

impl Family {
    /// Prepares the calling process for the family's head.
    ///
    /// # Errors
    /// When the system refuses; not on any Linux since 3.4.
    pub(super) fn prepare() -> std::io::Result<()> {
        #[cfg(target_os = "linux")]
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        Ok(())
    }

    /// The family of a program that leads its process group.
    pub(super) fn of(program: Pid) -> Self {
        let head = if cfg!(target_os = "linux") {
            rustix::process::getpid()
        } else {
            program
        };
        Self { head }
    }

    /// Sends a signal to all of them.
    #[cfg(target_os = "linux")]
    pub(super) fn signal(self, signal: Signal) {
        crate::adapters::descendants::signal_all_of(self.head, signal);
    }

    /// Sends a signal to all of them.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn signal(self, signal: Signal) {
        let _ = rustix::process::kill_process_group(self.head, signal);
    }

    /// Whether any is left.
    #[cfg(target_os = "linux")]
    #[expect(
        clippy::unused_self,
        reason = "the system knows whose children are meant"
    )]
    pub(super) fn any(self) -> bool {
        use rustix::process::{WaitId, WaitIdOptions, waitid};
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::All, look), Err(rustix::io::Errno::CHILD))
    }

    /// Whether any is left.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn any(self) -> bool {
        rustix::process::test_kill_process_group(self.head).is_ok()
    }
}
