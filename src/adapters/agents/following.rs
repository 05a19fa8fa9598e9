//! [`Following`]: what is done with an agent's output as it comes: the transcript, the dialect's listener, the log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::dialect::Listener;
use super::lines::Lines;
use super::readable;
use super::watchdogs::Pulse;
use crate::adapters::process::{Log, Sink, Stream};
use crate::model::agent::AgentEvent;

/// Whoever is told what the agent tells.
type Hear<'a> = &'a mut (dyn FnMut(AgentEvent) + Send);

/// Follows one agent's output to its end.
pub(super) struct Following<'a> {
    pub(super) listener: Box<dyn Listener>,
    /// The folder that it works in: paths below are told from there.
    pub(super) root: PathBuf,
    pub(super) hear: Hear<'a>,
    pub(super) transcript: Transcript,
    pub(super) log: Log,
    pub(super) pulse: Pulse,
    /// How many turns it may take, if they are counted here.
    pub(super) turns: Option<u32>,
    /// How much more it may print, in bytes.
    pub(super) room: u64,
    pub(super) out: Lines,
    pub(super) err: Lines,
}

impl Following<'_> {
    /// Gives on the lines that have no end, and hands back what is needed for the answer.
    pub(super) fn finish(mut self) -> (Box<dyn Listener>, Transcript, Log) {
        let (out, err) = (std::mem::take(&mut self.out), std::mem::take(&mut self.err));
        out.finish(|line| self.line(Stream::Out, line));
        err.finish(|line| self.line(Stream::Err, line));
        (self.listener, self.transcript, self.log)
    }

    fn line(&mut self, stream: Stream, line: &str) {
        let (listener, root) = (&mut *self.listener, &self.root);
        give(stream, line, listener, root, self.hear, &mut self.log);
    }
}

impl Sink for Following<'_> {
    fn take(&mut self, stream: Stream, bytes: &[u8]) {
        self.pulse.beat();
        let whole = bytes.len();
        let bytes = &bytes[..whole.min(usize::try_from(self.room).unwrap_or(usize::MAX))];
        self.room -= bytes.len() as u64;
        if bytes.len() < whole {
            self.pulse.flood();
        }
        self.transcript.push(bytes);
        let lines = match stream {
            Stream::Out => &mut self.out,
            Stream::Err => &mut self.err,
        };
        let (listener, hear, log) = (&mut *self.listener, &mut *self.hear, &mut self.log);
        let root = &self.root;
        lines.push(bytes, |line| give(stream, line, listener, root, hear, log));
        // The turn after the last is the first sign that it does not stop by itself.
        if self.turns.is_some_and(|most| self.listener.turns() > most) {
            self.pulse.run_out_of_turns();
        }
    }
}

fn give(
    stream: Stream,
    line: &str,
    listener: &mut dyn Listener,
    root: &Path,
    hear: &mut (dyn FnMut(AgentEvent) + Send),
    log: &mut Log,
) {
    if stream == Stream::Err {
        log.push(readable::complaint(line).as_bytes());
    }
    let mut told = |event: AgentEvent| {
        let event = from_root(event, root);
        log.push(readable::event(&event).as_bytes());
        hear(event);
    };
    match stream {
        Stream::Out => listener.out(line, &mut told),
        Stream::Err => listener.err(line, &mut told),
    }
}

/// The event with the paths below the root as they are called in the repository.
fn from_root(event: AgentEvent, root: &Path) -> AgentEvent {
    let above = format!("{}/", root.display());
    match event {
        AgentEvent::Tool { name, with } => AgentEvent::Tool {
            name,
            with: with.replace(&above, ""),
        },
        AgentEvent::File(path) => AgentEvent::File(path.replace(&above, "")),
        other @ (AgentEvent::Session(_)
        | AgentEvent::Model(_)
        | AgentEvent::Text(_)
        | AgentEvent::Spent(_)
        | AgentEvent::Denied { .. }
        | AgentEvent::Retrying { .. }
        | AgentEvent::Limit { .. }) => other,
    }
}

/// The file that all output goes to, as it came.
pub(super) struct Transcript {
    file: File,
    error: Option<io::Error>,
}

impl Transcript {
    /// Opens it for appending; makes it and its folders where missing.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = OpenOptions::new().append(true).create(true).open(path)?;
        Ok(Self { file, error: None })
    }

    /// An error is kept for [`Transcript::close`]: a full disk must not block the agent.
    fn push(&mut self, bytes: &[u8]) {
        if self.error.is_none() {
            self.error = self.file.write_all(bytes).err();
        }
    }

    /// The first error of all writes.
    pub(super) fn close(self) -> io::Result<()> {
        self.error.map_or(Ok(()), Err)
    }
}
