//! What may run the user's code: a program under the guard, and its output into a log or to whoever follows it.
//!
//! The guard's standard input is the line to it: an order is a byte, and its end, when we die or are dropped, is the
//! order to end everything.

use std::convert::Infallible;
use std::io::{self, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};

use super::capture::{DRAIN, pid_of};
use super::last_bytes::LastBytes;
use super::log::Log;
use super::streams::{Sink, Stream, Streams};
use super::{Invocation, Output, Processes};
use crate::adapters::descendants;
use crate::adapters::guard::{GRACE, Order};
use crate::engine::ports::{CommandEnd, PortError, Watch};

/// How much of each stream is kept for the caller, in bytes.
const KEPT: usize = 1 << 20;

/// How long the guard may take, from the order to end, before it is killed with all below it.
const GUARD_LIMIT: Duration = GRACE.saturating_add(Duration::from_secs(5));

/// How a guarded program came to its end.
enum Ending<V> {
    ByItself(ExitStatus),
    TimedOut,
    Stopped,
    /// The caller's verdict was against it.
    Judged(V),
}

/// What became of a program whose output was streamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streamed<V> {
    /// It came to its end, or was ended as the watch says.
    Ended(CommandEnd),
    /// It was ended by the caller's verdict.
    Judged(V),
}

impl Processes {
    /// Runs something that may run the user's code, under the guard; what it prints is appended to the watch's log.
    /// Whatever it started is gone afterwards, and also soon after the future was dropped or this program died.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the guard could not be started or the log not written. A program that could not be
    /// started ends with 127 (not found) or 126, and the log says why.
    pub async fn logged(
        &self,
        invocation: &Invocation,
        watch: &Watch,
    ) -> Result<CommandEnd, PortError> {
        if watch.stop.asked.is_cancelled() || watch.stop.now.is_cancelled() {
            return Ok(CommandEnd::Stopped);
        }
        let (ours, theirs) = io::pipe().map_err(|error| invocation.failed(error))?;
        let both = theirs
            .try_clone()
            .map_err(|error| invocation.failed(error))?;
        let guarded = self.start(invocation, theirs.into(), both.into())?;
        let mut streams = Streams::new(ours, None).map_err(|error| invocation.failed(error))?;
        let mut log = Log::of(watch)?;
        let ending = guarded
            .run(invocation, watch, &mut streams, &mut log, never())
            .await;
        log.close_of(watch)?;
        Ok(match ending? {
            Ending::ByItself(status) => command_end(status),
            Ending::TimedOut => CommandEnd::TimedOut(watch.timeout),
            Ending::Stopped => CommandEnd::Stopped,
            Ending::Judged(never) => match never {},
        })
    }

    /// Like [`Processes::logged`], for callers that need the words too: both streams go to the log, and the last
    /// mebibyte of each is returned. In the log the two may be out of order by a moment.
    ///
    /// # Errors
    /// As [`Processes::logged`]; [`PortError::TimedOut`] and [`PortError::Stopped`] when it was ended.
    pub async fn logged_output(
        &self,
        invocation: &Invocation,
        watch: &Watch,
    ) -> Result<Output, PortError> {
        if watch.stop.asked.is_cancelled() || watch.stop.now.is_cancelled() {
            return Err(PortError::Stopped);
        }
        let (guarded, mut streams) = self.start_apart(invocation)?;
        let mut words = Words {
            log: Log::of(watch)?,
            out: LastBytes::new(KEPT),
            err: LastBytes::new(KEPT),
        };
        let ending = guarded
            .run(invocation, watch, &mut streams, &mut words, never())
            .await;
        words.log.close_of(watch)?;
        match ending? {
            Ending::ByItself(status) => Ok(Output {
                status,
                stdout: words.out.into_vec(),
                stderr: words.err.into_vec(),
                doing: invocation.to_string(),
            }),
            Ending::TimedOut => Err(PortError::TimedOut {
                doing: invocation.to_string(),
                after: watch.timeout,
            }),
            Ending::Stopped => Err(PortError::Stopped),
            Ending::Judged(never) => match never {},
        }
    }

    /// Like [`Processes::logged`], for callers that follow what it prints: both streams go to `sink`, none to the
    /// watch's log, and it is ended as soon as `verdict` has one.
    ///
    /// # Errors
    /// [`PortError::Failed`] when the guard could not be started.
    pub async fn streamed<V>(
        &self,
        invocation: &Invocation,
        watch: &Watch,
        sink: &mut dyn Sink,
        verdict: impl Future<Output = V> + Send,
    ) -> Result<Streamed<V>, PortError> {
        if watch.stop.asked.is_cancelled() || watch.stop.now.is_cancelled() {
            return Ok(Streamed::Ended(CommandEnd::Stopped));
        }
        let (guarded, mut streams) = self.start_apart(invocation)?;
        let ending = guarded
            .run(invocation, watch, &mut streams, sink, verdict)
            .await?;
        Ok(match ending {
            Ending::ByItself(status) => Streamed::Ended(command_end(status)),
            Ending::TimedOut => Streamed::Ended(CommandEnd::TimedOut(watch.timeout)),
            Ending::Stopped => Streamed::Ended(CommandEnd::Stopped),
            Ending::Judged(verdict) => Streamed::Judged(verdict),
        })
    }

    /// Starts the guard with a pipe for each stream.
    fn start_apart(&self, invocation: &Invocation) -> Result<(Guarded, Streams), PortError> {
        let (out, their_out) = io::pipe().map_err(|error| invocation.failed(error))?;
        let (err, their_err) = io::pipe().map_err(|error| invocation.failed(error))?;
        let guarded = self.start(invocation, their_out.into(), their_err.into())?;
        let streams = Streams::new(out, Some(err)).map_err(|error| invocation.failed(error))?;
        Ok((guarded, streams))
    }

    fn start(
        &self,
        invocation: &Invocation,
        stdout: Stdio,
        stderr: Stdio,
    ) -> Result<Guarded, PortError> {
        let input = invocation
            .input()
            .map(input_file)
            .transpose()
            .map_err(|error| invocation.failed(error))?;
        // No group of its own: a group's leader cannot begin a session, and the guard does that first.
        let mut guard = invocation
            .guarded_command(self, input.as_ref().map(NamedTempFile::path))
            .stdin(Stdio::piped())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(|error| {
                let guard = self.guard().display();
                let words = format!("the guard {guard}: {error}");
                invocation.not_started(&io::Error::new(error.kind(), words))
            })?;
        if let Some(pid) = guard.id() {
            self.tell(pid);
        }
        let line = guard.stdin.take().expect("the guard's input is piped");
        Ok(Guarded {
            guard,
            line,
            _input: input,
        })
    }
}

/// A running guard.
struct Guarded {
    guard: Child,
    line: ChildStdin,
    /// The file that is the program's standard input; removed when it ended.
    _input: Option<NamedTempFile>,
}

impl Guarded {
    /// Sees it to its end while its output goes to the sink.
    async fn run<V>(
        mut self,
        invocation: &Invocation,
        watch: &Watch,
        streams: &mut Streams,
        sink: &mut dyn Sink,
        verdict: impl Future<Output = V>,
    ) -> Result<Ending<V>, PortError> {
        let copied = streams.copy_to(sink);
        let supervised = self.supervise(watch, verdict);
        tokio::pin!(copied, supervised);
        let ending = tokio::select! {
            ending = &mut supervised => {
                // Whatever holds the pipe now has escaped the guard; it is not waited for.
                let _ = tokio::time::timeout(DRAIN, copied).await;
                ending
            }
            () = &mut copied => supervised.await,
        };
        ending.map_err(|error| invocation.failed(error))
    }

    /// Waits for its end, and brings it about when the time is up, the verdict is there, or the user stops the run.
    async fn supervise<V>(
        &mut self,
        watch: &Watch,
        verdict: impl Future<Output = V>,
    ) -> io::Result<Ending<V>> {
        let stop = &watch.stop;
        let ending = tokio::select! {
            biased;
            status = self.guard.wait() => return status.map(Ending::ByItself),
            () = stop.asked.cancelled() => Ending::Stopped,
            () = stop.now.cancelled() => Ending::Stopped,
            verdict = verdict => Ending::Judged(verdict),
            () = tokio::time::sleep(watch.timeout) => Ending::TimedOut,
        };
        let line = &mut self.line;
        // A guard that takes no order has ended, or is killed below.
        let orders = async {
            let _ = line.write_all(&[Order::End.byte()]).await;
            stop.now.cancelled().await;
            let _ = line.write_all(&[Order::Kill.byte()]).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            status = self.guard.wait() => { status?; }
            () = orders => {}
            () = tokio::time::sleep(GUARD_LIMIT) => {
                if let Some(guard) = pid_of(&self.guard) {
                    descendants::signal_all_of(guard, Signal::KILL);
                }
                self.guard.kill().await?;
            }
        }
        Ok(ending)
    }
}

/// For those who leave it to the watch when a program is ended.
fn never() -> std::future::Pending<Infallible> {
    std::future::pending()
}

/// The log takes both streams as one.
impl Sink for Log {
    fn take(&mut self, _stream: Stream, bytes: &[u8]) {
        self.push(bytes);
    }
}

/// The log, and the last of what came on each stream.
struct Words {
    log: Log,
    out: LastBytes,
    err: LastBytes,
}

impl Sink for Words {
    fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.log.push(bytes);
        match stream {
            Stream::Out => self.out.push(bytes),
            Stream::Err => self.err.push(bytes),
        }
    }
}

fn input_file(bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(bytes)?;
    Ok(file)
}

fn command_end(status: ExitStatus) -> CommandEnd {
    match (status.code(), status.signal()) {
        (Some(code), _) => CommandEnd::Exited(code),
        (None, Some(signal)) => CommandEnd::Signalled(signal),
        (None, None) => unreachable!("a process that was waited for exited or was signalled"),
    }
}
