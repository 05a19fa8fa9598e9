//! Quick plumbing: a program without the guard, both of its streams captured whole.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Child;

use super::{Invocation, Output, Processes};
use crate::adapters::guard::GRACE;
use crate::engine::ports::{PortError, Stop};

/// How long a pipe is read on after its process ended, in case something else still holds it.
pub(super) const DRAIN: Duration = Duration::from_secs(2);

impl Processes {
    /// Runs quick plumbing and captures both streams whole. When the time is up or `stop` is raised, its process group
    /// is ended, politely at first: git takes its lock files away. When the future is dropped, the group is killed.
    ///
    /// # Errors
    /// [`PortError::Failed`] when it could not be started; [`PortError::TimedOut`] and [`PortError::Stopped`] when it
    /// was ended. Any end of its own is an [`Output`].
    pub async fn capture(
        &self,
        invocation: &Invocation,
        timeout: Duration,
        stop: &Stop,
    ) -> Result<Output, PortError> {
        if stop.asked.is_cancelled() || stop.now.is_cancelled() {
            return Err(PortError::Stopped);
        }
        let mut child = invocation
            .command(Some(self))
            .stdin(match invocation.input() {
                Some(_) => Stdio::piped(),
                None => Stdio::null(),
            })
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| invocation.not_started(&error))?;
        let group = Group::led_by(&child);
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let status = {
            let gathered = gather(&mut child, invocation.input(), &mut stdout, &mut stderr);
            tokio::pin!(gathered);
            let why = tokio::select! {
                biased;
                status = &mut gathered => Ok(status.map_err(|error| invocation.failed(error))?),
                () = stop.now.cancelled() => Err(PortError::Stopped),
                () = stop.asked.cancelled() => Err(PortError::Stopped),
                () = tokio::time::sleep(timeout) => Err(PortError::TimedOut {
                    doing: invocation.to_string(),
                    after: timeout,
                }),
            };
            if why.is_err() {
                group.signal(Signal::TERM);
                tokio::select! {
                    _ = gathered => {}
                    () = stop.now.cancelled() => {}
                    () = tokio::time::sleep(GRACE) => {}
                }
            }
            why?
        };
        group.reaped();
        Ok(Output {
            status,
            stdout,
            stderr,
            doing: invocation.to_string(),
        })
    }
}

/// Feeds a child and reads both its streams, until it ended and they are at their end.
async fn gather(
    child: &mut Child,
    input: Option<&[u8]>,
    stdout: &mut Vec<u8>,
    stderr: &mut Vec<u8>,
) -> io::Result<ExitStatus> {
    let stdin = child.stdin.take();
    let mut out = child.stdout.take().expect("standard output is piped");
    let mut err = child.stderr.take().expect("standard error is piped");
    let streams = async {
        let feed = async {
            if let (Some(mut pipe), Some(input)) = (stdin, input) {
                // A program that does not read to the end is no failure: its exit says what it is.
                let _ = pipe.write_all(input).await;
            }
        };
        let ((), out, err) = tokio::join!(feed, out.read_to_end(stdout), err.read_to_end(stderr));
        out.and(err)
    };
    tokio::pin!(streams);
    tokio::select! {
        read = &mut streams => {
            read?;
            child.wait().await
        }
        status = child.wait() => {
            // A daemon that it left behind may hold the pipes for ever.
            if let Ok(read) = tokio::time::timeout(DRAIN, &mut streams).await {
                read?;
            }
            status
        }
    }
}

/// A process group that is killed on drop, unless its leader was reaped: its number may be another's then.
struct Group(Option<Pid>);

impl Group {
    fn led_by(child: &Child) -> Self {
        Self(pid_of(child))
    }

    fn signal(&self, signal: Signal) {
        if let Some(leader) = self.0 {
            let _ = kill_process_group(leader, signal);
        }
    }

    fn reaped(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// The child's process id; none once it was reaped.
pub(super) fn pid_of(child: &Child) -> Option<Pid> {
    let id = i32::try_from(child.id()?).ok()?;
    Pid::from_raw(id)
}
